//! Answers, their revisions, and the grades of those.

use std::collections::{HashMap, HashSet};

use entity::{
    answer, answer_revision, audit_event, grade,
    id::{AnswerId, GradeId, RevisionId, SessionId},
    kind::Grader,
};
use sea_orm::{
    ActiveEnum, ColumnTrait, Condition, ConnectionTrait, DbBackend, DbErr, EntityTrait, JoinType,
    QueryFilter, QueryResult, QuerySelect, QueryTrait, RelationTrait,
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

/// Counts the next revision of answers, or adds an answer with its first; gives, by session, the answer's id and that
/// revision's number. Each session must stand there once.
///
/// # Errors
/// Where the database refuses.
pub async fn next_revisions(
    db: &impl ConnectionTrait,
    answers: &[(&SessionId, &str)],
) -> Result<HashMap<SessionId, (AnswerId, i32)>, DbErr> {
    let first = answers.iter().map(|(session, question)| {
        answer::ActiveModel::from(answer::Model {
            id: AnswerId::generate(),
            session_id: (*session).clone(),
            question_id: (*question).to_owned(),
            revision: 1,
        })
    });
    let next = Expr::col((answer::Entity, answer::Column::Revision)).add(1);
    let known = OnConflict::columns([answer::Column::SessionId, answer::Column::QuestionId])
        .value(answer::Column::Revision, next)
        .to_owned();
    let mut counted = answer::Entity::insert_many(first).on_conflict(known).into_query();
    let told = [
        answer::Column::SessionId,
        answer::Column::Id,
        answer::Column::Revision,
    ];
    counted.returning(Query::returning().columns(told));
    let rows = db.query_all(&counted).await?;
    let counted = |row: &QueryResult| {
        let number = (row.try_get("", "id")?, row.try_get("", "revision")?);
        Ok((row.try_get("", "session_id")?, number))
    };
    rows.iter().map(counted).collect()
}

/// The numbers of the latest revisions of answers, by session; none where nothing is saved. Each session must stand there
/// once.
///
/// # Errors
/// Where the database does not answer.
pub async fn current_revisions(
    db: &impl ConnectionTrait,
    answers: &[(&SessionId, &str)],
) -> Result<HashMap<SessionId, i32>, DbErr> {
    let sessions = answers.iter().map(|(session, _)| (*session).clone());
    let questions = answers.iter().map(|(_, question)| *question);
    let found = answer::Entity::find()
        .filter(answer::Column::SessionId.is_in(sessions))
        .filter(answer::Column::QuestionId.is_in(questions))
        .all(db)
        .await?;
    let asked: HashSet<(&SessionId, &str)> = answers.iter().copied().collect();
    Ok(found
        .into_iter()
        .filter(|found| asked.contains(&(&found.session_id, found.question_id.as_str())))
        .map(|found| (found.session_id, found.revision))
        .collect())
}

/// A grade of the machine's, to be added.
#[derive(Debug, Clone)]
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

/// A revision to be added, with the machine's grade of it and the event.
#[derive(Debug)]
pub struct GradedAnswer {
    /// The revision.
    pub revision: answer_revision::Model,
    /// The grade.
    pub grade: NewGrade,
    /// The event.
    pub event: audit_event::ActiveModel,
}

/// Adds revisions, the machine's grades of them, and the events.
///
/// # Errors
/// Where the database refuses.
pub async fn insert_graded(db: &impl ConnectionTrait, answers: Vec<GradedAnswer>) -> Result<(), DbErr> {
    let backend = db.get_database_backend();
    let (mut revisions, mut events) = (Vec::new(), Vec::new());
    let mut grades = insertion_of_grades();
    for GradedAnswer {
        revision,
        grade,
        event,
    } in answers
    {
        let values = values_of(backend, &revision, grade);
        let complete = grades.values(values);
        complete.map_err(|error| DbErr::Custom(error.to_string()))?;
        revisions.push(answer_revision::ActiveModel::from(revision));
        events.push(event);
    }
    let revised = answer_revision::Entity::insert_many(revisions).into_query();
    let told = audit_event::Entity::insert_many(events).into_query();
    together::insert(db, vec![revised, grades, told]).await
}

/// Written by hand, since the report is text already: it is not taken apart once more to be put together again.
fn insertion_of_grades() -> InsertStatement {
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
    insertion
}

/// A row of that insertion.
fn values_of(backend: DbBackend, revision: &answer_revision::Model, grade: NewGrade) -> [Expr; 8] {
    let report = match backend {
        DbBackend::Postgres => Expr::val(grade.report).cast_as("jsonb"),
        _ => Expr::val(grade.report),
    };
    [
        Expr::val(GradeId::generate()),
        Expr::val(revision.id.clone()),
        Expr::val(Grader::Machine.to_value()),
        Expr::val(grade.engine_version),
        Expr::val(grade.points),
        Expr::val(grade.max_points),
        report,
        Expr::val(revision.saved_at),
    ]
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
