//! The real server, in this process, on a free port of the loopback address.

use std::{
    fs::File,
    io::{BufRead, BufReader},
    ops::Deref,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
        mpsc,
    },
    thread::{self, JoinHandle},
};

use api::{
    clock::Clock,
    config::{Config, Overrides},
    startup::{self, Application, StartupError},
};
use chrono::TimeDelta;
use reqwest::{Client, Method};

use crate::{TestDatabase, client::Call};

/// A server that runs until it is dropped, and what it runs on.
pub struct TestApp {
    server: Running,
    /// More programs on the same database.
    replicas: Vec<Running>,
    /// What stands before them, if anything does.
    front: Option<std::net::SocketAddr>,
    client: Client,
    /// The server's clock. See also [`TestApp::advance_minutes`].
    pub clock: Clock,
    /// What it keeps its data in.
    pub database: TestDatabase,
}

/// The configuration that tests begin with.
pub fn config(database: &TestDatabase) -> Config {
    let mut config = Config::load(&Overrides::default()).expect("the defaults");
    config.listen.set_port(0);
    config.data_dir = database.folder().to_owned();
    config.signing_keys_dir = database.folder().join("signing-keys");
    config.database_url = database.url().to_owned();
    config.database_connections = 5;
    config
}

impl TestApp {
    /// Starts a server as configured by default.
    pub async fn start(database: TestDatabase) -> Self {
        Self::start_with(database, |_| {}).await
    }

    /// Starts a server that is configured otherwise.
    pub async fn start_with(database: TestDatabase, configure: impl FnOnce(&mut Config)) -> Self {
        Self::try_start_with(database, configure)
            .await
            .map_err(|(error, _)| error)
            .expect("a server")
    }

    /// Starts the program in a process of its own, with these settings more. What it writes to standard error, its log,
    /// is read with [`TestApp::stop_with_log`].
    pub async fn start_program(database: TestDatabase, program: &str, settings: &[&str]) -> Self {
        let server = Running::program(&database, &log_file(&database, 0), program, settings);
        Self {
            server,
            replicas: Vec::new(),
            front: None,
            client: client(),
            clock: Clock::system(),
            database,
        }
    }

    /// Stops a program of [`TestApp::start_program`] as an operator does: what it wrote to standard error, and what it kept.
    pub fn stop_with_log(self) -> (String, TestDatabase) {
        let Self { server, database, .. } = self;
        drop(server);
        let log = std::fs::read_to_string(log_file(&database, 0)).expect("a log");
        (log, database)
    }

    /// Starts the program once more, on the same database, and tells where.
    pub fn start_replica(&mut self, program: &str, settings: &[&str]) -> std::net::SocketAddr {
        let log = log_file(&self.database, self.replicas.len() + 1);
        let replica = Running::program(&self.database, &log, program, settings);
        let address = replica.address;
        self.replicas.push(replica);
        address
    }

    /// Stops the replica that was started last, as an operator does, and tells what it wrote to standard error.
    pub fn stop_replica(&mut self) -> String {
        drop(self.replicas.pop());
        std::fs::read_to_string(log_file(&self.database, self.replicas.len() + 1)).expect("a log")
    }

    /// From now on requests go to what stands before the server.
    pub fn set_front(&mut self, front: std::net::SocketAddr) {
        self.front = Some(front);
    }

    /// Where the metrics are read.
    pub fn metrics_url(&self) -> String {
        format!(
            "http://{}/metrics",
            self.server.metrics.expect("a listener for metrics")
        )
    }

    /// A client without the manners of [`TestApp::call`].
    pub fn plain_client(&self) -> &Client {
        &self.client
    }

    /// Starts a server that may well refuse to; the database comes back where it does.
    ///
    /// # Errors
    /// The server's own.
    pub async fn try_start_with(
        database: TestDatabase,
        configure: impl FnOnce(&mut Config),
    ) -> Result<Self, (StartupError, TestDatabase)> {
        let clock = Clock::system();
        let mut config = config(&database);
        configure(&mut config);
        match Running::start(config, clock.clone()) {
            Ok(server) => Ok(Self {
                server,
                replicas: Vec::new(),
                front: None,
                client: client(),
                clock,
                database,
            }),
            Err(error) => Err((error, database)),
        }
    }

    /// Stops the server and starts another on what it left.
    pub async fn restart(self) -> Self {
        let Self { server, database, .. } = self;
        drop(server);
        Self::start(database).await
    }

    /// Stops the server and leaves what it kept.
    pub fn stop(self) -> TestDatabase {
        self.database
    }

    /// The time passes, for the server.
    pub fn advance_minutes(&self, minutes: i64) {
        self.advance(TimeDelta::minutes(minutes));
    }

    /// The time passes, for the server.
    pub fn advance(&self, by: TimeDelta) {
        self.clock.advance(by);
    }

    /// Where it is.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.front.unwrap_or(self.server.address))
    }

    /// The address, for raw requests.
    pub fn address(&self) -> std::net::SocketAddr {
        self.server.address
    }

    /// How many statements it has sent to the database.
    pub fn statements(&self) -> u64 {
        self.server.statements.load(Ordering::Relaxed)
    }

    /// A request.
    pub fn call(&self, method: &str, path: &str) -> Call {
        let method: Method = method.parse().expect("a method");
        Call::new(self.client.request(method.clone(), self.url(path)), method, path)
    }

    /// A GET request.
    pub fn get(&self, path: &str) -> Call {
        self.call("GET", path)
    }

    /// A POST request without a body.
    pub fn post(&self, path: &str) -> Call {
        self.call("POST", path)
    }

    /// A PUT request without a body.
    pub fn put(&self, path: &str) -> Call {
        self.call("PUT", path)
    }

    /// A PATCH request without a body.
    pub fn patch(&self, path: &str) -> Call {
        self.call("PATCH", path)
    }
}

/// Where the log of a program goes.
fn log_file(database: &TestDatabase, number: usize) -> PathBuf {
    database.folder().join(format!("log-{number}"))
}

fn client() -> Client {
    Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .expect("a client")
}

/// Stops a server at once.
type Stop = Box<dyn Fn() + Send + Sync>;

/// A server on a thread of its own, as the program runs it.
struct Running {
    address: std::net::SocketAddr,
    metrics: Option<std::net::SocketAddr>,
    handle: Stop,
    statements: Arc<AtomicU64>,
    thread: Option<JoinHandle<()>>,
}

impl Running {
    fn start(config: Config, clock: Clock) -> Result<Self, StartupError> {
        let (sender, receiver) = mpsc::channel();
        let thread = thread::spawn(move || {
            startup::block_on(async {
                match Application::build(config, clock).await {
                    Ok(application) => {
                        let handle = application.handle();
                        let stop = Box::new(move || drop(handle.stop(false)));
                        let started = (
                            application.address(),
                            application.metrics_address(),
                            stop,
                            application.statements(),
                        );
                        sender.send(Ok(started)).expect("somebody waits");
                        application.run().await.expect("serving");
                    }
                    Err(error) => sender.send(Err(error)).expect("somebody waits"),
                }
            });
        });
        let (address, metrics, handle, statements) = receiver.recv().expect("the server's thread")?;
        Ok(Self {
            address,
            metrics,
            handle,
            statements,
            thread: Some(thread),
        })
    }

    /// The program, which says where it listens once it does.
    fn program(database: &TestDatabase, log_file: &Path, program: &str, settings: &[&str]) -> Self {
        let log = File::create(log_file).expect("a file for the log");
        let mut command = Command::new(program);
        for (name, _) in std::env::vars_os() {
            let name = name.to_string_lossy().into_owned();
            if ["VIVA_", "OTEL_"].iter().any(|ours| name.starts_with(ours)) {
                command.env_remove(name);
            }
        }
        let mut child = command
            .args(["serve", "--listen", "127.0.0.1:0", "--data-dir"])
            .arg(database.folder())
            .args(settings)
            .env("DATABASE_URL", database.url())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .expect("the program");
        let stdout = child.stdout.take().expect("its standard output");
        let said = BufReader::new(stdout)
            .lines()
            .map_while(Result::ok)
            .find_map(|line| {
                line.split_once("Viva listens on http://")
                    .map(|(_, rest)| rest.to_owned())
            })
            .unwrap_or_else(|| {
                panic!(
                    "it says no address: {}",
                    std::fs::read_to_string(log_file).unwrap_or_default()
                )
            });
        let address = said
            .split(' ')
            .next()
            .and_then(|address| address.parse().ok())
            .expect("an address");
        let id = child.id().to_string();
        Self {
            address,
            metrics: None,
            handle: Box::new(move || drop(Command::new("kill").arg(&id).status())),
            // A program of its own tells nobody.
            statements: Arc::default(),
            thread: Some(thread::spawn(move || {
                let ended = child.wait().expect("an end");
                assert!(ended.success(), "{ended}");
            })),
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        (self.handle)();
        if let Some(thread) = self.thread.take() {
            let ended = thread.join();
            if !thread::panicking() {
                ended.expect("the server's thread");
            }
        }
    }
}

impl Deref for TestApp {
    type Target = TestDatabase;

    fn deref(&self) -> &TestDatabase {
        &self.database
    }
}
