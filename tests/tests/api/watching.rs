//! The server from where its operator stands: the metrics, the log, the traces, and the files that go with them.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::{Read, Write},
    net::TcpListener,
    path::Path,
    process::Command,
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use tests::{TestApp, TestDatabase, on_both_databases, people::PASSWORD};

const PROGRAM: &str = env!("CARGO_BIN_EXE_viva-under-test");
/// An answer with words that nobody else writes, and a concept that it meets.
const ANSWER: &str =
    "The GIL is released while a thread waits for I/O, said Quetzalcoatlus to Parasaurolophus.";
const CANDIDATE: &str = "Ichthyosaurus Communis";

/// Who called, and what none of it may stand in a log.
struct Lived {
    secrets: Vec<(&'static str, String)>,
}

/// An interview, with what goes wrong on the way: every secret that the server sees.
async fn interview(app: &TestApp) -> Lived {
    let member = app.member().await;
    let set = json!({"candidate": {"name": CANDIDATE, "email": "ichthyosaurus@example.org"}, "feedback": "immediate"});
    let candidate = app.interview_with(&member, &set).await;
    candidate.save(app, "gil", ANSWER).await.is(201);
    candidate
        .save(app, "gil", &format!("{ANSWER} Again."))
        .await
        .is(200);
    candidate.save(app, "no-such-question", ANSWER).await.is(404);
    let preview = json!({"question_set": "python-core-mechanics", "question_id": "gil", "answer": ANSWER});
    member.post(app, "/v1/grade-previews", &preview).await.is(200);
    let login = json!({"email": member.email, "password": "wrong Brontosaurus"});
    app.post("/v1/auth/login").json(&login).send().await.is(401);
    let refreshed = app
        .post("/v1/auth/refresh")
        .json(&json!({"refresh_token": member.refresh_token}))
        .ok()
        .await;
    let broken = format!("{{\"text\": \"{ANSWER}");
    let path = "/v1/candidate/answers/gil";
    app.put(path)
        .token(&candidate.token)
        .body("application/json", broken)
        .send()
        .await
        .is(400);
    app.get("/v1/me")
        .token(&format!("{}x", member.token))
        .send()
        .await
        .is(401);
    app.get(&format!("/v1/nothing/{}", member.token))
        .send()
        .await
        .is(404);
    app.post("/v1/candidate/token")
        .json(&json!({"invite_code": format!("{}x", candidate.invite_code)}))
        .send()
        .await;
    candidate.post(app, "submit").await.is(200);
    member.report(app, &candidate.session).await;
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    Lived {
        secrets: vec![
            ("a password", PASSWORD.to_owned()),
            ("a wrong password", "Brontosaurus".to_owned()),
            ("an access token", member.token),
            ("a refresh token", member.refresh_token),
            ("a new access token", text(&refreshed["access_token"])),
            ("a new refresh token", text(&refreshed["refresh_token"])),
            ("an invite code", candidate.invite_code),
            ("a candidate's token", candidate.token),
            ("an answer", "Quetzalcoatlus".to_owned()),
            ("the end of an answer", "Parasaurolophus".to_owned()),
            ("a candidate's name", CANDIDATE.to_owned()),
            ("a candidate's address", "ichthyosaurus@".to_owned()),
            ("a password's hash", "$argon2".to_owned()),
            ("a private key", "PRIVATE KEY".to_owned()),
        ],
    }
}

impl Lived {
    /// Holds a text against every secret, and against the parts of tokens that are secret alone.
    fn assert_absent(&self, database: &TestDatabase, text: &str) {
        let url = database.url();
        let database_password = url
            .split_once("://")
            .and_then(|(_, rest)| rest.split_once('@'))
            .and_then(|(user, _)| user.split_once(':'))
            .map(|(_, password)| ("the database's password", password.to_owned()));
        let signatures: Vec<_> = self
            .secrets
            .iter()
            .filter_map(|(what, secret)| {
                secret
                    .rsplit_once('.')
                    .map(|(_, signature)| (*what, signature.to_owned()))
            })
            .filter(|(_, signature)| signature.len() > 20)
            .collect();
        for (what, secret) in self.secrets.iter().chain(&signatures).chain(&database_password) {
            let found = text.lines().find(|line| line.contains(secret.as_str()));
            assert!(found.is_none(), "{what} is in {found:?}");
        }
    }
}

on_both_databases! {
    async fn no_secret_and_no_answer_is_logged_at_any_level(database: TestDatabase) {
        let settings = ["--log", "trace", "--log-format", "json"];
        let app = TestApp::start_program(database, PROGRAM, &settings).await;
        let lived = interview(&app).await;
        let (log, database) = app.stop_with_log();
        lived.assert_absent(&database, &log);
        let mut answered = 0;
        for line in log.lines() {
            let event: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
            assert!(event["level"].is_string() && event["timestamp"].is_string(), "{line}");
            if event["message"] == "answered" {
                assert!(event["request_id"].as_str().is_some_and(|id| !id.is_empty()), "{line}");
                answered += 1;
            }
        }
        assert!(answered > 10, "{log}");
    }

    async fn no_secret_is_logged_where_libraries_are_asked_for_by_name(database: TestDatabase) {
        let asked = "trace,sea_orm=trace,sea_orm::driver=trace,sqlx=trace,sqlx::query=trace,actix_http=trace,actix_web=trace";
        let app = TestApp::start_program(database, PROGRAM, &["--log", asked]).await;
        let lived = interview(&app).await;
        let (log, database) = app.stop_with_log();
        lived.assert_absent(&database, &log);
        assert!(log.contains("answered"), "{log}");
    }

    async fn the_metrics_tell_what_was_done(database: TestDatabase) {
        let app = TestApp::start_with(database, watched).await;
        let lived = interview(&app).await;
        let scraped = scrape(&app).await;
        lived.assert_absent(&app.database, &scraped.text);

        let saves = "viva_http_requests_total{method=\"PUT\",route=\"/v1/candidate/answers/{question_id}\"";
        assert_eq!(scraped.value(&format!("{saves},status=\"201\"}}")), 1.0);
        assert_eq!(scraped.value(&format!("{saves},status=\"200\"}}")), 1.0);
        assert_eq!(scraped.value(&format!("{saves},status=\"404\"}}")), 1.0);
        assert_eq!(scraped.value("viva_http_requests_total{method=\"GET\",route=\"other\",status=\"404\"}"), 1.0);
        let timed = "viva_http_request_duration_seconds_count{method=\"PUT\",route=\"/v1/candidate/answers/{question_id}\"}";
        assert_eq!(scraped.value(timed), 4.0);
        assert_eq!(scraped.value("viva_http_requests_in_flight"), 0.0);
        assert_eq!(scraped.value("viva_grading_duration_seconds_count{purpose=\"answer\"}"), 2.0);
        assert_eq!(scraped.value("viva_grading_duration_seconds_count{purpose=\"preview\"}"), 1.0);
        assert_eq!(scraped.value("viva_answers_per_transaction_sum"), 2.0);
        // The question has five concepts.
        let judged = |purpose: &str| -> f64 {
            let begin = format!("viva_verdicts_total{{purpose=\"{purpose}\"");
            scraped.series().iter().filter(|(series, _)| series.starts_with(&begin)).map(|(_, count)| count).sum()
        };
        assert_eq!((judged("answer"), judged("preview")), (10.0, 5.0));
        assert!(scraped.value("viva_database_statement_duration_seconds_count{outcome=\"ok\"}") > 20.0);
        assert_eq!(scraped.value("viva_database_connections_limit"), 5.0);
        let connections = scraped.value("viva_database_connections{state=\"idle\"}") + scraped.value("viva_database_connections{state=\"used\"}");
        assert!((1.0..=5.0).contains(&connections), "{connections}");
        assert!(scraped.value("viva_background_runs_total{task=\"deadlines\",outcome=\"ok\"}") >= 1.0);
        assert_eq!(scraped.value(&format!("viva_build_info{{version=\"{}\",engine=\"{}\"}}", env!("CARGO_PKG_VERSION"), grading_version(&app).await)), 1.0);
    }

    async fn open_sessions_are_counted_for_the_metrics(database: TestDatabase) {
        let app = TestApp::start(database).await;
        let member = app.member().await;
        app.interview(&member, "never").await;
        app.invited(&member, "never").await;
        app.invited(&member, "never").await;
        let app = TestApp::start_with(app.stop(), watched).await;
        let (pending, active) = ("viva_sessions{status=\"pending\"}", "viva_sessions{status=\"active\"}");
        let patience = Instant::now() + Duration::from_secs(20);
        let mut seen = (0.0, 0.0);
        while seen != (2.0, 1.0) {
            assert!(Instant::now() < patience, "{seen:?}");
            tokio::time::sleep(Duration::from_millis(50)).await;
            let scraped = scrape(&app).await;
            seen = (scraped.maybe(pending), scraped.maybe(active));
        }
    }

    async fn labels_have_few_values_whatever_clients_write(database: TestDatabase) {
        let app = TestApp::start_with(database, watched).await;
        let member = app.member().await;
        let candidate = app.interview(&member, "never").await;
        let before = scrape(&app).await.series().len();
        for number in 0..12 {
            app.get(&format!("/v1/sessions/ses_{number}")).token(&member.token).send().await;
            app.get(&format!("/nothing/{number}")).send().await;
            candidate.save(&app, &format!("question-{number}"), "x").await;
            app.call(&format!("METHOD{number}"), "/healthz").send().await;
        }
        let scraped = scrape(&app).await;
        let series = scraped.series();
        assert!(series.len() < before + 100, "{before} became {}", series.len());
        let words = ["ses_", "nothing", "question-1", "METHOD1", &member.email, &candidate.session];
        for word in words {
            assert!(!scraped.text.contains(word), "{word} is in {}", scraped.text);
        }
    }

    async fn traces_go_to_the_collector_without_secrets(database: TestDatabase) {
        let (collector, bodies) = collector();
        let endpoint = format!("http://{collector}");
        let app = TestApp::start_program(database, PROGRAM, &["--otlp-endpoint", &endpoint, "--log", "trace"]).await;
        let caller = "4bf92f3577b34da6a3ce929d0e0e4736";
        app.get("/healthz").header("traceparent", &format!("00-{caller}-00f067aa0ba902b7-01")).ok().await;
        let lived = interview(&app).await;
        let (log, database) = app.stop_with_log();
        lived.assert_absent(&database, &log);
        let sent: Vec<u8> = bodies.try_iter().flatten().collect();
        let text = String::from_utf8_lossy(&sent);
        lived.assert_absent(&database, &text);
        for said in ["PUT /v1/candidate/answers/{question_id}", "GET /healthz", "service.version", "grade", "store", "viva.request_id"] {
            assert!(text.contains(said), "no {said} in {text}");
        }
        let caller: Vec<u8> = caller.as_bytes().chunks(2).map(|hex| u8::from_str_radix(std::str::from_utf8(hex).unwrap(), 16).unwrap()).collect();
        assert!(sent.windows(16).any(|window| window == caller), "the caller's trace goes on");
        assert!(!text.contains("sea_orm") && !text.contains("SELECT"), "{text}");
    }

    async fn a_collector_that_is_away_harms_nobody(database: TestDatabase) {
        let settings = ["--otlp-endpoint", "http://127.0.0.1:9", "--log-format", "json"];
        let app = TestApp::start_program(database, PROGRAM, &settings).await;
        app.get("/readyz").ok().await;
        let begun = Instant::now();
        app.stop_with_log();
        assert!(begun.elapsed() < Duration::from_secs(20));
    }

    async fn nothing_but_the_metrics_is_on_their_listener(database: TestDatabase) {
        let app = TestApp::start_with(database, watched).await;
        for (path, status) in [("/metrics", 200), ("/", 404), ("/healthz", 404), ("/v1/me", 404)] {
            let url = app.metrics_url().replace("/metrics", path);
            assert_eq!(app.plain_client().get(url).send().await.unwrap().status(), status, "{path}");
        }
        app.get("/metrics").send().await.is(404);
    }
}

fn watched(config: &mut api::config::Config) {
    config.metrics_listen = Some("127.0.0.1:0".parse().unwrap());
}

async fn grading_version(app: &TestApp) -> String {
    let member = app.member().await;
    let candidate = app.interview(&member, "immediate").await;
    candidate.save(app, "gil", "x").await.is(201);
    let rows = app.database.query("SELECT engine_version FROM grade").await;
    rows[0].try_get_by_index(0).unwrap()
}

/// What Prometheus would read.
struct Scraped {
    text: String,
}

async fn scrape(app: &TestApp) -> Scraped {
    let answer = app.plain_client().get(app.metrics_url()).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let media_type = answer.headers()["content-type"].to_str().unwrap().to_owned();
    assert!(
        media_type.starts_with("application/openmetrics-text"),
        "{media_type}"
    );
    let text = answer.text().await.unwrap();
    assert!(text.ends_with("# EOF\n"), "{text}");
    Scraped { text }
}

impl Scraped {
    fn series(&self) -> BTreeMap<&str, f64> {
        let lines = self.text.lines().filter(|line| !line.starts_with('#'));
        lines
            .map(|line| line.rsplit_once(' ').unwrap())
            .map(|(name, value)| (name, value.parse().unwrap()))
            .collect()
    }

    #[track_caller]
    fn value(&self, series: &str) -> f64 {
        *self
            .series()
            .get(series)
            .unwrap_or_else(|| panic!("no {series} in {}", self.text))
    }

    fn maybe(&self, series: &str) -> f64 {
        self.series().get(series).copied().unwrap_or_default()
    }

    /// The names of what is measured, as rules and dashboards write them.
    fn names(&self) -> BTreeSet<String> {
        self.series()
            .keys()
            .map(|series| series.split('{').next().unwrap().to_owned())
            .collect()
    }
}

/// A collector that takes everything: its address, and the bodies that it got.
fn collector() -> (std::net::SocketAddr, mpsc::Receiver<Vec<u8>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (sender, bodies) = mpsc::channel();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let (mut stream, sender) = (stream.unwrap(), sender.clone());
            let mut read = Vec::new();
            let mut buffer = [0; 65536];
            let body = loop {
                let count = stream.read(&mut buffer).unwrap();
                read.extend_from_slice(&buffer[..count]);
                let Some(end) = read.windows(4).position(|window| window == b"\r\n\r\n") else {
                    continue;
                };
                let head = String::from_utf8_lossy(&read[..end]).to_lowercase();
                let length = head
                    .split("content-length: ")
                    .nth(1)
                    .and_then(|rest| rest.lines().next());
                let length: usize = length.unwrap().parse().unwrap();
                if read.len() >= end + 4 + length {
                    break read.split_off(end + 4);
                }
            };
            sender.send(body).unwrap();
            let answer = "HTTP/1.1 200 OK\r\nContent-Type: application/x-protobuf\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
            stream.write_all(answer.as_bytes()).unwrap();
        }
    });
    (address, bodies)
}

fn file(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The metrics that a text names.
fn named(text: &str) -> BTreeSet<String> {
    let of_a_name = |character: char| character.is_ascii_alphanumeric() || character == '_';
    text.split(|character| !of_a_name(character))
        .filter(|word| ["viva_", "process_"].iter().any(|begin| word.starts_with(begin)))
        .map(str::to_owned)
        .collect()
}

/// Every expression of a dashboard.
fn expressions(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                match value {
                    Value::String(text) if ["expr", "query", "definition"].contains(&name.as_str()) => {
                        found.push(text.clone())
                    }
                    value => expressions(value, found),
                }
            }
        }
        Value::Array(values) => values.iter().for_each(|value| expressions(value, found)),
        _ => {}
    }
}

on_both_databases! {
    async fn dashboard_rules_and_handbook_name_only_what_is_measured(database: TestDatabase) {
        let app = TestApp::start_with(database, watched).await;
        interview(&app).await;
        let names = scrape(&app).await.names();

        let dashboard: Value = serde_json::from_str(&file("deploy/grafana/viva.json")).unwrap();
        let mut asked = Vec::new();
        expressions(&dashboard, &mut asked);
        assert!(asked.len() > 5, "{asked:?}");
        let rules = file("deploy/prometheus/alerts.yaml");
        let rules: Vec<&str> = rules.lines().filter(|line| !line.trim_start().starts_with('#')).collect();
        for (place, text) in [("the dashboard", asked.join("\n")), ("the rules", rules.join("\n"))] {
            let used = named(&text);
            assert!(used.len() > 3, "{place}: {used:?}");
            let unknown: Vec<_> = used.difference(&names).collect();
            assert!(unknown.is_empty(), "{place} names {unknown:?}, but there are only {names:#?}");
        }
        // The handbook has a row for each metric, by the name that a query begins with, and none besides.
        let handbook = file("docs/watching.md");
        let rows = handbook.lines().filter_map(|line| line.strip_prefix("| `")).filter_map(|row| row.split(['`', '{']).next());
        let told: BTreeSet<&str> = rows.filter(|row| !named(row).is_empty()).collect();
        let measured: BTreeSet<&str> = names.iter().map(|name| ["_bucket", "_count", "_sum"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name)).collect();
        assert_eq!(told, measured);
    }
}

/// A program that is installed; where it is not, a test that needs it says so and checks nothing.
fn installed(program: &str, version: &str) -> Option<String> {
    // Where Debian puts servers, which lies outside the PATH of most.
    let places = [program.to_owned(), format!("/usr/sbin/{program}")];
    let runs = |path: &String| {
        Command::new(path)
            .arg(version)
            .output()
            .is_ok_and(|output| output.status.success())
    };
    let found = places.into_iter().find(runs);
    if found.is_none() {
        eprintln!("{program} is not installed: what needs it was NOT tested");
    }
    found
}

#[test]
fn the_alerts_fire_when_they_should() {
    let Some(promtool) = installed("promtool", "--version") else {
        return;
    };
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap()
        .join("deploy/prometheus");
    for arguments in [
        ["check", "rules", "alerts.yaml"],
        ["test", "rules", "alerts_test.yaml"],
    ] {
        let output = Command::new(&promtool)
            .args(arguments)
            .current_dir(&folder)
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
}

/// nginx, until it is dropped.
struct Nginx(std::process::Child);

impl Drop for Nginx {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

impl Nginx {
    /// As `deploy/nginx.conf` has it, with other addresses.
    fn before(
        program: &str,
        folder: &Path,
        replicas: [std::net::SocketAddr; 2],
    ) -> (Self, std::net::SocketAddr) {
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let folder = folder.join("nginx");
        fs::create_dir(&folder).unwrap();
        let changes = [
            ("viva-1:8080", replicas[0].to_string()),
            ("viva-2:8080", replicas[1].to_string()),
            ("listen 8080", format!("listen {address}")),
            ("/tmp/", format!("{}/", folder.display())),
            ("/dev/stdout", format!("{}/access.log", folder.display())),
        ];
        let mut written = file("deploy/nginx.conf");
        for (from, to) in changes {
            assert!(written.contains(from), "{from}");
            written = written.replace(from, &to);
        }
        fs::write(folder.join("nginx.conf"), written).unwrap();
        // One process: nothing is left behind where it is killed.
        let global = "daemon off; master_process off;";
        let child = Command::new(program)
            .args(["-g", global, "-p"])
            .arg(&folder)
            .arg("-c")
            .arg(folder.join("nginx.conf"))
            .spawn();
        let nginx = Self(child.unwrap());
        let patience = Instant::now() + Duration::from_secs(20);
        while std::net::TcpStream::connect(address).is_err() {
            assert!(Instant::now() < patience, "nginx does not listen");
            thread::sleep(Duration::from_millis(20));
        }
        (nginx, address)
    }
}

on_both_databases! {
    async fn two_replicas_behind_nginx_hold_an_interview_and_one_alone_the_next(database: TestDatabase) {
        let Some(program) = installed("nginx", "-v") else {
            return;
        };
        let settings = ["--trusted-proxies", "127.0.0.1", "--log-format", "json"];
        let mut app = TestApp::start_program(database, PROGRAM, &settings).await;
        let replica = app.start_replica(PROGRAM, &settings);
        let (_nginx, front) = Nginx::before(&program, app.database.folder(), [app.address(), replica]);
        app.set_front(front);
        interview(&app).await;
        let far = app.get("/v1/me").header("x-forwarded-for", "203.0.113.7").send().await;
        let id = far.is(401).header("x-request-id").to_owned();
        assert_eq!(id.len(), 32, "nginx's own: {id}");
        let log = app.stop_replica();
        assert!(log.contains("/v1/candidate/answers/{question_id}") || log.contains("/v1/auth/register"), "{log}");
        interview(&app).await;
        let (log, _database) = app.stop_with_log();
        assert!(log.contains("\"status\":201"), "{log}");
    }
}
