//! Question sets and their versions. Every finder is scoped to what an organization may see.

use chrono::{DateTime, Utc};
use entity::{
    id::{MemberId, OrganizationId, QuestionSetId, VersionId},
    question_set, question_set_version,
};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, DbErr, DerivePartialModel, EntityTrait,
    QueryFilter, QuerySelect, Select,
};

use super::page;
use crate::values::{Page, PageRequest, SetName};

/// The unique key of a slug within what belongs to an organization, or to nobody.
pub fn slug_key(organization: Option<&OrganizationId>, slug: &str) -> String {
    format!(
        "{}/{slug}",
        organization.map(OrganizationId::as_str).unwrap_or_default()
    )
}

fn visible_to(organization: &OrganizationId) -> Condition {
    Condition::any()
        .add(question_set::Column::OrganizationId.is_null())
        .add(question_set::Column::OrganizationId.eq(organization.clone()))
}

/// A set that the organization may see.
///
/// # Errors
/// Where the database does not answer.
pub async fn find(
    db: &impl ConnectionTrait,
    organization: &OrganizationId,
    name: &SetName,
) -> Result<Option<question_set::Model>, DbErr> {
    let Some(named) = named(organization, name) else {
        return Ok(None);
    };
    let mut rows = named.all(db).await?;
    // Of two with the same slug, the one that somebody owns.
    rows.sort_by_key(|row| row.organization_id.is_none());
    Ok(rows.into_iter().next())
}

/// The same without its draft.
///
/// # Errors
/// Where the database does not answer.
pub async fn find_summary(
    db: &impl ConnectionTrait,
    organization: &OrganizationId,
    name: &SetName,
) -> Result<Option<Summary>, DbErr> {
    let Some(named) = named(organization, name) else {
        return Ok(None);
    };
    let mut rows: Vec<Summary> = named.into_partial_model().all(db).await?;
    rows.sort_by_key(|row| row.organization_id.is_none());
    Ok(rows.into_iter().next())
}

/// Those with a name that the organization may see: at most one of its own and one that is built in.
fn named(organization: &OrganizationId, name: &SetName) -> Option<Select<question_set::Entity>> {
    let named = match name {
        SetName::Slug(slug) if !super::can_be_stored(slug) => return None,
        SetName::Id(id) => question_set::Column::Id.eq(id.clone()),
        SetName::Slug(slug) => {
            question_set::Column::SlugKey.is_in([slug_key(Some(organization), slug), slug_key(None, slug)])
        }
    };
    let visible = question_set::Entity::find().filter(visible_to(organization));
    Some(visible.filter(named))
}

/// A set by its id, locked until the transaction ends.
///
/// # Errors
/// Where the database does not answer.
pub async fn lock(
    db: &impl ConnectionTrait,
    id: &QuestionSetId,
) -> Result<Option<question_set::Model>, DbErr> {
    question_set::Entity::find_by_id(id.clone())
        .lock_exclusive()
        .one(db)
        .await
}

/// A built-in set.
///
/// # Errors
/// Where the database does not answer.
pub async fn find_built_in(
    db: &impl ConnectionTrait,
    slug: &str,
) -> Result<Option<question_set::Model>, DbErr> {
    question_set::Entity::find()
        .filter(question_set::Column::SlugKey.eq(slug_key(None, slug)))
        .one(db)
        .await
}

/// A set without its draft.
#[derive(Debug, Clone, DerivePartialModel)]
#[sea_orm(entity = "question_set::Entity")]
pub struct Summary {
    /// `set_…`
    pub id: QuestionSetId,
    /// Whose it is; nobody's where it is built in.
    pub organization_id: Option<OrganizationId>,
    /// The author's slug.
    pub slug: String,
    /// What people call it.
    pub title: String,
    /// What the draft says that the set is for.
    pub description: Option<String>,
    /// How many questions the draft has.
    pub number_of_questions: i32,
    /// Counts the edits of the draft, from 1.
    pub draft_revision: i32,
    /// The number of the version published last; 0 before the first.
    pub published_version: i32,
    /// When it was created.
    pub created_at: DateTime<Utc>,
    /// When the draft or the versions last changed.
    pub updated_at: DateTime<Utc>,
}

/// A version without its document.
#[derive(Debug, Clone, DerivePartialModel)]
#[sea_orm(entity = "question_set_version::Entity")]
pub struct VersionSummary {
    /// `ver_…`
    pub id: VersionId,
    /// Counts from 1 within the set.
    pub number: i32,
    /// Who published it; nobody where it is built in.
    pub published_by: Option<MemberId>,
    /// When.
    pub published_at: DateTime<Utc>,
}

impl Summary {
    /// What a list shows of a set.
    pub fn of(row: &question_set::Model) -> Self {
        Self {
            id: row.id.clone(),
            organization_id: row.organization_id.clone(),
            slug: row.slug.clone(),
            title: row.title.clone(),
            description: row.description.clone(),
            number_of_questions: row.number_of_questions,
            draft_revision: row.draft_revision,
            published_version: row.published_version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

impl VersionSummary {
    /// What a list shows of a version.
    pub fn of(row: &question_set_version::Model) -> Self {
        Self {
            id: row.id.clone(),
            number: row.number,
            published_by: row.published_by.clone(),
            published_at: row.published_at,
        }
    }
}

/// A page of the sets that the organization may see, newest first.
///
/// # Errors
/// Where the database does not answer.
pub async fn list(
    db: &impl ConnectionTrait,
    organization: &OrganizationId,
    page: &PageRequest<QuestionSetId>,
) -> Result<Page<Summary>, DbErr> {
    let select = question_set::Entity::find().filter(visible_to(organization));
    page::fetch_some(db, select, question_set::Column::Id, page).await
}

/// Adds a set.
///
/// # Errors
/// A unique violation where the slug is taken.
pub async fn insert(db: &impl ConnectionTrait, row: &question_set::Model) -> Result<(), DbErr> {
    question_set::Entity::insert(question_set::ActiveModel::from(row.clone()))
        .exec_without_returning(db)
        .await
        .map(drop)
}

/// Writes a set back whole.
///
/// # Errors
/// A unique violation where its new slug is taken.
pub async fn update(db: &impl ConnectionTrait, row: &question_set::Model) -> Result<(), DbErr> {
    let changed = question_set::ActiveModel::from(row.clone()).reset_all();
    question_set::Entity::update(changed).exec(db).await.map(drop)
}

/// Adds a published version.
///
/// # Errors
/// A unique violation where the number is taken.
pub async fn insert_version(
    db: &impl ConnectionTrait,
    row: &question_set_version::Model,
) -> Result<(), DbErr> {
    question_set_version::Entity::insert(question_set_version::ActiveModel::from(row.clone()))
        .exec_without_returning(db)
        .await
        .map(drop)
}

/// A version by its number.
///
/// # Errors
/// Where the database does not answer.
pub async fn find_version(
    db: &impl ConnectionTrait,
    set: &QuestionSetId,
    number: i32,
) -> Result<Option<question_set_version::Model>, DbErr> {
    question_set_version::Entity::find()
        .filter(question_set_version::Column::QuestionSetId.eq(set.clone()))
        .filter(question_set_version::Column::Number.eq(number))
        .one(db)
        .await
}

/// A version by its number, without its document.
///
/// # Errors
/// Where the database does not answer.
pub async fn find_version_summary(
    db: &impl ConnectionTrait,
    set: &QuestionSetId,
    number: i32,
) -> Result<Option<VersionSummary>, DbErr> {
    question_set_version::Entity::find()
        .filter(question_set_version::Column::QuestionSetId.eq(set.clone()))
        .filter(question_set_version::Column::Number.eq(number))
        .into_partial_model()
        .one(db)
        .await
}

/// A version by its id: for what already pins it.
///
/// # Errors
/// Where the database does not answer.
pub async fn find_pinned_version(
    db: &impl ConnectionTrait,
    id: &VersionId,
) -> Result<Option<question_set_version::Model>, DbErr> {
    question_set_version::Entity::find_by_id(id.clone()).one(db).await
}

/// The numbers of the given versions.
///
/// # Errors
/// Where the database does not answer.
pub async fn version_numbers(
    db: &impl ConnectionTrait,
    ids: Vec<VersionId>,
) -> Result<Vec<(VersionId, i32)>, DbErr> {
    question_set_version::Entity::find()
        .select_only()
        .columns([
            question_set_version::Column::Id,
            question_set_version::Column::Number,
        ])
        .filter(question_set_version::Column::Id.is_in(ids))
        .into_tuple()
        .all(db)
        .await
}

/// The sets with the given ids, whatever they belong to: for what already refers to them.
///
/// # Errors
/// Where the database does not answer.
pub async fn slugs(
    db: &impl ConnectionTrait,
    ids: Vec<QuestionSetId>,
) -> Result<Vec<(QuestionSetId, String)>, DbErr> {
    question_set::Entity::find()
        .select_only()
        .columns([question_set::Column::Id, question_set::Column::Slug])
        .filter(question_set::Column::Id.is_in(ids))
        .into_tuple()
        .all(db)
        .await
}

/// A page of a set's versions, newest first.
///
/// # Errors
/// Where the database does not answer.
pub async fn list_versions(
    db: &impl ConnectionTrait,
    set: &QuestionSetId,
    page: &PageRequest<VersionId>,
) -> Result<Page<VersionSummary>, DbErr> {
    let select = question_set_version::Entity::find()
        .filter(question_set_version::Column::QuestionSetId.eq(set.clone()));
    page::fetch_some(db, select, question_set_version::Column::Id, page).await
}
