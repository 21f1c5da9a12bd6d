//! The OpenAPI document, made from the handlers' annotations and from tables: permissions, errors, examples, headers,
//! names.

use std::sync::OnceLock;

use actix_web::App;
use utoipa::{
    OpenApi,
    openapi::{
        path::{HttpMethod, Operation, PathItem},
        security::{Http, HttpAuthScheme, SecurityRequirement, SecurityScheme},
    },
};
use utoipa_actix_web::AppExt;

use self::examples::Examples;
use crate::{
    auth::permissions::{Access, access},
    extract::problem::{FaultBody, ProblemBody},
};

mod answers;
mod errors;
mod examples;
mod parameters;
mod schemas;

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

/// The document.
pub fn document() -> utoipa::openapi::OpenApi {
    let (_, mut document) = App::new()
        .into_utoipa_app()
        .openapi(Document::openapi())
        .configure(super::routes)
        .split_for_parts();
    add_security_schemes(&mut document);
    let examples = Examples::read();
    for (path, item) in &mut document.paths.paths {
        for (method, operation) in operations(item) {
            let access = access(method, path);
            operation.security = Some(security(access));
            operation.description = Some(described(operation, access));
            answers::add_headers(operation);
            answers::add_key(operation);
            parameters::settle(operation);
            examples.stamp(operation);
            errors::add(operation, (method, path), access, &examples);
            errors::add_standing(operation, path);
            answers::add_refusal_of_the_parser(operation);
        }
    }
    schemas::tidy(&mut document);
    answers::describe(&mut document);
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

/// The operations of a path, each with its method's name as the table of permissions writes it.
fn operations(item: &mut PathItem) -> impl Iterator<Item = (&'static str, &mut Operation)> {
    [
        (HttpMethod::Get, &mut item.get),
        (HttpMethod::Post, &mut item.post),
        (HttpMethod::Put, &mut item.put),
        (HttpMethod::Patch, &mut item.patch),
        (HttpMethod::Delete, &mut item.delete),
    ]
    .into_iter()
    .filter_map(|(method, operation)| Some((name(&method), operation.as_mut()?)))
}

fn name(method: &HttpMethod) -> &'static str {
    match method {
        HttpMethod::Get => "GET",
        HttpMethod::Post => "POST",
        HttpMethod::Put => "PUT",
        HttpMethod::Delete => "DELETE",
        _ => "PATCH",
    }
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

fn security(access: Option<Access>) -> Vec<SecurityRequirement> {
    let scopes: [&str; 0] = [];
    match access {
        Some(Access::Member) => vec![SecurityRequirement::new(MEMBER_TOKEN, scopes)],
        Some(Access::Candidate) => vec![SecurityRequirement::new(CANDIDATE_TOKEN, scopes)],
        Some(Access::Anyone) | None => Vec::new(),
    }
}

/// What the handler says of itself, and who may call it.
fn described(operation: &Operation, access: Option<Access>) -> String {
    let who = match access {
        Some(Access::Member) => "For members, with an access token.",
        Some(Access::Candidate) => {
            "For the candidate of the session, with the token that the invite code gave."
        }
        Some(Access::Anyone) | None => "For anyone: no token is asked for.",
    };
    match operation.description.as_deref() {
        Some(said) if !said.is_empty() => format!("{said}\n\n{who}"),
        _ => who.to_owned(),
    }
}

#[cfg(test)]
mod tests;
