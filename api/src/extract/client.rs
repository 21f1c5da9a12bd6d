//! Around every request: an id that goes in and out, a line in the log, headers that browsers should see.

use std::{panic::AssertUnwindSafe, time::Instant};

use actix_web::{
    Error, HttpRequest, ResponseError,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    error::InternalError,
    http::{
        Method,
        header::{HeaderMap, HeaderName, HeaderValue},
    },
    middleware::Next,
    web::Data,
};
use futures_util::FutureExt;
use tracing::Instrument;

use super::problem;
use crate::{error::Problem, state::State};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// The longest id that is taken over from the client.
const REQUEST_ID_MAX: usize = 128;

/// Gives the request an id, or takes over the client's, logs how it went, and sends the id back.
///
/// # Errors
/// An internal problem where the handler panics.
pub async fn trace(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let id = request_id(request.request());
    let begun = Instant::now();
    let (method, route, client) = (
        request.method().clone(),
        request.match_pattern(),
        address(&request),
    );
    answer_head_as_get(&mut request);
    let span = tracing::info_span!("request", request_id = id.to_str().unwrap_or_default());
    let answered = AssertUnwindSafe(next.call(request))
        .catch_unwind()
        .instrument(span)
        .await;
    let mut answer = match answered {
        Ok(answered) => Ok(problem::in_our_form(answered?.map_into_boxed_body())),
        Err(_) => Err(Problem::internal("a handler panicked").error_response()),
    };
    let (status, headers) = match &mut answer {
        Ok(response) => (response.status(), response.headers_mut()),
        Err(response) => (response.status(), response.headers_mut()),
    };
    // The path may hold what a client wrote; the route holds only what we wrote.
    tracing::info!(
        request_id = id.to_str().unwrap_or_default(),
        client,
        %method,
        route = route.as_deref().unwrap_or("-"),
        status = status.as_u16(),
        took_ms = begun.elapsed().as_secs_f64() * 1000.0,
        "answered"
    );
    add_headers(headers, id);
    answer.map_err(|response| InternalError::from_response("a handler panicked", response).into())
}

fn add_headers(headers: &mut HeaderMap, id: HeaderValue) {
    headers.insert(REQUEST_ID, id);
    for (name, value) in SECURITY_HEADERS {
        if !headers.contains_key(*name) {
            headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
    }
}

/// What an API sends so that a browser makes nothing else of it.
const SECURITY_HEADERS: &[(&str, &str)] = &[
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "no-referrer"),
    ("cache-control", "no-store"),
];

/// The codec knows that the request was a HEAD, and leaves the body out.
fn answer_head_as_get(request: &mut ServiceRequest) {
    if request.method() == Method::HEAD {
        request.head_mut().method = Method::GET;
    }
}

fn address(request: &ServiceRequest) -> Option<String> {
    let state = request.app_data::<Data<State>>()?;
    let peer = request.peer_addr().map(|peer| peer.ip());
    super::address::client(peer, request.headers(), &state.config.trusted_proxies)
        .map(|client| client.to_string())
}

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
