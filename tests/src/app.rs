//! The real server, in this process, on a free port of the loopback address.

use std::{
    ops::Deref,
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
        format!("http://{}{path}", self.server.address)
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
                        let started = (application.address(), stop, application.statements());
                        sender.send(Ok(started)).expect("somebody waits");
                        application.run().await.expect("serving");
                    }
                    Err(error) => sender.send(Err(error)).expect("somebody waits"),
                }
            });
        });
        let (address, handle, statements) = receiver.recv().expect("the server's thread")?;
        Ok(Self {
            address,
            handle,
            statements,
            thread: Some(thread),
        })
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
