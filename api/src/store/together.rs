//! Several rows of several tables, added in one go: one way to the database and back instead of one each.

use sea_orm::{
    ConnectionTrait, DbBackend, DbErr, Statement, Value,
    sea_query::{CommonTableExpression, InsertStatement, Query, Values},
};

/// Adds the rows, in this order where the database looks at the order.
pub(super) async fn insert(db: &impl ConnectionTrait, insertions: Vec<InsertStatement>) -> Result<(), DbErr> {
    let statement = match db.get_database_backend() {
        DbBackend::Postgres => as_one(insertions),
        backend => in_a_row(backend, &insertions),
    };
    match statement {
        Some(statement) => db.execute_raw(statement).await.map(drop),
        None => Ok(()),
    }
}

/// One statement, as PostgreSQL has it: the last insertion with the others before it. What refers to what is looked at when
/// all of it is done.
fn as_one(mut insertions: Vec<InsertStatement>) -> Option<Statement> {
    let mut last = insertions.pop()?;
    if insertions.is_empty() {
        return Some(DbBackend::Postgres.build(&last));
    }
    let mut with = Query::with();
    for (number, insertion) in insertions.into_iter().enumerate() {
        let mut before = CommonTableExpression::new();
        before.table_name(format!("before_{number}")).query(insertion);
        with.cte(before);
    }
    Some(DbBackend::Postgres.build(last.with_cte(with)))
}

/// One text of several statements: SQLite does them one after the other, each with the next of the values.
fn in_a_row(backend: DbBackend, insertions: &[InsertStatement]) -> Option<Statement> {
    let (mut sql, mut values) = (String::new(), Vec::<Value>::new());
    for insertion in insertions {
        let one = backend.build(insertion);
        sql.push_str(&one.sql);
        sql.push(';');
        values.extend(one.values.map(|Values(values)| values).unwrap_or_default());
    }
    (!sql.is_empty()).then(|| Statement::from_sql_and_values(backend, sql, values))
}
