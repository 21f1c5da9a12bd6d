//! Answers, their revisions, and the grades of those.

use std::collections::HashMap;

use entity::{
    answer, answer_revision, audit_event, grade,
    id::{GradeId, RevisionId, SessionId},
    kind::Grader,
    session,
};
use sea_orm::{
    ActiveEnum, ColumnTrait, Condition, ConnectionTrait, DbBackend, DbErr, EntityTrait, JoinType,
    QueryFilter, QuerySelect, QueryTrait, RelationTrait,
    sea_query::{Expr, ExprTrait, InsertStatement, IntoCondition, LockBehavior, LockType, OnConflict, Query},
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

/// An answer by its session and the author's slug of its question.
pub type Asked<'a> = (&'a SessionId, &'a str);

/// Of sessions that the caller has found before, those that nobody else holds, locked until the transaction ends; each with
/// its answers to whatever questions are asked for, of whichever session.
///
/// On PostgreSQL the answers are as they were when the statement began. Who has saved in that moment has taken the next
/// revision's number, and the database refuses to give it away again.
///
/// # Errors
/// Where the database does not answer.
pub async fn lock_free(
    db: &impl ConnectionTrait,
    asked: &[Asked<'_>],
) -> Result<HashMap<SessionId, (session::Model, Vec<answer::Model>)>, DbErr> {
    let questions: Vec<String> = asked.iter().map(|(_, question)| (*question).to_owned()).collect();
    let to_one_of_them = session::Entity::belongs_to(answer::Entity)
        .from(session::Column::Id)
        .to(answer::Column::SessionId)
        .on_condition(move |_, answer| {
            let question = Expr::col((answer, answer::Column::QuestionId));
            question.is_in(questions.iter().cloned()).into_condition()
        });
    let mut sessions = session::Entity::find()
        .filter(session::Column::Id.is_in(asked.iter().map(|(session, _)| (*session).clone())))
        .join(JoinType::LeftJoin, to_one_of_them.into());
    QuerySelect::query(&mut sessions).lock_with_tables_behavior(
        LockType::Update,
        [session::Entity],
        LockBehavior::SkipLocked,
    );
    let rows = sessions.select_also(answer::Entity).all(db).await?;
    let mut locked = HashMap::with_capacity(rows.len());
    for (session, answer) in rows {
        let (_, answers) = locked
            .entry(session.id.clone())
            .or_insert_with(|| (session, Vec::new()));
        answers.extend(answer);
    }
    Ok(locked)
}

/// An answer, where there is one.
///
/// # Errors
/// Where the database does not answer.
pub async fn find(
    db: &impl ConnectionTrait,
    (session, question): Asked<'_>,
) -> Result<Option<answer::Model>, DbErr> {
    answer::Entity::find()
        .filter(answer::Column::SessionId.eq(session.clone()))
        .filter(answer::Column::QuestionId.eq(question))
        .one(db)
        .await
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

/// A revision to be added, with its answer, the machine's grade of it, and the event.
#[derive(Debug)]
pub struct GradedAnswer {
    /// The answer, which counts the revision.
    pub answer: answer::Model,
    /// The revision.
    pub revision: answer_revision::Model,
    /// The grade.
    pub grade: NewGrade,
    /// The event.
    pub event: audit_event::ActiveModel,
}

/// Adds revisions, the machine's grades of them, and the events; adds their answers, or has them count. The caller holds the
/// sessions' locks.
///
/// # Errors
/// Where the database refuses: also where somebody else has taken a revision's number.
pub async fn insert_graded(db: &impl ConnectionTrait, graded: Vec<GradedAnswer>) -> Result<(), DbErr> {
    let backend = db.get_database_backend();
    let (mut answers, mut revisions, mut events) = (Vec::new(), Vec::new(), Vec::new());
    let mut grades = insertion_of_grades();
    for one in graded {
        let values = values_of(backend, &one.revision, one.grade);
        let complete = grades.values(values);
        complete.map_err(|error| DbErr::Custom(error.to_string()))?;
        answers.push(answer::ActiveModel::from(one.answer));
        revisions.push(answer_revision::ActiveModel::from(one.revision));
        events.push(one.event);
    }
    let known = OnConflict::columns([answer::Column::SessionId, answer::Column::QuestionId])
        .update_column(answer::Column::Revision)
        .to_owned();
    let counted = answer::Entity::insert_many(answers).on_conflict(known);
    let revised = answer_revision::Entity::insert_many(revisions);
    let told = audit_event::Entity::insert_many(events);
    let all = vec![
        counted.into_query(),
        revised.into_query(),
        grades,
        told.into_query(),
    ];
    together::insert(db, all).await
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
