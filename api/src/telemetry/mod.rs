//! How the server is watched: its log, its metrics, its traces. Nothing here holds a path, a body, a token or an answer.

pub mod log;
pub mod metrics;
mod process;
pub mod scrape;
pub mod traces;

use tracing_subscriber::{
    Layer, Registry, filter::ParseError, layer::SubscriberExt, util::SubscriberInitExt,
};

use crate::config::LogFormat;

/// Why the server can't be watched as configured.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// The filter of the log can't be read.
    #[error("log: {0}")]
    Filter(#[from] ParseError),
    /// The traces can't be sent there.
    #[error("otlp_endpoint: {0}")]
    Endpoint(#[from] opentelemetry_otlp::ExporterBuildError),
}

/// Sends what is left of the traces when it is dropped.
#[must_use = "traces end when it is dropped"]
pub struct Telemetry {
    exporter: Option<traces::Exporter>,
}

impl Drop for Telemetry {
    fn drop(&mut self) {
        if let Some(exporter) = self.exporter.take() {
            exporter.finish();
        }
    }
}

/// Begins to log and, where that is configured, to trace. A second call changes nothing. Not for async code: what sends
/// the traces has a thread of its own, and waits for it.
///
/// # Errors
/// See [`TelemetryError`].
pub fn start(
    format: LogFormat,
    filter: &str,
    otlp_endpoint: Option<&str>,
) -> Result<Telemetry, TelemetryError> {
    let mut layers: Vec<Box<dyn Layer<Registry> + Send + Sync>> = vec![log::layer(format, filter)?];
    let exporter = otlp_endpoint.map(traces::Exporter::to).transpose()?;
    layers.extend(exporter.as_ref().map(traces::layer));
    // Somebody else's subscriber, in a test, stays.
    let _started_before = tracing_subscriber::registry().with(layers).try_init();
    Ok(Telemetry { exporter })
}
