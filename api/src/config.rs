//! The configuration: embedded defaults, then a file, then the environment, then flags. The last to speak wins.

use std::{
    net::{IpAddr, SocketAddr},
    ops::RangeInclusive,
    path::{Path, PathBuf},
    str::FromStr,
};

use clap::Args;
use figment::{
    Figment,
    providers::{Format, Serialized, Toml},
};
use ipnet::IpNet;
use serde::{Deserialize, Serialize};

use crate::limits::Quota;

/// The defaults, commented: also what `viva config` prints.
pub const DEFAULTS: &str = include_str!("../defaults.toml");

/// Whether strangers may register.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum Registration {
    /// Anyone who reaches the server may.
    Open,
    /// Members come from `viva member create`.
    Closed,
}

/// An address or a network: `192.0.2.1`, `10.0.0.0/8`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Proxies(IpNet);

impl Proxies {
    /// Whether the address is among them.
    pub fn contain(&self, address: IpAddr) -> bool {
        self.0.contains(&address)
    }
}

impl FromStr for Proxies {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let one = text
            .parse::<IpAddr>()
            .map(|address| IpNet::from(address.to_canonical()));
        let network = one.or_else(|_| text.parse());
        network.map(Self).map_err(|_| "must be an address or a network")
    }
}

impl TryFrom<String> for Proxies {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Proxies> for String {
    fn from(proxies: Proxies) -> Self {
        proxies.0.to_string()
    }
}

/// How the log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// For people.
    Text,
    /// For machines: an object a line.
    Json,
}

/// What can be set for one run, by flags or by the environment.
#[derive(Debug, Clone, Default, Serialize, Args)]
pub struct Overrides {
    /// A configuration file (TOML)
    #[arg(long, env = "VIVA_CONFIG", value_name = "FILE", global = true)]
    #[serde(skip)]
    pub config: Option<PathBuf>,

    /// The address and port to listen on [default: 127.0.0.1:8080]
    #[arg(long, env = "VIVA_LISTEN", value_name = "ADDRESS:PORT", global = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub listen: Option<SocketAddr>,

    /// The folder for the database and the signing keys [default: viva-data]
    #[arg(long, env = "VIVA_DATA_DIR", value_name = "DIR", global = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data_dir: Option<PathBuf>,

    /// sqlite://… or postgres://… [default: SQLite in the data folder]
    #[arg(
        long,
        env = "DATABASE_URL",
        value_name = "URL",
        hide_env_values = true,
        global = true
    )]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub database_url: Option<String>,

    /// Connections to the database, at most [default: 10]
    #[arg(long, env = "VIVA_DATABASE_CONNECTIONS", value_name = "N", global = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub database_connections: Option<u32>,

    /// Who may register [default: open on a loopback address, closed elsewhere]
    #[arg(long, env = "VIVA_REGISTRATION", value_name = "open|closed", global = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub registration: Option<Registration>,

    /// Addresses or networks of proxies whose X-Forwarded-For is believed, separated by commas [default: none]
    #[arg(
        long,
        env = "VIVA_TRUSTED_PROXIES",
        value_name = "IP[/BITS],…",
        value_delimiter = ',',
        global = true
    )]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trusted_proxies: Option<Vec<Proxies>>,

    /// The folder of the signing keys [default: signing-keys in the data folder]
    #[arg(long, env = "VIVA_SIGNING_KEYS_DIR", value_name = "DIR", global = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signing_keys_dir: Option<PathBuf>,

    /// Make a signing key also when listening on a public address
    #[arg(long, env = "VIVA_ALLOW_GENERATED_KEY", value_name = "true|false", num_args = 0..=1, default_missing_value = "true", global = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allow_generated_key: Option<bool>,

    /// The address and port for Prometheus to read metrics from [default: none]
    #[arg(long, env = "VIVA_METRICS_LISTEN", value_name = "ADDRESS:PORT", global = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metrics_listen: Option<SocketAddr>,

    /// The OpenTelemetry collector that gets traces, http://HOST:PORT [default: none]
    #[arg(long, env = "VIVA_OTLP_ENDPOINT", value_name = "URL", global = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub otlp_endpoint: Option<String>,

    /// text or json [default: text]
    #[arg(long, env = "VIVA_LOG_FORMAT", value_name = "text|json", global = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log_format: Option<LogFormat>,

    /// What is logged, as in `info,sqlx=warn` [default: info]
    #[arg(long, env = "VIVA_LOG", value_name = "FILTER", global = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log: Option<String>,

    /// How long a member's access token lives, in minutes [default: 15]
    #[arg(long, env = "VIVA_ACCESS_TOKEN_MINUTES", value_name = "N", global = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access_token_minutes: Option<u32>,

    /// How long a refresh token lives, in days [default: 30]
    #[arg(long, env = "VIVA_REFRESH_TOKEN_DAYS", value_name = "N", global = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refresh_token_days: Option<u32>,

    /// How long a candidate's token lives, in minutes [default: 120]
    #[arg(long, env = "VIVA_CANDIDATE_TOKEN_MINUTES", value_name = "N", global = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub candidate_token_minutes: Option<u32>,

    /// How many passwords are hashed at once [default: 2]
    #[arg(long, env = "VIVA_PASSWORD_HASHES_AT_ONCE", value_name = "N", global = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password_hashes_at_once: Option<u32>,

    /// How long after a deadline an answer under way is still taken, in seconds [default: 2]
    #[arg(long, env = "VIVA_DEADLINE_GRACE_SECONDS", value_name = "N", global = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deadline_grace_seconds: Option<u32>,

    /// The largest body, in KiB [default: 1024]
    #[arg(long, env = "VIVA_BODY_LIMIT_KIB", value_name = "N", global = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body_limit_kib: Option<u32>,

    /// Requests of one member or candidate, as how many in how many seconds, or off [default: 1000/10]
    #[arg(long, env = "VIVA_LIMIT_CALLER", value_name = "N/SECONDS", global = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit_caller: Option<Quota>,

    /// Requests without a valid token from one address [default: 1000/10]
    #[arg(long, env = "VIVA_LIMIT_ADDRESS", value_name = "N/SECONDS", global = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit_address: Option<Quota>,

    /// Wrong passwords for one account [default: 10/600]
    #[arg(
        long,
        env = "VIVA_LIMIT_ACCOUNT_FAILURES",
        value_name = "N/SECONDS",
        global = true
    )]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit_account_failures: Option<Quota>,

    /// Tries of one wrong invite code [default: 10/600]
    #[arg(
        long,
        env = "VIVA_LIMIT_CODE_FAILURES",
        value_name = "N/SECONDS",
        global = true
    )]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit_code_failures: Option<Quota>,

    /// Wrong passwords and invite codes from one address [default: 100/100]
    #[arg(
        long,
        env = "VIVA_LIMIT_ADDRESS_FAILURES",
        value_name = "N/SECONDS",
        global = true
    )]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit_address_failures: Option<Quota>,

    /// Origins whose pages may call the API in a browser, or *, separated by commas [default: none]
    #[arg(
        long,
        env = "VIVA_CORS_ORIGINS",
        value_name = "ORIGIN,…",
        value_delimiter = ',',
        global = true
    )]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cors_origins: Option<Vec<String>>,

    /// How long browsers are told to use HTTPS only, in seconds [default: 0: not told]
    #[arg(long, env = "VIVA_HSTS_SECONDS", value_name = "N", global = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hsts_seconds: Option<u32>,

    /// How long a body may take to arrive, in seconds [default: 30]
    #[arg(long, env = "VIVA_BODY_SECONDS", value_name = "N", global = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body_seconds: Option<u32>,

    /// How long the server serves on, not ready, once it is told to stop, in seconds [default: 0]
    #[arg(long, env = "VIVA_DRAIN_SECONDS", value_name = "N", global = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub drain_seconds: Option<u32>,

    /// How long requests under way may take once the server stops, in seconds [default: 20]
    #[arg(long, env = "VIVA_SHUTDOWN_SECONDS", value_name = "N", global = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shutdown_seconds: Option<u32>,
}

/// A setting that is a number: its name, where it stands, and what it may be.
type Range = (&'static str, fn(&Written) -> u32, RangeInclusive<u32>);

/// The settings that are numbers.
const RANGES: &[Range] = &[
    (
        "database_connections",
        |written| written.database_connections,
        1..=1_000,
    ),
    (
        "access_token_minutes",
        |written| written.access_token_minutes,
        1..=1_440,
    ),
    (
        "refresh_token_days",
        |written| written.refresh_token_days,
        1..=366,
    ),
    (
        "candidate_token_minutes",
        |written| written.candidate_token_minutes,
        1..=10_080,
    ),
    (
        "password_hashes_at_once",
        |written| written.password_hashes_at_once,
        1..=256,
    ),
    (
        "deadline_grace_seconds",
        |written| written.deadline_grace_seconds,
        0..=60,
    ),
    ("body_limit_kib", |written| written.body_limit_kib, 1..=65_536),
    ("hsts_seconds", |written| written.hsts_seconds, 0..=63_072_000),
    ("body_seconds", |written| written.body_seconds, 1..=3_600),
    ("drain_seconds", |written| written.drain_seconds, 0..=600),
    ("shutdown_seconds", |written| written.shutdown_seconds, 1..=3_600),
];

/// The configuration as written in the defaults, the file, the environment and the flags together.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    listen: SocketAddr,
    data_dir: PathBuf,
    database_url: Option<String>,
    database_connections: u32,
    registration: Option<Registration>,
    trusted_proxies: Vec<Proxies>,
    signing_keys_dir: Option<PathBuf>,
    allow_generated_key: bool,
    metrics_listen: Option<SocketAddr>,
    otlp_endpoint: Option<String>,
    log_format: LogFormat,
    log: String,
    access_token_minutes: u32,
    refresh_token_days: u32,
    candidate_token_minutes: u32,
    password_hashes_at_once: u32,
    deadline_grace_seconds: u32,
    body_limit_kib: u32,
    limit_caller: Quota,
    limit_address: Quota,
    limit_account_failures: Quota,
    limit_code_failures: Quota,
    limit_address_failures: Quota,
    cors_origins: Vec<String>,
    hsts_seconds: u32,
    body_seconds: u32,
    drain_seconds: u32,
    shutdown_seconds: u32,
}

/// The configuration with every default filled in.
#[derive(Clone)]
pub struct Config {
    /// Where to listen.
    pub listen: SocketAddr,
    /// Where the database and the keys are kept unless said otherwise.
    pub data_dir: PathBuf,
    /// Where the database is. May hold a password: never logged.
    pub database_url: String,
    /// Connections to the database, at most.
    pub database_connections: u32,
    /// Whether strangers may register.
    pub registration: Registration,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<Proxies>,
    /// Where the signing keys are.
    pub signing_keys_dir: PathBuf,
    /// Whether a key may be made also on a public address.
    pub allow_generated_key: bool,
    /// Where Prometheus reads the metrics, if anywhere.
    pub metrics_listen: Option<SocketAddr>,
    /// The OpenTelemetry collector that gets traces, if any.
    pub otlp_endpoint: Option<String>,
    /// How the log is written.
    pub log_format: LogFormat,
    /// What is logged.
    pub log: String,
    /// How long a member's access token lives, in minutes.
    pub access_token_minutes: u32,
    /// How long a refresh token lives, in days.
    pub refresh_token_days: u32,
    /// How long a candidate's token lives, in minutes.
    pub candidate_token_minutes: u32,
    /// How many passwords are hashed at once.
    pub password_hashes_at_once: u32,
    /// How long after the deadline an answer that was under way is still taken, in seconds.
    pub deadline_grace_seconds: u32,
    /// The largest body, in KiB.
    pub body_limit_kib: u32,
    /// How often one member or candidate may ask.
    pub limit_caller: Quota,
    /// How often requests without a valid token may come from one address.
    pub limit_address: Quota,
    /// How many wrong passwords for one account.
    pub limit_account_failures: Quota,
    /// How often one wrong invite code may be tried.
    pub limit_code_failures: Quota,
    /// How many wrong passwords and invite codes from one address.
    pub limit_address_failures: Quota,
    /// Origins whose pages may call the API in a browser; `*` for all.
    pub cors_origins: Vec<String>,
    /// How long browsers are told to use HTTPS only, in seconds; 0 tells them nothing.
    pub hsts_seconds: u32,
    /// How long a body may take to arrive, in seconds.
    pub body_seconds: u32,
    /// How long the server serves on, not ready, once it is told to stop, in seconds.
    pub drain_seconds: u32,
    /// How long requests under way may take once the server is told to stop, in seconds.
    pub shutdown_seconds: u32,
}

impl Config {
    /// Reads the configuration.
    ///
    /// # Errors
    /// Where the file can't be read, or a setting is unknown or not what it must be: the message names it.
    pub fn load(overrides: &Overrides) -> Result<Self, Box<figment::Error>> {
        let mut figment = Figment::from(Toml::string(DEFAULTS));
        if let Some(file) = &overrides.config {
            figment = figment.merge(Toml::file_exact(file));
        }
        let written: Written = figment
            .merge(Serialized::defaults(overrides))
            .extract()
            .map_err(Box::new)?;
        if written
            .otlp_endpoint
            .as_deref()
            .is_some_and(|url| !url.starts_with("http://"))
        {
            let said = "otlp_endpoint must begin with http://: where it needs TLS, an agent beside the server adds that";
            return Err(Box::new(said.to_owned().into()));
        }
        for (name, value, range) in RANGES {
            if !range.contains(&value(&written)) {
                let said = format!("{name} must be {} to {}", range.start(), range.end());
                return Err(Box::new(said.into()));
            }
        }
        if let Some(wrong) = written.cors_origins.iter().find(|origin| !is_origin(origin)) {
            let said = format!("cors_origins: {wrong} is neither * nor like https://example.org");
            return Err(Box::new(said.into()));
        }
        Ok(Self::from(written))
    }

    /// Whether the server can be reached from other machines.
    pub fn is_public(&self) -> bool {
        !self.listen.ip().is_loopback()
    }
}

impl From<Written> for Config {
    fn from(written: Written) -> Self {
        let in_data_dir = |name: &str| written.data_dir.join(name);
        let file = in_data_dir("viva.sqlite");
        let by_address = if written.listen.ip().is_loopback() {
            Registration::Open
        } else {
            Registration::Closed
        };
        Self {
            database_url: written.database_url.unwrap_or_else(|| sqlite_url(&file)),
            signing_keys_dir: written
                .signing_keys_dir
                .unwrap_or_else(|| in_data_dir("signing-keys")),
            registration: written.registration.unwrap_or(by_address),
            listen: written.listen,
            data_dir: written.data_dir,
            database_connections: written.database_connections,
            trusted_proxies: written.trusted_proxies,
            allow_generated_key: written.allow_generated_key,
            metrics_listen: written.metrics_listen,
            otlp_endpoint: written.otlp_endpoint,
            log_format: written.log_format,
            log: written.log,
            access_token_minutes: written.access_token_minutes,
            refresh_token_days: written.refresh_token_days,
            candidate_token_minutes: written.candidate_token_minutes,
            password_hashes_at_once: written.password_hashes_at_once,
            deadline_grace_seconds: written.deadline_grace_seconds,
            body_limit_kib: written.body_limit_kib,
            limit_caller: written.limit_caller,
            limit_address: written.limit_address,
            limit_account_failures: written.limit_account_failures,
            limit_code_failures: written.limit_code_failures,
            limit_address_failures: written.limit_address_failures,
            cors_origins: written.cors_origins,
            hsts_seconds: written.hsts_seconds,
            body_seconds: written.body_seconds,
            drain_seconds: written.drain_seconds,
            shutdown_seconds: written.shutdown_seconds,
        }
    }
}

/// As a browser writes it: scheme, host, port, and nothing more.
fn is_origin(text: &str) -> bool {
    let host = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"));
    let plain = |host: &str| {
        let known = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-.:[]".contains(&byte);
        !host.is_empty() && host.bytes().all(known)
    };
    text == "*" || host.is_some_and(plain)
}

/// The URL of a file: its path's own `%`, `?` and `#` mean nothing there.
pub fn sqlite_url(file: &Path) -> String {
    let path = file.display().to_string();
    let path = path.replace('%', "%25").replace('?', "%3F").replace('#', "%23");
    format!("sqlite://{path}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_a_whole_configuration() {
        let config = Config::load(&Overrides::default()).unwrap();
        assert_eq!(config.listen.to_string(), "127.0.0.1:8080");
        assert_eq!(config.registration, Registration::Open);
        assert_eq!(config.database_url, "sqlite://viva-data/viva.sqlite");
    }

    #[test]
    fn numbers_out_of_range_are_named() {
        let overrides = Overrides {
            refresh_token_days: Some(u32::MAX),
            ..Overrides::default()
        };
        let said = Config::load(&overrides).map(drop).unwrap_err().to_string();
        assert!(said.contains("refresh_token_days must be 1 to 366"), "{said}");
    }

    #[test]
    fn an_origin_is_what_a_browser_sends() {
        let load = |origin: &str| {
            Config::load(&Overrides {
                cors_origins: Some(vec![origin.to_owned()]),
                ..Overrides::default()
            })
        };
        for origin in [
            "*",
            "https://example.org",
            "http://localhost:3000",
            "http://[::1]:80",
        ] {
            assert!(load(origin).is_ok(), "{origin}");
        }
        for origin in [
            "example.org",
            "https://example.org/",
            "https://",
            "null",
            "https://Example.org",
            "ftp://a",
        ] {
            assert!(load(origin).is_err(), "{origin}");
        }
    }

    #[test]
    fn a_collector_that_would_need_tls_is_refused() {
        let to = |url: &str| Overrides {
            otlp_endpoint: Some(url.to_owned()),
            ..Overrides::default()
        };
        let said = Config::load(&to("https://collector:4318"))
            .map(drop)
            .unwrap_err()
            .to_string();
        assert!(said.contains("otlp_endpoint must begin with http://"), "{said}");
        assert!(Config::load(&to("http://127.0.0.1:4318")).is_ok());
    }

    #[test]
    fn on_a_public_address_registration_is_closed_unless_opened() {
        let listen = Some("0.0.0.0:8080".parse().unwrap());
        let public = Overrides {
            listen,
            ..Overrides::default()
        };
        assert_eq!(Config::load(&public).unwrap().registration, Registration::Closed);
        let opened = Overrides {
            registration: Some(Registration::Open),
            ..public
        };
        assert_eq!(Config::load(&opened).unwrap().registration, Registration::Open);
    }

    #[test]
    fn flags_win_over_the_file_and_the_file_over_the_defaults() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("viva.toml");
        std::fs::write(&file, "listen = \"127.0.0.1:9000\"\nbody_limit_kib = 64\n").unwrap();
        let mut overrides = Overrides {
            config: Some(file.clone()),
            ..Overrides::default()
        };
        assert_eq!(Config::load(&overrides).unwrap().listen.port(), 9000);
        overrides.listen = Some("127.0.0.1:9001".parse().unwrap());
        let config = Config::load(&overrides).unwrap();
        assert_eq!((config.listen.port(), config.body_limit_kib), (9001, 64));
        std::fs::write(&file, "body_limit_kib = \"much\"\n").unwrap();
        assert!(Config::load(&overrides).is_err_and(|error| error.to_string().contains("body_limit_kib")));
    }
}
