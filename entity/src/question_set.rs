//! A question set: a draft that its authors edit, and the versions published from it.

use sea_orm::entity::prelude::*;

use crate::id::{OrganizationId, QuestionSetId};

/// A row of `question_set`.
#[derive(Debug, Clone, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "question_set")]
pub struct Model {
    /// `set_…`
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: QuestionSetId,
    /// Whose it is; nobody's where it is built in.
    pub organization_id: Option<OrganizationId>,
    /// The author's slug.
    pub slug: String,
    /// The owner and the slug in one, unique: `org_…/slug`, or `/slug` where it is built in.
    pub slug_key: String,
    /// What people call it.
    pub title: String,
    /// What the draft says that the set is for.
    pub description: Option<String>,
    /// How many questions the draft has.
    pub number_of_questions: i32,
    /// The document as edited, whole.
    pub draft: Json,
    /// Counts the edits of the draft, from 1.
    pub draft_revision: i32,
    /// The number of the version published last; 0 before the first.
    pub published_version: i32,
    /// When it was created.
    pub created_at: DateTimeUtc,
    /// When the draft or the versions last changed.
    pub updated_at: DateTimeUtc,
}

/// Rows are joined by hand.
#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
