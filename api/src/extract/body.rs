//! Bodies: JSON that is checked before anything is done, or none at all.

use actix_web::{FromRequest, HttpRequest, dev::Payload, error::PayloadError, http::header, web::Bytes};
use serde::{Deserialize, de::DeserializeOwned, de::IgnoredAny};
use serde_path_to_error::Segment;

use crate::error::{Code, Place, Problem};

type Pending<T> = std::pin::Pin<Box<dyn Future<Output = Result<T, Problem>>>>;

/// A JSON body.
#[derive(Debug)]
pub struct Json<T>(pub T);

/// No body, or an empty JSON object.
#[derive(Debug)]
pub struct NoBody;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EmptyObject {}

impl<T: DeserializeOwned + 'static> FromRequest for Json<T> {
    type Error = Problem;
    type Future = Pending<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let declared = declared_as_json(request);
        let body = Bytes::from_request(request, payload);
        Box::pin(async move {
            declared?;
            parse(&body.await.map_err(unreadable)?).map(Json)
        })
    }
}

impl FromRequest for NoBody {
    type Error = Problem;
    type Future = Pending<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let declared = declared_as_json(request);
        let body = Bytes::from_request(request, payload);
        Box::pin(async move {
            let body = body.await.map_err(unreadable)?;
            if !body.is_empty() {
                declared?;
                parse::<EmptyObject>(&body)?;
            }
            Ok(Self)
        })
    }
}

fn declared_as_json(request: &HttpRequest) -> Result<(), Problem> {
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
    let essence = media_type
        .and_then(|value| value.split(';').next())
        .unwrap_or_default()
        .trim();
    if essence.eq_ignore_ascii_case("application/json") {
        Ok(())
    } else {
        Err(Problem::new(Code::UnsupportedMediaType))
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
    // serde would take a list for an object whose fields come in the list's order.
    if !text.trim_start().starts_with('{') {
        return Err(Problem::new(Code::InvalidField).at(Place::Pointer(String::new()), "must be an object"));
    }
    let mut reader = serde_json::Deserializer::from_str(text);
    serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        if error.inner().is_data() || is_of_no_word(error.inner()) {
            wrong_field(&error)
        } else {
            malformed(error.inner())
        }
    })
}

/// serde_json calls it bad syntax where one of several words is wanted and there is no text at all. That the text is JSON
/// was found before.
fn is_of_no_word(error: &serde_json::Error) -> bool {
    error.to_string().starts_with("expected value at ")
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
