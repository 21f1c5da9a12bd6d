//! The OpenAPI document, made from the handlers' annotations and three tables: permissions, errors, examples.

use std::sync::OnceLock;

use actix_web::App;
use utoipa::{
    OpenApi,
    openapi::{
        ContentBuilder, Ref, RefOr, ResponseBuilder,
        path::{HttpMethod, Operation, Parameter},
        security::{Http, HttpAuthScheme, SecurityRequirement, SecurityScheme},
    },
};
use utoipa_actix_web::AppExt;

use crate::{
    auth::permissions::{Access, access},
    error::Code,
    extract::problem::{FaultBody, MEDIA_TYPE, ProblemBody},
};

const MEMBER_TOKEN: &str = "member_token";
const CANDIDATE_TOKEN: &str = "candidate_token";

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Viva",
        description = "Mock interviews over HTTP: recruiters create sessions, candidates answer open questions in free \
            text, and every answer is graded against the concepts of a rubric with the evidence for each mark.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
        contact(name = "The Viva project")
    ),
    servers((url = "/", description = "The server that serves this document")),
    tags(
        (name = "server", description = "The server itself"),
        (name = "auth", description = "Signing up, in and out"),
        (name = "me", description = "The member who calls"),
        (name = "question sets", description = "Questions, their rubrics, and the versions that sessions pin"),
        (name = "sessions", description = "Interviews and their reports"),
        (name = "grading", description = "Grading without storing anything"),
        (name = "candidate", description = "The candidate's side of one session")
    ),
    components(schemas(ProblemBody, FaultBody))
)]
struct Document;

/// What can go wrong in an operation besides what can go wrong in every one of its kind.
const ERRORS: &[(&str, &[Code])] = &[
    ("getReadiness", &[Code::Unavailable]),
    ("register", &[Code::RegistrationClosed, Code::EmailTaken]),
    ("login", &[Code::InvalidCredentials]),
    ("refreshTokens", &[Code::InvalidRefreshToken]),
    ("createQuestionSet", &[Code::SlugTaken, Code::InvalidQuestionSet]),
    (
        "editQuestionSet",
        &[
            Code::BuiltInSet,
            Code::PreconditionFailed,
            Code::InvalidQuestionSet,
        ],
    ),
    ("publishQuestionSet", &[Code::BuiltInSet, Code::NothingToPublish]),
    ("createSession", &[Code::NotPublished]),
    ("cancelSession", &[Code::WrongState]),
    ("finalizeSession", &[Code::WrongState]),
    ("releaseResult", &[Code::WrongState, Code::NotReleasable]),
    ("previewGrade", &[Code::AnswerTooLarge, Code::InvalidQuestionSet]),
    ("openSession", &[Code::InvalidInviteCode, Code::WrongState]),
    ("startSession", &[Code::WrongState]),
    ("submitSession", &[Code::WrongState, Code::DeadlinePassed]),
    ("declineSession", &[Code::WrongState]),
    (
        "saveAnswer",
        &[
            Code::WrongState,
            Code::DeadlinePassed,
            Code::PreconditionFailed,
            Code::AnswerTooLarge,
        ],
    ),
];

/// The document.
pub fn document() -> utoipa::openapi::OpenApi {
    let (_, mut document) = App::new()
        .into_utoipa_app()
        .openapi(Document::openapi())
        .configure(super::routes)
        .split_for_parts();
    add_security_schemes(&mut document);
    for (path, item) in &mut document.paths.paths {
        let operations = [
            (HttpMethod::Get, &mut item.get),
            (HttpMethod::Post, &mut item.post),
            (HttpMethod::Put, &mut item.put),
            (HttpMethod::Patch, &mut item.patch),
        ];
        for (method, operation) in operations {
            if let Some(operation) = operation {
                complete(&method, path, operation);
            }
        }
    }
    document
}

/// The document as text, the same bytes each time.
pub fn json() -> &'static str {
    static JSON: OnceLock<String> = OnceLock::new();
    JSON.get_or_init(|| {
        let mut text = document().to_pretty_json().unwrap_or_default();
        text.push('\n');
        text
    })
}

fn add_security_schemes(document: &mut utoipa::openapi::OpenApi) {
    let bearer = |description: &str| {
        let mut http = Http::new(HttpAuthScheme::Bearer);
        http.bearer_format = Some("JWT".to_owned());
        http.description = Some(description.to_owned());
        SecurityScheme::Http(http)
    };
    let components = document.components.get_or_insert_default();
    components.add_security_scheme(MEMBER_TOKEN, bearer("A member's access token"));
    components.add_security_scheme(
        CANDIDATE_TOKEN,
        bearer("A candidate's token: it opens one session"),
    );
}

fn complete(method: &HttpMethod, path: &str, operation: &mut Operation) {
    let method = match method {
        HttpMethod::Get => "GET",
        HttpMethod::Post => "POST",
        HttpMethod::Put => "PUT",
        _ => "PATCH",
    };
    let scopes: [&str; 0] = [];
    let access = access(method, path);
    operation.security = Some(match access {
        Some(Access::Member) => vec![SecurityRequirement::new(MEMBER_TOKEN, scopes)],
        Some(Access::Candidate) => vec![SecurityRequirement::new(CANDIDATE_TOKEN, scopes)],
        Some(Access::Anyone) | None => Vec::new(),
    });
    for code in errors(operation, path, access) {
        add_error(operation, code);
    }
}

/// Every code that an operation may answer with, from what kind of operation it is and from the table.
fn errors(operation: &Operation, path: &str, access: Option<Access>) -> Vec<Code> {
    let mut codes = Vec::new();
    if operation.request_body.is_some() {
        codes.extend([
            Code::MalformedJson,
            Code::BodyTooLarge,
            Code::UnsupportedMediaType,
            Code::InvalidField,
        ]);
    }
    if matches!(access, Some(Access::Member | Access::Candidate)) {
        codes.extend([Code::MissingToken, Code::InvalidToken]);
    }
    if path.contains('{') {
        codes.push(Code::NotFound);
    }
    if operation.parameters.iter().flatten().any(is_cursor) {
        codes.extend([Code::InvalidParameter, Code::InvalidCursor]);
    }
    if path.starts_with("/v1/") {
        codes.extend([Code::Internal, Code::Unavailable]);
    }
    let id = operation.operation_id.as_deref().unwrap_or_default();
    codes.extend(
        ERRORS
            .iter()
            .filter(|(operation, _)| *operation == id)
            .flat_map(|(_, codes)| codes.iter()),
    );
    codes
}

fn is_cursor(parameter: &RefOr<Parameter>) -> bool {
    matches!(parameter, RefOr::T(parameter) if parameter.name == "cursor")
}

/// Adds a code to the answer of its status.
fn add_error(operation: &mut Operation, code: Code) {
    let said = format!("`{}`: {}", code.word(), code.title());
    let status = code.status().to_string();
    if let Some(RefOr::T(response)) = operation.responses.responses.get_mut(&status) {
        response.description = format!("{}; {said}", response.description);
        return;
    }
    let content = ContentBuilder::new()
        .schema(Some(Ref::from_schema_name("Problem")))
        .build();
    let response = ResponseBuilder::new()
        .description(said)
        .content(MEDIA_TYPE, content)
        .build();
    operation.responses.responses.insert(status, response.into());
}
