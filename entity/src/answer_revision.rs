//! One save of an answer. Revisions are added, never changed.

use sea_orm::entity::prelude::*;

use crate::id::{AnswerId, RevisionId};

/// A row of `answer_revision`.
#[derive(Debug, Clone, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "answer_revision")]
pub struct Model {
    /// `rev_…`
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: RevisionId,
    /// The answer that it is a revision of. Unique together with the number.
    pub answer_id: AnswerId,
    /// Counts from 1 within the answer.
    pub number: i32,
    /// What the candidate wrote, to the byte.
    pub text: String,
    /// When it was saved.
    pub saved_at: DateTimeUtc,
}

/// What a revision belongs to.
#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {
    /// The answer that it is a revision of.
    #[sea_orm(
        belongs_to = "super::answer::Entity",
        from = "Column::AnswerId",
        to = "super::answer::Column::Id"
    )]
    Answer,
}

impl ActiveModelBehavior for ActiveModel {}
