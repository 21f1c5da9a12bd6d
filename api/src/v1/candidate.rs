//! The candidate's side: one session, opened with an invite code.

use actix_web::{HttpResponse, Responder, get, post, put, web::Data};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    grades::{Grade, Reader},
    vocabulary::{Feedback, SessionStatus, SubmittedBy},
};
use crate::{
    error::Problem,
    extract::{CandidateToken, ClientAddress, Json, NoBody, Path, page::List, precondition::etag},
    service::{
        interview::{self, CandidateResult, GradedRevision, Interview, Saved},
        reports::GradedAnswer,
    },
    state::State,
    values::{IfMatch, Sensitive},
};

/// An invite code.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TokenRequest {
    /// As the recruiter was given it.
    #[schema(value_type = String)]
    pub invite_code: Sensitive,
}

/// A token that opens one session and nothing else.
#[derive(Debug, Serialize, ToSchema)]
pub struct CandidateTokens {
    /// A JWT, sent as `Authorization: Bearer …`.
    pub access_token: String,
    /// Always `Bearer`.
    #[schema(example = "Bearer")]
    pub token_type: &'static str,
    /// How long it lives, in seconds. The invite code gets another one.
    #[schema(example = 7200)]
    pub expires_in: i64,
}

/// A session as its candidate sees it.
#[derive(Debug, Serialize, ToSchema)]
pub struct CandidateSession {
    /// `ses_…`
    #[schema(example = "ses_01997b6e3c2a7f10a5d0c3b1e2f4a59a")]
    pub id: String,
    /// Where it stands.
    pub status: SessionStatus,
    /// The candidate's own name.
    pub candidate_name: String,
    /// What the set of questions is called.
    pub title: String,
    /// When grades may be seen.
    pub feedback: Feedback,
    /// How many questions there are.
    pub number_of_questions: usize,
    /// How long there is from the start, in minutes.
    pub time_limit_minutes: Option<i32>,
    /// When the session ends whatever happens.
    pub expires_at: Option<DateTime<Utc>>,
    /// When it was begun.
    pub started_at: Option<DateTime<Utc>>,
    /// When the answering must end, by the server's clock.
    pub deadline_at: Option<DateTime<Utc>>,
    /// When the answering ended.
    pub submitted_at: Option<DateTime<Utc>>,
    /// Who ended the answering.
    pub submitted_by: Option<SubmittedBy>,
    /// What the server's clock says, to show the time left by.
    pub server_time: DateTime<Utc>,
    /// The questions, once the session is active.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub questions: Option<Vec<CandidateQuestion>>,
}

/// A question as the candidate sees it.
#[derive(Debug, Serialize, ToSchema)]
pub struct CandidateQuestion {
    /// The question's slug.
    #[schema(example = "gil")]
    pub id: String,
    /// What is asked.
    pub prompt: String,
}

/// An answer to be saved.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AnswerRequest {
    /// The answer in full, at most 64 KiB. It replaces the one before, which is kept.
    pub text: String,
}

/// An answer that was saved.
#[derive(Debug, Serialize, ToSchema)]
pub struct Answer {
    /// The question's slug.
    #[schema(example = "gil")]
    pub question_id: String,
    /// What was saved.
    pub text: String,
    /// Counts the saves from 1. Also the entity tag.
    pub revision: i32,
    /// When it was saved.
    pub saved_at: DateTime<Utc>,
    /// The grade, where feedback is `immediate`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grade: Option<Grade>,
}

/// What the candidate may see of the result.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Result)]
pub struct ResultBody {
    /// Whether the feedback setting allows it now.
    pub available: bool,
    /// Points earned, in hundredths.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub points: Option<u32>,
    /// Points that could be earned, in hundredths.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_points: Option<u32>,
    /// A grade for each question, in their order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub questions: Option<Vec<Grade>>,
}

impl CandidateSession {
    fn of(interview: Interview, server_time: DateTime<Utc>) -> Self {
        let Interview { row, set } = interview;
        let begun = row.started_at.is_some();
        let questions = set.questions().map(|(question, _)| CandidateQuestion {
            id: question.id.clone(),
            prompt: question.prompt.clone(),
        });
        Self {
            id: row.id.to_string(),
            status: row.status.into(),
            candidate_name: row.candidate_name,
            title: set
                .document
                .title
                .clone()
                .unwrap_or_else(|| set.document.id.clone()),
            feedback: row.feedback.into(),
            number_of_questions: set.document.questions.len(),
            time_limit_minutes: row.time_limit_minutes,
            expires_at: row.expires_at,
            started_at: row.started_at,
            deadline_at: row.deadline_at,
            submitted_at: row.submitted_at,
            submitted_by: row.submitted_by.map(Into::into),
            server_time,
            questions: begun.then(|| questions.collect()),
        }
    }
}

impl From<Saved> for Answer {
    fn from(saved: Saved) -> Self {
        let Saved {
            question_id,
            revision,
            grade,
        } = saved;
        Self {
            grade: grade.map(|(question, report)| Grade::of(&question, report, Reader::Candidate)),
            question_id,
            text: revision.text,
            revision: revision.number,
            saved_at: revision.saved_at,
        }
    }
}

impl From<GradedRevision> for Answer {
    fn from(graded: GradedRevision) -> Self {
        let GradedRevision {
            question_id,
            revision,
            ..
        } = graded;
        let (text, saved_at) = (revision.text, revision.saved_at);
        Self {
            question_id,
            text,
            revision: revision.number,
            saved_at,
            grade: None,
        }
    }
}

impl From<CandidateResult> for ResultBody {
    fn from(result: CandidateResult) -> Self {
        let CandidateResult::Available(answers) = result else {
            return Self {
                available: false,
                points: None,
                max_points: None,
                questions: None,
            };
        };
        let graded = |answer: GradedAnswer| Grade::of(&answer.question, answer.report, Reader::Candidate);
        let questions: Vec<Grade> = answers.into_iter().map(graded).collect();
        Self {
            available: true,
            points: Some(questions.iter().map(|grade| grade.points).sum()),
            max_points: Some(questions.iter().map(|grade| grade.max_points).sum()),
            questions: Some(questions),
        }
    }
}

/// Trade an invite code for a token.
///
/// It can be done as often as needed, until the session is declined, expired or cancelled.
#[utoipa::path(tag = "candidate", operation_id = "openSession", request_body = TokenRequest,
    responses((status = 200, body = CandidateTokens)))]
#[post("/v1/candidate/token")]
pub async fn open_session(
    state: Data<State>,
    from: ClientAddress,
    body: Json<TokenRequest>,
) -> Result<impl Responder, Problem> {
    let opened = interview::open(&state, body.0.invite_code, from.0).await?;
    let (access_token, expires_in) = (opened.access_token, opened.expires_in);
    Ok(HttpResponse::Ok().json(CandidateTokens {
        access_token,
        token_type: "Bearer",
        expires_in,
    }))
}

/// Read the session: where it stands, and once it is active, its questions.
#[utoipa::path(tag = "candidate", operation_id = "getCandidateSession",
    responses((status = 200, body = CandidateSession)))]
#[get("/v1/candidate/session")]
pub async fn get_session(state: Data<State>, candidate: CandidateToken) -> Result<impl Responder, Problem> {
    let interview = interview::find(&state, &candidate.0).await?;
    Ok(HttpResponse::Ok().json(CandidateSession::of(interview, state.clock.now())))
}

/// Begin. From now on the time runs.
#[utoipa::path(tag = "candidate", operation_id = "startSession",
    responses((status = 200, body = CandidateSession)))]
#[post("/v1/candidate/session/start")]
pub async fn start_session(
    state: Data<State>,
    candidate: CandidateToken,
    _body: NoBody,
) -> Result<impl Responder, Problem> {
    let interview = interview::start(&state, &candidate.0).await?;
    Ok(HttpResponse::Ok().json(CandidateSession::of(interview, state.clock.now())))
}

/// Submit. What was saved last counts.
#[utoipa::path(tag = "candidate", operation_id = "submitSession",
    responses((status = 200, body = CandidateSession)))]
#[post("/v1/candidate/session/submit")]
pub async fn submit_session(
    state: Data<State>,
    candidate: CandidateToken,
    _body: NoBody,
) -> Result<impl Responder, Problem> {
    let interview = interview::submit(&state, &candidate.0).await?;
    Ok(HttpResponse::Ok().json(CandidateSession::of(interview, state.clock.now())))
}

/// Decline to take part.
#[utoipa::path(tag = "candidate", operation_id = "declineSession",
    responses((status = 200, body = CandidateSession)))]
#[post("/v1/candidate/session/decline")]
pub async fn decline_session(
    state: Data<State>,
    candidate: CandidateToken,
    _body: NoBody,
) -> Result<impl Responder, Problem> {
    let interview = interview::decline(&state, &candidate.0).await?;
    Ok(HttpResponse::Ok().json(CandidateSession::of(interview, state.clock.now())))
}

/// Read the answers as saved last, in the order of the questions.
#[utoipa::path(tag = "candidate", operation_id = "listAnswers",
    responses((status = 200, body = List<Answer>)))]
#[get("/v1/candidate/answers")]
pub async fn list_answers(state: Data<State>, candidate: CandidateToken) -> Result<impl Responder, Problem> {
    let answers = interview::answers(&state, &candidate.0).await?;
    let data = answers.into_iter().map(Answer::from).collect();
    Ok(HttpResponse::Ok().json(List {
        data,
        next_cursor: None,
    }))
}

/// Save an answer.
///
/// Each save is a revision; the ones before are kept. Acknowledged means committed and synced. With `If-Match` it is
/// saved only where nobody else has saved since.
#[utoipa::path(tag = "candidate", operation_id = "saveAnswer", request_body = AnswerRequest,
    params(("question_id" = String, Path, description = "The question's slug"),
        ("If-Match" = Option<String>, Header, description = "Save only over this revision: its entity tag")),
    responses((status = 201, body = Answer, description = "Saved for the first time"),
        (status = 200, body = Answer, description = "Saved again")))]
#[put("/v1/candidate/answers/{question_id}")]
pub async fn save_answer(
    state: Data<State>,
    candidate: CandidateToken,
    question_id: Path<String>,
    seen: IfMatch,
    body: Json<AnswerRequest>,
) -> Result<impl Responder, Problem> {
    let saved = interview::save(&state, &candidate.0, &question_id.0, seen, body.0.text).await?;
    let mut response = if saved.revision.number == 1 {
        HttpResponse::Created()
    } else {
        HttpResponse::Ok()
    };
    Ok(response
        .insert_header(etag(saved.revision.number))
        .json(Answer::from(saved)))
}

/// Read the result, once the feedback setting allows it.
#[utoipa::path(tag = "candidate", operation_id = "getResult",
    responses((status = 200, body = ResultBody)))]
#[get("/v1/candidate/result")]
pub async fn get_result(state: Data<State>, candidate: CandidateToken) -> Result<impl Responder, Problem> {
    let result = interview::result(&state, &candidate.0).await?;
    Ok(HttpResponse::Ok().json(ResultBody::from(result)))
}
