//! Answers, their revisions, and the grades of those.

use entity::{
    answer, answer_revision, audit_event, grade,
    id::{AnswerId, GradeId, RevisionId, SessionId},
    kind::Grader,
};
use sea_orm::{
    ActiveEnum, ColumnTrait, Condition, ConnectionTrait, DbBackend, DbErr, EntityTrait, JoinType,
    QueryFilter, QuerySelect, QueryTrait, RelationTrait,
    sea_query::{Expr, ExprTrait, InsertStatement, OnConflict, Query},
};

use super::together;

/// A revision and how the machine graded it.
#[derive(Debug, Clone)]
pub struct GradedRevision {
    /// The author's slug of the question.
    pub question_id: String,
    /// What was saved.
    pub revision: answer_revision::Model,
    /// The machine's grade of it.
    pub grade: grade::Model,
}

/// Counts the answer's next revision, or adds the answer with its first; gives the answer's id and that revision's number.
///
/// # Errors
/// Where the database refuses.
pub async fn next_revision(
    db: &impl ConnectionTrait,
    session: &SessionId,
    question_id: &str,
) -> Result<(AnswerId, i32), DbErr> {
    let first = answer::ActiveModel::from(answer::Model {
        id: AnswerId::generate(),
        session_id: session.clone(),
        question_id: question_id.to_owned(),
        revision: 1,
    });
    let next = Expr::col((answer::Entity, answer::Column::Revision)).add(1);
    let known = OnConflict::columns([answer::Column::SessionId, answer::Column::QuestionId])
        .value(answer::Column::Revision, next)
        .to_owned();
    let mut counted = answer::Entity::insert(first).on_conflict(known).into_query();
    counted.returning(Query::returning().columns([answer::Column::Id, answer::Column::Revision]));
    let row = db.query_one(&counted).await?;
    let row = row.ok_or_else(|| DbErr::RecordNotFound(format!("the answer to {question_id}")))?;
    Ok((row.try_get("", "id")?, row.try_get("", "revision")?))
}

/// A grade of the machine's, to be added.
#[derive(Debug)]
pub struct NewGrade {
    /// The version of the engine that graded.
    pub engine_version: &'static str,
    /// Points earned, in hundredths.
    pub points: i32,
    /// Points that could be earned, in hundredths.
    pub max_points: i32,
    /// The report, as JSON.
    pub report: String,
}

/// Adds a revision, the machine's grade of it, and the event.
///
/// # Errors
/// Where the database refuses.
pub async fn insert_graded(
    db: &impl ConnectionTrait,
    revision: &answer_revision::Model,
    grade: NewGrade,
    event: audit_event::ActiveModel,
) -> Result<(), DbErr> {
    let graded = insertion_of(db.get_database_backend(), revision, grade)?;
    let revised = answer_revision::Entity::insert(answer_revision::ActiveModel::from(revision.clone()));
    let told = audit_event::Entity::insert(event);
    together::insert(db, vec![revised.into_query(), graded, told.into_query()]).await
}

/// Written by hand, since the report is text already: it is not taken apart once more to be put together again.
fn insertion_of(
    backend: DbBackend,
    revision: &answer_revision::Model,
    grade: NewGrade,
) -> Result<InsertStatement, DbErr> {
    let report = match backend {
        DbBackend::Postgres => Expr::val(grade.report).cast_as("jsonb"),
        _ => Expr::val(grade.report),
    };
    let values: [Expr; 8] = [
        Expr::val(GradeId::generate()),
        Expr::val(revision.id.clone()),
        Expr::val(Grader::Machine.to_value()),
        Expr::val(grade.engine_version),
        Expr::val(grade.points),
        Expr::val(grade.max_points),
        report,
        Expr::val(revision.saved_at),
    ];
    let mut insertion = Query::insert();
    insertion.into_table(grade::Entity).columns([
        grade::Column::Id,
        grade::Column::RevisionId,
        grade::Column::Grader,
        grade::Column::EngineVersion,
        grade::Column::Points,
        grade::Column::MaxPoints,
        grade::Column::Report,
        grade::Column::CreatedAt,
    ]);
    let complete = insertion.values(values);
    complete.map_err(|error| DbErr::Custom(error.to_string()))?;
    Ok(insertion)
}

/// The latest revision of every answer of a session.
///
/// # Errors
/// Where the database does not answer.
pub async fn latest(db: &impl ConnectionTrait, session: &SessionId) -> Result<Vec<GradedRevision>, DbErr> {
    let newest = Expr::col((answer_revision::Entity, answer_revision::Column::Number))
        .equals((answer::Entity, answer::Column::Revision));
    graded(db, session, newest).await
}

/// The first revision of every answer of a session.
///
/// # Errors
/// Where the database does not answer.
pub async fn first(db: &impl ConnectionTrait, session: &SessionId) -> Result<Vec<GradedRevision>, DbErr> {
    graded(db, session, answer_revision::Column::Number.eq(1)).await
}

async fn graded(
    db: &impl ConnectionTrait,
    session: &SessionId,
    which: sea_orm::sea_query::SimpleExpr,
) -> Result<Vec<GradedRevision>, DbErr> {
    let answers = answer::Entity::find()
        .filter(answer::Column::SessionId.eq(session.clone()))
        .all(db)
        .await?;
    let revisions = answer_revision::Entity::find()
        .join(JoinType::InnerJoin, answer_revision::Relation::Answer.def())
        .filter(answer::Column::SessionId.eq(session.clone()))
        .filter(which)
        .all(db)
        .await?;
    let ids: Vec<RevisionId> = revisions.iter().map(|revision| revision.id.clone()).collect();
    let by_machine = Condition::all()
        .add(grade::Column::RevisionId.is_in(ids))
        .add(grade::Column::Grader.eq(Grader::Machine));
    let grades = grade::Entity::find().filter(by_machine).all(db).await?;
    pair(answers, revisions, &grades)
}

/// Revisions are stored with their answers and grades; one without them is a defect, not an unanswered question.
fn pair(
    answers: Vec<answer::Model>,
    revisions: Vec<answer_revision::Model>,
    grades: &[grade::Model],
) -> Result<Vec<GradedRevision>, DbErr> {
    let lost = |what: &str, id: &RevisionId| DbErr::RecordNotFound(format!("the {what} of revision {id}"));
    revisions
        .into_iter()
        .map(|revision| {
            let answer = answers.iter().find(|answer| answer.id == revision.answer_id);
            let grade = grades.iter().find(|grade| grade.revision_id == revision.id);
            Ok(GradedRevision {
                question_id: answer
                    .ok_or_else(|| lost("answer", &revision.id))?
                    .question_id
                    .clone(),
                grade: grade.ok_or_else(|| lost("grade", &revision.id))?.clone(),
                revision,
            })
        })
        .collect()
}
