//! Around every request: an id that goes in and out, a line in the log, headers that browsers should see.

use std::{panic::AssertUnwindSafe, time::Instant};

use actix_web::{
    Error, HttpRequest, HttpResponse, ResponseError,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::header::{ALLOW, CONTENT_TYPE, HeaderName, HeaderValue},
    middleware::Next,
};

use futures_util::FutureExt;

use super::problem;
use crate::{
    auth::permissions::methods,
    error::{Code, Problem},
};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// The longest id that is taken over from the client.
const REQUEST_ID_MAX: usize = 128;

/// Gives the request an id, or takes over the client's, logs how it went, and sends the id back.
///
/// # Errors
/// None of its own.
pub async fn trace(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let id = request_id(request.request());
    let begun = Instant::now();
    let (method, route) = (request.method().clone(), request.match_pattern());
    let http = request.request().clone();
    let answered = AssertUnwindSafe(next.call(request)).catch_unwind().await;
    let mut response = match answered {
        Ok(Ok(response)) => as_problem(response.map_into_boxed_body()),
        Ok(Err(error)) => as_problem(ServiceResponse::new(http, error.error_response())),
        Err(_) => ServiceResponse::new(http, Problem::internal("a handler panicked").error_response()),
    };
    // The path may hold what a client wrote; the route holds only what we wrote.
    tracing::info!(
        request_id = id.to_str().unwrap_or_default(),
        %method,
        route = route.as_deref().unwrap_or("-"),
        status = response.status().as_u16(),
        took_ms = begun.elapsed().as_secs_f64() * 1000.0,
        "request"
    );
    let headers = response.headers_mut();
    headers.insert(REQUEST_ID, id);
    for (name, value) in SECURITY_HEADERS {
        if !headers.contains_key(*name) {
            headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
    }
    Ok(response)
}

/// What an API sends so that a browser makes nothing else of it.
const SECURITY_HEADERS: &[(&str, &str)] = &[
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "no-referrer"),
    ("cache-control", "no-store"),
];

fn request_id(request: &HttpRequest) -> HeaderValue {
    let given = request.headers().get(&REQUEST_ID).filter(|value| is_plain(value));
    given.cloned().unwrap_or_else(fresh_id)
}

fn is_plain(value: &HeaderValue) -> bool {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.:".contains(byte);
    (1..=REQUEST_ID_MAX).contains(&value.len()) && value.as_bytes().iter().all(plain)
}

fn fresh_id() -> HeaderValue {
    let id = uuid::Uuid::now_v7().simple().to_string();
    HeaderValue::from_str(&id).unwrap_or_else(|_| HeaderValue::from_static("-"))
}

/// An error that is not ours, from the framework, in our form.
fn as_problem(response: ServiceResponse<BoxBody>) -> ServiceResponse<BoxBody> {
    let status = response.status();
    let ours = response
        .headers()
        .get(CONTENT_TYPE)
        .is_some_and(|value| value == problem::MEDIA_TYPE);
    if ours || !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    response.into_response(Problem::new(Code::of_status(status.as_u16())).error_response())
}

/// What no route matches: nothing at all, or not with this method.
pub async fn nothing_here(request: HttpRequest) -> HttpResponse {
    let methods: Vec<&str> = request
        .match_pattern()
        .map(|path| methods(&path).collect())
        .unwrap_or_default();
    if methods.is_empty() {
        return Problem::new(Code::NotFound).error_response();
    }
    let mut response = Problem::new(Code::MethodNotAllowed).error_response();
    if let Ok(allowed) = HeaderValue::from_str(&methods.join(", ")) {
        response.headers_mut().insert(ALLOW, allowed);
    }
    response
}
