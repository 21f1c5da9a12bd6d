//! Who calls, as the guard found them.

use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpMessage, HttpRequest, dev::Payload};
use entity::{
    id::{MemberId, SessionId},
    member,
};

use crate::error::{Code, Problem};

/// The member who calls.
#[derive(Debug, Clone)]
pub struct Member(pub member::Model);

/// The member whose token it is, who may have left: for an operation that finds them together with what it reads.
#[derive(Debug, Clone)]
pub struct MemberToken(pub MemberId);

/// The session that the candidate's token opens.
#[derive(Debug, Clone)]
pub struct CandidateToken(pub SessionId);

fn found<T: Clone + 'static>(request: &HttpRequest) -> Ready<Result<T, Problem>> {
    ready(
        request
            .extensions()
            .get::<T>()
            .cloned()
            .ok_or_else(|| Problem::new(Code::MissingToken)),
    )
}

impl FromRequest for Member {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        found(request)
    }
}

impl FromRequest for MemberToken {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        found(request)
    }
}

impl FromRequest for CandidateToken {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        found(request)
    }
}
