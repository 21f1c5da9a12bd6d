//! `viva serve`.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    process::ExitCode,
};

use super::{Outcome, output};
use crate::{
    clock::Clock,
    config::{Config, Registration},
    startup::{Application, block_on},
    telemetry,
};

pub(super) const EXAMPLES: &str = "Examples:\n  \
    viva serve\n  \
    viva serve --listen 127.0.0.1:9000 --data-dir /var/lib/viva\n  \
    DATABASE_URL=postgres://viva@localhost/viva viva serve --listen 0.0.0.0:8080 --signing-keys-dir /etc/viva/signing-keys";

pub(super) fn run(config: Config) -> Outcome {
    let _telemetry = telemetry::start(config.log_format, &config.log, config.otlp_endpoint.as_deref())?;
    block_on(async {
        let registration = config.registration;
        let application = Application::build(config, Clock::system()).await?;
        let mut welcome = welcome(application.address(), registration);
        if let Some(address) = application.metrics_address() {
            welcome.push_str(&format!("Metrics are at http://{address}/metrics\n\n"));
        }
        // Said second: by then the server serves, and a signal stops it as it should.
        let (served, ()) = tokio::join!(application.run(), async { announce(&welcome) });
        served?;
        Ok(ExitCode::SUCCESS)
    })
}

/// A server whose standard output is gone serves all the same.
fn announce(welcome: &str) {
    if let Err(error) = output::print(welcome) {
        tracing::warn!(%error, "the address could not be printed");
    }
}

/// Where this machine reaches a server that listens on every address.
fn reachable(address: SocketAddr) -> SocketAddr {
    let loopback: IpAddr = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(loopback, address.port())
}

/// What the operator sees: where the server is, and what to try next, ready to paste.
fn welcome(address: SocketAddr, registration: Registration) -> String {
    let url = format!("http://{}", reachable(address));
    let first = match registration {
        Registration::Open => format!(
            // Registered on the first start, known from then on.
            "TOKEN=$( (curl -s {url}/v1/auth/register -H 'Content-Type: application/json' \\\n    \
             -d '{{\"organization\": \"Example\", \"name\": \"Ada\", \"email\": \"ada@example.org\", \"password\": \"correct horse\"}}'\n    \
             curl -s {url}/v1/auth/login -H 'Content-Type: application/json' \\\n    \
             -d '{{\"email\": \"ada@example.org\", \"password\": \"correct horse\"}}') \\\n    \
             | grep -o '\"access_token\":\"[^\"]*\"' | head -n 1 | cut -d '\"' -f 4)"
        ),
        Registration::Closed => format!(
            "viva member create --organization Example --name Ada --email ada@example.org\n  \
             TOKEN=$(curl -s {url}/v1/auth/login -H 'Content-Type: application/json' \\\n    \
             -d '{{\"email\": \"ada@example.org\", \"password\": \"…\"}}' | sed 's/.*\"access_token\":\"\\([^\"]*\\)\".*/\\1/')"
        ),
    };
    format!(
        "Viva listens on {url} and explains itself at {url}/docs/\n\nTry next:\n  {first}\n  \
         curl -s {url}/v1/question-sets -H \"Authorization: Bearer $TOKEN\"\n  \
         curl -s {url}/v1/grade-previews -H \"Authorization: Bearer $TOKEN\" -H 'Content-Type: application/json' \\\n    \
         -d '{{\"question_set\": \"python-core-mechanics\", \"question_id\": \"gil\", \"answer\": \"Only one thread runs Python bytecode at a time.\"}}'\n\n"
    )
}
