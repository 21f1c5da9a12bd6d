//! Rates and latencies.

use std::{
    io,
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::{sync::Mutex, task::JoinSet};

use crate::http::Connection;

/// One who asks the same thing again and again.
pub struct Asker {
    connection: Connection,
    method: &'static str,
    path: String,
    token: String,
    body: String,
}

/// Latencies, sorted.
pub struct Latencies(Vec<Duration>);

impl Asker {
    /// Somebody with a connection of their own.
    pub fn new(connection: Connection, method: &'static str, path: &str, token: &str, body: &str) -> Self {
        Self {
            connection,
            method,
            path: path.to_owned(),
            token: token.to_owned(),
            body: body.to_owned(),
        }
    }

    /// Asks once.
    ///
    /// # Errors
    /// Where the answer is not a success.
    pub async fn ask(&mut self) -> io::Result<Vec<u8>> {
        let Self {
            connection,
            method,
            path,
            token,
            body,
        } = self;
        let answer = connection.call(method, path, token, body).await?;
        if answer.status >= 300 {
            answer.json(200)?;
        }
        Ok(answer.body)
    }
}

/// Everybody who asks one server.
pub type Askers = Vec<Arc<Mutex<Asker>>>;

/// Has everybody ask as fast as they are answered, and gives what each answer took.
///
/// # Errors
/// Where an answer is not a success.
pub async fn as_fast_as_they_can(askers: &Askers, slice: Duration) -> io::Result<Vec<Duration>> {
    let end = Instant::now() + slice;
    let mut asking = JoinSet::new();
    for asker in askers {
        let asker = Arc::clone(asker);
        asking.spawn(async move {
            let (mut asker, mut took) = (asker.lock().await, Vec::new());
            while Instant::now() < end {
                let begun = Instant::now();
                asker.ask().await?;
                took.push(begun.elapsed());
            }
            Ok::<_, io::Error>(took)
        });
    }
    let mut all = Vec::new();
    while let Some(asked) = asking.join_next().await {
        all.extend(asked.map_err(io::Error::other)??);
    }
    Ok(all)
}

impl From<Vec<Duration>> for Latencies {
    fn from(mut took: Vec<Duration>) -> Self {
        took.sort_unstable();
        Self(took)
    }
}

impl Latencies {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The latency that this share of all does not exceed, in milliseconds.
    pub fn quantile(&self, share: f64) -> f64 {
        let index = ((self.0.len() as f64 * share).ceil() as usize).clamp(1, self.0.len().max(1)) - 1;
        self.0
            .get(index)
            .map_or(f64::NAN, |took| took.as_secs_f64() * 1000.0)
    }

    /// The quantiles that are reported.
    pub fn summary(&self) -> String {
        let [half, most, nearly_all] = [0.5, 0.99, 0.999].map(|share| self.quantile(share));
        format!("p50 {half:.1} ms, p99 {most:.1} ms, p99.9 {nearly_all:.1} ms")
    }
}
