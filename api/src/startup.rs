//! Putting the server together: the same for `viva serve` and for the tests.

use std::{
    fs,
    future::Future,
    io,
    net::{SocketAddr, TcpListener},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use actix_cors::Cors;
use actix_web::{
    App, HttpServer,
    dev::ServerHandle,
    middleware::{Condition, from_fn},
    web::{self, Data},
};
use utoipa_actix_web::AppExt;
use utoipa_swagger_ui::SwaggerUi;

use crate::{
    auth::{
        keys::{KeyError, SigningKeys},
        passwords::Passwords,
    },
    clock::Clock,
    config::Config,
    error::Problem,
    extract::{client, guard::guard, problem},
    limits::Limits,
    service::{built_in, idempotency::Running, rubrics::Rubrics, saves::Saves, signing_keys},
    state::State,
    store::{self, Database},
    telemetry::{metrics::Metrics, scrape::Scrape},
    v1, worker,
};

/// How long the head of a request may take to arrive.
const HEAD_PATIENCE: Duration = Duration::from_secs(10);
/// How long a connection is kept that nothing is asked on: longer than candidates' clients take between two saves, and than
/// proxies keep theirs (nginx: a minute), so that it is not closed while something is on its way.
const KEPT_ALIVE: Duration = Duration::from_secs(75);
/// The headers that a page of somebody else's may send.
const CORS_TAKEN: &[&str] = &[
    "authorization",
    "content-type",
    "if-match",
    "idempotency-key",
    "x-request-id",
];
/// The headers that it may read.
const CORS_SHOWN: &[&str] = &[
    "etag",
    "idempotency-replayed",
    "location",
    "ratelimit",
    "ratelimit-policy",
    "retry-after",
    "www-authenticate",
    "x-request-id",
];
/// How long a browser may remember what it may do.
const CORS_SECONDS: usize = 3_600;

/// Why the server does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartupError {
    /// The data folder can't be made.
    #[error("the data folder {folder}: {source}")]
    DataDir {
        /// Which folder.
        folder: String,
        /// Why.
        source: io::Error,
    },
    /// Something is wrong with the signing keys.
    #[error(transparent)]
    Keys(#[from] KeyError),
    /// A key made here and now would sign for the whole world.
    #[error(
        "there is no signing key yet, and {0} can be reached from other machines. Give the server the keys of its \
         replicas (VIVA_SIGNING_KEYS_DIR), or have it make one with --allow-generated-key."
    )]
    GeneratedKey(SocketAddr),
    /// The keys are not those of the database.
    #[error(transparent)]
    Mismatch(#[from] signing_keys::Mismatch),
    /// The database can't be reached or brought up to date.
    #[error("the database: {0}")]
    Database(#[from] sea_orm::DbErr),
    /// The built-in sets can't be stored, or there is no randomness.
    #[error(transparent)]
    Problem(#[from] Problem),
    /// The address can't be listened on.
    #[error("{address}: {source}")]
    Listen {
        /// Which address.
        address: SocketAddr,
        /// Why.
        source: io::Error,
    },
}

/// A server that listens.
pub struct Application {
    address: SocketAddr,
    server: actix_web::dev::Server,
    scrape: Option<Scrape>,
    state: State,
    statements: Arc<AtomicU64>,
}

impl Application {
    /// Opens the database, migrates it, loads the built-in sets, and listens.
    ///
    /// # Errors
    /// See [`StartupError`].
    pub async fn build(config: Config, clock: Clock) -> Result<Self, StartupError> {
        create_data_dir(&config)?;
        let keys = signing_keys(&config)?;
        let (db, metrics, statements) = watched(open(&config).await?, &config);
        signing_keys::agree(&db, &keys, clock.now()).await?;
        built_in::load(&db, &clock).await?;
        let state = State {
            db,
            limits: Arc::new(Limits::new(&config, &clock)),
            draining: Arc::default(),
            passwords: Passwords::new(config.password_hashes_at_once as usize)?,
            keys: Arc::new(keys),
            tokens: Arc::default(),
            rubrics: Arc::new(Rubrics::new()?),
            saves: Saves::here(),
            running: Running::default(),
            metrics,
            config: Arc::new(config),
            clock,
        };
        let (address, server) = listen(&state)?;
        let scrape = scrape(&state)?;
        Ok(Self {
            address,
            server,
            scrape,
            state,
            statements,
        })
    }

    /// Where it listens: the port is a real one also where the configuration says 0.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where its metrics are read, if anywhere.
    pub fn metrics_address(&self) -> Option<SocketAddr> {
        self.scrape.as_ref().map(|scrape| scrape.address)
    }

    /// Counts the statements that it sends to the database, but for the beginnings and ends of transactions.
    pub fn statements(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.statements)
    }

    /// What stops it.
    pub fn handle(&self) -> ServerHandle {
        self.server.handle()
    }

    /// Serves until it is told to stop, by its handle or by a signal; requests under way are finished first.
    ///
    /// # Errors
    /// Where listening fails, or signals can't be caught.
    pub async fn run(self) -> io::Result<()> {
        let signals = Signals::catch()?;
        let stopping = stop_on_signal(signals, self.state.clone(), self.server.handle());
        let stopping = tokio::spawn(stopping);
        let worker = tokio::spawn(worker::run(self.state.clone()));
        let scraped = self
            .scrape
            .map(|scrape| (scrape.handle(), tokio::spawn(scrape.server)));
        let served = self.server.await;
        stopping.abort();
        worker.abort();
        if let Some((handle, server)) = scraped {
            handle.stop(false).await;
            server.abort();
        }
        let closed = self.state.db.close().await;
        served.and(closed.map_err(io::Error::other))
    }
}

/// Waits for a signal to stop. The server says then that it is not ready, serves on for as long as it is told to, and ends
/// what is under way; another signal makes it end at once.
async fn stop_on_signal(mut signals: Signals, state: State, server: ServerHandle) {
    signals.next().await;
    state.draining.store(true, Ordering::Relaxed);
    let drain = Duration::from_secs(state.config.drain_seconds.into());
    tracing::info!(drain_seconds = drain.as_secs(), "told to stop");
    let ending = async {
        tokio::time::sleep(drain).await;
        server.stop(true).await;
    };
    tokio::select! {
        () = ending => {}
        () = signals.next() => server.stop(false).await,
    }
}

/// An interrupt from the keyboard, or the signal that ends services: caught from when this is made.
#[cfg(unix)]
struct Signals([tokio::signal::unix::Signal; 2]);

#[cfg(unix)]
impl Signals {
    fn catch() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self([
            signal(SignalKind::interrupt())?,
            signal(SignalKind::terminate())?,
        ]))
    }

    async fn next(&mut self) {
        let Self([interrupted, terminated]) = self;
        tokio::select! {
            _ = interrupted.recv() => {}
            _ = terminated.recv() => {}
        }
    }
}

/// An interrupt from the keyboard.
#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn catch() -> io::Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) {
        drop(tokio::signal::ctrl_c().await);
    }
}

/// Opens the database and brings it up to date.
///
/// # Errors
/// Where it can't be reached or a change fails.
pub async fn open(config: &Config) -> Result<Database, StartupError> {
    create_data_dir(config)?;
    let db = Database::open(&config.database_url, config.database_connections).await?;
    store::migrate(&db).await?;
    Ok(db)
}

/// Makes the data folder, for its owner alone, where there is none.
///
/// # Errors
/// Where it can't be made.
pub fn create_data_dir(config: &Config) -> Result<(), StartupError> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    let folder = config.data_dir.display().to_string();
    builder
        .create(&config.data_dir)
        .map_err(|source| StartupError::DataDir { folder, source })
}

/// The keys in the folder; where there is none, a fresh one, unless the whole world would trust it.
fn signing_keys(config: &Config) -> Result<SigningKeys, StartupError> {
    let folder = &config.signing_keys_dir;
    if !SigningKeys::exist(folder)? {
        if config.is_public() && !config.allow_generated_key {
            return Err(StartupError::GeneratedKey(config.listen));
        }
        let kid = SigningKeys::generate(folder)?;
        tracing::info!(kid, folder = %folder.display(), "made a signing key");
    }
    Ok(SigningKeys::load(folder)?)
}

/// Times and counts the statements of the database, and counts its connections.
fn watched(mut db: Database, config: &Config) -> (Database, Arc<Metrics>, Arc<AtomicU64>) {
    let (pools, limit) = (db.clone(), config.database_connections as usize);
    let metrics = Arc::new(Metrics::new(move || pools.pool_use(limit)));
    let statements = Arc::new(AtomicU64::new(0));
    let (timed, counted) = (Arc::clone(&metrics), Arc::clone(&statements));
    db.watch(move |statement| {
        counted.fetch_add(1, Ordering::Relaxed);
        timed.statement(statement.elapsed, statement.failed);
    });
    (db, metrics, statements)
}

/// The listener for the metrics, where one is configured.
fn scrape(state: &State) -> Result<Option<Scrape>, StartupError> {
    let listen = |address| {
        let metrics = Arc::clone(&state.metrics);
        Scrape::listen(address, metrics).map_err(|source| StartupError::Listen { address, source })
    };
    state.config.metrics_listen.map(listen).transpose()
}

fn listen(state: &State) -> Result<(SocketAddr, actix_web::dev::Server), StartupError> {
    let config = Arc::clone(&state.config);
    let address = config.listen;
    let failed = |source| StartupError::Listen { address, source };
    let listener = TcpListener::bind(config.listen).map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    let shared = Data::new(state.clone());
    let body_limit = config.body_limit_kib as usize * 1024;
    let shutdown_seconds = config.shutdown_seconds.into();
    let server = HttpServer::new(move || {
        let (app, _) = App::new()
            .into_utoipa_app()
            .app_data(Data::clone(&shared))
            .app_data(web::PayloadConfig::new(body_limit))
            .configure(v1::routes)
            .split_for_parts();
        app.service(web::redirect("/docs", "/docs/"))
            .service(SwaggerUi::new("/docs/{_:.*}").config(utoipa_swagger_ui::Config::from("/openapi.json")))
            .default_service(web::to(problem::nothing_here))
            .wrap(from_fn(guard))
            .wrap(Condition::new(
                !config.cors_origins.is_empty(),
                cors(&config.cors_origins),
            ))
            .wrap(from_fn(client::trace))
    })
    .shutdown_timeout(shutdown_seconds)
    .disable_signals()
    .client_request_timeout(HEAD_PATIENCE)
    .keep_alive(KEPT_ALIVE)
    .listen(listener)
    .map_err(failed)?
    .run();
    Ok((address, server))
}

/// Which pages of others may call the API in a browser: with a token, which they have to be given, never with a cookie.
fn cors(origins: &[String]) -> Cors {
    let cors = Cors::default()
        .allowed_methods(["GET", "POST", "PUT", "PATCH", "DELETE"])
        .allowed_headers(CORS_TAKEN.iter().copied())
        .expose_headers(CORS_SHOWN.iter().copied())
        .max_age(CORS_SECONDS);
    if origins.iter().any(|origin| origin == "*") {
        return cors.allow_any_origin().send_wildcard();
    }
    origins
        .iter()
        .fold(cors, |cors, origin| cors.allowed_origin(origin))
}

/// Runs a future on the runtime that the server uses.
///
/// # Errors
/// Those of the future.
pub fn block_on<T>(future: impl Future<Output = T>) -> T {
    actix_web::rt::System::new().block_on(future)
}
