//! Grading without storing anything.

use actix_web::{HttpResponse, Responder, post, web::Data};
use grading::{Question, Trace};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::grades::{Grade, Reader};
use crate::{
    error::Problem,
    extract::{Json, Member},
    service::previews::{self, Rubric},
    state::State,
};

/// An answer, and what to grade it by: `question_set` and `question_id`, or a `question` of its own.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PreviewRequest {
    /// The id or the slug of a question set: its draft is graded by.
    pub question_set: Option<String>,
    /// The slug of one of its questions.
    pub question_id: Option<String>,
    /// A question that is not stored anywhere.
    pub question: Option<Question>,
    /// The answer, at most 64 KiB.
    pub answer: String,
    /// Whether to tell what each stage saw of the answer.
    #[serde(default)]
    pub trace: bool,
}

/// A grade, and on request what each stage saw of the answer.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = GradePreview)]
pub struct PreviewBody {
    #[serde(flatten)]
    grade: Grade,
    /// What each stage saw of the answer, where `trace` asked for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    trace: Option<Trace>,
}

impl PreviewRequest {
    fn parse(self) -> Result<(Rubric, String), Problem> {
        let rubric = match (self.question_set, self.question_id, self.question) {
            (Some(set), Some(question_id), None) => {
                let Ok(question_set) = set.parse();
                Rubric::Stored {
                    question_set,
                    question_id,
                }
            }
            (None, None, Some(question)) => Rubric::Given(Box::new(question)),
            (_, _, Some(_)) => {
                return Err(Problem::field(
                    "/question",
                    "goes without question_set and question_id",
                ));
            }
            (None, _, None) => return Err(Problem::field("/question_set", "is missing, or else question")),
            (Some(_), None, None) => return Err(Problem::field("/question_id", "is missing")),
        };
        Ok((rubric, self.answer))
    }
}

/// Grade an answer without storing anything.
#[utoipa::path(tag = "grading", operation_id = "previewGrade", request_body = PreviewRequest,
    responses((status = 200, body = PreviewBody)))]
#[post("/v1/grade-previews")]
pub async fn preview_grade(
    state: Data<State>,
    Member(member): Member,
    body: Json<PreviewRequest>,
) -> Result<impl Responder, Problem> {
    let traced = body.0.trace;
    let (rubric, answer) = body.0.parse()?;
    let preview = previews::grade(&state, &member, rubric, answer, traced).await?;
    let grade = Grade::of(&preview.question, preview.report, Reader::Recruiter);
    Ok(HttpResponse::Ok().json(PreviewBody {
        grade,
        trace: preview.trace,
    }))
}
