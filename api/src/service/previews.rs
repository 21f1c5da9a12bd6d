//! Grading without storing anything: for the author of a rubric.

use std::sync::Arc;

use entity::member;
use grading::{CompiledRubric, Question, QuestionSet, Report, Trace};
use tracing::Instrument;

use crate::{
    error::{Code, Place, Problem},
    state::State,
    store,
    telemetry::{metrics::Purpose, traces},
    values::SetName,
};

/// What to grade by.
#[derive(Debug)]
pub enum Rubric {
    /// A question of a set, as its draft has it, which is what an author is working on.
    Stored {
        /// The set.
        question_set: SetName,
        /// The author's slug of the question.
        question_id: String,
    },
    /// A question that is not stored anywhere.
    Given(Box<Question>),
}

/// What grading without storing gives.
#[derive(Debug)]
pub struct Preview {
    /// The question that was graded by.
    pub question: Question,
    /// What the engine says of the answer.
    pub report: Report,
    /// What each stage saw of it, where that was asked for.
    pub trace: Option<Trace>,
}

/// Grades one answer, and traces it where that is asked for.
///
/// # Errors
/// [`Code::InvalidField`] where the set or the question is unknown; [`Code::InvalidQuestionSet`]; as for saving an answer
/// where the answer is not right.
pub async fn grade(
    state: &State,
    member: &member::Model,
    rubric: Rubric,
    answer: String,
    traced: bool,
) -> Result<Preview, Problem> {
    super::interview::check(&answer, "/answer")?;
    let (question, synonyms) = match rubric {
        Rubric::Given(question) => {
            check_question(&question)?;
            (*question, Vec::new())
        }
        Rubric::Stored {
            question_set,
            question_id,
        } => stored(state, member, &question_set, &question_id).await?,
    };
    let metrics = Arc::clone(&state.metrics);
    let grade = move || {
        let rubric = CompiledRubric::compile(&question, &synonyms);
        Preview {
            report: metrics.graded(Purpose::Preview, || grading::grade(&rubric, &answer)),
            trace: traced.then(|| grading::trace(&rubric, &answer)),
            question,
        }
    };
    state.rubrics.work(grade).instrument(traces::grading()).await
}

async fn stored(
    state: &State,
    member: &member::Model,
    name: &SetName,
    question_id: &str,
) -> Result<(Question, Vec<Vec<String>>), Problem> {
    let set = store::question_sets::find(&state.db, &member.organization_id, name).await?;
    let set = set.ok_or_else(|| Problem::field("/question_set", "is not a question set that you can see"))?;
    let document = super::question_sets::document(&set)?;
    let question = document
        .questions
        .into_iter()
        .find(|question| question.id == question_id);
    let question = question.ok_or_else(|| Problem::field("/question_id", "is not a question of this set"))?;
    Ok((question, document.synonyms))
}

fn check_question(question: &Question) -> Result<(), Problem> {
    let alone = QuestionSet {
        id: "preview".to_owned(),
        title: None,
        description: None,
        synonyms: Vec::new(),
        questions: vec![question.clone()],
    };
    let problem = Problem::new(Code::InvalidQuestionSet);
    let faults = alone.faults();
    if faults.is_empty() {
        return Ok(());
    }
    let pointer = |fault: &str| format!("/question{}", fault.strip_prefix("/questions/0").unwrap_or(fault));
    Err(faults.into_iter().fold(problem, |problem, fault| {
        problem.at(Place::Pointer(pointer(&fault.pointer)), fault.detail)
    }))
}
