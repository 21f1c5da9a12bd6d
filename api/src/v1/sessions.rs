//! Sessions and their reports, for the recruiter.

use actix_web::{HttpResponse, Responder, get, post, web::Data};
use chrono::{DateTime, Utc};
use entity::{answer_revision, id::SessionId};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    grades::{Grade, Reader},
    vocabulary::{Feedback, SessionStatus, SubmittedBy},
};
use crate::{
    error::Problem,
    extract::{Json, Member, MemberToken, NoBody, Once, Path, Query, once, page, page::List},
    service::{
        idempotency::{self, Begun, Kept},
        reports::{self, GradedAnswer, SessionReport},
        sessions::{self as service, CandidateName, NewSession, SessionView, Wanted},
    },
    state::State,
    values::{Email, Name},
};

/// A session to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SessionRequest {
    /// The id or the slug of a question set. Its latest published version is pinned.
    #[schema(example = "python-core-mechanics")]
    pub question_set: String,
    /// Who is invited.
    pub candidate: CandidateRequest,
    /// When the candidate may see grades.
    pub feedback: Feedback,
    /// How long the candidate has from the start, in minutes.
    #[schema(minimum = 1, maximum = 1440)]
    pub time_limit_minutes: Option<i32>,
    /// When the session ends whatever happens.
    pub expires_at: Option<DateTime<Utc>>,
    /// Your own name for the session.
    #[schema(min_length = 1, max_length = 200)]
    pub external_id: Option<String>,
}

/// Who is invited.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CandidateRequest {
    /// What people call them.
    #[schema(value_type = String, min_length = 1, max_length = 200)]
    pub name: Name,
    /// Their address: the same address is the same candidate.
    #[schema(value_type = String, format = "email", max_length = 254)]
    pub email: Email,
}

/// An interview session.
#[derive(Debug, Serialize, ToSchema)]
pub struct Session {
    /// `ses_…`
    #[schema(example = "ses_01997b6e3c2a7f10a5d0c3b1e2f4a59a")]
    pub id: String,
    /// Where it stands.
    pub status: SessionStatus,
    /// What it asks: the version of the question set that it pins.
    pub question_set: PinnedSet,
    /// Who answers.
    pub candidate: Candidate,
    /// When the candidate may see grades.
    pub feedback: Feedback,
    /// How long the candidate has from the start, in minutes.
    pub time_limit_minutes: Option<i32>,
    /// When the session ends whatever happens.
    pub expires_at: Option<DateTime<Utc>>,
    /// Your own name for it.
    pub external_id: Option<String>,
    /// Which member created it.
    pub created_by: String,
    /// When it was created.
    pub created_at: DateTime<Utc>,
    /// When the candidate began.
    pub started_at: Option<DateTime<Utc>>,
    /// When the answering must end.
    pub deadline_at: Option<DateTime<Utc>>,
    /// When the answering ended.
    pub submitted_at: Option<DateTime<Utc>>,
    /// Who ended the answering.
    pub submitted_by: Option<SubmittedBy>,
    /// When the recruiter closed the grading.
    pub finalized_at: Option<DateTime<Utc>>,
    /// When the recruiter released the result.
    pub released_at: Option<DateTime<Utc>>,
    /// When it was declined, expired or cancelled.
    pub closed_at: Option<DateTime<Utc>>,
}

/// The version of a question set that a session pins.
#[derive(Debug, Serialize, ToSchema)]
pub struct PinnedSet {
    /// `set_…`
    #[schema(example = "set_01997b6e3c2a7f10a5d0c3b1e2f4a598")]
    pub id: String,
    /// The author's slug.
    #[schema(example = "python-core-mechanics")]
    pub slug: String,
    /// The version's number.
    #[schema(example = 1)]
    pub version: i32,
}

/// A candidate.
#[derive(Debug, Serialize, ToSchema)]
pub struct Candidate {
    /// `can_…`
    #[schema(example = "can_01997b6e3c2a7f10a5d0c3b1e2f4a59b")]
    pub id: String,
    /// Their name as written for this session.
    pub name: String,
    /// Their address.
    #[schema(format = "email")]
    pub email: String,
}

/// A session and the code that opens it.
#[derive(Debug, Serialize, ToSchema)]
pub struct CreatedSession {
    /// The session.
    #[serde(flatten)]
    pub session: Session,
    /// What the candidate opens the session with. It is shown this once: the answer to a repeated request is without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub invite_code: Option<String>,
}

/// Which sessions, and which page of them.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SessionQuery {
    /// Only those that stand there.
    #[param(inline)]
    pub status: Option<SessionStatus>,
    /// Only those of the candidate with this id or e-mail address.
    pub candidate: Option<String>,
    /// Only those created from the question set with this id or slug.
    pub question_set: Option<String>,
    /// How many rows, 1 to 100.
    #[param(minimum = 1, maximum = 100, default = 20)]
    pub limit: Option<u64>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}

/// Everything about a session that has been graded.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Report)]
pub struct ReportBody {
    /// The session.
    pub session: Session,
    /// Whether the candidate saw every grade while answering.
    pub practice: bool,
    /// Points earned, in hundredths.
    pub points: u32,
    /// Points that could be earned, in hundredths.
    pub max_points: u32,
    /// The questions in their order.
    pub questions: Vec<ReportedQuestion>,
}

/// A question, the answer that counts, and its grade.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReportedQuestion {
    /// The grade.
    #[serde(flatten)]
    pub grade: Grade,
    /// What was asked.
    pub prompt: String,
    /// What was answered last; null where nothing was.
    pub answer: Option<AnswerRevision>,
    /// In practice, what was answered first, and its grade.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first: Option<FirstAttempt>,
}

/// The first revision of an answer, and its grade.
#[derive(Debug, Serialize, ToSchema)]
pub struct FirstAttempt {
    /// What was answered.
    pub answer: AnswerRevision,
    /// How it was graded.
    pub grade: Grade,
}

/// A revision of an answer.
#[derive(Debug, Serialize, ToSchema)]
pub struct AnswerRevision {
    /// What the candidate wrote: evidence is quoted from it.
    pub text: String,
    /// Counts the saves from 1.
    pub revision: i32,
    /// When it was saved.
    pub saved_at: DateTime<Utc>,
}

impl From<SessionRequest> for NewSession {
    fn from(body: SessionRequest) -> Self {
        let Ok(question_set) = body.question_set.parse();
        Self {
            question_set,
            candidate_name: body.candidate.name,
            candidate_email: body.candidate.email,
            feedback: body.feedback.into(),
            time_limit_minutes: body.time_limit_minutes,
            expires_at: body.expires_at,
            external_id: body.external_id,
        }
    }
}

impl From<SessionView> for Session {
    fn from(view: SessionView) -> Self {
        let SessionView {
            row,
            candidate,
            question_set_slug,
            question_set_version,
        } = view;
        Self {
            id: row.id.to_string(),
            status: row.status.into(),
            question_set: PinnedSet {
                id: row.question_set_id.to_string(),
                slug: question_set_slug,
                version: question_set_version,
            },
            candidate: Candidate {
                id: candidate.id.to_string(),
                name: row.candidate_name,
                email: candidate.email,
            },
            feedback: row.feedback.into(),
            time_limit_minutes: row.time_limit_minutes,
            expires_at: row.expires_at,
            external_id: row.external_id,
            created_by: row.created_by.to_string(),
            created_at: row.created_at,
            started_at: row.started_at,
            deadline_at: row.deadline_at,
            submitted_at: row.submitted_at,
            submitted_by: row.submitted_by.map(Into::into),
            finalized_at: row.finalized_at,
            released_at: row.released_at,
            closed_at: row.closed_at,
        }
    }
}

impl From<answer_revision::Model> for AnswerRevision {
    fn from(row: answer_revision::Model) -> Self {
        Self {
            text: row.text,
            revision: row.number,
            saved_at: row.saved_at,
        }
    }
}

impl From<GradedAnswer> for ReportedQuestion {
    fn from(answer: GradedAnswer) -> Self {
        let GradedAnswer {
            question,
            revision,
            report,
            first,
        } = answer;
        let graded = |report| Grade::of(&question, report, Reader::Recruiter);
        let first = first.map(|(revision, report)| FirstAttempt {
            answer: revision.into(),
            grade: graded(report),
        });
        Self {
            grade: graded(report),
            first,
            answer: revision.map(Into::into),
            prompt: question.prompt,
        }
    }
}

impl From<SessionReport> for ReportBody {
    fn from(report: SessionReport) -> Self {
        let questions: Vec<ReportedQuestion> = report.answers.into_iter().map(Into::into).collect();
        Self {
            session: report.session.into(),
            practice: report.practice,
            points: questions.iter().map(|question| question.grade.points).sum(),
            max_points: questions.iter().map(|question| question.grade.max_points).sum(),
            questions,
        }
    }
}

impl From<&SessionQuery> for Wanted {
    fn from(query: &SessionQuery) -> Self {
        let candidate = query.candidate.as_ref().map(|text| match text.parse() {
            Ok(id) => CandidateName::Id(id),
            Err(_) => CandidateName::Email(text.clone()),
        });
        let question_set = query.question_set.as_ref().map(|name| {
            let Ok(name) = name.parse();
            name
        });
        Self {
            status: query.status.map(Into::into),
            candidate,
            question_set,
        }
    }
}

/// List the sessions, newest first.
#[utoipa::path(tag = "sessions", operation_id = "listSessions", params(SessionQuery),
    responses((status = 200, body = List<Session>)))]
#[get("/v1/sessions")]
pub async fn list_sessions(
    state: Data<State>,
    member: Member,
    query: Query<SessionQuery>,
) -> Result<impl Responder, Problem> {
    let page = page::requested(query.0.limit, query.0.cursor.as_deref())?;
    let found = service::list(&state, &member.0, Wanted::from(&query.0), &page).await?;
    Ok(HttpResponse::Ok().json(page::list(found, |view| view.row.id.to_string(), Session::from)))
}

/// Create a session for a candidate.
#[utoipa::path(tag = "sessions", operation_id = "createSession", request_body = SessionRequest,
    responses((status = 201, body = CreatedSession)))]
#[post("/v1/sessions")]
pub async fn create_session(
    state: Data<State>,
    member: Member,
    request: Once<Json<SessionRequest>>,
) -> Result<impl Responder, Problem> {
    let Once { body, attempt } = request;
    let ticket = match idempotency::begin(&state, attempt, |view| created(view, None)).await? {
        Begun::Before(kept) => return Ok(once::again(kept)),
        Begun::Now(ticket) => ticket,
    };
    let (view, invite_code) = service::create(&state, &member.0, body.0.into(), &ticket).await?;
    Ok(once::first(created(&view, Some(invite_code.reveal()))?))
}

/// The answer to a session that was created. What is kept of it for a repeat has no invite code.
fn created(view: &SessionView, invite_code: Option<&str>) -> Result<Kept, Problem> {
    let location = format!("/v1/sessions/{}", view.row.id);
    let body = CreatedSession {
        session: view.clone().into(),
        invite_code: invite_code.map(str::to_owned),
    };
    Kept::created(vec![("location".to_owned(), location)], &body)
}

/// Read a session.
#[utoipa::path(tag = "sessions", operation_id = "getSession",
    params(("id" = String, Path, description = "The session's id")),
    responses((status = 200, body = Session)))]
#[get("/v1/sessions/{id}")]
pub async fn get_session(
    state: Data<State>,
    member: MemberToken,
    id: Path<SessionId>,
) -> Result<impl Responder, Problem> {
    let view = service::find(&state, &member.0, &id.0).await?;
    Ok(HttpResponse::Ok().json(Session::from(view)))
}

/// Read the graded report of a session.
#[utoipa::path(tag = "sessions", operation_id = "getReport",
    params(("id" = String, Path, description = "The session's id")),
    responses((status = 200, body = ReportBody)))]
#[get("/v1/sessions/{id}/report")]
pub async fn get_report(
    state: Data<State>,
    member: Member,
    id: Path<SessionId>,
) -> Result<impl Responder, Problem> {
    let report = reports::find(&state, &member.0, &id.0).await?;
    Ok(HttpResponse::Ok().json(ReportBody::from(report)))
}

/// Call a session off.
#[utoipa::path(tag = "sessions", operation_id = "cancelSession",
    params(("id" = String, Path, description = "The session's id")),
    responses((status = 200, body = Session)))]
#[post("/v1/sessions/{id}/cancel")]
pub async fn cancel_session(
    state: Data<State>,
    member: Member,
    id: Path<SessionId>,
    _body: NoBody,
) -> Result<impl Responder, Problem> {
    let view = service::cancel(&state, &member.0, &id.0).await?;
    Ok(HttpResponse::Ok().json(Session::from(view)))
}

/// Close the grading of a submitted session.
#[utoipa::path(tag = "sessions", operation_id = "finalizeSession",
    params(("id" = String, Path, description = "The session's id")),
    responses((status = 200, body = Session)))]
#[post("/v1/sessions/{id}/finalize")]
pub async fn finalize_session(
    state: Data<State>,
    member: Member,
    id: Path<SessionId>,
    _body: NoBody,
) -> Result<impl Responder, Problem> {
    let view = service::finalize(&state, &member.0, &id.0).await?;
    Ok(HttpResponse::Ok().json(Session::from(view)))
}

/// Let the candidate see the result.
#[utoipa::path(tag = "sessions", operation_id = "releaseResult",
    params(("id" = String, Path, description = "The session's id")),
    responses((status = 200, body = Session)))]
#[post("/v1/sessions/{id}/release")]
pub async fn release_result(
    state: Data<State>,
    member: Member,
    id: Path<SessionId>,
    _body: NoBody,
) -> Result<impl Responder, Problem> {
    let view = service::release(&state, &member.0, &id.0).await?;
    Ok(HttpResponse::Ok().json(Session::from(view)))
}
