//! Signing up, in and out.

use actix_web::{HttpResponse, Responder, post, web::Data};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::me::MemberBody;
use crate::{
    error::Problem,
    extract::{ClientAddress, Json},
    service::members::{self, NewOrganization, SignedIn},
    state::State,
    values::{Email, Name, NewPassword, Sensitive},
};

/// A new organization and its first member.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RegisterRequest {
    /// What people call the organization.
    #[schema(value_type = String, min_length = 1, max_length = 200)]
    pub organization: Name,
    /// What people call the member.
    #[schema(value_type = String, min_length = 1, max_length = 200)]
    pub name: Name,
    /// How the member signs in.
    #[schema(value_type = String, format = "email", max_length = 254)]
    pub email: Email,
    /// With which password.
    #[schema(value_type = String, format = "password", min_length = 8, max_length = 256)]
    pub password: NewPassword,
}

/// An address and its password.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LoginRequest {
    /// The address, in any case.
    #[schema(format = "email")]
    pub email: String,
    /// Its password.
    #[schema(value_type = String, format = "password")]
    pub password: Sensitive,
}

/// A refresh token.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RefreshRequest {
    /// As the last token answer gave it.
    #[schema(value_type = String)]
    pub refresh_token: Sensitive,
}

/// Tokens for a member (after RFC 6749, 5.1).
#[derive(Debug, Serialize, ToSchema)]
pub struct MemberTokens {
    /// A JWT, sent as `Authorization: Bearer …`.
    pub access_token: String,
    /// Always `Bearer`.
    #[schema(example = "Bearer")]
    pub token_type: &'static str,
    /// How long the access token lives, in seconds.
    #[schema(example = 900)]
    pub expires_in: i64,
    /// What the next tokens are traded for. It works once.
    pub refresh_token: String,
    /// Who signed in.
    pub member: MemberBody,
}

impl From<SignedIn> for MemberTokens {
    fn from(signed_in: SignedIn) -> Self {
        Self {
            access_token: signed_in.access_token,
            token_type: "Bearer",
            expires_in: signed_in.expires_in,
            refresh_token: signed_in.refresh_token.reveal().to_owned(),
            member: signed_in.member.into(),
        }
    }
}

/// Register an organization and its first member.
#[utoipa::path(tag = "auth", operation_id = "register", request_body = RegisterRequest,
    responses((status = 201, body = MemberTokens)))]
#[post("/v1/auth/register")]
pub async fn register(state: Data<State>, body: Json<RegisterRequest>) -> Result<impl Responder, Problem> {
    let Json(RegisterRequest {
        organization,
        name,
        email,
        password,
    }) = body;
    let new = NewOrganization {
        organization,
        name,
        email,
        password,
    };
    let signed_in = members::register(&state, new).await?;
    Ok(HttpResponse::Created().json(MemberTokens::from(signed_in)))
}

/// Sign in.
#[utoipa::path(tag = "auth", operation_id = "login", request_body = LoginRequest,
    responses((status = 200, body = MemberTokens)))]
#[post("/v1/auth/login")]
pub async fn login(
    state: Data<State>,
    from: ClientAddress,
    body: Json<LoginRequest>,
) -> Result<impl Responder, Problem> {
    let Json(LoginRequest { email, password }) = body;
    let signed_in = members::login(&state, &email, password, from.0).await?;
    Ok(HttpResponse::Ok().json(MemberTokens::from(signed_in)))
}

/// Trade a refresh token for new tokens.
///
/// A refresh token works once. When one comes back a second time, every token that descends from the same sign-in ends.
#[utoipa::path(tag = "auth", operation_id = "refreshTokens", request_body = RefreshRequest,
    responses((status = 200, body = MemberTokens)))]
#[post("/v1/auth/refresh")]
pub async fn refresh(state: Data<State>, body: Json<RefreshRequest>) -> Result<impl Responder, Problem> {
    let signed_in = members::refresh(&state, body.0.refresh_token).await?;
    Ok(HttpResponse::Ok().json(MemberTokens::from(signed_in)))
}

/// Sign out: end the refresh token's family.
#[utoipa::path(tag = "auth", operation_id = "logout", request_body = RefreshRequest,
    responses((status = 204, description = "Signed out")))]
#[post("/v1/auth/logout")]
pub async fn logout(state: Data<State>, body: Json<RefreshRequest>) -> Result<impl Responder, Problem> {
    members::logout(&state, body.0.refresh_token).await?;
    Ok(HttpResponse::NoContent())
}
