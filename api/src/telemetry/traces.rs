//! Traces for an OpenTelemetry collector: a span a request, and spans for its long steps.
//!
//! Only spans of [`TARGET`] are sent, none of the log and none of a library, so that what leaves is what is written here.

use std::time::Duration;

use actix_web::http::header::HeaderMap;
use opentelemetry::{
    KeyValue,
    propagation::{Extractor, TextMapPropagator},
    trace::TracerProvider,
};
use opentelemetry_otlp::{ExporterBuildError, SpanExporter, WithExportConfig};
use opentelemetry_sdk::{Resource, propagation::TraceContextPropagator, trace::SdkTracerProvider};
use tracing::{Metadata, Span, field::Empty};
use tracing_opentelemetry::OpenTelemetrySpanExt;
use tracing_subscriber::{Layer, Registry, filter::filter_fn};

/// The target of the spans that are sent.
pub const TARGET: &str = "viva::traces";
/// How long the server waits, when it stops, for the collector to take what is left.
const LAST_WORDS: Duration = Duration::from_secs(5);

/// What sends the traces.
pub struct Exporter(SdkTracerProvider);

impl Exporter {
    /// To a collector: `http://HOST:PORT`, as OTLP over HTTP has it.
    ///
    /// # Errors
    /// Where that is no address.
    pub fn to(endpoint: &str) -> Result<Self, ExporterBuildError> {
        let spans = SpanExporter::builder()
            .with_http()
            .with_endpoint(format!("{}/v1/traces", endpoint.trim_end_matches('/')))
            .build()?;
        let resource = Resource::builder()
            .with_service_name("viva")
            .with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
            .build();
        let provider = SdkTracerProvider::builder()
            .with_batch_exporter(spans)
            .with_resource(resource)
            .build();
        Ok(Self(provider))
    }

    /// Sends what is left.
    pub fn finish(self) {
        if let Err(error) = self.0.shutdown_with_timeout(LAST_WORDS) {
            tracing::warn!(%error, "the last traces could not be sent");
        }
    }
}

/// What hands the spans to the exporter.
pub fn layer(exporter: &Exporter) -> Box<dyn Layer<Registry> + Send + Sync> {
    tracing_opentelemetry::layer()
        .with_tracer(exporter.0.tracer("viva"))
        .with_location(false)
        .with_threads(false)
        .with_target(false)
        .with_filter(filter_fn(|said: &Metadata<'_>| {
            said.is_span() && said.target() == TARGET
        }))
        .boxed()
}

/// The span of a request, within its caller's trace where the caller names one (`traceparent`).
pub fn request(method: &str, route: &str, request_id: &str, headers: &HeaderMap) -> Span {
    let span = tracing::info_span!(
        target: TARGET,
        "request",
        otel.name = Empty,
        otel.kind = "server",
        otel.status_code = Empty,
        http.request.method = method,
        http.route = route,
        http.response.status_code = Empty,
        viva.request_id = request_id,
    );
    if !span.is_disabled() {
        span.record("otel.name", format!("{method} {route}"));
        let caller = TraceContextPropagator::new().extract(&Headers(headers));
        // A span that can't have a parent begins a trace of its own.
        let _no_parent = span.set_parent(caller);
    }
    span
}

/// How a request ended.
pub fn answered(span: &Span, status: u16) {
    span.record("http.response.status_code", status);
    if status >= 500 {
        span.record("otel.status_code", "ERROR");
    }
}

/// The span of grading an answer.
pub fn grading() -> Span {
    tracing::info_span!(target: TARGET, "grade")
}

/// The span of a transaction that stores what was graded.
pub fn storing() -> Span {
    tracing::info_span!(target: TARGET, "store")
}

struct Headers<'a>(&'a HeaderMap);

impl Extractor for Headers<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).and_then(|value| value.to_str().ok())
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(|name| name.as_str()).collect()
    }
}
