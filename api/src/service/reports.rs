//! The graded report of a session.

use std::sync::Arc;

use entity::{answer_revision, grade, id::SessionId, kind::Feedback, member, session};
use grading::{Question, Report};

use super::{
    deadlines::settle,
    rubrics::PublishedSet,
    sessions::{self, SessionView},
};
use crate::{
    error::Problem,
    state::State,
    store::{self, answers::GradedRevision},
};

/// A question and what the candidate made of it.
#[derive(Debug)]
pub struct GradedAnswer {
    /// The question and its rubric, as pinned.
    pub question: Question,
    /// The revision that counts; none where nothing was saved.
    pub revision: Option<answer_revision::Model>,
    /// Its grade. Nothing earns nothing.
    pub report: Report,
    /// In practice, the first revision and its grade.
    pub first: Option<(answer_revision::Model, Report)>,
}

/// Everything about a session that has been graded.
#[derive(Debug)]
pub struct SessionReport {
    /// The session.
    pub session: SessionView,
    /// Whether the candidate saw every grade while answering.
    pub practice: bool,
    /// The questions in their order.
    pub answers: Vec<GradedAnswer>,
}

/// The report of a session of the member's organization.
///
/// # Errors
/// [`crate::error::Code::NotFound`].
pub async fn find(state: &State, member: &member::Model, id: &SessionId) -> Result<SessionReport, Problem> {
    let row = settle(state, sessions::find_row(state, member, id).await?).await?;
    let set = state.rubrics.get(&state.db, &row.version_id).await?;
    let answers = graded_answers(state, &row, &set).await?;
    let practice = row.feedback == Feedback::Immediate;
    Ok(SessionReport {
        session: sessions::view(state, row).await?,
        practice,
        answers,
    })
}

/// The graded answers of a session that the caller has found before.
pub(super) async fn graded_answers(
    state: &State,
    row: &session::Model,
    set: &Arc<PublishedSet>,
) -> Result<Vec<GradedAnswer>, Problem> {
    let mut latest = store::answers::latest(&state.db, &row.id).await?;
    let mut first = match row.feedback {
        Feedback::Immediate => store::answers::first(&state.db, &row.id).await?,
        _ => Vec::new(),
    };
    set.questions()
        .map(|(question, rubric)| {
            let first = take(&mut first, &question.id).map(read).transpose()?;
            let (revision, report) = match take(&mut latest, &question.id).map(read).transpose()? {
                Some((revision, report)) => (Some(revision), report),
                None => (None, grading::grade(rubric, "")),
            };
            Ok(GradedAnswer {
                question: question.clone(),
                revision,
                report,
                first,
            })
        })
        .collect()
}

fn take(revisions: &mut Vec<GradedRevision>, question_id: &str) -> Option<GradedRevision> {
    let found = revisions
        .iter()
        .position(|revision| revision.question_id == question_id)?;
    Some(revisions.swap_remove(found))
}

fn read(graded: GradedRevision) -> Result<(answer_revision::Model, Report), Problem> {
    let report = report(graded.grade)?;
    Ok((graded.revision, report))
}

/// What was stored of a grade.
fn report(grade: grade::Model) -> Result<Report, Problem> {
    serde_json::from_value(grade.report).map_err(Problem::internal)
}
