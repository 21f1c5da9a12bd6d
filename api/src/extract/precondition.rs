//! `If-Match`: write only what nobody else has changed since.

use std::future::{Ready, ready};

use actix_web::{
    FromRequest, HttpRequest,
    dev::Payload,
    http::header::{self, EntityTag},
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

/// Every tag is read, also one that is not ours: what can't be read must not pass for a condition that fails.
fn parse(request: &HttpRequest) -> Result<IfMatch, Problem> {
    let mut given = request.headers().get_all(header::IF_MATCH).peekable();
    if given.peek().is_none() {
        return Ok(IfMatch::Unconditional);
    }
    let wrong = || Problem::new(Code::BadRequest).at(Place::Header("If-Match"), "must be * or entity tags");
    let mut revisions = Vec::new();
    for line in given {
        let line = line.to_str().map_err(|_| wrong())?.trim();
        if line == "*" {
            return Ok(IfMatch::Any);
        }
        for tag in line.split(',') {
            let tag: EntityTag = tag.trim().parse().map_err(|_| wrong())?;
            // A weak tag never matches (RFC 9110, 13.1.1), nor does one that we did not give.
            revisions.extend(
                Some(tag)
                    .filter(|tag| !tag.weak)
                    .and_then(|tag| tag.tag().parse::<i32>().ok()),
            );
        }
    }
    Ok(IfMatch::Revisions(revisions))
}
