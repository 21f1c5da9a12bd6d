//! Sessions and candidates. A session is found by its organization, or by the candidate's own token; in no other way.

use std::sync::OnceLock;

use chrono::{DateTime, Utc};
use entity::{
    candidate,
    id::{CandidateId, MemberId, OrganizationId, QuestionSetId, SessionId},
    kind::SessionStatus,
    member, question_set, question_set_version, session,
};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, DbBackend, DbErr, EntityTrait,
    FromQueryResult, JoinType, QueryFilter, QueryResult, QuerySelect, QueryTrait, RelationTrait, Statement,
    sea_query::OnConflict,
};

use super::page;
use crate::values::{Page, PageRequest};

/// What a list of sessions is narrowed to.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Only those that stand there.
    pub status: Option<SessionStatus>,
    /// Only this candidate's.
    pub candidate: Option<CandidateId>,
    /// Only those created from this set.
    pub question_set: Option<QuestionSetId>,
}

/// What a session refers to.
#[derive(Debug, Clone)]
pub struct Context {
    /// Who answers.
    pub candidate: candidate::Model,
    /// The slug of the set it was created from.
    pub question_set_slug: String,
    /// The number of the version it pins.
    pub question_set_version: i32,
}

const SLUG: &str = "question_set_slug";
const VERSION: &str = "question_set_version";
/// What the library puts before the names of what is selected first.
const FIRST: &str = "A_";
/// And second.
const SECOND: &str = "B_";

impl FromQueryResult for Context {
    fn from_query_result(row: &QueryResult, of_candidate: &str) -> Result<Self, DbErr> {
        Ok(Self {
            candidate: candidate::Model::from_query_result(row, of_candidate)?,
            question_set_slug: row.try_get(FIRST, SLUG)?,
            question_set_version: row.try_get(FIRST, VERSION)?,
        })
    }
}

/// A session of the member's organization and what it refers to, in one query. It finds nothing where there is no such
/// member.
///
/// # Errors
/// Where the database does not answer.
pub async fn find_in_context(
    db: &impl ConnectionTrait,
    member: &MemberId,
    id: &SessionId,
) -> Result<Option<(session::Model, Context)>, DbErr> {
    // Written once: to write it down again each time was a fifth of a read.
    static SQL: [OnceLock<String>; 2] = [OnceLock::new(), OnceLock::new()];
    let backend = db.get_database_backend();
    let [sqlite, postgres] = &SQL;
    let sql = match backend {
        DbBackend::Postgres => postgres,
        _ => sqlite,
    };
    let sql = sql.get_or_init(|| in_context(member, id).build(backend).sql);
    let values = [id.clone().into(), member.clone().into()];
    let row = db
        .query_one_raw(Statement::from_sql_and_values(backend, sql, values))
        .await?;
    row.map(|row| {
        let session = session::Model::from_query_result(&row, FIRST)?;
        Ok((session, Context::from_query_result(&row, SECOND)?))
    })
    .transpose()
}

/// The query for it: the session's id is its first value, the member's the second.
fn in_context(member: &MemberId, id: &SessionId) -> impl QueryTrait {
    let organization = member::Entity::find_by_id(member.clone())
        .select_only()
        .column(member::Column::OrganizationId)
        .into_query();
    session::Entity::find_by_id(id.clone())
        .filter(session::Column::OrganizationId.in_subquery(organization))
        .join(JoinType::InnerJoin, session::Relation::Candidate.def())
        .join(JoinType::InnerJoin, session::Relation::QuestionSet.def())
        .join(JoinType::InnerJoin, session::Relation::Version.def())
        .column_as(question_set::Column::Slug, SLUG)
        .column_as(question_set_version::Column::Number, VERSION)
        .select_two_required(candidate::Entity)
}

/// A session of the organization.
///
/// # Errors
/// Where the database does not answer.
pub async fn find(
    db: &impl ConnectionTrait,
    organization: &OrganizationId,
    id: &SessionId,
) -> Result<Option<session::Model>, DbErr> {
    session::Entity::find_by_id(id.clone())
        .filter(session::Column::OrganizationId.eq(organization.clone()))
        .one(db)
        .await
}

/// The session that a candidate's token opens.
///
/// # Errors
/// Where the database does not answer.
pub async fn find_for_candidate(
    db: &impl ConnectionTrait,
    id: &SessionId,
) -> Result<Option<session::Model>, DbErr> {
    session::Entity::find_by_id(id.clone()).one(db).await
}

/// The session with this invite code.
///
/// # Errors
/// Where the database does not answer.
pub async fn find_by_invite_code(
    db: &impl ConnectionTrait,
    hash: &str,
) -> Result<Option<session::Model>, DbErr> {
    session::Entity::find()
        .filter(session::Column::InviteCodeHash.eq(hash))
        .one(db)
        .await
}

/// A session that the caller has found before, locked until the transaction ends.
///
/// # Errors
/// Where the database does not answer.
pub async fn lock(db: &impl ConnectionTrait, id: &SessionId) -> Result<Option<session::Model>, DbErr> {
    session::Entity::find_by_id(id.clone())
        .lock_exclusive()
        .one(db)
        .await
}

/// A page of the organization's sessions, newest first.
///
/// # Errors
/// Where the database does not answer.
pub async fn list(
    db: &impl ConnectionTrait,
    organization: &OrganizationId,
    filter: &Filter,
    page: &PageRequest<SessionId>,
) -> Result<Page<session::Model>, DbErr> {
    let wanted = Condition::all()
        .add(session::Column::OrganizationId.eq(organization.clone()))
        .add_option(filter.status.map(|status| session::Column::Status.eq(status)))
        .add_option(
            filter
                .candidate
                .clone()
                .map(|id| session::Column::CandidateId.eq(id)),
        )
        .add_option(
            filter
                .question_set
                .clone()
                .map(|id| session::Column::QuestionSetId.eq(id)),
        );
    page::fetch(
        db,
        session::Entity::find().filter(wanted),
        session::Column::Id,
        page,
    )
    .await
}

/// Adds a session.
///
/// # Errors
/// Where the database refuses.
pub async fn insert(db: &impl ConnectionTrait, row: &session::Model) -> Result<(), DbErr> {
    session::Entity::insert(session::ActiveModel::from(row.clone()))
        .exec_without_returning(db)
        .await
        .map(drop)
}

/// Writes a session back whole. The caller holds its lock.
///
/// # Errors
/// Where the database refuses.
pub async fn update(db: &impl ConnectionTrait, row: &session::Model) -> Result<(), DbErr> {
    let changed = session::ActiveModel::from(row.clone()).reset_all();
    session::Entity::update(changed).exec(db).await.map(drop)
}

/// How many sessions are pending and active, in all organizations.
///
/// # Errors
/// Where the database does not answer.
pub async fn count_open(db: &impl ConnectionTrait) -> Result<Vec<(SessionStatus, i64)>, DbErr> {
    session::Entity::find()
        .select_only()
        .column(session::Column::Status)
        .column_as(session::Column::Id.count(), "count")
        .filter(session::Column::Status.is_in([SessionStatus::Pending, SessionStatus::Active]))
        .group_by(session::Column::Status)
        .into_tuple()
        .all(db)
        .await
}

/// The sessions whose time is over but whose status does not say so yet, at most `limit` of them.
///
/// `grace_before` is the moment that deadlines must lie before for the grace to be over.
///
/// # Errors
/// Where the database does not answer.
pub async fn overdue(
    db: &impl ConnectionTrait,
    organization: Option<&OrganizationId>,
    now: DateTime<Utc>,
    grace_before: DateTime<Utc>,
    limit: u64,
) -> Result<Vec<SessionId>, DbErr> {
    let unbegun = Condition::all()
        .add(session::Column::Status.eq(SessionStatus::Pending))
        .add(session::Column::ExpiresAt.lte(now));
    let unsubmitted = Condition::all()
        .add(session::Column::Status.eq(SessionStatus::Active))
        .add(session::Column::DeadlineAt.lte(grace_before));
    session::Entity::find()
        .select_only()
        .column(session::Column::Id)
        .filter(Condition::any().add(unbegun).add(unsubmitted))
        .filter(
            Condition::all()
                .add_option(organization.map(|id| session::Column::OrganizationId.eq(id.clone()))),
        )
        .limit(limit)
        .into_tuple()
        .all(db)
        .await
}

/// The organization's candidate with this address, in lower case.
///
/// # Errors
/// Where the database does not answer.
pub async fn find_candidate_by_email(
    db: &impl ConnectionTrait,
    organization: &OrganizationId,
    email_key: &str,
) -> Result<Option<candidate::Model>, DbErr> {
    candidate::Entity::find()
        .filter(candidate::Column::OrganizationId.eq(organization.clone()))
        .filter(candidate::Column::EmailKey.eq(email_key))
        .one(db)
        .await
}

/// The candidates with the given ids: for sessions that the caller has found before.
///
/// # Errors
/// Where the database does not answer.
pub async fn candidates(
    db: &impl ConnectionTrait,
    ids: Vec<CandidateId>,
) -> Result<Vec<candidate::Model>, DbErr> {
    candidate::Entity::find()
        .filter(candidate::Column::Id.is_in(ids))
        .all(db)
        .await
}

/// Adds a candidate, unless the organization knows the address already.
///
/// # Errors
/// Where the database refuses.
pub async fn insert_candidate(db: &impl ConnectionTrait, row: &candidate::Model) -> Result<(), DbErr> {
    let known = OnConflict::columns([candidate::Column::OrganizationId, candidate::Column::EmailKey])
        .do_nothing()
        .to_owned();
    candidate::Entity::insert(candidate::ActiveModel::from(row.clone()))
        .on_conflict(known)
        .exec_without_returning(db)
        .await
        .map(drop)
}
