//! Who uses the server: a member who invites, candidates who answer.

use std::{io, net::SocketAddr, sync::Arc};

use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::http::Connection;

/// A question of the built-in set.
pub const QUESTION: &str = "gil";
/// An answer of the usual length.
pub const ANSWER: &str = "The GIL is a lock around the interpreter, so only one thread runs Python bytecode at a time. \
    CPU-bound threads therefore don't run faster on several cores, and often run slower, since they fight for the lock. \
    While one thread waits for the network or the disk the lock is let go, so another can run: threads still help with \
    input and output. For real parallelism one uses several processes, with multiprocessing, each of which has an \
    interpreter and a lock of its own, or moves the work into an extension in C that gives the lock back.";

/// How many prepare at once.
const AT_ONCE: usize = 8;

/// A candidate whose session is active.
#[derive(Clone)]
pub struct Candidate {
    /// The session's id.
    pub session: String,
    /// What opens it.
    pub token: String,
}

fn text(value: &Value) -> io::Result<String> {
    value
        .as_str()
        .map(str::to_owned)
        .ok_or_else(|| io::Error::other("no text"))
}

/// Registers an organization, and gives its member's token.
///
/// # Errors
/// Where the server refuses.
pub async fn member(address: SocketAddr, name: &str) -> io::Result<String> {
    let body = json!({
        "organization": name, "name": "Ada", "email": format!("{name}@example.org"), "password": "correct horse"
    });
    let mut connection = Connection::to(address);
    let answer = connection
        .call("POST", "/v1/auth/register", "", &body.to_string())
        .await?;
    text(&answer.json(201)?["access_token"])
}

/// Invites so many candidates, who all begin.
///
/// # Errors
/// Where the server refuses.
pub async fn candidates(address: SocketAddr, member: &str, number: usize) -> io::Result<Vec<Candidate>> {
    let member: Arc<str> = member.into();
    let mut preparing = JoinSet::new();
    for lane in 0..AT_ONCE {
        let member = Arc::clone(&member);
        preparing.spawn(async move {
            let mut connection = Connection::to(address);
            let mut made = Vec::new();
            for number in (lane..number).step_by(AT_ONCE) {
                made.push(candidate(&mut connection, &member, number).await?);
            }
            Ok::<_, io::Error>(made)
        });
    }
    let mut all = Vec::new();
    while let Some(made) = preparing.join_next().await {
        all.extend(made.map_err(io::Error::other)??);
    }
    Ok(all)
}

async fn candidate(connection: &mut Connection, member: &str, number: usize) -> io::Result<Candidate> {
    let body = json!({
        "question_set": "python-core-mechanics", "feedback": "on_submit", "time_limit_minutes": 90,
        "candidate": {"name": format!("Grace {number}"), "email": format!("grace.{number}@example.org")}
    });
    let created = connection
        .call("POST", "/v1/sessions", member, &body.to_string())
        .await?
        .json(201)?;
    let code = json!({"invite_code": created["invite_code"]}).to_string();
    let opened = connection
        .call("POST", "/v1/candidate/token", "", &code)
        .await?
        .json(200)?;
    let token = text(&opened["access_token"])?;
    connection
        .call("POST", "/v1/candidate/session/start", &token, "")
        .await?
        .json(200)?;
    Ok(Candidate {
        session: text(&created["id"])?,
        token,
    })
}

/// The body of a save.
pub fn saving(text: &str) -> String {
    json!({"text": text}).to_string()
}
