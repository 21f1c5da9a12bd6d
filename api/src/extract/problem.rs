//! A problem as it goes over the wire: `application/problem+json`, RFC 9457.

use actix_web::{
    HttpRequest, HttpResponse, ResponseError,
    body::BoxBody,
    dev::ServiceResponse,
    http::{
        StatusCode,
        header::{self, HeaderValue},
    },
};
use serde::Serialize;

use crate::{
    auth::permissions::methods,
    error::{Code, Fault, Place, Problem},
};

/// The media type of every error.
pub const MEDIA_TYPE: &str = "application/problem+json";

/// What every error answers with (RFC 9457).
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = Problem)]
pub struct ProblemBody {
    /// A URN that stands for the kind of error.
    #[schema(example = "urn:viva:problem:invalid_field")]
    pub r#type: String,
    /// The kind of error in a few words.
    #[schema(example = "A field is not right")]
    pub title: String,
    /// The HTTP status.
    #[schema(example = 422)]
    pub status: u16,
    /// The stable word for the kind of error: branch on this.
    #[schema(example = "invalid_field")]
    pub code: String,
    /// What happened this time.
    #[schema(example = "must be an e-mail address")]
    pub detail: String,
    /// The fields at fault, where there are any.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub errors: Vec<FaultBody>,
}

/// A field at fault. One of `pointer`, `parameter` and `header` says where.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = Fault)]
pub struct FaultBody {
    /// A JSON pointer (RFC 6901) into the body.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "/candidate/email")]
    pub pointer: Option<String>,
    /// A query parameter.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parameter: Option<String>,
    /// A header.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub header: Option<String>,
    /// What is wrong there.
    #[schema(example = "must be an e-mail address")]
    pub detail: String,
}

impl From<&Problem> for ProblemBody {
    fn from(problem: &Problem) -> Self {
        Self {
            r#type: format!("urn:viva:problem:{}", problem.code.word()),
            title: problem.code.title().to_owned(),
            status: problem.code.status(),
            code: problem.code.word().to_owned(),
            detail: problem.detail.clone(),
            errors: problem.faults.iter().map(FaultBody::from).collect(),
        }
    }
}

impl From<&Fault> for FaultBody {
    fn from(fault: &Fault) -> Self {
        let mut body = Self {
            pointer: None,
            parameter: None,
            header: None,
            detail: fault.detail.clone(),
        };
        match &fault.place {
            Place::Pointer(pointer) => body.pointer = Some(pointer.clone()),
            Place::Parameter(name) => body.parameter = Some(name.clone()),
            Place::Header(name) => body.header = Some((*name).to_owned()),
        }
        body
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status_code());
        match self.code {
            Code::MissingToken => {
                response.insert_header((header::WWW_AUTHENTICATE, "Bearer"));
            }
            Code::InvalidToken => {
                response.insert_header((header::WWW_AUTHENTICATE, "Bearer error=\"invalid_token\""));
            }
            _ => {}
        }
        if let Some(seconds) = self.retry_after {
            response.insert_header((header::RETRY_AFTER, seconds.to_string()));
        }
        let body = serde_json::to_vec(&ProblemBody::from(self)).unwrap_or_default();
        response
            .insert_header((header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE)))
            .body(body)
    }
}

/// An error that is not ours, from the framework, in our form.
pub(super) fn in_our_form(response: ServiceResponse<BoxBody>) -> ServiceResponse<BoxBody> {
    let status = response.status();
    let ours = response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|value| value == MEDIA_TYPE);
    if ours || !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    response.into_response(Problem::new(Code::of_status(status.as_u16())).error_response())
}

/// What no route matches: nothing at all, or not with this method.
pub async fn nothing_here(request: HttpRequest) -> HttpResponse {
    let methods: Vec<&str> = request
        .match_pattern()
        .map(|path| methods(&path).collect())
        .unwrap_or_default();
    if methods.is_empty() {
        return Problem::new(Code::NotFound).error_response();
    }
    let mut response = Problem::new(Code::MethodNotAllowed).error_response();
    if let Ok(allowed) = HeaderValue::from_str(&methods.join(", ")) {
        response.headers_mut().insert(header::ALLOW, allowed);
    }
    response
}
