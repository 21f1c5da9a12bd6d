//! What can go wrong in each operation, with an example of each error: all from the table of codes.

use utoipa::openapi::{
    ContentBuilder, Ref, RefOr, ResponseBuilder,
    example::ExampleBuilder,
    path::{Operation, Parameter},
};

use super::{answers, examples::Examples};
use crate::{
    auth::permissions::Access,
    error::{Code, Place, Problem},
    extract::{
        guard, once,
        problem::{MEDIA_TYPE, ProblemBody},
    },
};

/// What can go wrong in an operation besides what can go wrong in every one of its kind.
pub(super) const ERRORS: &[(&str, &[Code])] = &[
    ("getReadiness", &[Code::Unavailable]),
    ("register", &[Code::RegistrationClosed, Code::EmailTaken]),
    ("login", &[Code::InvalidCredentials, Code::TooManyFailures]),
    ("changePassword", &[Code::TooManyFailures]),
    ("refreshTokens", &[Code::InvalidRefreshToken]),
    ("createQuestionSet", &[Code::SlugTaken, Code::InvalidQuestionSet]),
    (
        "editQuestionSet",
        &[
            Code::BuiltInSet,
            Code::BadRequest,
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
    (
        "openSession",
        &[Code::InvalidInviteCode, Code::WrongState, Code::TooManyFailures],
    ),
    ("startSession", &[Code::WrongState]),
    ("submitSession", &[Code::WrongState, Code::DeadlinePassed]),
    ("declineSession", &[Code::WrongState]),
    (
        "saveAnswer",
        &[
            Code::WrongState,
            Code::DeadlinePassed,
            Code::BadRequest,
            Code::PreconditionFailed,
            Code::AnswerTooLarge,
        ],
    ),
];

/// Adds every error that an operation may answer with.
pub(super) fn add(
    operation: &mut Operation,
    (method, path): (&str, &str),
    access: Option<Access>,
    examples: &Examples,
) {
    let field = examples.first_field(operation);
    let once = answers::ONCE.contains(&operation.operation_id.as_deref().unwrap_or_default());
    for code in codes(operation, (method, path), access) {
        add_one(operation, code, &example(code, field.as_deref(), once));
    }
}

/// Every code that an operation may answer with, from what kind of operation it is and from the table.
fn codes(operation: &Operation, (method, path): (&str, &str), access: Option<Access>) -> Vec<Code> {
    let mut codes = Vec::new();
    // A POST without a body takes an empty object too, and nothing else.
    if operation.request_body.is_some() || method == "POST" {
        codes.extend([
            Code::MalformedJson,
            Code::BodyTooLarge,
            Code::UnsupportedMediaType,
            Code::InvalidField,
            Code::RequestTimeout,
        ]);
    }
    if matches!(access, Some(Access::Member | Access::Candidate)) {
        codes.extend([Code::MissingToken, Code::InvalidToken]);
    }
    if is_counted(path) {
        codes.push(Code::TooManyRequests);
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
    if answers::ONCE.contains(&id) {
        codes.extend([
            Code::BadRequest,
            Code::RequestInProgress,
            Code::IdempotencyKeyReused,
        ]);
    }
    let own = ERRORS.iter().filter(|(operation, _)| *operation == id);
    codes.extend(own.flat_map(|(_, codes)| codes.iter()));
    codes
}

/// Whether callers are kept from asking too often.
pub(super) fn is_counted(path: &str) -> bool {
    !guard::UNCOUNTED.contains(&path)
}

fn is_cursor(parameter: &RefOr<Parameter>) -> bool {
    matches!(parameter, RefOr::T(parameter) if parameter.name == "cursor")
}

/// The error as it might be answered, about a field that the operation has.
fn example(code: Code, field: Option<&str>, once: bool) -> Problem {
    match code {
        Code::BadRequest if once => {
            let said = "must be there once, with 1 to 255 visible ASCII characters";
            Problem::new(code).at(Place::Header(once::KEY), said)
        }
        Code::InvalidField => match field {
            Some(field) => Problem::field(format!("/{field}"), "is missing"),
            None => Problem::field("/reason", "is not a field here"),
        },
        Code::BadRequest => Problem::new(code).at(Place::Header("If-Match"), "must be * or entity tags"),
        Code::InvalidParameter => Problem::parameter("limit", "must be 1 to 100"),
        Code::InvalidCursor => Problem::new(code).at(
            Place::Parameter("cursor".to_owned()),
            "is not one that this list gave",
        ),
        Code::InvalidQuestionSet => Problem::new(code).at(
            Place::Pointer("/questions/0/prompt".to_owned()),
            "must not be empty",
        ),
        _ => Problem::new(code),
    }
}

/// Says how the caller stands: it goes with every answer of an operation that counts, and is documented where it is news.
pub(super) fn add_standing(operation: &mut Operation, path: &str) {
    if !is_counted(path) {
        return;
    }
    for (status, response) in &mut operation.responses.responses {
        if let RefOr::T(response) = response
            && (status.starts_with('2') || status == "429")
        {
            response.headers.extend(answers::standing());
        }
    }
}

/// Adds a code to the answer of its status.
fn add_one(operation: &mut Operation, code: Code, problem: &Problem) {
    let said = format!("`{}`: {}", code.word(), code.title());
    let status = code.status().to_string();
    let response = operation
        .responses
        .responses
        .entry(status)
        .or_insert_with(|| empty().into());
    let RefOr::T(response) = response else { return };
    if !response.description.is_empty() {
        response.description.push_str("; ");
    }
    response.description.push_str(&said);
    if let Some((name, header)) = answers::header_of_error(code) {
        response.headers.insert(name.to_owned(), header.into());
    }
    if let Some(RefOr::T(content)) = response.content.get_mut(MEDIA_TYPE) {
        let example = ExampleBuilder::new()
            .summary(code.title())
            .value(serde_json::to_value(ProblemBody::from(problem)).ok())
            .build();
        content.examples.insert(code.word().to_owned(), example.into());
    }
}

fn empty() -> utoipa::openapi::Response {
    let content = ContentBuilder::new()
        .schema(Some(Ref::from_schema_name("Problem")))
        .build();
    ResponseBuilder::new().content(MEDIA_TYPE, content).build()
}
