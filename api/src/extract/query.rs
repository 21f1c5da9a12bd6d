//! Query strings: unknown and wrong parameters are refused by name.

use std::{
    collections::HashSet,
    future::{Ready, ready},
};

use actix_web::{FromRequest, HttpRequest, dev::Payload, web};
use serde::de::DeserializeOwned;

use crate::error::Problem;

/// The query string.
#[derive(Debug)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned> FromRequest for Query<T> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(parse(request.query_string()).map(Query))
    }
}

fn parse<T: DeserializeOwned>(query: &str) -> Result<T, Problem> {
    let mut seen = HashSet::new();
    let pairs =
        web::Query::<Vec<(String, String)>>::from_query(query).map_err(|error| wrong(&error.to_string()))?;
    for (name, value) in pairs.iter() {
        if value.contains('\0') {
            return Err(Problem::parameter(name, "must not hold U+0000"));
        }
        if !seen.insert(name) {
            return Err(Problem::parameter(name, "is there twice"));
        }
    }
    web::Query::<T>::from_query(query)
        .map(web::Query::into_inner)
        .map_err(|error| wrong(&error.to_string()))
}

fn wrong(message: &str) -> Problem {
    let said = message
        .strip_prefix("Query deserialize error: ")
        .unwrap_or(message);
    let unknown = said
        .strip_prefix("unknown field `")
        .and_then(|rest| rest.split('`').next());
    match unknown {
        Some(name) => Problem::parameter(name, "is not a parameter here"),
        None => Problem::parameter("", said),
    }
}
