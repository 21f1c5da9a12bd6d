//! `viva member`.

use std::{process::ExitCode, sync::Arc};

use clap::{Args, Subcommand};

use super::{Outcome, output, password::PasswordSource};
use crate::{
    auth::{keys::SigningKeys, passwords::Passwords},
    clock::Clock,
    config::Config,
    error::{Code, Place, Problem},
    limits::Limits,
    service::{
        idempotency::Running,
        members::{self, NewOrganization},
        rubrics::Rubrics,
        saves::Saves,
    },
    startup::{self, StartupError, block_on},
    state::State,
    telemetry,
    values::{Email, Name},
};

#[derive(Debug, Subcommand)]
pub(super) enum Member {
    /// Create a member, in a new organization or in the one with an id
    #[command(after_help = "The password is asked for without showing it.\n\nExamples:\n  \
            viva member create --organization Example --name Ada --email ada@example.org\n  \
            pass viva/ada | viva member create --organization Example --name Ada --email ada@example.org --password-stdin")]
    Create(Create),
    /// Set a new password for a member, and end all their sign-ins
    #[command(after_help = "The password is asked for without showing it.\n\nExample:\n  \
            viva member reset-password --email ada@example.org")]
    ResetPassword(ResetPassword),
}

#[derive(Debug, Args)]
pub(super) struct Create {
    /// The name of a new organization, or the id (org_…) of one that is there
    #[arg(long, value_name = "NAME_OR_ID")]
    organization: Name,
    /// What people call the member
    #[arg(long, value_name = "NAME")]
    name: Name,
    /// How the member signs in
    #[arg(long, value_name = "ADDRESS")]
    email: Email,
    #[command(flatten)]
    password: PasswordSource,
}

#[derive(Debug, Args)]
pub(super) struct ResetPassword {
    /// How the member signs in
    #[arg(long, value_name = "ADDRESS")]
    email: Email,
    #[command(flatten)]
    password: PasswordSource,
}

pub(super) fn run(command: Member, config: Config) -> Outcome {
    let _telemetry = telemetry::start(config.log_format, "warn", None)?;
    let said = match command {
        Member::Create(new) => create(new, config)?,
        Member::ResetPassword(reset) => reset_password(reset, config)?,
    };
    output::print(&said)?;
    Ok(ExitCode::SUCCESS)
}

fn create(new: Create, config: Config) -> Result<String, Box<dyn std::error::Error>> {
    let password = new.password.read()?;
    let new = NewOrganization {
        organization: new.organization,
        name: new.name,
        email: new.email,
        password,
    };
    let member = block_on(async {
        let state = state(config).await?;
        let member = members::create(&state, new).await.map_err(in_words);
        state.db.close().await?;
        Ok::<_, Box<dyn std::error::Error>>(member?)
    })?;
    Ok(format!(
        "Created {} of {}: sign in as {}.\n",
        member.id, member.organization_id, member.email
    ))
}

fn reset_password(reset: ResetPassword, config: Config) -> Result<String, Box<dyn std::error::Error>> {
    let password = reset.password.read()?;
    block_on(async {
        let state = state(config).await?;
        let outcome = members::reset_password(&state, &reset.email, password)
            .await
            .map_err(in_words);
        state.db.close().await?;
        Ok::<_, Box<dyn std::error::Error>>(outcome?)
    })?;
    Ok(format!(
        "{} has a new password; all their sign-ins have ended.\n",
        reset.email.as_str()
    ))
}

/// What the services work with. Nothing is signed here, so that no key is needed.
async fn state(config: Config) -> Result<State, StartupError> {
    let clock = Clock::system();
    Ok(State {
        limits: Arc::new(Limits::new(&config, &clock)),
        draining: Arc::default(),
        db: startup::open(&config).await?,
        passwords: Passwords::new(config.password_hashes_at_once as usize)?,
        keys: Arc::new(SigningKeys::none(&config.signing_keys_dir)),
        tokens: Arc::default(),
        rubrics: Arc::new(Rubrics::new()?),
        saves: Saves::here(),
        running: Running::default(),
        metrics: Arc::default(),
        config: Arc::new(config),
        clock,
    })
}

/// A problem as the operator reads it: with the flag at fault instead of the field.
fn in_words(problem: Problem) -> String {
    let flag = problem.faults.first().and_then(|fault| match &fault.place {
        Place::Pointer(pointer) => Some(format!("--{}", pointer.trim_start_matches('/'))),
        Place::Parameter(_) | Place::Header(_) => None,
    });
    match (problem.code, flag) {
        (Code::EmailTaken, _) => {
            "a member with this e-mail address is there already; `viva member reset-password` gives them a new password"
                .to_owned()
        }
        (_, Some(flag)) => format!("{flag} {}", problem.detail),
        (_, None) => problem.detail,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn problems_name_the_flag() {
        let unknown = Problem::field("/organization", "is not the id of an organization");
        assert_eq!(
            in_words(unknown),
            "--organization is not the id of an organization"
        );
        assert!(in_words(Problem::new(Code::EmailTaken)).contains("reset-password"));
    }
}
