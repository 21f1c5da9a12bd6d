//! One grading of one revision. Grades are added, never changed; machine and human ones stand apart.

use sea_orm::entity::prelude::*;

use crate::{
    id::{GradeId, RevisionId},
    kind::Grader,
};

/// A row of `grade`.
#[derive(Debug, Clone, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "grade")]
pub struct Model {
    /// `grd_…`
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: GradeId,
    /// What was graded.
    pub revision_id: RevisionId,
    /// Who graded.
    pub grader: Grader,
    /// The version of the engine that graded.
    pub engine_version: String,
    /// Points earned, in hundredths.
    pub points: i32,
    /// Points that could be earned, in hundredths.
    pub max_points: i32,
    /// The verdicts and their evidence. Explanations are derived from them, never stored.
    pub report: Json,
    /// When it was graded.
    pub created_at: DateTimeUtc,
}

/// Rows are joined by hand.
#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
