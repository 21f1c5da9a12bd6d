//! The server itself: is it there, is it ready, what does it serve, which keys verify its tokens.

use actix_web::{HttpResponse, Responder, get, web::Data};
use serde::Serialize;
use utoipa::ToSchema;

use super::openapi;
use crate::{error::Problem, service::readiness, state::State};

/// How the server is.
#[derive(Debug, Serialize, ToSchema)]
pub struct Health {
    /// `ok`, or there is a problem instead.
    #[schema(example = "ok")]
    pub status: &'static str,
    /// The server's version.
    #[schema(example = "0.1.0")]
    pub version: &'static str,
}

const OK: Health = Health {
    status: "ok",
    version: env!("CARGO_PKG_VERSION"),
};

/// Is the process there?
#[utoipa::path(tag = "server", operation_id = "getHealth", responses((status = 200, body = Health)))]
#[get("/healthz")]
pub async fn get_health() -> impl Responder {
    HttpResponse::Ok().json(OK)
}

/// Can it answer? Not while its database is away.
#[utoipa::path(tag = "server", operation_id = "getReadiness", responses((status = 200, body = Health)))]
#[get("/readyz")]
pub async fn get_readiness(state: Data<State>) -> Result<impl Responder, Problem> {
    readiness::check(&state).await?;
    Ok(HttpResponse::Ok().json(OK))
}

/// This document.
#[utoipa::path(tag = "server", operation_id = "getOpenApi", responses((status = 200, body = serde_json::Value)))]
#[get("/openapi.json")]
pub async fn get_openapi() -> impl Responder {
    HttpResponse::Ok()
        .content_type("application/json")
        .body(openapi::json())
}

/// The public halves of the signing keys (RFC 7517).
#[derive(Debug, Serialize, ToSchema)]
pub struct KeySet {
    /// A JWK each, oldest first.
    pub keys: Vec<serde_json::Value>,
}

/// The keys that verify the access tokens.
#[utoipa::path(tag = "server", operation_id = "getKeySet", responses((status = 200, body = KeySet)))]
#[get("/.well-known/jwks.json")]
pub async fn get_key_set(state: Data<State>) -> Result<impl Responder, Problem> {
    let keys = state.keys.all();
    let keys = keys
        .iter()
        .map(|key| serde_json::to_value(&key.jwk))
        .collect::<Result<_, _>>();
    Ok(HttpResponse::Ok().json(KeySet {
        keys: keys.map_err(Problem::internal)?,
    }))
}
