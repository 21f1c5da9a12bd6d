//! Query strings: unknown and wrong parameters are refused by name.

use std::{
    collections::HashSet,
    future::{Ready, ready},
};

use actix_web::{FromRequest, HttpRequest, dev::Payload};
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
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        if value.chars().any(char::is_control) {
            return Err(Problem::parameter(name, "must not hold control characters"));
        }
        if !seen.insert(name.clone()) {
            return Err(Problem::parameter(name, "is there twice"));
        }
    }
    let pairs = serde_urlencoded::Deserializer::new(form_urlencoded::parse(query.as_bytes()));
    serde_path_to_error::deserialize(pairs).map_err(|error| {
        let message = error.inner().to_string();
        match message
            .strip_prefix("unknown field `")
            .and_then(|rest| rest.split('`').next())
        {
            Some(name) => Problem::parameter(name, "is not a parameter here"),
            None => Problem::parameter(error.path().to_string(), message),
        }
    })
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;
    use crate::error::Place;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code)]
    struct Wanted {
        limit: Option<u64>,
    }

    #[test]
    fn the_parameter_at_fault_is_named() {
        for (query, name) in [
            ("limit=x", "limit"),
            ("limit=1&limit=2", "limit"),
            ("other=1", "other"),
            ("limit=%00", "limit"),
        ] {
            let problem = parse::<Wanted>(query).unwrap_err();
            assert_eq!(
                problem.faults[0].place,
                Place::Parameter(name.to_owned()),
                "{query}"
            );
        }
        assert_eq!(parse::<Wanted>("limit=7").unwrap().limit, Some(7));
    }
}
