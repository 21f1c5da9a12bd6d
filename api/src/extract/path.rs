//! Path segments: one that is not of the right form names nothing, so it is 404.

use std::{
    future::{Ready, ready},
    str::FromStr,
};

use actix_web::{FromRequest, HttpRequest, dev::Payload, web};

use crate::error::{Code, Problem};

/// The first segment of the path that is a parameter.
#[derive(Debug)]
pub struct Path<T>(pub T);

impl<T: FromStr> FromRequest for Path<T> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let segment = web::Path::<String>::from_request(request, payload).into_inner();
        let parsed = segment.ok().and_then(|segment| segment.parse().ok());
        ready(parsed.map(Path).ok_or_else(|| Problem::new(Code::NotFound)))
    }
}
