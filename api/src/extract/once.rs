//! `Idempotency-Key`: a request that creates something can be sent again without creating it twice.

use actix_web::{
    FromRequest, HttpMessage, HttpRequest, HttpResponse,
    dev::Payload,
    http::{
        StatusCode,
        header::{self, HeaderName},
    },
};

use super::{
    body::{self, Body, Pending},
    identity::Member,
};
use crate::{
    error::{Code, Place, Problem},
    service::idempotency::{Attempt, Kept},
};

/// The client's name for a request.
pub const KEY: &str = "Idempotency-Key";
/// Says that this was answered before.
pub const REPLAYED: &str = "Idempotency-Replayed";
/// The longest name.
const KEY_MAX: usize = 255;

/// A body, and the name of the request where the client gives it one.
#[derive(Debug)]
pub struct Once<B> {
    /// The body.
    pub body: B,
    /// What tells a repeat from another request.
    pub attempt: Option<Attempt>,
}

impl<B: Body> FromRequest for Once<B> {
    type Error = Problem;
    type Future = Pending<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let attempt = attempt(request);
        let declared = body::declared_as_json(request);
        let bytes = body::received(request, payload);
        Box::pin(async move {
            let (mut attempt, bytes) = (attempt?, bytes.await?);
            let body = B::read(declared, &bytes)?;
            if let Some(attempt) = &mut attempt {
                attempt.body = bytes.to_vec();
            }
            Ok(Self { body, attempt })
        })
    }
}

fn attempt(request: &HttpRequest) -> Result<Option<Attempt>, Problem> {
    let mut given = request.headers().get_all(KEY);
    let Some(key) = given.next() else {
        return Ok(None);
    };
    let visible = |key: &&str| {
        (1..=KEY_MAX).contains(&key.len()) && key.bytes().all(|byte| (b' '..=b'~').contains(&byte))
    };
    let key = key.to_str().ok().map(str::trim).filter(visible);
    let (Some(key), None) = (key, given.next()) else {
        let said = format!("must be there once, with 1 to {KEY_MAX} visible ASCII characters");
        return Err(Problem::new(Code::BadRequest).at(Place::Header(KEY), said));
    };
    let caller = request
        .extensions()
        .get::<Member>()
        .map(|member| member.0.id.to_string());
    Ok(Some(Attempt {
        caller: caller.ok_or_else(|| Problem::new(Code::MissingToken))?,
        route: format!(
            "{} {}",
            request.method(),
            request.match_pattern().unwrap_or_default()
        ),
        path: request.path().to_owned(),
        key: key.to_owned(),
        body: Vec::new(),
    }))
}

/// What was made, as it is answered the first time.
pub fn first(kept: Kept) -> HttpResponse {
    answer(kept, None)
}

/// What was made before, as it was answered then.
pub fn again(kept: Kept) -> HttpResponse {
    answer(
        kept,
        Some((HeaderName::from_static("idempotency-replayed"), "true")),
    )
}

fn answer(kept: Kept, mark: Option<(HeaderName, &'static str)>) -> HttpResponse {
    let status = StatusCode::from_u16(kept.status).unwrap_or(StatusCode::CREATED);
    let mut response = HttpResponse::build(status);
    for (name, value) in kept.headers {
        response.insert_header((name, value));
    }
    if let Some(mark) = mark {
        response.insert_header(mark);
    }
    response
        .insert_header((header::CONTENT_TYPE, "application/json"))
        .body(kept.body)
}
