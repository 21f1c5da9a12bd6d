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
mod table;

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
use table::Table;
use tempfile::TempDir;
use tokio::{sync::Mutex, task::JoinSet, time};

use crate::http::Connection;

/// How many ask at once where it is about ratios.
const ASKERS: usize = 16;
/// How often a candidate saves.
const SAVES_EVERY: Duration = Duration::from_secs(5);

/// The parts, and how many minutes one may take on one engine before it is given up: all of them on both, 40.
const PARTS: &[(&str, u64)] = &[("ratios", 5), ("lists", 4), ("start", 1), ("candidates", 10)];

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
    let (begun, mut table) = (Instant::now(), Table::default());
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
            measure(&mut engine, &wanted, &mut table).await;
        }
    }
    let took = begun.elapsed().as_secs_f64() / 60.0;
    println!(
        "\n{table}\nIn {took:.1} minutes; load average {} at the end.",
        busy()
    );
    Ok(())
}

/// Every part that is wanted. One that fails or takes too long says so and keeps none of the others.
async fn measure(engine: &mut Engine, wanted: &Wanted, table: &mut Table) {
    println!("\n== {} (load average {})", engine.name, busy());
    for &(part, minutes) in PARTS {
        let is_wanted = match part {
            "ratios" => wanted.has("saves") || wanted.has("reads"),
            part => wanted.has(part),
        };
        if !is_wanted {
            continue;
        }
        let measured = async {
            match part {
                "ratios" => ratios(engine, wanted, table).await,
                "lists" => time_lists(engine, &wanted.form, table).await,
                "start" => time_starts(engine, table).await,
                _ => save_as_candidates(engine, &wanted.form, table).await,
            }
        };
        let wrong = match time::timeout(Duration::from_secs(60 * minutes), measured).await {
            Ok(Ok(())) => continue,
            Ok(Err(error)) => format!("FAILED: {error}"),
            Err(_) => format!("GIVEN UP after {minutes} minutes"),
        };
        table.put(engine.name, part, wrong);
    }
}

/// What a save and a read cost, held against the floor.
async fn ratios(engine: &mut Engine, wanted: &Wanted, table: &mut Table) -> io::Result<()> {
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
        let compared = compare(&wanted.form, (&viva, &ours), (&floor, &bare)).await?;
        compared.put(table, engine.name, "a save");
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
        let compared = compare(&wanted.form, (&viva, &ours), (&floor, &bare)).await?;
        compared.put(table, engine.name, "a member's read of a session");
        let ours = candidates
            .iter()
            .map(|candidate| asking("/v1/candidate/session", &candidate.token))
            .collect();
        let compared = compare(&wanted.form, (&viva, &ours), (&floor, &bare)).await?;
        compared.put(table, engine.name, "the candidate's read");
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

/// What a server did in its slices.
struct Done {
    per_second: f64,
    /// Microseconds of processors for each answer, and what of that was grading.
    processor: [f64; 2],
    latencies: Latencies,
}

/// What the program did, and what the floor did by turns with it.
struct Compared {
    ours: Done,
    bare: Done,
    /// The ratio in each round, sorted.
    ratios: Vec<f64>,
}

impl Compared {
    fn put(&self, table: &mut Table, engine: &'static str, what: &str) {
        let Self { ours, bare, ratios } = self;
        let [processor, grading] = ours.processor;
        table.put(
            engine,
            &format!("{what}, of the floor"),
            format!(
                "**{:.2}** (rounds {:.2} to {:.2}; {:.0}/s against {:.0}/s)",
                ours.per_second / bare.per_second,
                ratios.first().unwrap_or(&f64::NAN),
                ratios.last().unwrap_or(&f64::NAN),
                ours.per_second,
                bare.per_second,
            ),
        );
        let apart = if grading > 0.0 {
            format!(
                ", grading {grading:.0} µs and all else {:.0} µs",
                processor - grading
            )
        } else {
            String::new()
        };
        table.put(
            engine,
            &format!("{what}: processor time"),
            format!("{processor:.0} µs against {:.0} µs{apart}", bare.processor[0]),
        );
        table.put(
            engine,
            &format!("{what}: p50, p99, p99.9"),
            format!(
                "{} (the floor: {})",
                ours.latencies.summary(),
                bare.latencies.summary()
            ),
        );
    }
}

async fn compare(form: &Form, ours: (&Server, &Askers), bare: (&Server, &Askers)) -> io::Result<Compared> {
    let mut taken = [(Vec::new(), [0; 2]), (Vec::new(), [0; 2])];
    let mut ratios = Vec::new();
    for (_, askers) in [ours, bare] {
        as_fast_as_they_can(askers, form.slice / 4).await?;
    }
    for _ in 0..form.rounds {
        let mut rates = [0.0; 2];
        for ((server, askers), (taken, rate)) in
            [ours, bare].into_iter().zip(taken.iter_mut().zip(&mut rates))
        {
            let used = || [server.ticks(), server.ticks_grading()];
            let before = used();
            let took = as_fast_as_they_can(askers, form.slice).await?;
            for (sum, (before, after)) in taken.1.iter_mut().zip(before.into_iter().zip(used())) {
                *sum += after.saturating_sub(before);
            }
            *rate = took.len() as f64 / form.slice.as_secs_f64();
            taken.0.extend(took);
        }
        let [ours, bare] = rates;
        ratios.push(ours / bare);
    }
    let seconds = form.slice.as_secs_f64() * f64::from(form.rounds);
    let [ours, bare] = taken.map(|(took, ticks)| {
        let latencies = Latencies::from(took);
        let number = latencies.len() as f64;
        Done {
            per_second: number / seconds,
            processor: ticks.map(|ticks| ticks as f64 * 10_000.0 / number),
            latencies,
        }
    });
    ratios.sort_by(f64::total_cmp);
    Ok(Compared { ours, bare, ratios })
}

/// A page of a list, of few sessions and of many.
async fn time_lists(engine: &mut Engine, form: &Form, table: &mut Table) -> io::Result<()> {
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
        table.put(
            engine.name,
            &format!("a page of 10 of {size} sessions, median of 60"),
            said.join(", "),
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
async fn time_starts(engine: &mut Engine, table: &mut Table) -> io::Result<()> {
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
    table.put(
        engine.name,
        "start to first answer, median of 5",
        format!(
            "{:.0} ms with a database that is there, {:.0} ms with a fresh one",
            took.quantile(0.5),
            fresh.as_secs_f64() * 1000.0
        ),
    );
    table.put(
        engine.name,
        "resident memory when idle",
        format!("{} MiB", memory / 1024),
    );
    Ok(())
}

/// Many candidates, each of whom saves every five seconds, whether or not the server keeps up.
async fn save_as_candidates(engine: &mut Engine, form: &Form, table: &mut Table) -> io::Result<()> {
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
    let processor = viva.ticks();
    while !saving.is_empty() {
        tokio::select! {
            _ = ticks.tick() => {
                memory.push((viva.memory_kib() / 1024).to_string());
                println!("    after {:.0} s: {} MiB", begun.elapsed().as_secs_f64(), memory.last().map_or("", |last| last));
            }
            Some(saved) = saving.join_next() => {
                let (good, bad) = saved.map_err(io::Error::other)?;
                took.extend(good);
                errors.extend(bad);
            }
        }
    }
    let seconds = begun.elapsed().as_secs_f64();
    let busy_for = (viva.ticks() - processor) as f64 / 100.0;
    let took = Latencies::from(took);
    let what = format!(
        "{number} candidates, each saving every {} s for {} s",
        SAVES_EVERY.as_secs(),
        form.saving_for.as_secs()
    );
    let stored = stored_revisions(&url).await?;
    table.put(
        engine.name,
        &what,
        format!(
            "{} saves ({:.0}/s), {stored} stored, **{} errors**{}; {:.1} processors busy",
            took.len(),
            took.len() as f64 / seconds,
            errors.len(),
            errors
                .first()
                .map_or(String::new(), |first| format!(" (the first: {first})")),
            busy_for / seconds,
        ),
    );
    table.put(
        engine.name,
        &format!("{number} candidates: p50, p99, p99.9"),
        took.summary(),
    );
    table.put(
        engine.name,
        &format!("{number} candidates: resident memory over time"),
        format!("{} MiB", memory.join(", ")),
    );
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

/// How many saves are there.
async fn stored_revisions(url: &str) -> io::Result<i64> {
    let db = Database::connect(url).await.map_err(io::Error::other)?;
    let sql = Statement::from_string(db.get_database_backend(), "SELECT COUNT(*) FROM answer_revision");
    let row = db.query_one_raw(sql).await.map_err(io::Error::other)?;
    let stored = row.and_then(|row| row.try_get_by_index(0).ok());
    db.close().await.map_err(io::Error::other)?;
    stored.ok_or_else(|| io::Error::other("the saves could not be counted"))
}
