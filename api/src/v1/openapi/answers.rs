//! What goes with the bodies of answers: their headers, and what each answer is.

use utoipa::openapi::{
    OpenApi, RefOr, Required, Response, ResponseBuilder,
    header::{Header, HeaderBuilder},
    path::{Operation, ParameterBuilder, ParameterIn},
    schema::{ObjectBuilder, Schema, Type},
};

use super::{operations, schemas};
use crate::{
    error::Code,
    extract::{once, rate},
};

const LOCATION: (&str, &str) = ("Location", "Where what was created can be read");
const ETAG: (&str, &str) = ("ETag", "The entity tag, for `If-Match`");

const REPLAYED: (&str, &str) = (
    once::REPLAYED,
    "`true` where the request was answered before: this is the answer that it got then",
);

/// The operations that take an `Idempotency-Key`.
pub(super) const ONCE: &[&str] = &["createQuestionSet", "publishQuestionSet", "createSession"];

/// Headers, each with what it says.
type Headers = &'static [(&'static str, &'static str)];

/// The headers of answers that succeed: the operation, the status, the headers.
pub(super) const HEADERS: &[(&str, &str, Headers)] = &[
    ("createQuestionSet", "201", &[LOCATION, ETAG, REPLAYED]),
    ("getQuestionSet", "200", &[ETAG]),
    ("editQuestionSet", "200", &[ETAG]),
    ("publishQuestionSet", "201", &[LOCATION, REPLAYED]),
    ("createSession", "201", &[LOCATION, REPLAYED]),
    ("saveAnswer", "200", &[ETAG]),
    ("saveAnswer", "201", &[ETAG]),
];

/// Adds the headers of an operation's answers.
pub(super) fn add_headers(operation: &mut Operation) {
    let id = operation.operation_id.clone().unwrap_or_default();
    for (_, status, headers) in HEADERS.iter().filter(|(operation, ..)| *operation == id) {
        if let Some(RefOr::T(response)) = operation.responses.responses.get_mut(*status) {
            let headers = headers
                .iter()
                .map(|(name, said)| ((*name).to_owned(), header(said).into()));
            response.headers.extend(headers);
        }
    }
}

/// Says which operations take an `Idempotency-Key`.
pub(super) fn add_key(operation: &mut Operation) {
    if !ONCE.contains(&operation.operation_id.as_deref().unwrap_or_default()) {
        return;
    }
    let name = ObjectBuilder::new()
        .schema_type(Type::String)
        .min_length(Some(1))
        .max_length(Some(255))
        .pattern(Some("^[!-~]([ -~]*[!-~])?$"))
        .build();
    let parameter = ParameterBuilder::new()
        .name(once::KEY)
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .schema(Some(RefOr::T(Schema::Object(name))))
        .description(Some(
            "Your name for this request, such as a random UUID: the same request under the same name, within 24 hours, \
             does nothing more and is answered as the first was, without what is shown once",
        ))
        .example(Some("8e03978e-40d5-43dd-bc93-6894a57f9324".into()))
        .build();
    operation
        .parameters
        .get_or_insert_default()
        .push(parameter.into());
}

/// The headers that say how the caller stands to the limit that counts.
pub(super) fn standing() -> impl Iterator<Item = (String, RefOr<Header>)> {
    let headers = [
        (
            rate::LEFT,
            "How many requests are left (`r`), and in how many seconds all are (`t`), as in `\"caller\";r=999;t=1`",
        ),
        (
            rate::POLICY,
            "How many requests there are (`q`), all new in how many seconds (`w`), as in `\"caller\";q=1000;w=10`",
        ),
    ];
    headers
        .into_iter()
        .map(|(name, said)| (name.to_owned(), header(said).into()))
}

/// Adds what may be answered to any request before it is routed: the parser's own refusal, which is no problem document.
pub(super) fn add_refusal_of_the_parser(operation: &mut Operation) {
    let said = "More than 96 headers, or more than 128 KiB of them: refused unread, without a body";
    let response = ResponseBuilder::new().description(said).build();
    operation
        .responses
        .responses
        .insert("431".to_owned(), response.into());
}

/// The header that goes with an error.
pub(super) fn header_of_error(code: Code) -> Option<(&'static str, Header)> {
    match code {
        Code::MissingToken | Code::InvalidToken => Some((
            "WWW-Authenticate",
            header("`Bearer`, and what is wrong with the token where there is one"),
        )),
        Code::Unavailable | Code::RequestInProgress | Code::TooManyRequests | Code::TooManyFailures => {
            Some(("Retry-After", header("When to try again, in seconds")))
        }
        _ => None,
    }
}

/// Says what an answer is where its handler doesn't: what its schema says, or else what the operation does.
pub(super) fn describe(document: &mut OpenApi) {
    let schemas = document.components.clone().unwrap_or_default().schemas;
    for item in document.paths.paths.values_mut() {
        for (_, operation) in operations(item) {
            let summary = operation.summary.clone().unwrap_or_default();
            for response in operation.responses.responses.values_mut() {
                if let RefOr::T(response) = response
                    && response.description.is_empty()
                {
                    let said =
                        name_of_body(response).and_then(|name| schemas::description(schemas.get(name)?));
                    response.description = said.unwrap_or_else(|| summary.clone());
                }
            }
        }
    }
}

fn name_of_body(response: &Response) -> Option<&str> {
    let RefOr::T(content) = response.content.values().next()? else {
        return None;
    };
    match content.schema.as_ref()? {
        RefOr::Ref(to) => Some(schemas::name(&to.ref_location)),
        RefOr::T(_) => None,
    }
}

fn header(description: &str) -> Header {
    let text = ObjectBuilder::new().schema_type(Type::String).build();
    HeaderBuilder::new()
        .schema(Some(RefOr::T(Schema::Object(text))))
        .description(Some(description))
        .build()
}
