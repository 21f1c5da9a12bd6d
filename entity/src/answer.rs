//! A candidate's answer to one question: points at its latest revision.

use sea_orm::entity::prelude::*;

use crate::id::{AnswerId, SessionId};

/// A row of `answer`.
#[derive(Debug, Clone, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "answer")]
pub struct Model {
    /// `ans_…`
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: AnswerId,
    /// The session it was given in. Unique together with the question.
    pub session_id: SessionId,
    /// The author's slug of the question.
    pub question_id: String,
    /// The number of the latest revision, from 1.
    pub revision: i32,
}

/// Rows are joined by hand.
#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
