//! Around every request: an id that goes in and out, a line in the log, headers that browsers should see.

use std::{panic::AssertUnwindSafe, rc::Rc, sync::Arc, time::Instant};

use actix_web::{
    Error, HttpMessage, HttpRequest, ResponseError,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    error::InternalError,
    http::{
        Method,
        header::{self, HeaderMap, HeaderName, HeaderValue},
    },
    middleware::Next,
    web::Data,
};
use futures_util::FutureExt;
use tracing::Instrument;

use super::{address, problem, unread::Shared};
use crate::{error::Problem, state::State, telemetry::traces};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// The longest id that is taken over from the client.
const REQUEST_ID_MAX: usize = 128;

/// The route that a request goes to, if to any, as the router writes it. To find it takes a while, so it is found once.
#[derive(Debug, Clone)]
pub struct Route(pub Option<Rc<str>>);

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
        Route(request.match_pattern().map(Rc::from)),
        address::of(request.request()).map(|client| client.to_string()),
    );
    let site = Site::of(&request, &route);
    request.extensions_mut().insert(route.clone());
    let route = route.0;
    let metrics = request
        .app_data::<Data<State>>()
        .map(|state| Arc::clone(&state.metrics));
    let _in_flight = metrics.as_ref().map(|metrics| metrics.request());
    answer_head_as_get(&mut request);
    let body = Shared::of(&mut request);
    let name = id.to_str().unwrap_or_default();
    let told = traces::request(
        method.as_str(),
        route.as_deref().unwrap_or("-"),
        name,
        request.headers(),
    );
    let span = tracing::info_span!("request", request_id = name);
    let answered = AssertUnwindSafe(next.call(request))
        .catch_unwind()
        .instrument(span)
        .instrument(told.clone())
        .await;
    let answer = match answered {
        Ok(answered) => Ok(problem::in_our_form(answered?.map_into_boxed_body())),
        Err(_) => Err(Problem::internal("a handler panicked").error_response()),
    };
    let mut answer = match body {
        Some(body) => answer
            .map(|answer| answer.map_body(|_, answer| body.clone().keep_with(answer)))
            .map_err(|answer| answer.map_body(|_, answer| body.keep_with(answer))),
        None => answer,
    };
    let (status, headers) = match &mut answer {
        Ok(response) => (response.status(), response.headers_mut()),
        Err(response) => (response.status(), response.headers_mut()),
    };
    if let Some(metrics) = metrics {
        metrics.answered(
            method.as_str(),
            route.as_deref(),
            status.as_u16(),
            begun.elapsed(),
        );
    }
    traces::answered(&told, status.as_u16());
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
    add_headers(headers, id, site);
    answer.map_err(|response| InternalError::from_response("a handler panicked", response).into())
}

fn add_headers(headers: &mut HeaderMap, id: HeaderValue, of: Site) {
    headers.insert(REQUEST_ID, id);
    let policy = if of.docs { DOCS_POLICY } else { API_POLICY };
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    if of.hsts_seconds > 0
        && let Ok(told) = HeaderValue::from_str(&format!("max-age={}", of.hsts_seconds))
    {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, told);
    }
    for (name, value) in SECURITY_HEADERS {
        if !headers.contains_key(*name) {
            headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
    }
}

/// What the headers depend on.
#[derive(Clone, Copy)]
struct Site {
    docs: bool,
    hsts_seconds: u32,
}

impl Site {
    fn of(request: &ServiceRequest, route: &Route) -> Self {
        let state = request.app_data::<Data<State>>();
        Self {
            docs: route
                .0
                .as_ref()
                .is_some_and(|pattern| pattern.starts_with("/docs")),
            hsts_seconds: state.map_or(0, |state| state.config.hsts_seconds),
        }
    }
}

/// An answer of the API is no page: a browser that is made to show it loads and runs nothing.
const API_POLICY: &str = "default-src 'none'; frame-ancestors 'none'";
/// The pages that explain the API take everything from here. They set styles from their script.
const DOCS_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
    img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

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
