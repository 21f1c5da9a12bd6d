//! Question sets and their versions. Every finder is scoped to what an organization may see.

use entity::{
    id::{OrganizationId, QuestionSetId, VersionId},
    question_set, question_set_version,
};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QuerySelect,
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
    let named = match name {
        SetName::Slug(slug) if !super::can_be_stored(slug) => return Ok(None),
        SetName::Id(id) => question_set::Column::Id.eq(id.clone()),
        SetName::Slug(slug) => {
            question_set::Column::SlugKey.is_in([slug_key(Some(organization), slug), slug_key(None, slug)])
        }
    };
    let mut rows = question_set::Entity::find()
        .filter(visible_to(organization))
        .filter(named)
        .all(db)
        .await?;
    // Of two with the same slug, the one that somebody owns.
    rows.sort_by_key(|row| row.organization_id.is_none());
    Ok(rows.into_iter().next())
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

/// A page of the sets that the organization may see, newest first.
///
/// # Errors
/// Where the database does not answer.
pub async fn list(
    db: &impl ConnectionTrait,
    organization: &OrganizationId,
    page: &PageRequest<QuestionSetId>,
) -> Result<Page<question_set::Model>, DbErr> {
    let select = question_set::Entity::find().filter(visible_to(organization));
    page::fetch(db, select, question_set::Column::Id, page).await
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
) -> Result<Page<question_set_version::Model>, DbErr> {
    let select = question_set_version::Entity::find()
        .filter(question_set_version::Column::QuestionSetId.eq(set.clone()));
    page::fetch(db, select, question_set_version::Column::Id, page).await
}
