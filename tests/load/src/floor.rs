//! The floor: bare handlers over the same pools and with the same durability, which do the least that could be done.

use std::io;

use actix_web::{
    App, HttpResponse, HttpServer,
    error::ErrorInternalServerError,
    get, put,
    web::{Data, Json, Path},
};
use api::store;
use sea_orm::{ConnectionTrait, DbErr, Statement, Value};
use serde::Deserialize;

use crate::people::QUESTION;

/// As many as the program has by default.
const CONNECTIONS: u32 = 10;
/// The tables of the floor: the rows that a save writes, with their keys and without anything else. An answer that is saved
/// again is counted up; here it is added, to the same number of rows and bytes.
const TABLES: &[&str] = &[
    "CREATE TABLE floor_answer (id TEXT PRIMARY KEY, session_id TEXT, question_id TEXT, revision INTEGER)",
    "CREATE TABLE floor_revision (id TEXT PRIMARY KEY, answer_id TEXT, number INTEGER, text TEXT, saved_at TEXT)",
    "CREATE TABLE floor_grade (id TEXT PRIMARY KEY, revision_id TEXT, grader TEXT, engine_version TEXT, points INTEGER, \
     max_points INTEGER, report TEXT, created_at TEXT)",
    "CREATE TABLE floor_event (id TEXT PRIMARY KEY, organization_id TEXT, actor TEXT, actor_id TEXT, action TEXT, \
     subject_id TEXT, created_at TEXT)",
    "CREATE TABLE floor_session (id TEXT PRIMARY KEY, body TEXT)",
];

/// The row that is read.
pub const ID: &str = "ses_01997b6e3c2a7f10a5d0c3b1e2f4a59a";
const NOW: &str = "2026-11-22T13:08:44.373+00:00";

struct Floor {
    db: store::Database,
    report: String,
    saved: String,
}

#[derive(Deserialize)]
struct Saving {
    text: String,
}

/// Serves until the process is ended. What a save stores as its grade, and what it and a read answer, is given.
///
/// # Errors
/// Where the database or the address refuse.
pub async fn serve(url: &str, report: String, saved: String, session: String) -> io::Result<()> {
    let db = store::Database::open(url, CONNECTIONS)
        .await
        .map_err(io::Error::other)?;
    prepare(&db, &session).await.map_err(io::Error::other)?;
    let floor = Data::new(Floor { db, report, saved });
    let app = move || {
        App::new()
            .app_data(Data::clone(&floor))
            .service(save)
            .service(read)
    };
    let server = HttpServer::new(app).bind("127.0.0.1:0")?;
    for address in server.addrs() {
        println!("The floor listens on http://{address}");
    }
    server.run().await
}

async fn prepare(db: &store::Database, session: &str) -> Result<(), DbErr> {
    for table in TABLES {
        db.execute_unprepared(table).await?;
    }
    let sql = "INSERT INTO floor_session VALUES ($1, $2)";
    insert(db, sql, [ID.into(), session.into()]).await
}

async fn insert<const N: usize>(
    db: &impl ConnectionTrait,
    sql: &str,
    values: [Value; N],
) -> Result<(), DbErr> {
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    db.execute_raw(statement).await.map(drop)
}

#[put("/answers/{id}")]
async fn save(floor: Data<Floor>, body: Json<Saving>) -> actix_web::Result<HttpResponse> {
    add_rows(&floor, &body.text)
        .await
        .map_err(ErrorInternalServerError)?;
    let saved = floor.saved.clone();
    Ok(HttpResponse::Ok().content_type("application/json").body(saved))
}

async fn add_rows(floor: &Floor, text: &str) -> Result<(), DbErr> {
    let [answer, revision, grade, event] =
        ["ans", "rev", "grd", "evt"].map(|kind| format!("{kind}_{}", uuid::Uuid::now_v7().simple()));
    let tx = store::write(&floor.db).await?;
    let sql = "INSERT INTO floor_answer VALUES ($1, $2, $3, $4)";
    let values = [answer.clone().into(), ID.into(), QUESTION.into(), 1.into()];
    insert(&tx, sql, values).await?;
    let sql = "INSERT INTO floor_revision VALUES ($1, $2, $3, $4, $5)";
    insert(
        &tx,
        sql,
        [
            revision.clone().into(),
            answer.into(),
            1.into(),
            text.into(),
            NOW.into(),
        ],
    )
    .await?;
    let sql = "INSERT INTO floor_grade VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    let report = floor.report.as_str();
    let values = [
        grade.into(),
        revision.clone().into(),
        "machine".into(),
        "0.1.0".into(),
        100.into(),
        400.into(),
        report.into(),
        NOW.into(),
    ];
    insert(&tx, sql, values).await?;
    let sql = "INSERT INTO floor_event VALUES ($1, $2, $3, $4, $5, $6, $7)";
    let values = [
        event.into(),
        ID.into(),
        "candidate".into(),
        ID.into(),
        "answer_saved".into(),
        revision.into(),
        NOW.into(),
    ];
    insert(&tx, sql, values).await?;
    tx.commit().await
}

#[get("/sessions/{id}")]
async fn read(floor: Data<Floor>, id: Path<String>) -> actix_web::Result<HttpResponse> {
    let sql = "SELECT body FROM floor_session WHERE id = $1";
    let statement =
        Statement::from_sql_and_values(floor.db.get_database_backend(), sql, [id.into_inner().into()]);
    let row = floor
        .db
        .query_one_raw(statement)
        .await
        .map_err(ErrorInternalServerError)?;
    let body: Option<String> = row.and_then(|row| row.try_get_by_index(0).ok());
    Ok(match body {
        Some(body) => HttpResponse::Ok().content_type("application/json").body(body),
        None => HttpResponse::NotFound().finish(),
    })
}
