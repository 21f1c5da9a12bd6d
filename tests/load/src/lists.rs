//! Databases with many sessions, put there past the server.

use std::io;

use sea_orm::{ConnectionTrait, Database, DbBackend};

/// Copies one session so often that there are `total`, each with a candidate of its own. Half of them are submitted.
///
/// # Errors
/// Where the database refuses.
pub async fn fill(url: &str, template: &str, total: usize) -> io::Result<()> {
    let db = Database::connect(url).await.map_err(io::Error::other)?;
    let (numbers, id) = match db.get_database_backend() {
        DbBackend::Postgres => (
            format!("generate_series(1, {total}) AS series(number)"),
            "lpad(to_hex(number::bigint), 32, '0')",
        ),
        _ => (
            format!(
                "(WITH RECURSIVE series(number) AS (SELECT 1 UNION ALL SELECT number + 1 FROM series WHERE number < {total}) \
                 SELECT number FROM series)"
            ),
            "printf('%032x', number)",
        ),
    };
    let missing = format!("(SELECT COUNT(*) FROM session) + number <= {total}");
    // Candidates first, since sessions refer to them; numbers go on where those before ended.
    let number_from = "number + (SELECT COUNT(*) FROM session)";
    let id = id.replace("number", &format!("({number_from})"));
    let candidates = format!(
        "INSERT INTO candidate (id, organization_id, email, email_key, created_at) \
         SELECT 'can_' || {id}, c.organization_id, 'n' || ({number_from}) || '@example.org', \
         'n' || ({number_from}) || '@example.org', c.created_at \
         FROM {numbers}, candidate c, session t WHERE t.id = '{template}' AND c.id = t.candidate_id AND {missing}"
    );
    let sessions = format!(
        "INSERT INTO session (id, organization_id, question_set_id, version_id, candidate_id, candidate_name, status, \
         feedback, time_limit_minutes, invite_code_hash, created_by, created_at, started_at, deadline_at, submitted_at, submitted_by) \
         SELECT 'ses_' || {id}, t.organization_id, t.question_set_id, t.version_id, 'can_' || {id}, t.candidate_name, \
         CASE number % 2 WHEN 0 THEN 'active' ELSE 'submitted' END, t.feedback, t.time_limit_minutes, \
         'filled ' || ({number_from}), t.created_by, t.created_at, t.started_at, t.deadline_at, \
         CASE number % 2 WHEN 0 THEN NULL ELSE t.started_at END, CASE number % 2 WHEN 0 THEN NULL ELSE 'candidate' END \
         FROM {numbers}, session t WHERE t.id = '{template}' AND {missing}"
    );
    for sql in [&candidates, &sessions] {
        db.execute_unprepared(sql).await.map_err(io::Error::other)?;
    }
    // PostgreSQL does that by itself when so much is new. On SQLite nobody does: a server that is running would go on
    // planning with what was found when there were ten rows.
    if db.get_database_backend() == DbBackend::Postgres {
        db.execute_unprepared("ANALYZE").await.map_err(io::Error::other)?;
    }
    db.close().await.map_err(io::Error::other)
}
