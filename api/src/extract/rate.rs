//! How a caller stands to a limit, as headers: `RateLimit` and `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers).

use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};

use crate::{
    error::{Code, Problem},
    limits::Standing,
};

/// What of a limit is left.
pub const LEFT: &str = "RateLimit";
/// What the limit is.
pub const POLICY: &str = "RateLimit-Policy";

/// What counting a request comes to: nothing where there is no limit.
pub(super) type Counted = Result<Option<Standing>, Standing>;

/// Remembers how the caller stands.
///
/// # Errors
/// [`Code::TooManyRequests`].
pub(super) fn count(standing: &mut Option<Standing>, counted: Counted) -> Result<(), Problem> {
    let refused = counted.err();
    *standing = counted.unwrap_or_else(Some);
    match refused {
        Some(refused) => Err(Problem::new(Code::TooManyRequests).after(refused.retry_after.unwrap_or(1))),
        None => Ok(()),
    }
}

/// Says how the caller stands.
pub(super) fn add_headers(headers: &mut HeaderMap, standing: Standing) {
    let Standing {
        name,
        count,
        seconds,
        remaining,
        reset,
        ..
    } = standing;
    for (header, value) in [
        ("ratelimit", format!("\"{name}\";r={remaining};t={reset}")),
        ("ratelimit-policy", format!("\"{name}\";q={count};w={seconds}")),
    ] {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(HeaderName::from_static(header), value);
        }
    }
}
