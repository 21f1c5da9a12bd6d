//! Organizations, members, and how they sign in.

use std::net::IpAddr;

use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    id::{MemberId, OrganizationId, RefreshFamilyId},
    kind::Action,
    member, organization,
};
use sea_orm::ConnectionTrait;

use crate::{
    auth::{
        secrets::{self, Secret},
        tokens::{self, Subject},
    },
    config::Registration,
    error::{Code, Problem},
    limits::Proof,
    state::State,
    store::{self, audit::By},
    values::{Email, Name, NewPassword, Sensitive},
};

/// A new organization and its first member.
#[derive(Debug)]
pub struct NewOrganization {
    /// What people call it.
    pub organization: Name,
    /// What people call the member.
    pub name: Name,
    /// How the member signs in.
    pub email: Email,
    /// With which password.
    pub password: NewPassword,
}

/// A member who has signed in, and the tokens for it.
#[derive(Debug)]
pub struct SignedIn {
    /// Who.
    pub member: member::Model,
    /// A JWT for the next minutes.
    pub access_token: String,
    /// How long it lives, in seconds.
    pub expires_in: i64,
    /// What the next tokens are traded for. Shown once.
    pub refresh_token: Secret,
}

/// The member of an access token.
///
/// # Errors
/// [`Code::InvalidToken`] where there is no such member any more.
pub async fn authenticated(state: &State, id: &MemberId) -> Result<member::Model, Problem> {
    store::members::find(&state.db, id)
        .await?
        .ok_or_else(|| Problem::new(Code::InvalidToken))
}

/// Registers an organization and signs its first member in.
///
/// # Errors
/// [`Code::RegistrationClosed`]; [`Code::EmailTaken`].
pub async fn register(state: &State, new: NewOrganization) -> Result<SignedIn, Problem> {
    if state.config.registration == Registration::Closed {
        return Err(Problem::new(Code::RegistrationClosed));
    }
    let hash = state.passwords.hash(new.password.reveal()).await?;
    let now = state.clock.now();
    let tx = store::write(&state.db).await?;
    let organization = store::members::insert_organization(&tx, new.organization.as_str(), now).await?;
    let member = insert_member(&tx, &organization.id, &new.name, &new.email, hash, now).await?;
    let family = store::refresh::insert_family(&tx, &member.id, now).await?;
    let refresh_token = add_refresh_token(state, &tx, &family, now).await?;
    let by = By::Member(member.id.clone());
    let subject = organization.id.as_str();
    store::audit::record(
        &tx,
        Some(&organization.id),
        by,
        Action::OrganizationRegistered,
        subject,
        now,
    )
    .await?;
    tx.commit().await?;
    signed_in(state, member, refresh_token, now)
}

/// Signs a member in.
///
/// # Errors
/// [`Code::InvalidCredentials`], in the same words and after the same time for an unknown address and a wrong password;
/// [`Code::TooManyFailures`], for both alike, and also where the password would be right.
pub async fn login(
    state: &State,
    email: &str,
    password: Sensitive,
    from: Option<IpAddr>,
) -> Result<SignedIn, Problem> {
    let trial = state.limits.trial(Proof::Password(email), from)?;
    let member = store::members::find_by_email(&state.db, &email.to_lowercase()).await?;
    let kept = member.as_ref().map(|member| member.password_hash.clone());
    let right = state.passwords.verify(password.reveal(), kept).await?;
    let Some(member) = member.filter(|_| right) else {
        trial.failed();
        return Err(Problem::new(Code::InvalidCredentials));
    };
    let now = state.clock.now();
    let tx = store::write(&state.db).await?;
    if !still_has_password(&tx, &member).await? {
        return Err(Problem::new(Code::InvalidCredentials));
    }
    let family = store::refresh::insert_family(&tx, &member.id, now).await?;
    let refresh_token = add_refresh_token(state, &tx, &family, now).await?;
    tx.commit().await?;
    signed_in(state, member, refresh_token, now)
}

/// Trades a refresh token for new tokens. It works once; a second use ends its whole family.
///
/// # Errors
/// [`Code::InvalidRefreshToken`], whatever is wrong with it.
pub async fn refresh(state: &State, token: Sensitive) -> Result<SignedIn, Problem> {
    let invalid = || Problem::new(Code::InvalidRefreshToken);
    let now = state.clock.now();
    let tx = store::write(&state.db).await?;
    let found = store::refresh::find_token(&tx, &secrets::hash(&token.reveal())).await?;
    let (token, family) = found.ok_or_else(invalid)?;
    let member = store::members::find(&tx, &family.member_id)
        .await?
        .ok_or_else(invalid)?;
    let in_force = token.expires_at > now || token.used_at.is_some();
    if family.ended_at.is_some() || !in_force {
        return Err(invalid());
    }
    if !store::refresh::use_token(&tx, &token.id, now).await? {
        store::refresh::end_family(&tx, &family.id, now).await?;
        let (organization, by) = (Some(&member.organization_id), By::Member(member.id.clone()));
        store::audit::record(
            &tx,
            organization,
            by,
            Action::RefreshTokenReused,
            family.id.as_str(),
            now,
        )
        .await?;
        tx.commit().await?;
        return Err(invalid());
    }
    let refresh_token = add_refresh_token(state, &tx, &family.id, now).await?;
    tx.commit().await?;
    signed_in(state, member, refresh_token, now)
}

/// Ends the family of a refresh token. An unknown one has nothing to end.
///
/// # Errors
/// Where the database does not answer.
pub async fn logout(state: &State, token: Sensitive) -> Result<(), Problem> {
    let tx = store::write(&state.db).await?;
    if let Some((_, family)) = store::refresh::find_token(&tx, &secrets::hash(&token.reveal())).await? {
        store::refresh::end_family(&tx, &family.id, state.clock.now()).await?;
    }
    Ok(tx.commit().await?)
}

/// The organization of a member.
///
/// # Errors
/// Where the database does not answer.
pub async fn organization_of(state: &State, member: &member::Model) -> Result<organization::Model, Problem> {
    let organization = store::members::find_organization(&state.db, &member.organization_id).await?;
    organization.ok_or_else(|| Problem::internal("a member without an organization"))
}

/// Replaces the member's own password and ends all their sign-ins.
///
/// # Errors
/// [`Code::InvalidField`] where the current password is wrong; [`Code::TooManyFailures`].
pub async fn change_password(
    state: &State,
    member: &member::Model,
    current: Sensitive,
    new: NewPassword,
    from: Option<IpAddr>,
) -> Result<(), Problem> {
    let trial = state.limits.trial(Proof::Password(&member.email), from)?;
    if !state
        .passwords
        .verify(current.reveal(), Some(member.password_hash.clone()))
        .await?
    {
        trial.failed();
        return Err(Problem::field("/current_password", "is not the current password"));
    }
    drop(trial);
    set_password(state, member, new, By::Member(member.id.clone())).await
}

/// Adds a member: to the organization with an id, or to a new one with a name that no other has. For the command line.
///
/// # Errors
/// [`Code::EmailTaken`]; [`Code::InvalidField`] where there is no organization with the id, or one with the name already.
pub async fn create(state: &State, new: NewOrganization) -> Result<member::Model, Problem> {
    let hash = state.passwords.hash(new.password.reveal()).await?;
    let now = state.clock.now();
    let tx = store::write(&state.db).await?;
    if store::members::find_by_email(&tx, &new.email.key())
        .await?
        .is_some()
    {
        return Err(Problem::new(Code::EmailTaken));
    }
    let organization = organization_to_join(&tx, &new.organization, now).await?;
    let member = insert_member(&tx, &organization.id, &new.name, &new.email, hash, now).await?;
    let subject = member.id.as_str();
    store::audit::record(
        &tx,
        Some(&organization.id),
        By::System,
        Action::MemberCreated,
        subject,
        now,
    )
    .await?;
    tx.commit().await?;
    Ok(member)
}

/// Names are not unique and anyone may take one: only an id leads into an organization that is there.
async fn organization_to_join(
    tx: &impl ConnectionTrait,
    named: &Name,
    now: DateTime<Utc>,
) -> Result<organization::Model, Problem> {
    let refused = |detail: String| Problem::field("/organization", detail);
    if let Ok(id) = named.as_str().parse::<OrganizationId>() {
        let found = store::members::find_organization(tx, &id).await?;
        return found.ok_or_else(|| refused("is not the id of an organization".to_owned()));
    }
    let same_name = store::members::find_organizations_by_name(tx, named.as_str()).await?;
    match same_name.first() {
        Some(known) => Err(refused(format!(
            "is the name of {} already: give the id to join it",
            known.id
        ))),
        None => Ok(store::members::insert_organization(tx, named.as_str(), now).await?),
    }
}

/// Replaces a member's password without the current one: for the command line.
///
/// # Errors
/// [`Code::NotFound`] where nobody has the address.
pub async fn reset_password(state: &State, email: &Email, new: NewPassword) -> Result<(), Problem> {
    let member = store::members::find_by_email(&state.db, &email.key()).await?;
    let member = member.ok_or_else(|| Problem::because(Code::NotFound, "No member has this address"))?;
    set_password(state, &member, new, By::System).await
}

async fn set_password(
    state: &State,
    member: &member::Model,
    new: NewPassword,
    by: By,
) -> Result<(), Problem> {
    let hash = state.passwords.hash(new.reveal()).await?;
    let now = state.clock.now();
    let tx = store::write(&state.db).await?;
    if !still_has_password(&tx, member).await? {
        return Err(Problem::field("/current_password", "has just been changed"));
    }
    store::members::set_password(&tx, &member.id, hash).await?;
    store::refresh::end_families_of(&tx, &member.id, now).await?;
    let organization = Some(&member.organization_id);
    store::audit::record(
        &tx,
        organization,
        by,
        Action::PasswordChanged,
        member.id.as_str(),
        now,
    )
    .await?;
    Ok(tx.commit().await?)
}

/// Whether the password that was verified, which takes a while, is still the member's. Locks the member.
async fn still_has_password(tx: &impl ConnectionTrait, verified: &member::Model) -> Result<bool, Problem> {
    let now = store::members::lock(tx, &verified.id).await?;
    Ok(now.is_some_and(|member| member.password_hash == verified.password_hash))
}

async fn insert_member(
    db: &impl ConnectionTrait,
    organization: &OrganizationId,
    name: &Name,
    email: &Email,
    password_hash: String,
    now: DateTime<Utc>,
) -> Result<member::Model, Problem> {
    let member = member::Model {
        id: MemberId::generate(),
        organization_id: organization.clone(),
        name: name.as_str().to_owned(),
        email: email.as_str().to_owned(),
        email_key: email.key(),
        password_hash,
        created_at: now,
    };
    store::members::insert(db, &member).await.map_err(|error| {
        if store::is_unique_violation(&error) {
            Problem::new(Code::EmailTaken)
        } else {
            error.into()
        }
    })?;
    Ok(member)
}

async fn add_refresh_token(
    state: &State,
    db: &impl ConnectionTrait,
    family: &RefreshFamilyId,
    now: DateTime<Utc>,
) -> Result<Secret, Problem> {
    let token = Secret::generate().map_err(Problem::internal)?;
    let expires_at = now + TimeDelta::days(state.config.refresh_token_days.into());
    store::refresh::insert_token(db, family, token.hash(), now, expires_at).await?;
    Ok(token)
}

fn signed_in(
    state: &State,
    member: member::Model,
    refresh_token: Secret,
    now: DateTime<Utc>,
) -> Result<SignedIn, Problem> {
    let lifetime = TimeDelta::minutes(state.config.access_token_minutes.into());
    let access_token = tokens::issue(&state.keys, &Subject::Member(member.id.clone()), now, lifetime)?;
    Ok(SignedIn {
        member,
        access_token,
        expires_in: lifetime.num_seconds(),
        refresh_token,
    })
}
