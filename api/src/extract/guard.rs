//! The guard: asks for a token before the body is looked at, as the table of permissions says.

use actix_web::{
    Error, HttpMessage, ResponseError,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::header,
    middleware::Next,
    web::Data,
};

use super::identity::{CandidateToken, Member};
use crate::{
    auth::{
        permissions::{Access, access, methods},
        tokens::{self, Subject},
    },
    error::{Code, Problem},
    service::members,
    state::State,
};

/// Lets a request through to its handler where its token allows it; answers 401 where it does not.
///
/// # Errors
/// None of its own.
pub async fn guard(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    match admit(&request).await {
        Ok(()) => Ok(next.call(request).await?.map_into_boxed_body()),
        Err(problem) => Ok(request.into_response(problem.error_response())),
    }
}

async fn admit(request: &ServiceRequest) -> Result<(), Problem> {
    let Some(pattern) = request.match_pattern() else {
        return Ok(());
    };
    match access(request.method().as_str(), &pattern) {
        Some(Access::Anyone) => {}
        // Another method: the router answers 405. The pages that explain the API are nobody's secret.
        None if methods(&pattern).next().is_some() || pattern.starts_with("/docs") => {}
        None => return Err(Problem::new(Code::NotFound)),
        Some(Access::Member) => {
            let member = member(request).await?;
            request.extensions_mut().insert(member);
        }
        Some(Access::Candidate) => {
            let token = candidate(request)?;
            request.extensions_mut().insert(token);
        }
    }
    Ok(())
}

async fn member(request: &ServiceRequest) -> Result<Member, Problem> {
    let Subject::Member(id) = subject(request)? else {
        return Err(Problem::new(Code::InvalidToken));
    };
    Ok(Member(members::authenticated(state(request)?, &id).await?))
}

fn candidate(request: &ServiceRequest) -> Result<CandidateToken, Problem> {
    match subject(request)? {
        Subject::Candidate(session) => Ok(CandidateToken(session)),
        Subject::Member(_) => Err(Problem::new(Code::InvalidToken)),
    }
}

fn subject(request: &ServiceRequest) -> Result<Subject, Problem> {
    let state = state(request)?;
    tokens::verify(&state.keys, bearer(request)?, state.clock.now())
}

fn bearer(request: &ServiceRequest) -> Result<&str, Problem> {
    let missing = || Problem::new(Code::MissingToken);
    let given = request.headers().get(header::AUTHORIZATION).ok_or_else(missing)?;
    let (scheme, token) = given
        .to_str()
        .ok()
        .and_then(|text| text.split_once(' '))
        .ok_or_else(missing)?;
    if scheme.eq_ignore_ascii_case("bearer") {
        Ok(token.trim())
    } else {
        Err(missing())
    }
}

fn state(request: &ServiceRequest) -> Result<&State, Problem> {
    let state = request
        .app_data::<Data<State>>()
        .ok_or_else(|| Problem::internal("no state"))?;
    Ok(state.as_ref())
}
