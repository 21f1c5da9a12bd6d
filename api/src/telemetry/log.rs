//! The log: text for people or JSON for machines, to standard error.

use std::io::{self, IsTerminal};

use tracing::{Level, Metadata};
use tracing_subscriber::{
    EnvFilter, Layer, Registry,
    filter::{FilterExt, ParseError, filter_fn},
    fmt::MakeWriter,
};

use super::traces;
use crate::config::LogFormat;

/// Whose words are logged at every level. What libraries say below `info` may hold what they carry: SQL with its values,
/// headers, the database's URL.
const OURS: &[&str] = &["api", "grading", "viva"];

/// What writes the log to standard error.
///
/// # Errors
/// Where the filter can't be read.
pub fn layer(format: LogFormat, filter: &str) -> Result<Box<dyn Layer<Registry> + Send + Sync>, ParseError> {
    layer_to(format, filter, io::stderr().is_terminal(), io::stderr)
}

fn layer_to(
    format: LogFormat,
    filter: &str,
    colours: bool,
    writer: impl for<'w> MakeWriter<'w> + Send + Sync + 'static,
) -> Result<Box<dyn Layer<Registry> + Send + Sync>, ParseError> {
    let filter = EnvFilter::try_new(filter)?.and(filter_fn(may_be_logged));
    let log = tracing_subscriber::fmt::layer()
        .with_ansi(colours)
        .with_writer(writer);
    Ok(match format {
        LogFormat::Text => log.with_filter(filter).boxed(),
        LogFormat::Json => log.json().flatten_event(true).with_filter(filter).boxed(),
    })
}

fn may_be_logged(said: &Metadata<'_>) -> bool {
    let crate_name = said.target().split("::").next().unwrap_or_default();
    said.target() != traces::TARGET && (*said.level() <= Level::INFO || OURS.contains(&crate_name))
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use tracing_subscriber::layer::SubscriberExt;

    use super::*;

    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// SeaORM opens a span with the database's URL in it, and sqlx warns inside of it where connecting takes long.
    #[test]
    fn what_libraries_carry_is_not_logged_even_where_they_are_asked_for() {
        for format in [LogFormat::Text, LogFormat::Json] {
            for filter in ["trace", "sea_orm::driver=trace,sqlx=trace,api=trace,viva=trace"] {
                let kept = Kept::default();
                let writer = kept.clone();
                let log = layer_to(format, filter, false, move || writer.clone()).unwrap();
                tracing::subscriber::with_default(tracing_subscriber::registry().with(log), || {
                    let options = "postgres://viva:secret@localhost/viva";
                    let span =
                        tracing::trace_span!(target: "sea_orm::driver::sqlx_postgres", "connect", options);
                    let _entered = span.enter();
                    tracing::warn!(target: "sqlx::pool::acquire", "slow");
                    tracing::debug!(target: "sqlx::query", statement = "INSERT secret");
                    tracing::trace!(target: "api::service", "our own words");
                    let _span = tracing::info_span!(target: traces::TARGET, "secret");
                });
                let said = String::from_utf8(kept.0.lock().unwrap().clone()).unwrap();
                assert!(!said.contains("secret"), "{said}");
                assert!(said.contains("slow") && said.contains("our own words"), "{said}");
            }
        }
    }
}
