//! Bodies: JSON that is checked before anything is done, or none at all.

use std::time::Duration;

use actix_web::{
    FromRequest, HttpRequest,
    dev::Payload,
    error::PayloadError,
    http::header,
    web::{Bytes, Data},
};
use serde::{Deserialize, de::DeserializeOwned, de::IgnoredAny};
use serde_path_to_error::Segment;
use tokio::time::timeout;

use super::objects::Objects;
use crate::{
    error::{Code, Place, Problem},
    state::State,
};

/// What an extractor promises.
pub(super) type Pending<T> = std::pin::Pin<Box<dyn Future<Output = Result<T, Problem>>>>;

/// A JSON body.
#[derive(Debug)]
pub struct Json<T>(pub T);

/// No body, or an empty JSON object.
#[derive(Debug)]
pub struct NoBody;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EmptyObject {}

/// What can be read from the bytes of a body.
pub trait Body: Sized + 'static {
    /// Reads it; `declared` says whether it is declared as JSON.
    ///
    /// # Errors
    /// What is wrong with it.
    fn read(declared: Result<(), Problem>, bytes: &[u8]) -> Result<Self, Problem>;
}

impl<T: DeserializeOwned + 'static> Body for Json<T> {
    fn read(declared: Result<(), Problem>, bytes: &[u8]) -> Result<Self, Problem> {
        declared?;
        parse(bytes).map(Self)
    }
}

impl Body for NoBody {
    fn read(declared: Result<(), Problem>, bytes: &[u8]) -> Result<Self, Problem> {
        if !bytes.is_empty() {
            declared?;
            parse::<EmptyObject>(bytes)?;
        }
        Ok(Self)
    }
}

impl<T: DeserializeOwned + 'static> FromRequest for Json<T> {
    type Error = Problem;
    type Future = Pending<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        extract(request, payload)
    }
}

impl FromRequest for NoBody {
    type Error = Problem;
    type Future = Pending<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        extract(request, payload)
    }
}

fn extract<B: Body>(request: &HttpRequest, payload: &mut Payload) -> Pending<B> {
    let declared = declared_as_json(request);
    let bytes = received(request, payload);
    Box::pin(async move { B::read(declared, &bytes.await?) })
}

/// The whole body, up to the limits of its size and of the time that it may take.
pub(super) fn received(request: &HttpRequest, payload: &mut Payload) -> Pending<Bytes> {
    let bytes = Bytes::from_request(request, payload);
    let state = request.app_data::<Data<State>>();
    let patience = state.map(|state| Duration::from_secs(state.config.body_seconds.into()));
    Box::pin(async move {
        let patience = patience.ok_or_else(|| Problem::internal("no state"))?;
        match timeout(patience, bytes).await {
            Ok(bytes) => bytes.map_err(unreadable),
            Err(_) => Err(Problem::new(Code::RequestTimeout)),
        }
    })
}

/// Whether the body is declared as JSON, and as nothing that would have to be unpacked first.
pub(super) fn declared_as_json(request: &HttpRequest) -> Result<(), Problem> {
    let encoded = request
        .headers()
        .get(header::CONTENT_ENCODING)
        .is_some_and(|coding| coding != "identity");
    if encoded {
        return Err(Problem::because(
            Code::UnsupportedMediaType,
            "The body must not be compressed",
        ));
    }
    let media_type = request
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let mut parts = media_type.unwrap_or_default().split(';').map(str::trim);
    if !parts
        .next()
        .unwrap_or_default()
        .eq_ignore_ascii_case("application/json")
    {
        return Err(Problem::new(Code::UnsupportedMediaType));
    }
    if parts.all(is_utf_8_if_a_charset) {
        Ok(())
    } else {
        Err(Problem::because(
            Code::UnsupportedMediaType,
            "The body must be in UTF-8",
        ))
    }
}

/// JSON has one encoding (RFC 8259, 8.1); a parameter that says another is not passed over.
fn is_utf_8_if_a_charset(parameter: &str) -> bool {
    match parameter.split_once('=') {
        Some((name, value)) if name.trim().eq_ignore_ascii_case("charset") => {
            value.trim().trim_matches('"').eq_ignore_ascii_case("utf-8")
        }
        _ => true,
    }
}

fn unreadable(error: actix_web::Error) -> Problem {
    match error.as_error::<PayloadError>() {
        Some(PayloadError::Overflow) => Problem::new(Code::BodyTooLarge),
        // actix's own error for a body over the limit is not public: its status tells.
        _ if error.as_response_error().status_code() == 413 => Problem::new(Code::BodyTooLarge),
        _ => Problem::new(Code::BadRequest),
    }
}

/// Reads JSON: first whether it is any, then whether it is what is wanted.
pub(super) fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    let malformed = |error: &dyn std::fmt::Display| Problem::because(Code::MalformedJson, error.to_string());
    let text = std::str::from_utf8(body).map_err(|error| malformed(&error))?;
    serde_json::from_str::<IgnoredAny>(text).map_err(|error| malformed(&error))?;
    if !text.trim_start().starts_with('{') {
        return Err(Problem::new(Code::InvalidField).at(Place::Pointer(String::new()), "must be an object"));
    }
    let mut reader = serde_json::Deserializer::from_str(text);
    serde_path_to_error::deserialize(Objects(&mut reader)).map_err(|error| {
        if error.inner().is_data() || is_wellformed(error.inner()) {
            wrong_field(&error)
        } else {
            malformed(error.inner())
        }
    })
}

/// serde_json calls it bad syntax where one of several words is wanted and there is no text at all, and where a number is
/// too large or a list too deep for it. That the text is JSON was found before.
fn is_wellformed(error: &serde_json::Error) -> bool {
    let said = error.to_string();
    [
        "expected value at ",
        "number out of range at ",
        "recursion limit exceeded at ",
    ]
    .iter()
    .any(|beginning| said.starts_with(beginning))
}

fn wrong_field(error: &serde_path_to_error::Error<serde_json::Error>) -> Problem {
    let message = error.inner().to_string();
    // serde_json adds where in the text; the pointer says it better.
    let message = message
        .rsplit_once(" at line ")
        .map_or(message.as_str(), |(said, _)| said);
    let mut pointer: String = error.path().iter().map(segment).collect();
    let (said, field) = unnamed_field(message);
    if let Some(field) = field
        && !pointer.ends_with(&escaped(field))
    {
        pointer.push_str(&escaped(field));
    }
    Problem::new(Code::InvalidField).at(Place::Pointer(pointer), said)
}

/// serde's path stops at the object whose field is missing or unknown; its message names the field.
fn unnamed_field(message: &str) -> (&str, Option<&str>) {
    for (beginning, said) in [
        ("missing field `", "is missing"),
        ("unknown field `", "is not a field here"),
        ("duplicate field `", "is there twice"),
    ] {
        if let Some(field) = message
            .strip_prefix(beginning)
            .and_then(|rest| rest.split('`').next())
        {
            return (said, Some(field));
        }
    }
    match message {
        "number out of range" => ("is too large a number", None),
        "recursion limit exceeded" => ("is too deep", None),
        "expected value" => ("must be one of the words that are known here", None),
        _ => (message, None),
    }
}

fn segment(segment: &Segment) -> String {
    match segment {
        Segment::Seq { index } => format!("/{index}"),
        Segment::Map { key } => escaped(key),
        Segment::Enum { .. } | Segment::Unknown => String::new(),
    }
}

fn escaped(key: &str) -> String {
    format!("/{}", key.replace('~', "~0").replace('/', "~1"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::values::Email;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code)]
    struct Outer {
        inner: Vec<Inner>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code)]
    struct Inner {
        email: Email,
    }

    fn fault(body: &str) -> (Code, Option<String>) {
        let problem = parse::<Outer>(body.as_bytes()).unwrap_err();
        let pointer = problem.faults.first().map(|fault| match &fault.place {
            Place::Pointer(pointer) => pointer.clone(),
            other => format!("{other:?}"),
        });
        (problem.code, pointer)
    }

    #[test]
    fn the_pointer_leads_to_the_field() {
        let invalid = |pointer: &str| (Code::InvalidField, Some(pointer.to_owned()));
        assert_eq!(fault("{}"), invalid("/inner"));
        assert_eq!(fault(r#"{"inner": 1}"#), invalid("/inner"));
        assert_eq!(
            fault(r#"{"inner": [{"email": "a@example.org"}, {"email": "x"}]}"#),
            invalid("/inner/1/email")
        );
        assert_eq!(fault(r#"{"inner": [{}]}"#), invalid("/inner/0/email"));
        assert_eq!(fault(r#"{"inner": [], "a/b": 1}"#), invalid("/a~1b"));
        assert_eq!(fault(r#"{"inner": [], "inner": []}"#), invalid("/inner"));
        assert_eq!(fault(r#"{"inner": [["a@example.org"]]}"#), invalid("/inner/0"));
    }

    #[test]
    fn what_is_not_json_is_malformed() {
        for body in [
            "",
            "{",
            "{}}",
            "{'a': 1}",
            r#"{"unknown": 1"#,
            r#"{"inner": ["\ud800"]}"#,
            &"[".repeat(100_000),
        ] {
            assert_eq!(
                fault(body).0,
                Code::MalformedJson,
                "{}",
                &body[..body.len().min(20)]
            );
        }
        assert_eq!(
            parse::<Outer>(b"{\"\xff\": 1}").unwrap_err().code,
            Code::MalformedJson
        );
    }
}
