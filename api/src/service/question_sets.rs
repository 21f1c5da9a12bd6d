//! Question sets: drafts that authors edit, versions that never change.

use chrono::{DateTime, Utc};
use entity::{
    id::{OrganizationId, QuestionSetId, VersionId},
    kind::Action,
    member, question_set, question_set_version,
};
use grading::{Question, QuestionSet};
use sea_orm::ConnectionTrait;

use super::idempotency::Ticket;
use crate::{
    error::{Code, Place, Problem},
    state::State,
    store::{self, audit::By, question_sets::slug_key},
    values::{IfMatch, Page, PageRequest, SetName},
};

pub use crate::store::question_sets::{Summary, VersionSummary};

/// What of a draft is to be replaced.
#[derive(Debug, Default)]
pub struct Edit {
    /// The name for people.
    pub title: Option<String>,
    /// What the set is for.
    pub description: Option<String>,
    /// The set's own synonyms, all of them.
    pub synonyms: Option<Vec<Vec<String>>>,
    /// The questions, all of them.
    pub questions: Option<Vec<Question>>,
}

/// A page of the sets that the member may see.
///
/// # Errors
/// Where the database does not answer.
pub async fn list(
    state: &State,
    member: &member::Model,
    page: &PageRequest<QuestionSetId>,
) -> Result<Page<Summary>, Problem> {
    Ok(store::question_sets::list(&state.db, &member.organization_id, page).await?)
}

/// A set that the member may see.
///
/// # Errors
/// [`Code::NotFound`].
pub async fn find(
    state: &State,
    member: &member::Model,
    name: &SetName,
) -> Result<question_set::Model, Problem> {
    let found = store::question_sets::find(&state.db, &member.organization_id, name).await?;
    found.ok_or_else(|| Problem::new(Code::NotFound))
}

/// Creates a set as a draft.
///
/// # Errors
/// [`Code::InvalidQuestionSet`]; [`Code::SlugTaken`].
pub async fn create(
    state: &State,
    member: &member::Model,
    document: QuestionSet,
    ticket: &Ticket<question_set::Model>,
) -> Result<question_set::Model, Problem> {
    check(&document)?;
    let now = state.clock.now();
    let row = draft(Some(&member.organization_id), &document, now)?;
    let tx = ticket.write(state).await?;
    store::question_sets::insert(&tx, &row)
        .await
        .map_err(slug_taken)?;
    record(&tx, member, Action::QuestionSetCreated, &row, now).await?;
    ticket.keep(state, &tx, &row, now).await?;
    tx.commit().await?;
    Ok(row)
}

/// Edits a draft. Published versions stay as they are.
///
/// # Errors
/// [`Code::NotFound`]; [`Code::BuiltInSet`]; [`Code::PreconditionFailed`]; [`Code::InvalidQuestionSet`].
pub async fn edit(
    state: &State,
    member: &member::Model,
    name: &SetName,
    seen: &IfMatch,
    edit: Edit,
) -> Result<question_set::Model, Problem> {
    let own = find_own(state, member, name).await?;
    let tx = store::write(&state.db).await?;
    let mut row = lock(&tx, &own.id).await?;
    seen.check(Some(row.draft_revision))?;
    let document = edited(document(&row)?, edit);
    check(&document)?;
    set_draft(&mut row, &document)?;
    row.draft_revision += 1;
    row.updated_at = state.clock.now();
    store::question_sets::update(&tx, &row).await?;
    record(&tx, member, Action::QuestionSetEdited, &row, row.updated_at).await?;
    tx.commit().await?;
    Ok(row)
}

/// Publishes the draft as the next version.
///
/// # Errors
/// [`Code::NotFound`]; [`Code::BuiltInSet`]; [`Code::NothingToPublish`].
pub async fn publish(
    state: &State,
    member: &member::Model,
    name: &SetName,
    ticket: &Ticket<question_set_version::Model>,
) -> Result<question_set_version::Model, Problem> {
    let own = find_own(state, member, name).await?;
    let now = state.clock.now();
    let tx = ticket.write(state).await?;
    let row = lock(&tx, &own.id).await?;
    let latest = store::question_sets::find_version(&tx, &row.id, row.published_version).await?;
    if latest.is_some_and(|latest| latest.document == row.draft) {
        return Err(Problem::new(Code::NothingToPublish));
    }
    let version = next_version(&tx, row.clone(), Some(member), now).await?;
    record(&tx, member, Action::QuestionSetPublished, &row, now).await?;
    ticket.keep(state, &tx, &version, now).await?;
    tx.commit().await?;
    Ok(version)
}

/// A page of the published versions of a set that the member may see.
///
/// # Errors
/// [`Code::NotFound`].
pub async fn versions(
    state: &State,
    member: &member::Model,
    name: &SetName,
    page: &PageRequest<VersionId>,
) -> Result<Page<VersionSummary>, Problem> {
    let set = find_summary(state, member, name).await?;
    Ok(store::question_sets::list_versions(&state.db, &set.id, page).await?)
}

/// A published version by its number.
///
/// # Errors
/// [`Code::NotFound`].
pub async fn version(
    state: &State,
    member: &member::Model,
    name: &SetName,
    number: i32,
) -> Result<question_set_version::Model, Problem> {
    let set = find_summary(state, member, name).await?;
    let version = store::question_sets::find_version(&state.db, &set.id, number).await?;
    version.ok_or_else(|| Problem::new(Code::NotFound))
}

/// The document of a draft.
///
/// # Errors
/// Where what the database holds is not a question set.
pub fn document(row: &question_set::Model) -> Result<QuestionSet, Problem> {
    serde_json::from_value(row.draft.clone()).map_err(Problem::internal)
}

/// Refuses a document that can't be graded by, and says everything that is wrong with it.
///
/// # Errors
/// [`Code::InvalidQuestionSet`].
pub fn check(document: &QuestionSet) -> Result<(), Problem> {
    let faults = document.faults();
    if faults.is_empty() {
        return Ok(());
    }
    let problem = Problem::new(Code::InvalidQuestionSet);
    Err(faults.into_iter().fold(problem, |problem, fault| {
        problem.at(Place::Pointer(fault.pointer), fault.detail)
    }))
}

/// A draft that has not been stored yet.
pub(super) fn draft(
    organization: Option<&OrganizationId>,
    document: &QuestionSet,
    now: DateTime<Utc>,
) -> Result<question_set::Model, Problem> {
    let mut row = question_set::Model {
        id: QuestionSetId::generate(),
        organization_id: organization.cloned(),
        slug: document.id.clone(),
        slug_key: slug_key(organization, &document.id),
        title: String::new(),
        description: None,
        number_of_questions: 0,
        draft: serde_json::Value::Null,
        draft_revision: 1,
        published_version: 0,
        created_at: now,
        updated_at: now,
    };
    set_draft(&mut row, document)?;
    Ok(row)
}

/// The draft, and what a list shows of it.
pub(super) fn set_draft(row: &mut question_set::Model, document: &QuestionSet) -> Result<(), Problem> {
    row.title = document.title.clone().unwrap_or_else(|| document.id.clone());
    row.description = document.description.clone();
    row.number_of_questions = i32::try_from(document.questions.len()).map_err(Problem::internal)?;
    row.draft = serde_json::to_value(document).map_err(Problem::internal)?;
    Ok(())
}

/// Stores the draft as the next version. The caller holds the set's lock.
pub(super) async fn next_version(
    db: &impl ConnectionTrait,
    mut row: question_set::Model,
    by: Option<&member::Model>,
    now: DateTime<Utc>,
) -> Result<question_set_version::Model, Problem> {
    row.published_version += 1;
    row.updated_at = now;
    let version = question_set_version::Model {
        id: VersionId::generate(),
        question_set_id: row.id.clone(),
        number: row.published_version,
        document: row.draft.clone(),
        published_by: by.map(|member| member.id.clone()),
        published_at: now,
    };
    store::question_sets::insert_version(db, &version).await?;
    store::question_sets::update(db, &row).await?;
    Ok(version)
}

async fn find_summary(state: &State, member: &member::Model, name: &SetName) -> Result<Summary, Problem> {
    let found = store::question_sets::find_summary(&state.db, &member.organization_id, name).await?;
    found.ok_or_else(|| Problem::new(Code::NotFound))
}

async fn find_own(state: &State, member: &member::Model, name: &SetName) -> Result<Summary, Problem> {
    let set = find_summary(state, member, name).await?;
    if set.organization_id.is_some() {
        Ok(set)
    } else {
        Err(Problem::new(Code::BuiltInSet))
    }
}

async fn lock(db: &impl ConnectionTrait, id: &QuestionSetId) -> Result<question_set::Model, Problem> {
    store::question_sets::lock(db, id)
        .await?
        .ok_or_else(|| Problem::new(Code::NotFound))
}

fn edited(mut document: QuestionSet, edit: Edit) -> QuestionSet {
    document.title = edit.title.or(document.title);
    document.description = edit.description.or(document.description);
    document.synonyms = edit.synonyms.unwrap_or(document.synonyms);
    document.questions = edit.questions.unwrap_or(document.questions);
    document
}

fn slug_taken(error: sea_orm::DbErr) -> Problem {
    if store::is_unique_violation(&error) {
        Problem::new(Code::SlugTaken).at(
            Place::Pointer("/id".into()),
            "is the slug of another of your sets",
        )
    } else {
        error.into()
    }
}

async fn record(
    db: &impl ConnectionTrait,
    member: &member::Model,
    action: Action,
    set: &question_set::Model,
    now: DateTime<Utc>,
) -> Result<(), Problem> {
    let by = By::Member(member.id.clone());
    Ok(store::audit::record(
        db,
        Some(&member.organization_id),
        by,
        action,
        set.id.as_str(),
        now,
    )
    .await?)
}
