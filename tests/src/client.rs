//! Requests, and answers that are held against the OpenAPI document before a test sees them.

use api::error::Code;
use reqwest::{Method, RequestBuilder, header::HeaderMap};
use serde_json::Value;

use crate::contract;

/// A request to be sent.
pub struct Call {
    builder: RequestBuilder,
    method: Method,
    path: String,
}

impl Call {
    pub(crate) fn new(builder: RequestBuilder, method: Method, path: &str) -> Self {
        Self {
            builder,
            method,
            path: path.to_owned(),
        }
    }

    /// With this bearer token.
    pub fn token(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    /// With this header.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.builder = self.builder.header(name, value);
        self
    }

    /// With this JSON body.
    pub fn json(mut self, body: &Value) -> Self {
        self.builder = self.builder.json(body);
        self
    }

    /// With this body, whatever it is.
    pub fn body(mut self, media_type: &str, body: impl Into<Vec<u8>>) -> Self {
        self.builder = self.builder.header("content-type", media_type).body(body.into());
        self
    }

    /// Sends it.
    ///
    /// # Panics
    /// Where the answer is not as documented, or lacks what every answer has.
    pub async fn send(self) -> Answer {
        let response = self.builder.send().await.expect("an answer");
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await.expect("a whole answer");
        Answer::checked(&self.method, &self.path, status, headers, text)
    }

    /// Sends it as [`Call::send`] does, where the answer is expected to be 200.
    ///
    /// # Panics
    /// Where it is not.
    pub async fn ok(self) -> Value {
        let answer = self.send().await;
        answer.is(200).json()
    }

    /// Sends it as [`Call::send`] does, where the answer is expected to be a problem of this kind.
    ///
    /// # Panics
    /// Where it is not.
    pub async fn refused(self, code: Code) -> Value {
        self.send().await.refused(code)
    }
}

/// An answer.
#[derive(Debug)]
pub struct Answer {
    asked: String,
    /// The HTTP status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub text: String,
}

impl Answer {
    /// An answer that has been held against the document.
    pub(crate) fn checked(
        method: &Method,
        path: &str,
        status: u16,
        headers: HeaderMap,
        text: String,
    ) -> Self {
        let answer = Self {
            asked: format!("{method} {path}"),
            status,
            headers,
            text,
        };
        answer.check_headers();
        if method != Method::HEAD {
            let faults = contract::faults(method.as_str(), path, status, answer.media_type(), &answer.text);
            assert!(
                faults.is_empty(),
                "{} is not as documented: {faults:#?}",
                answer.asked
            );
            answer.check_problem();
        }
        answer
    }

    /// The same answer, where it has this status.
    ///
    /// # Panics
    /// Where it has another.
    #[track_caller]
    pub fn is(&self, status: u16) -> &Self {
        assert_eq!(self.status, status, "{}: {}", self.asked, self.text);
        self
    }

    /// The body as JSON.
    ///
    /// # Panics
    /// Where it is none.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text)
            .unwrap_or_else(|error| panic!("{}: {error}: {}", self.asked, self.text))
    }

    /// The problem, where it is of this kind.
    ///
    /// # Panics
    /// Where it is another, or none.
    #[track_caller]
    pub fn refused(&self, code: Code) -> Value {
        let problem = self.is(code.status()).json();
        assert_eq!(problem["code"], code.word(), "{}: {problem}", self.asked);
        problem
    }

    /// A header's value; empty where there is none.
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().expect("a readable header"))
    }

    /// The media type, without its parameters.
    pub fn media_type(&self) -> Option<&str> {
        self.header("content-type")
            .split(';')
            .next()
            .map(str::trim)
            .filter(|given| !given.is_empty())
    }

    fn check_headers(&self) {
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("referrer-policy", "no-referrer"),
        ] {
            assert_eq!(self.header(name), value, "{name} of {}", self.asked);
        }
        assert!(
            !self.header("x-request-id").is_empty(),
            "{} has no X-Request-Id",
            self.asked
        );
    }

    /// Every error is a problem (RFC 9457) with a code of the table, under the status that the table says.
    fn check_problem(&self) {
        if self.status < 400 {
            return;
        }
        assert_eq!(
            self.media_type(),
            Some("application/problem+json"),
            "{}: {}",
            self.asked,
            self.text
        );
        let problem = self.json();
        let code = Code::ALL.iter().find(|code| problem["code"] == code.word());
        let code = code.unwrap_or_else(|| panic!("{}: no such code: {problem}", self.asked));
        assert_eq!(problem["status"], self.status, "{}: {problem}", self.asked);
        assert_eq!(code.status(), self.status, "{}: {problem}", self.asked);
        assert_eq!(problem["title"], code.title(), "{}: {problem}", self.asked);
        assert_eq!(problem["type"], format!("urn:viva:problem:{}", code.word()));
        assert!(
            problem["detail"]
                .as_str()
                .is_some_and(|detail| !detail.is_empty()),
            "{problem}"
        );
    }
}
