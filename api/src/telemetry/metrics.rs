//! The metrics. Labels have few values each: routes are templates, methods are those of the table; no path, no id, no
//! tenant is one.

use std::{
    fmt,
    time::{Duration, Instant},
};

use entity::kind::SessionStatus;
use grading::{Report, Verdict};
use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeLabelSet, EncodeMetric, text},
    metrics::{
        MetricType,
        counter::Counter,
        family::Family,
        gauge::{ConstGauge, Gauge},
        histogram::Histogram,
        info::Info,
    },
    registry::Registry,
};

use super::process;

/// The upper ends of the buckets, in seconds: what a request takes.
const REQUEST_SECONDS: [f64; 13] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
];
/// What grading an answer takes.
const GRADING_SECONDS: [f64; 12] = [
    0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.1, 0.5, 2.5,
];
/// What a statement of the database takes.
const STATEMENT_SECONDS: [f64; 11] = [
    0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.05, 0.25, 1.0, 5.0,
];
/// How many answers one transaction stores.
const STORED_TOGETHER: [f64; 5] = [1.0, 2.0, 4.0, 8.0, 16.0];
/// The methods that are told apart.
const METHODS: &[&str] = &["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
/// What stands for a method or a route that is none of ours.
const OTHER: &str = "other";

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Request {
    method: &'static str,
    route: String,
    status: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Route {
    method: &'static str,
    route: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Graded {
    purpose: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Judged {
    purpose: &'static str,
    verdict: &'static str,
    needs_review: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Status {
    status: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Outcome {
    outcome: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct TaskOutcome {
    task: &'static str,
    outcome: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ConnectionState {
    state: &'static str,
}

/// Why an answer was graded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// A candidate saved it.
    Answer,
    /// The author of a rubric tries it out.
    Preview,
}

impl Purpose {
    fn word(self) -> &'static str {
        match self {
            Self::Answer => "answer",
            Self::Preview => "preview",
        }
    }
}

/// What the server does without anybody calling.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Task {
    /// Ends the sessions whose time is over.
    Deadlines,
    /// Takes up new signing keys, and holds them against the database's.
    Keys,
}

impl Task {
    fn word(self) -> &'static str {
        match self {
            Self::Deadlines => "deadlines",
            Self::Keys => "keys",
        }
    }
}

/// How the pool of connections is used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PoolUse {
    /// Connections that do nothing.
    pub idle: usize,
    /// Connections that somebody has.
    pub used: usize,
    /// Connections, at most.
    pub limit: usize,
}

type Seconds<L> = Family<L, Histogram, fn() -> Histogram>;

/// Everything that is counted and timed. One for each server, so that two in one process don't mix.
pub struct Metrics {
    registry: Registry,
    requests: Family<Request, Counter>,
    request_seconds: Seconds<Route>,
    in_flight: Gauge,
    grading_seconds: Seconds<Graded>,
    verdicts: Family<Judged, Counter>,
    stored_together: Histogram,
    statement_seconds: Seconds<Outcome>,
    sessions: Family<Status, Gauge>,
    tasks: Family<TaskOutcome, Counter>,
}

impl Default for Metrics {
    /// Where there is no server to watch.
    fn default() -> Self {
        Self::new(PoolUse::default)
    }
}

impl Metrics {
    /// None counted yet. `pool` tells how the pool is used whenever somebody looks.
    pub fn new(pool: impl Fn() -> PoolUse + Send + Sync + 'static) -> Self {
        let mut metrics = Self {
            registry: Registry::default(),
            requests: Family::default(),
            request_seconds: Family::new_with_constructor(|| Histogram::new(REQUEST_SECONDS)),
            in_flight: Gauge::default(),
            grading_seconds: Family::new_with_constructor(|| Histogram::new(GRADING_SECONDS)),
            verdicts: Family::default(),
            stored_together: Histogram::new(STORED_TOGETHER),
            statement_seconds: Family::new_with_constructor(|| Histogram::new(STATEMENT_SECONDS)),
            sessions: Family::default(),
            tasks: Family::default(),
        };
        metrics.register(pool);
        metrics.begin();
        metrics
    }

    /// What alerts look at is there from the start, at nothing: a counter that appears with its first failure seems to stand still.
    fn begin(&self) {
        for outcome in ["ok", "failed"] {
            drop(self.statement_seconds.get_or_create(&Outcome { outcome }));
            for task in [Task::Deadlines, Task::Keys] {
                let task = task.word();
                drop(self.tasks.get_or_create(&TaskOutcome { task, outcome }));
            }
        }
    }

    /// The table of metrics. A counter's name gets `_total`, an info's `_info`.
    fn register(&mut self, pool: impl Fn() -> PoolUse + Send + Sync + 'static) {
        let r = &mut self.registry;
        r.register(
            "viva_http_requests",
            "Requests that were answered",
            self.requests.clone(),
        );
        r.register(
            "viva_http_request_duration_seconds",
            "What answering took",
            self.request_seconds.clone(),
        );
        r.register(
            "viva_http_requests_in_flight",
            "Requests that are being answered",
            self.in_flight.clone(),
        );
        r.register(
            "viva_grading_duration_seconds",
            "What grading an answer took",
            self.grading_seconds.clone(),
        );
        r.register("viva_verdicts", "Verdicts on concepts", self.verdicts.clone());
        r.register(
            "viva_answers_per_transaction",
            "Answers that one transaction stored",
            self.stored_together.clone(),
        );
        r.register(
            "viva_database_statement_duration_seconds",
            "What statements of the database took",
            self.statement_seconds.clone(),
        );
        r.register(
            "viva_sessions",
            "Sessions that are pending or active, in the whole database",
            self.sessions.clone(),
        );
        r.register(
            "viva_background_runs",
            "Runs of what the server does by itself",
            self.tasks.clone(),
        );
        r.register(
            "viva_build",
            "Which server this is",
            Info::new([
                ("version", env!("CARGO_PKG_VERSION")),
                ("engine", grading::VERSION),
            ]),
        );
        let started: Gauge<f64, std::sync::atomic::AtomicU64> = Gauge::default();
        started.set(process::seconds_now());
        r.register(
            "process_start_time_seconds",
            "When the server was started",
            started,
        );
        r.register_collector(Box::new(WhenAsked { pool: Box::new(pool) }));
    }

    /// A request has come; it goes when what comes back is dropped.
    pub fn request(&self) -> InFlight {
        self.in_flight.inc();
        InFlight(self.in_flight.clone())
    }

    /// A request was answered.
    pub fn answered(&self, method: &str, route: Option<&str>, status: u16, took: Duration) {
        let method = METHODS
            .iter()
            .find(|known| **known == method)
            .copied()
            .unwrap_or(OTHER);
        let route = route.unwrap_or(OTHER).to_owned();
        let labels = Route {
            method,
            route: route.clone(),
        };
        self.request_seconds
            .get_or_create(&labels)
            .observe(took.as_secs_f64());
        self.requests
            .get_or_create(&Request {
                method,
                route,
                status,
            })
            .inc();
    }

    /// Grades, and counts what came of it.
    pub fn graded(&self, purpose: Purpose, grade: impl FnOnce() -> Report) -> Report {
        let begun = Instant::now();
        let report = grade();
        let took = begun.elapsed().as_secs_f64();
        let purpose = purpose.word();
        self.grading_seconds
            .get_or_create(&Graded { purpose })
            .observe(took);
        for concept in &report.concepts {
            let verdict = match concept.verdict {
                Verdict::Met => "met",
                Verdict::Contradicted => "contradicted",
                Verdict::Absent => "absent",
            };
            let needs_review = if concept.needs_review { "true" } else { "false" };
            self.verdicts
                .get_or_create(&Judged {
                    purpose,
                    verdict,
                    needs_review,
                })
                .inc();
        }
        report
    }

    /// A transaction has stored so many answers.
    pub fn stored(&self, answers: usize) {
        self.stored_together.observe(answers as f64);
    }

    /// A statement of the database is done.
    pub fn statement(&self, took: Duration, failed: bool) {
        let outcome = outcome(failed);
        self.statement_seconds
            .get_or_create(&Outcome { outcome })
            .observe(took.as_secs_f64());
    }

    /// A background task has run.
    pub fn ran(&self, task: Task, failed: bool) {
        let labels = TaskOutcome {
            task: task.word(),
            outcome: outcome(failed),
        };
        self.tasks.get_or_create(&labels).inc();
    }

    /// How many sessions are pending and active.
    pub fn set_sessions(&self, counts: &[(SessionStatus, i64)]) {
        for (status, word) in [
            (SessionStatus::Pending, "pending"),
            (SessionStatus::Active, "active"),
        ] {
            let counted = counts.iter().find(|(of, _)| *of == status);
            self.sessions
                .get_or_create(&Status { status: word })
                .set(counted.map_or(0, |(_, count)| *count));
        }
    }

    /// Everything, as Prometheus reads it.
    ///
    /// # Errors
    /// Where it can't be written down.
    pub fn text(&self) -> Result<String, fmt::Error> {
        let mut text = String::new();
        text::encode(&mut text, &self.registry)?;
        Ok(text)
    }
}

fn outcome(failed: bool) -> &'static str {
    if failed { "failed" } else { "ok" }
}

/// A request that is being answered.
pub struct InFlight(Gauge);

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.dec();
    }
}

/// What is looked at when somebody asks.
struct WhenAsked {
    pool: Box<dyn Fn() -> PoolUse + Send + Sync>,
}

impl fmt::Debug for WhenAsked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WhenAsked")
    }
}

impl Collector for WhenAsked {
    fn encode(&self, mut encoder: DescriptorEncoder) -> Result<(), fmt::Error> {
        let pool = (self.pool)();
        let states: Family<ConnectionState, Gauge> = Family::default();
        for (state, count) in [("idle", pool.idle), ("used", pool.used)] {
            states
                .get_or_create(&ConnectionState { state })
                .set(number(count));
        }
        let name = "viva_database_connections";
        states.encode(encoder.encode_descriptor(
            name,
            "Connections to the database",
            None,
            MetricType::Gauge,
        )?)?;
        let single = [
            (
                "viva_database_connections_limit",
                "Connections to the database, at most",
                Some(number(pool.limit)),
            ),
            (
                "process_resident_memory_bytes",
                "Memory that is resident",
                process::resident_bytes(),
            ),
            (
                "process_open_fds",
                "Files and sockets that are open",
                process::open_files(),
            ),
        ];
        for (name, help, value) in single {
            if let Some(value) = value {
                let gauge = ConstGauge::new(value);
                gauge.encode(encoder.encode_descriptor(name, help, None, MetricType::Gauge)?)?;
            }
        }
        Ok(())
    }
}

fn number(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
