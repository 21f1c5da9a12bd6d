//! The member who calls.

use actix_web::{HttpResponse, Responder, get, post, web::Data};
use chrono::{DateTime, Utc};
use entity::{member, organization};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    error::Problem,
    extract::{ClientAddress, Json, Member},
    service::members,
    state::State,
    values::{NewPassword, Sensitive},
};

/// A member.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Member)]
pub struct MemberBody {
    /// `mem_…`
    #[schema(example = "mem_01997b6e3c2a7f10a5d0c3b1e2f4a596")]
    pub id: String,
    /// What people call them.
    pub name: String,
    /// How they sign in.
    #[schema(format = "email")]
    pub email: String,
    /// Where they belong.
    #[schema(example = "org_01997b6e3c2a7f10a5d0c3b1e2f4a597")]
    pub organization_id: String,
    /// When they joined.
    pub created_at: DateTime<Utc>,
}

/// An organization.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Organization)]
pub struct OrganizationBody {
    /// `org_…`
    #[schema(example = "org_01997b6e3c2a7f10a5d0c3b1e2f4a597")]
    pub id: String,
    /// What people call it.
    pub name: String,
    /// When it registered.
    pub created_at: DateTime<Utc>,
}

/// The member who calls, and their organization.
#[derive(Debug, Serialize, ToSchema)]
pub struct Me {
    /// The member.
    pub member: MemberBody,
    /// Their organization.
    pub organization: OrganizationBody,
}

/// A new password, and the current one.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PasswordRequest {
    /// The password until now.
    #[schema(value_type = String, format = "password")]
    pub current_password: Sensitive,
    /// The password from now on.
    #[schema(value_type = String, format = "password", min_length = 8, max_length = 256)]
    pub new_password: NewPassword,
}

impl From<member::Model> for MemberBody {
    fn from(row: member::Model) -> Self {
        Self {
            id: row.id.to_string(),
            name: row.name,
            email: row.email,
            organization_id: row.organization_id.to_string(),
            created_at: row.created_at,
        }
    }
}

impl From<organization::Model> for OrganizationBody {
    fn from(row: organization::Model) -> Self {
        Self {
            id: row.id.to_string(),
            name: row.name,
            created_at: row.created_at,
        }
    }
}

/// Who am I?
#[utoipa::path(tag = "me", operation_id = "getMe", responses((status = 200, body = Me)))]
#[get("/v1/me")]
pub async fn get_me(state: Data<State>, Member(member): Member) -> Result<impl Responder, Problem> {
    let organization = members::organization_of(&state, &member).await?.into();
    Ok(HttpResponse::Ok().json(Me {
        member: member.into(),
        organization,
    }))
}

/// Change my password.
///
/// All sign-ins end: their refresh tokens stop working. Access tokens run out by themselves within minutes.
#[utoipa::path(tag = "me", operation_id = "changePassword", request_body = PasswordRequest,
    responses((status = 204, description = "Changed")))]
#[post("/v1/me/password")]
pub async fn change_password(
    state: Data<State>,
    Member(member): Member,
    from: ClientAddress,
    body: Json<PasswordRequest>,
) -> Result<impl Responder, Problem> {
    let Json(PasswordRequest {
        current_password,
        new_password,
    }) = body;
    members::change_password(&state, &member, current_password, new_password, from.0).await?;
    Ok(HttpResponse::NoContent())
}
