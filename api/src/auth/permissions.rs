//! The table of permissions: who may call which operation. What is not in it is served to nobody.

/// Who may call an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Access {
    /// No token is asked for.
    Anyone,
    /// A member's access token.
    Member,
    /// A candidate's token: it opens one session.
    Candidate,
}

use Access::{Anyone, Candidate, Member};

/// An operation, as the router and the OpenAPI document name it, and who may call it.
pub type Permission = (&'static str, &'static str, Access);

/// Every operation that is served.
pub const PERMISSIONS: &[Permission] = &[
    ("GET", "/healthz", Anyone),
    ("GET", "/readyz", Anyone),
    ("GET", "/openapi.json", Anyone),
    ("GET", "/.well-known/jwks.json", Anyone),
    ("POST", "/v1/auth/register", Anyone),
    ("POST", "/v1/auth/login", Anyone),
    ("POST", "/v1/auth/refresh", Anyone),
    ("POST", "/v1/auth/logout", Anyone),
    ("GET", "/v1/me", Member),
    ("POST", "/v1/me/password", Member),
    ("GET", "/v1/question-sets", Member),
    ("POST", "/v1/question-sets", Member),
    ("GET", "/v1/question-sets/{id}", Member),
    ("PATCH", "/v1/question-sets/{id}", Member),
    ("POST", "/v1/question-sets/{id}/publish", Member),
    ("GET", "/v1/question-sets/{id}/versions", Member),
    ("GET", "/v1/question-sets/{id}/versions/{number}", Member),
    ("GET", "/v1/sessions", Member),
    ("POST", "/v1/sessions", Member),
    ("GET", "/v1/sessions/{id}", Member),
    ("GET", "/v1/sessions/{id}/report", Member),
    ("POST", "/v1/sessions/{id}/cancel", Member),
    ("POST", "/v1/sessions/{id}/finalize", Member),
    ("POST", "/v1/sessions/{id}/release", Member),
    ("POST", "/v1/grade-previews", Member),
    ("POST", "/v1/candidate/token", Anyone),
    ("GET", "/v1/candidate/session", Candidate),
    ("POST", "/v1/candidate/session/start", Candidate),
    ("POST", "/v1/candidate/session/submit", Candidate),
    ("POST", "/v1/candidate/session/decline", Candidate),
    ("GET", "/v1/candidate/answers", Candidate),
    ("PUT", "/v1/candidate/answers/{question_id}", Candidate),
    ("GET", "/v1/candidate/result", Candidate),
];

/// Operations for members that find out with what they read whether the caller is still one, in one question to the
/// database. For all others that is asked before.
const FIND_THE_MEMBER: &[(&str, &str)] = &[("GET", "/v1/sessions/{id}")];

/// Whether the operation itself finds the member whose token it is.
pub fn finds_member(method: &str, path: &str) -> bool {
    FIND_THE_MEMBER.contains(&(method, path))
}

/// The methods that a path answers to.
pub fn methods(path: &str) -> impl Iterator<Item = &'static str> {
    PERMISSIONS
        .iter()
        .filter(move |(_, p, _)| *p == path)
        .map(|(method, _, _)| *method)
}

/// Who may call an operation; nothing where it is not served.
pub fn access(method: &str, path: &str) -> Option<Access> {
    PERMISSIONS
        .iter()
        .find(|(m, p, _)| *m == method && *p == path)
        .map(|(_, _, access)| *access)
}
