//! Load and speed. Everything runs on loopback: the program itself, and bare handlers that do the least that could be done,
//! by turns, so that what else the machine does hits both. What is printed is ratios of one run.

mod floor;
mod http;
mod lists;
mod measure;
mod people;
#[path = "../../src/postgres.rs"]
#[allow(
    dead_code,
    clippy::expect_used,
    reason = "the tests need more of it, and stop where they can't go on"
)]
mod postgres;
mod process;

use std::{
    env, fs, io,
    process::Child,
    sync::Arc,
    time::{Duration, Instant},
};

use measure::{Asker, Askers, Latencies, as_fast_as_they_can};
use people::{ANSWER, Candidate, QUESTION, saving};
use process::{Server, busy};
use sea_orm::{ConnectionTrait, Database, Statement};
use tempfile::TempDir;
use tokio::{sync::Mutex, task::JoinSet, time};

use crate::http::Connection;

/// How many ask at once where it is about ratios.
const ASKERS: usize = 16;
/// How often a candidate saves.
const SAVES_EVERY: Duration = Duration::from_secs(5);

/// How much is done.
struct Form {
    slice: Duration,
    rounds: u32,
    sizes: &'static [usize],
    candidates: usize,
    saving_for: Duration,
}

const SHORT: Form = Form {
    slice: Duration::from_secs(2),
    rounds: 3,
    sizes: &[10, 1_000],
    candidates: 200,
    saving_for: Duration::from_secs(20),
};
const LONG: Form = Form {
    slice: Duration::from_secs(3),
    rounds: 8,
    sizes: &[10, 1_000, 100_000],
    candidates: 2_000,
    saving_for: Duration::from_secs(300),
};

struct Wanted {
    form: Form,
    only: Option<String>,
    engine: Option<String>,
}

impl Wanted {
    fn read() -> io::Result<Self> {
        let mut wanted = Self {
            form: SHORT,
            only: None,
            engine: None,
        };
        let mut given = env::args().skip(1);
        while let Some(word) = given.next() {
            let mut value = || {
                given
                    .next()
                    .ok_or_else(|| io::Error::other(format!("{word} what?")))
            };
            match word.as_str() {
                "short" => wanted.form = SHORT,
                "long" => wanted.form = LONG,
                "--only" => wanted.only = Some(value()?),
                "--engine" => wanted.engine = Some(value()?),
                "--candidates" => wanted.form.candidates = value()?.parse().map_err(io::Error::other)?,
                "--seconds" => {
                    wanted.form.saving_for = Duration::from_secs(value()?.parse().map_err(io::Error::other)?)
                }
                _ => return Err(io::Error::other(format!("{word}?"))),
            }
        }
        Ok(wanted)
    }

    fn has(&self, part: &str) -> bool {
        self.only
            .as_ref()
            .is_none_or(|only| only.split(',').any(|named| named == part))
    }
}

/// A database engine to measure on.
struct Engine {
    name: &'static str,
    /// PostgreSQL's URL, and what it lives by.
    server: Option<(String, Child)>,
    databases: u32,
}

impl Engine {
    /// A folder, and a database that is in it or goes with the server.
    async fn fresh(&mut self) -> io::Result<(TempDir, String)> {
        let folder = tempfile::tempdir()?;
        let url = match &self.server {
            None => format!("sqlite://{}", folder.path().join("viva.sqlite").display()),
            Some((url, _)) => {
                self.databases += 1;
                let name = format!("load_{}", self.databases);
                let db = Database::connect(url).await.map_err(io::Error::other)?;
                db.execute_unprepared(&format!("CREATE DATABASE {name}"))
                    .await
                    .map_err(io::Error::other)?;
                db.close().await.map_err(io::Error::other)?;
                url.replace("/postgres?", &format!("/{name}?"))
            }
        };
        Ok((folder, url))
    }
}

#[actix_web::main]
async fn main() -> io::Result<()> {
    let words: Vec<String> = env::args().skip(1).collect();
    if let [first, url, files @ ..] = words.as_slice()
        && first == "floor"
    {
        let [report, saved, session] = files else {
            return Err(io::Error::other("the floor wants three files"));
        };
        let read = |file: &String| fs::read_to_string(file);
        return floor::serve(url, read(report)?, read(saved)?, read(session)?).await;
    }
    let wanted = Wanted::read()?;
    for name in ["sqlite", "postgresql"] {
        if wanted.engine.as_ref().is_none_or(|engine| engine == name) {
            let server = match name {
                "postgresql" => Some(postgres::start(&[]).map_err(io::Error::other)?),
                _ => None,
            };
            let mut engine = Engine {
                name,
                server,
                databases: 0,
            };
            measure(&mut engine, &wanted).await?;
        }
    }
    Ok(())
}

async fn measure(engine: &mut Engine, wanted: &Wanted) -> io::Result<()> {
    println!("\n== {} (load average {})", engine.name, busy());
    if wanted.has("saves") || wanted.has("reads") {
        ratios(engine, wanted).await?;
    }
    if wanted.has("lists") {
        time_lists(engine, &wanted.form).await?;
    }
    if wanted.has("start") {
        time_starts(engine).await?;
    }
    if wanted.has("candidates") {
        save_as_candidates(engine, &wanted.form).await?;
    }
    Ok(())
}

/// What a save and a read cost, held against the floor.
async fn ratios(engine: &mut Engine, wanted: &Wanted) -> io::Result<()> {
    let (folder, url) = engine.fresh().await?;
    let viva = process::viva(&url, folder.path()).await?;
    let member = people::member(viva.address, "ratios").await?;
    let candidates = people::candidates(viva.address, &member, ASKERS).await?;
    let first = candidates.first().ok_or_else(|| io::Error::other("nobody"))?;
    let session_path = format!("/v1/sessions/{}", first.session);

    let saved = saver(viva.address, first).ask().await?;
    let session = Asker::new(Connection::to(viva.address), "GET", &session_path, &member, "")
        .ask()
        .await?;
    let report = stored_report(&url).await?;
    let (floor_folder, floor_url) = engine.fresh().await?;
    let texts = [
        ("report", report.as_str()),
        ("saved", &text(&saved)),
        ("session", &text(&session)),
    ];
    let floor = process::floor(&floor_url, floor_folder.path(), &texts).await?;

    if wanted.has("saves") {
        let ours = candidates
            .iter()
            .map(|candidate| shared(saver(viva.address, candidate)))
            .collect();
        let path = format!("/answers/{QUESTION}");
        let bare = ask_floor(&floor, "PUT", &path, &saving(ANSWER));
        compare("saving an answer", &wanted.form, (&viva, &ours), (&floor, &bare)).await?;
    }
    if wanted.has("reads") {
        let bare = ask_floor(&floor, "GET", &format!("/sessions/{}", floor::ID), "");
        let asking = |path: &str, token: &str| {
            shared(Asker::new(Connection::to(viva.address), "GET", path, token, ""))
        };
        let ours = candidates
            .iter()
            .map(|candidate| asking(&format!("/v1/sessions/{}", candidate.session), &member))
            .collect();
        compare(
            "reading a session, a member",
            &wanted.form,
            (&viva, &ours),
            (&floor, &bare),
        )
        .await?;
        let ours = candidates
            .iter()
            .map(|candidate| asking("/v1/candidate/session", &candidate.token))
            .collect();
        compare(
            "reading a session, its candidate",
            &wanted.form,
            (&viva, &ours),
            (&floor, &bare),
        )
        .await?;
    }
    Ok(())
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn shared(asker: Asker) -> Arc<Mutex<Asker>> {
    Arc::new(Mutex::new(asker))
}

fn saver(address: std::net::SocketAddr, candidate: &Candidate) -> Asker {
    let path = format!("/v1/candidate/answers/{QUESTION}");
    Asker::new(
        Connection::to(address),
        "PUT",
        &path,
        &candidate.token,
        &saving(ANSWER),
    )
}

fn ask_floor(floor: &Server, method: &'static str, path: &str, body: &str) -> Askers {
    (0..ASKERS)
        .map(|_| shared(Asker::new(Connection::to(floor.address), method, path, "", body)))
        .collect()
}

async fn stored_report(url: &str) -> io::Result<String> {
    let db = Database::connect(url).await.map_err(io::Error::other)?;
    let sql = Statement::from_string(
        db.get_database_backend(),
        "SELECT CAST(report AS TEXT) FROM grade LIMIT 1",
    );
    let row = db.query_one_raw(sql).await.map_err(io::Error::other)?;
    db.close().await.map_err(io::Error::other)?;
    row.and_then(|row| row.try_get_by_index(0).ok())
        .ok_or_else(|| io::Error::other("no grade is stored"))
}

async fn compare(
    what: &str,
    form: &Form,
    ours: (&Server, &Askers),
    bare: (&Server, &Askers),
) -> io::Result<()> {
    let mut taken = [(Vec::new(), 0), (Vec::new(), 0)];
    let mut ratios = Vec::new();
    for (_, askers) in [ours, bare] {
        as_fast_as_they_can(askers, form.slice / 4).await?;
    }
    for _ in 0..form.rounds {
        let mut rates = [0.0; 2];
        for ((server, askers), (taken, rate)) in
            [ours, bare].into_iter().zip(taken.iter_mut().zip(&mut rates))
        {
            let before = server.ticks();
            let took = as_fast_as_they_can(askers, form.slice).await?;
            taken.1 += server.ticks() - before;
            *rate = took.len() as f64 / form.slice.as_secs_f64();
            taken.0.extend(took);
        }
        let [ours, bare] = rates;
        ratios.push(ours / bare);
    }
    let seconds = form.slice.as_secs_f64() * f64::from(form.rounds);
    let [ours, bare] = taken.map(|(took, ticks)| {
        let took = Latencies::from(took);
        (
            took.len() as f64 / seconds,
            ticks as f64 * 10_000.0 / took.len() as f64,
            took.summary(),
        )
    });
    ratios.sort_by(f64::total_cmp);
    println!(
        "{what}: {:.2} of the floor (rounds {:.2} to {:.2}); {:.0}/s and {:.0}/s; processor {:.0} µs and {:.0} µs each; load average {}",
        ours.0 / bare.0,
        ratios.first().unwrap_or(&f64::NAN),
        ratios.last().unwrap_or(&f64::NAN),
        ours.0,
        bare.0,
        ours.1,
        bare.1,
        busy()
    );
    println!("    ours {}; the floor {}", ours.2, bare.2);
    Ok(())
}

/// A page of a list, of few sessions and of many.
async fn time_lists(engine: &mut Engine, form: &Form) -> io::Result<()> {
    let (folder, url) = engine.fresh().await?;
    let viva = process::viva(&url, folder.path()).await?;
    let member = people::member(viva.address, "lists").await?;
    let made = people::candidates(viva.address, &member, 1).await?;
    let template = made
        .first()
        .map(|candidate| candidate.session.clone())
        .unwrap_or_default();
    let mut connection = Connection::to(viva.address);
    for &size in form.sizes {
        lists::fill(&url, &template, size).await?;
        let cursor = base64(format!("ses_{:032x}", size / 2).as_bytes());
        let mut said = Vec::new();
        for (name, query) in [
            ("first page", String::new()),
            ("by status", "&status=submitted".to_owned()),
            ("from the middle", format!("&cursor={cursor}")),
        ] {
            let path = format!("/v1/sessions?limit=10{query}");
            let mut took = Vec::new();
            for _ in 0..60 {
                let begun = Instant::now();
                connection.call("GET", &path, &member, "").await?.json(200)?;
                took.push(begun.elapsed());
            }
            said.push(format!("{name} {:.2} ms", Latencies::from(took).quantile(0.5)));
        }
        println!(
            "a page of ten of {size} sessions: {} (median of 60); load average {}",
            said.join(", "),
            busy()
        );
    }
    Ok(())
}

/// What a list gives as its cursor.
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let digit = |bits: u32| char::from(DIGITS.get((bits & 63) as usize).copied().unwrap_or_default());
    bytes
        .chunks(3)
        .flat_map(|chunk| {
            let bits = (0..3).fold(0_u32, |bits, at| {
                bits << 8 | u32::from(chunk.get(at).copied().unwrap_or(0))
            });
            (0..=chunk.len() as u32)
                .map(move |at| digit(bits >> (18 - 6 * at)))
                .collect::<Vec<_>>()
        })
        .collect()
}

/// From the start to the first answer, with a database that is there.
async fn time_starts(engine: &mut Engine) -> io::Result<()> {
    let (folder, url) = engine.fresh().await?;
    let first = process::viva(&url, folder.path()).await?;
    let fresh = first.started_in;
    drop(first);
    let mut took = Vec::new();
    let mut memory = 0;
    for _ in 0..5 {
        let viva = process::viva(&url, folder.path()).await?;
        took.push(viva.started_in);
        time::sleep(Duration::from_secs(1)).await;
        memory = viva.memory_kib();
    }
    let took = Latencies::from(took);
    println!(
        "start to first answer: {:.0} ms with a database that is there (median of 5), {:.0} ms with a fresh one; {} MiB resident when idle; load average {}",
        took.quantile(0.5),
        fresh.as_secs_f64() * 1000.0,
        memory / 1024,
        busy()
    );
    Ok(())
}

/// Many candidates, each of whom saves every five seconds, whether or not the server keeps up.
async fn save_as_candidates(engine: &mut Engine, form: &Form) -> io::Result<()> {
    let (folder, url) = engine.fresh().await?;
    let viva = process::viva(&url, folder.path()).await?;
    let member = people::member(viva.address, "candidates").await?;
    let candidates = people::candidates(viva.address, &member, form.candidates).await?;
    let (number, begun) = (candidates.len(), Instant::now() + Duration::from_secs(1));
    let mut saving = JoinSet::new();
    for (place, candidate) in candidates.into_iter().enumerate() {
        let offset = SAVES_EVERY.mul_f64(place as f64 / number as f64);
        saving.spawn(save_on_time(
            saver(viva.address, &candidate),
            begun + offset,
            begun + form.saving_for,
        ));
    }
    let mut memory = Vec::new();
    let mut ticks = time::interval(form.saving_for / 10);
    let (mut took, mut errors) = (Vec::new(), Vec::new());
    while !saving.is_empty() {
        tokio::select! {
            _ = ticks.tick() => memory.push(viva.memory_kib() / 1024),
            Some(saved) = saving.join_next() => {
                let (good, bad) = saved.map_err(io::Error::other)?;
                took.extend(good);
                errors.extend(bad);
            }
        }
    }
    let seconds = begun.elapsed().as_secs_f64();
    let took = Latencies::from(took);
    println!(
        "{number} candidates, each saving every {} s for {} s: {} saves ({:.0}/s), {} errors; {}; memory {memory:?} MiB; load average {}",
        SAVES_EVERY.as_secs(),
        form.saving_for.as_secs(),
        took.len(),
        took.len() as f64 / seconds,
        errors.len(),
        took.summary(),
        busy()
    );
    if let Some(first) = errors.first() {
        println!("    first error: {first}");
    }
    check_stored(&url, took.len()).await?;
    Ok(())
}

/// Saves at its times; where one is late, the next are asked for at once, and latency counts from when it was due.
async fn save_on_time(mut asker: Asker, first: Instant, end: Instant) -> (Vec<Duration>, Vec<String>) {
    let (mut took, mut errors, mut due) = (Vec::new(), Vec::new(), first);
    while due < end {
        time::sleep_until(due.into()).await;
        match asker.ask().await {
            Ok(_) => took.push(due.elapsed()),
            Err(error) => errors.push(error.to_string()),
        }
        due += SAVES_EVERY;
    }
    (took, errors)
}

/// What was acknowledged is there.
async fn check_stored(url: &str, acknowledged: usize) -> io::Result<()> {
    let db = Database::connect(url).await.map_err(io::Error::other)?;
    let sql = Statement::from_string(db.get_database_backend(), "SELECT COUNT(*) FROM answer_revision");
    let row = db.query_one_raw(sql).await.map_err(io::Error::other)?;
    let stored: i64 = row
        .and_then(|row| row.try_get_by_index(0).ok())
        .unwrap_or_default();
    db.close().await.map_err(io::Error::other)?;
    println!("    {acknowledged} saves were acknowledged, {stored} are stored");
    Ok(())
}
