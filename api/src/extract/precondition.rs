//! `If-Match`: write only what nobody else has changed since.

use std::future::{Ready, ready};

use actix_web::{
    FromRequest, HttpRequest,
    dev::Payload,
    http::header::{self, EntityTag, Header, IfMatch as Parsed},
};

use crate::{
    error::{Code, Place, Problem},
    values::IfMatch,
};

/// The entity tag of a revision.
pub fn etag(revision: i32) -> (header::HeaderName, String) {
    (
        header::ETAG,
        EntityTag::new_strong(revision.to_string()).to_string(),
    )
}

impl FromRequest for IfMatch {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(parse(request))
    }
}

fn parse(request: &HttpRequest) -> Result<IfMatch, Problem> {
    if !request.headers().contains_key(header::IF_MATCH) {
        return Ok(IfMatch::Unconditional);
    }
    let wrong = |_| Problem::new(Code::BadRequest).at(Place::Header("If-Match"), "must be * or entity tags");
    Ok(match Parsed::parse(request).map_err(wrong)? {
        Parsed::Any => IfMatch::Any,
        // A weak tag never matches (RFC 9110, 13.1.1), nor does one that we did not give.
        Parsed::Items(tags) => IfMatch::Revisions(
            tags.iter()
                .filter(|tag| !tag.weak)
                .filter_map(|tag| tag.tag().parse().ok())
                .collect(),
        ),
    })
}
