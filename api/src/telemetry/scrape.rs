//! Where Prometheus reads the metrics: a listener of its own, away from the API.

use std::{io, net::SocketAddr, net::TcpListener, sync::Arc};

use actix_web::{
    App, HttpResponse, HttpServer,
    dev::{Server, ServerHandle},
    web::{self, Data},
};

use super::metrics::Metrics;

/// What Prometheus calls the format.
const MEDIA_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// A listener for the metrics, and what stops it. It does not listen to signals: a server that drains is watched to its end.
pub struct Scrape {
    /// Where it listens.
    pub address: SocketAddr,
    /// What serves.
    pub server: Server,
}

impl Scrape {
    /// Listens for whoever wants to read.
    ///
    /// # Errors
    /// Where the address can't be listened on.
    pub fn listen(address: SocketAddr, metrics: Arc<Metrics>) -> io::Result<Self> {
        let listener = TcpListener::bind(address)?;
        let address = listener.local_addr()?;
        let metrics = Data::from(metrics);
        let app = move || {
            App::new()
                .app_data(Data::clone(&metrics))
                .route("/metrics", web::get().to(read))
        };
        let server = HttpServer::new(app)
            .workers(1)
            .disable_signals()
            .shutdown_timeout(1)
            .listen(listener)?
            .run();
        Ok(Self { address, server })
    }

    /// What stops it.
    pub fn handle(&self) -> ServerHandle {
        self.server.handle()
    }
}

async fn read(metrics: Data<Metrics>) -> HttpResponse {
    match metrics.text() {
        Ok(text) => HttpResponse::Ok().content_type(MEDIA_TYPE).body(text),
        Err(_) => HttpResponse::InternalServerError().finish(),
    }
}
