//! The guard: asks for a token before the body is looked at, as the table of permissions says.

use actix_web::{
    Error, HttpMessage, ResponseError,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::header,
    middleware::Next,
    web::Data,
};

use super::{
    address,
    client::Route,
    identity::{CandidateToken, Member, MemberToken},
    rate::{self, Counted},
};
use crate::{
    auth::{
        permissions::{Access, access, finds_member, methods},
        tokens::Subject,
    },
    error::{Code, Problem},
    limits::Standing,
    service::members,
    state::State,
};

/// What answers however often it is asked.
pub const UNCOUNTED: &[&str] = &["/healthz", "/readyz"];

/// Lets a request through to its handler where its token allows it and it is none too many; answers 401 or 429 where not.
///
/// # Errors
/// None of its own.
pub async fn guard(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let mut standing = None;
    let mut response = match admit(&request, &mut standing).await {
        Ok(()) => next.call(request).await?.map_into_boxed_body(),
        Err(problem) => request.into_response(problem.error_response()),
    };
    if let Some(standing) = standing {
        rate::add_headers(response.headers_mut(), standing);
    }
    Ok(response)
}

async fn admit(request: &ServiceRequest, standing: &mut Option<Standing>) -> Result<(), Problem> {
    let route = request.extensions().get::<Route>().cloned();
    let Some(pattern) = route.and_then(|route| route.0) else {
        return rate::count(standing, anybody(request)?);
    };
    match access(request.method().as_str(), &pattern) {
        // Whoever watches the server asks from one address, as often as they like.
        Some(Access::Anyone) if UNCOUNTED.contains(&&*pattern) => {}
        Some(Access::Anyone) => rate::count(standing, anybody(request)?)?,
        // Another method: the router answers 405. The pages that explain the API are nobody's secret.
        None if methods(&pattern).next().is_some() || pattern.starts_with("/docs") => {
            rate::count(standing, anybody(request)?)?;
        }
        None => return Err(Problem::new(Code::NotFound)),
        Some(Access::Member) => {
            let token = member(request, standing)?;
            if finds_member(request.method().as_str(), &pattern) {
                request.extensions_mut().insert(token);
            } else {
                let member = members::authenticated(state(request)?, &token.0).await?;
                request.extensions_mut().insert(Member(member));
            }
        }
        Some(Access::Candidate) => {
            let token = candidate(request, standing)?;
            request.extensions_mut().insert(token);
        }
    }
    Ok(())
}

fn anybody(request: &ServiceRequest) -> Result<Counted, Problem> {
    Ok(state(request)?.limits.address(address::of(request.request())))
}

fn member(request: &ServiceRequest, standing: &mut Option<Standing>) -> Result<MemberToken, Problem> {
    match subject(request, standing)? {
        Subject::Member(id) => Ok(MemberToken(id)),
        Subject::Candidate(_) => Err(Problem::new(Code::InvalidToken)),
    }
}

fn candidate(request: &ServiceRequest, standing: &mut Option<Standing>) -> Result<CandidateToken, Problem> {
    match subject(request, standing)? {
        Subject::Candidate(session) => Ok(CandidateToken(session)),
        Subject::Member(_) => Err(Problem::new(Code::InvalidToken)),
    }
}

/// Whose token it is. A request counts for them, and where there is no valid token for the address that it comes from.
fn subject(request: &ServiceRequest, standing: &mut Option<Standing>) -> Result<Subject, Problem> {
    let state = state(request)?;
    let found = bearer(request).and_then(|token| state.tokens.verify(&state.keys, token, state.clock.now()));
    let counted = match &found {
        Ok(Subject::Member(id)) => state.limits.caller(id.as_str()),
        Ok(Subject::Candidate(id)) => state.limits.caller(id.as_str()),
        Err(_) => anybody(request)?,
    };
    rate::count(standing, counted)?;
    found
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
