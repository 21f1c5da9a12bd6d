//! A published version of a question set. It never changes; sessions pin one.

use sea_orm::entity::prelude::*;

use crate::id::{MemberId, QuestionSetId, VersionId};

/// A row of `question_set_version`.
#[derive(Debug, Clone, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "question_set_version")]
pub struct Model {
    /// `ver_…`
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: VersionId,
    /// The set it was published from.
    pub question_set_id: QuestionSetId,
    /// Counts from 1 within the set.
    pub number: i32,
    /// The document, whole.
    pub document: Json,
    /// Who published it; nobody where it is built in.
    pub published_by: Option<MemberId>,
    /// When it was published.
    pub published_at: DateTimeUtc,
}

/// Rows are joined by hand.
#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
