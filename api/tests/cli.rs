//! The `viva` program from outside: what it prints, where, and how it ends.

// What fails here fails a test; clippy knows only the functions marked as tests for such.
#![allow(clippy::expect_used, clippy::unwrap_used)]

use std::{
    io::{BufRead, BufReader, Read, Write},
    path::Path,
    process::{Child, Command, ExitStatus, Output, Stdio},
    time::{Duration, Instant},
};

use serde_json::Value;
use tempfile::TempDir;

/// How long a process may take before the test gives it up.
const PATIENCE: Duration = Duration::from_secs(60);

const SET: &str = "
id: http-basics
questions:
  - id: idempotent
    prompt: What does it mean that an HTTP method is idempotent?
    concepts:
      - id: same-effect
        statement: Sending an idempotent request twice has the same effect as sending it once.
";
const ANSWER: &str = "Sending an idempotent request twice has the same effect as sending it once.";

/// `viva` with nothing of the caller's configuration, in a folder of its own.
fn viva(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_viva"));
    for (name, _) in std::env::vars_os() {
        if name == "DATABASE_URL" || name.to_string_lossy().starts_with("VIVA_") {
            command.env_remove(name);
        }
    }
    command.current_dir(folder).args(arguments).stdin(Stdio::null());
    command
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    feed(folder, arguments, b"")
}

fn feed(folder: &Path, arguments: &[&str], input: &[u8]) -> Output {
    let mut child = viva(folder, arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    // A process that ends without reading its input breaks the pipe, which is its right.
    let writer = std::thread::spawn(move || drop(stdin.write_all(&input)));
    let output = finish(child);
    writer.join().unwrap();
    output
}

/// What a process printed, once it has ended; it is killed where it does not end.
fn finish(child: Child) -> Output {
    let (done, waiting) = std::sync::mpsc::channel::<()>();
    let id = child.id().to_string();
    let watch = std::thread::spawn(move || {
        let late = waiting.recv_timeout(PATIENCE) == Err(std::sync::mpsc::RecvTimeoutError::Timeout);
        if late {
            drop(Command::new("kill").args(["-9", &id]).status());
        }
        late
    });
    let output = child.wait_with_output().unwrap();
    drop(done);
    assert!(!watch.join().unwrap(), "still running after {PATIENCE:?}");
    output
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn err(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// What a run that succeeds prints.
fn said(folder: &Path, arguments: &[&str]) -> String {
    let output = run(folder, arguments);
    assert!(output.status.success(), "{arguments:?}: {}", err(&output));
    out(&output)
}

/// What a run that fails complains of.
fn complaint(folder: &Path, arguments: &[&str]) -> String {
    let output = run(folder, arguments);
    assert_eq!(output.status.code(), Some(1), "{arguments:?}: {}", out(&output));
    err(&output)
}

fn folder_with_set() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("set.yaml"), SET).unwrap();
    folder
}

fn answer(id: &str, text: &str) -> String {
    serde_json::json!({"id": id, "question_id": "idempotent", "answer": text, "kind": "other key"})
        .to_string()
}

fn grade(folder: &Path, input: &[u8]) -> Output {
    feed(folder, &["grade", "--set", "set.yaml", "--answers", "-"], input)
}

fn ids(output: &Output) -> Vec<String> {
    let id = |line: &str| {
        serde_json::from_str::<Value>(line).unwrap()["id"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    out(output).lines().map(id).collect()
}

#[test]
fn grades_come_in_the_order_of_the_answers() {
    let folder = folder_with_set();
    let answers = format!(
        "{}\n{}\n{}\n",
        answer("b", ANSWER),
        answer("a", ""),
        answer("c", ANSWER)
    );
    std::fs::write(folder.path().join("answers.jsonl"), &answers).unwrap();
    let from_file = run(
        folder.path(),
        &["grade", "--set", "set.yaml", "--answers", "answers.jsonl"],
    );
    assert!(from_file.status.success(), "{}", err(&from_file));
    assert_eq!(err(&from_file), "", "nothing but a terminal is shown progress");
    assert_eq!(ids(&from_file), ["b", "a", "c"]);
    let from_stdin = grade(folder.path(), answers.as_bytes());
    assert_eq!(from_stdin.stdout, from_file.stdout);
}

#[test]
fn a_grade_is_what_the_report_of_the_api_has() {
    let folder = folder_with_set();
    let output = grade(folder.path(), answer("a", ANSWER).as_bytes());
    let graded: Value = serde_json::from_str(&out(&output)).unwrap();
    let keys: Vec<&String> = graded.as_object().unwrap().keys().collect();
    assert_eq!(
        keys,
        ["id", "question_id", "points", "max_points", "concepts", "flags"]
    );
    assert_eq!(
        (&graded["points"], &graded["max_points"]),
        (&100.into(), &100.into())
    );
    let concept = &graded["concepts"][0];
    assert_eq!(
        (&concept["id"], &concept["verdict"]),
        (&"same-effect".into(), &"met".into())
    );
    for key in [
        "statement",
        "credit",
        "confidence",
        "needs_review",
        "evidence",
        "explanation",
        "nearest",
    ] {
        assert!(concept.get(key).is_some(), "{key}");
    }
}

#[test]
fn bad_lines_are_named_and_stop_nothing() {
    let folder = folder_with_set();
    let mut input = Vec::new();
    for line in [
        answer("first", ANSWER),
        "not JSON".to_owned(),
        r#"{"id": "x", "question_id": "idempotent"}"#.to_owned(),
        r#"{"id": "x", "question_id": "unknown", "answer": "…"}"#.to_owned(),
        answer("x", "a\0b"),
    ] {
        input.extend_from_slice(line.as_bytes());
        input.push(b'\n');
    }
    input.extend_from_slice(b"{\"id\": \"x\", \"question_id\": \"idempotent\", \"answer\": \"\xff\"}\n");
    input.extend_from_slice(answer("last", ANSWER).as_bytes());
    let output = grade(folder.path(), &input);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(ids(&output), ["first", "last"]);
    let said = err(&output);
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(lines.len(), 5, "{said}");
    for (line, (number, reason)) in lines.iter().zip([
        (2, "is not JSON"),
        (3, "missing field `answer`"),
        (4, "no question \"unknown\""),
        (5, "U+0000"),
        (6, "is not UTF-8"),
    ]) {
        assert!(
            line.starts_with(&format!("line {number}: ")) && line.contains(reason),
            "{line}"
        );
    }
}

#[test]
fn byte_order_marks_and_windows_line_ends_are_nothing() {
    let folder = folder_with_set();
    let input = format!(
        "\u{feff}{}\r\n\r\n{}\r\n",
        answer("a", ANSWER),
        answer("b", ANSWER)
    );
    let output = grade(folder.path(), input.as_bytes());
    assert!(output.status.success(), "{}", err(&output));
    assert_eq!(ids(&output), ["a", "b"]);
}

#[test]
fn each_grade_is_there_before_the_next_answer_is() {
    let folder = folder_with_set();
    let child = viva(folder.path(), &["grade", "--set", "set.yaml", "--answers", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut child = Own(child);
    let mut input = child.0.stdin.take().unwrap();
    let mut output = lines_of(child.0.stdout.take().unwrap());
    for id in ["a", "b"] {
        writeln!(input, "{}", answer(id, ANSWER)).unwrap();
        let line = output();
        assert!(line.starts_with(&format!("{{\"id\":\"{id}\"")), "{line}");
    }
    drop(input);
    assert!(wait(&mut child.0).success());
}

#[test]
fn a_reader_that_goes_away_ends_it_quietly() {
    let folder = folder_with_set();
    let answers = format!("{}\n", answer("a", ANSWER)).repeat(2000);
    std::fs::write(folder.path().join("answers.jsonl"), answers).unwrap();
    let mut child = viva(
        folder.path(),
        &["grade", "--set", "set.yaml", "--answers", "answers.jsonl"],
    )
    .stdout(Stdio::piped())
    .stderr(Stdio::piped())
    .spawn()
    .unwrap();
    drop(child.stdout.take());
    let output = finish(child);
    assert!(output.status.success(), "{}", err(&output));
    assert_eq!(err(&output), "");
}

#[test]
fn a_set_that_is_not_there_or_not_right_is_explained() {
    let folder = folder_with_set();
    let with = |set: &str| complaint(folder.path(), &["grade", "--set", set, "--answers", "-"]);
    assert!(with("nothing-here").contains("python-core-mechanics"));
    std::fs::write(folder.path().join("bad.json"), r#"{"id": "s", "questions": []}"#).unwrap();
    assert!(
        with("bad.json").contains("/questions must have at least 1"),
        "{}",
        with("bad.json")
    );
    let missing = ["grade", "--set", "set.yaml", "--answers", "missing.jsonl"];
    assert!(complaint(folder.path(), &missing).contains("missing.jsonl"));
    let usage = run(folder.path(), &["grade", "--set", "set.yaml"]);
    assert_eq!(usage.status.code(), Some(2), "wrong usage");
}

/// What the reference implementation prints for the verdicts that this program gives these answers.
const FIGURES: &str = concat!(
    "labels 5  kappa 0.286  accuracy 0.600  met-F1 0.667 (precision 0.667, recall 0.667)\n",
    "contradicted given credit 1/1  contradicted recognised 0/1  absent given credit 0/1\n",
    "decided without review 5/5 (100%), right 0.600\n",
    "  full          2/2    1.00\n",
    "  swapped       0/1    0.00\n",
    "  waffle        1/2    0.50",
);

fn labelled(id: &str, kind: &str, text: &str, concept: &str, label: &str) -> String {
    let labels = serde_json::json!({concept: label});
    let line = serde_json::json!({"id": id, "question_id": "idempotent", "kind": kind, "answer": text, "labels": labels});
    format!("{line}\n")
}

fn eval(answers: &str) -> Output {
    let folder = folder_with_set();
    std::fs::write(folder.path().join("labelled.jsonl"), answers).unwrap();
    run(
        folder.path(),
        &["eval", "--set", "set.yaml", "--answers", "labelled.jsonl"],
    )
}

#[test]
fn the_figures_are_those_of_the_reference_implementation() {
    let answers = [
        labelled("1", "full", ANSWER, "same-effect", "met"),
        labelled("2", "full", ANSWER, "same-effect", "met"),
        labelled("3", "waffle", "", "same-effect", "absent"),
        labelled("4", "waffle", "", "same-effect", "met"),
        labelled("5", "swapped", ANSWER, "same-effect", "contradicted"),
    ]
    .concat();
    let output = eval(&answers);
    assert!(output.status.success(), "{}", err(&output));
    let said = out(&output);
    let (figures, reliability) = said.split_once("\n\n").unwrap();
    assert_eq!(figures, FIGURES);
    assert!(
        reliability.starts_with("confidence  verdicts   mean  right\n"),
        "{reliability}"
    );
    let (_, curve) = reliability.split_once("\n\n").unwrap();
    assert!(
        curve.starts_with("review below  decided  share  right\n0.50 "),
        "{curve}"
    );
}

#[test]
fn labels_without_a_verdict_are_missing() {
    let known = labelled("1", "full", ANSWER, "same-effect", "met");
    let output = eval(
        &[
            known.clone(),
            labelled("2", "full", ANSWER, "no-such-concept", "met"),
        ]
        .concat(),
    );
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(
        out(&output),
        "missing: 1 verdicts, first ('2', 'no-such-concept')\n"
    );
    assert_eq!(eval("").status.code(), Some(1), "nothing to compare with");
    let bad = eval(&format!("{known}not JSON\n"));
    assert_eq!(bad.status.code(), Some(1));
    assert!(err(&bad).starts_with("line 2: is not JSON") && out(&bad).starts_with("labels 1 "));
}

#[test]
fn the_openapi_document_is_the_one_checked_in() {
    let folder = tempfile::tempdir().unwrap();
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../openapi/openapi.json");
    let checked_in = std::fs::read_to_string(file).unwrap();
    assert!(
        said(folder.path(), &["openapi"]) == checked_in,
        "openapi/openapi.json is not current: run `cargo run -p openapi`"
    );
}

#[test]
fn the_default_configuration_can_be_given_back() {
    let folder = tempfile::tempdir().unwrap();
    let config = said(folder.path(), &["config"]);
    assert!(config.contains("\nlisten = \"127.0.0.1:8080\"\n"));
    std::fs::write(folder.path().join("viva.toml"), config).unwrap();
    assert!(said(folder.path(), &["migrate", "--config", "viva.toml"]).contains("up to date"));
    assert!(complaint(folder.path(), &["migrate", "--config", "missing.toml"]).contains("missing.toml"));
}

#[test]
fn migrating_twice_changes_nothing_more() {
    let folder = tempfile::tempdir().unwrap();
    assert!(said(folder.path(), &["migrate"]).starts_with("Made "));
    assert_eq!(
        said(folder.path(), &["migrate"]),
        "The schema was up to date already.\n"
    );
}

/// The key ids that `viva keys list` shows, oldest first, and the one that signs.
fn keys(folder: &Path) -> (Vec<String>, String) {
    let list = said(folder, &["keys", "list"]);
    let rows: Vec<(&str, &str)> = list.lines().map(|line| line.split_once("  ").unwrap()).collect();
    let signing: Vec<&str> = rows
        .iter()
        .filter(|(_, does)| *does == "signs")
        .map(|(kid, _)| *kid)
        .collect();
    assert_eq!(signing.len(), 1, "{list}");
    let all = rows.iter().map(|(kid, _)| (*kid).to_owned()).collect();
    (all, signing[0].to_owned())
}

#[test]
fn keys_rotate_and_retire() {
    let folder = tempfile::tempdir().unwrap();
    assert!(complaint(folder.path(), &["keys", "list"]).contains("no signing key"));
    said(folder.path(), &["keys", "rotate"]);
    let (first, _) = keys(folder.path());
    assert!(complaint(folder.path(), &["keys", "retire", &first[0]]).contains("rotate first"));
    let rotated = said(folder.path(), &["keys", "rotate"]);
    assert!(
        rotated.contains(&format!("viva keys retire {}", first[0])),
        "{rotated}"
    );
    let (both, signing) = keys(folder.path());
    assert_eq!((both.len(), &both[0]), (2, &first[0]));
    assert_eq!(signing, both[1], "the newest signs");
    said(folder.path(), &["keys", "retire", &first[0]]);
    assert_eq!(keys(folder.path()).0, [signing]);
    assert!(complaint(folder.path(), &["keys", "retire", &first[0]]).contains("no signing key"));
}

const CREATE: [&str; 9] = [
    "member",
    "create",
    "--organization",
    "Example",
    "--name",
    "Ada",
    "--email",
    "ada@example.org",
    "--password-stdin",
];
const RESET: [&str; 4] = ["member", "reset-password", "--password-stdin", "--email"];

#[test]
fn members_are_created_and_given_new_passwords() {
    let folder = tempfile::tempdir().unwrap();
    let created = feed(folder.path(), &CREATE, b"correct horse\n");
    assert!(created.status.success(), "{}", err(&created));
    assert!(out(&created).contains("ada@example.org"));
    assert!(
        !folder.path().join("viva-data/signing-keys").exists(),
        "no key is needed for it"
    );
    let again = feed(folder.path(), &CREATE, b"correct horse\n");
    assert_eq!(again.status.code(), Some(1));
    assert!(err(&again).contains("reset-password"), "{}", err(&again));
    // A name alone does not lead into an organization that is there; its id does.
    let second = |organization: &str| {
        let member = [
            "member",
            "create",
            "--organization",
            organization,
            "--name",
            "Grace",
        ];
        let rest = ["--email", "grace@example.org", "--password-stdin"];
        feed(
            folder.path(),
            &[&member[..], &rest[..]].concat(),
            b"correct horse\n",
        )
    };
    let by_name = second("Example");
    assert_eq!(by_name.status.code(), Some(1));
    let said = err(&by_name);
    let id = said
        .split_whitespace()
        .find(|word| word.starts_with("org_"))
        .expect("the id to join")
        .to_owned();
    let joined = second(&id);
    assert!(
        joined.status.success() && out(&joined).contains(&id),
        "{}",
        err(&joined)
    );
    let done = feed(
        folder.path(),
        &[&RESET[..], &["ADA@example.org"]].concat(),
        b"battery staple\r\n",
    );
    assert!(done.status.success(), "{}", err(&done));
    let unknown = feed(
        folder.path(),
        &[&RESET[..], &["eve@example.org"]].concat(),
        b"battery staple",
    );
    assert!(
        err(&unknown).contains("No member has this address"),
        "{}",
        err(&unknown)
    );
}

#[test]
fn passwords_come_from_nowhere_else() {
    let folder = tempfile::tempdir().unwrap();
    let short = feed(folder.path(), &CREATE, b"short\n");
    assert_eq!(
        (short.status.code(), err(&short).contains("8 to 256")),
        (Some(1), true)
    );
    let unasked = complaint(folder.path(), &CREATE[..8]);
    assert!(unasked.contains("--password-stdin"), "{unasked}");
    assert!(!folder.path().join("viva-data").exists(), "nothing was opened");
}

/// A process of this test's own, killed with it.
struct Own(Child);

impl Drop for Own {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// Gives a process's lines one by one, each within the time that it may take.
fn lines_of(output: impl Read + Send + 'static) -> impl FnMut() -> String {
    let (send, receive) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        for line in BufReader::new(output).lines() {
            if send.send(line.unwrap()).is_err() {
                break;
            }
        }
    });
    move || receive.recv_timeout(PATIENCE).expect("no line came")
}

/// Starts a server on a free port and waits until it says that it listens.
fn serve(folder: &Path, arguments: &[&str]) -> (Own, String) {
    let arguments = [&["serve", "--listen", "127.0.0.1:0"], arguments].concat();
    let child = viva(folder, &arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut server = Own(child);
    let line = lines_of(server.0.stdout.take().unwrap())();
    let url = line
        .split_whitespace()
        .find_map(|word| word.strip_prefix("http://"));
    let address = url.unwrap_or_else(|| panic!("{line:?}")).to_owned();
    (server, address)
}

#[cfg(unix)]
fn terminate(mut server: Own) -> ExitStatus {
    let sent = Command::new("kill")
        .arg(server.0.id().to_string())
        .status()
        .unwrap();
    assert!(sent.success());
    wait(&mut server.0)
}

fn wait(child: &mut Child) -> ExitStatus {
    let begun = Instant::now();
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return status;
        }
        assert!(begun.elapsed() < PATIENCE, "still running after {PATIENCE:?}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn get(address: &str, path: &str) -> String {
    let mut stream = std::net::TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[cfg(unix)]
#[test]
fn the_server_ends_well_when_told_to_stop() {
    let folder = tempfile::tempdir().unwrap();
    let (server, address) = serve(folder.path(), &[]);
    assert!(get(&address, "/healthz").starts_with("HTTP/1.1 200 "));
    assert_eq!(terminate(server).code(), Some(0));
}

/// Requests that would each like to write a line of their own into the log, or to paint one.
fn injections() -> Vec<String> {
    let body = r#"{"email": "a\nINJECTED {\"level\": \"ERROR\"}\u001b[31m\u2028INJECTED@example.org", "password": "x\nINJECTED"}"#;
    let login = format!(
        "POST /v1/auth/login HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: {}\r\n@\r\n{body}",
        body.len()
    );
    let gets = [
        "GET /%0aINJECTED%1b[31m HTTP/1.1\r\n@\r\n",
        "GET /v1/sessions/%0d%0aINJECTED HTTP/1.1\r\n@\r\n",
        "GET /healthz?x=%0aINJECTED HTTP/1.1\r\n@\r\n",
        "GET /healthz HTTP/1.1\r\nX-Request-Id: a%0aINJECTED\r\n@\r\n",
        "GET /healthz HTTP/1.1\r\nX-Request-Id: a\tINJECTED\r\n@\r\n",
        "GET /healthz HTTP/1.1\r\nX-Request-Id: a\rINJECTED\r\n@\r\n",
        "GET /healthz HTTP/1.1\r\nX-Forwarded-For: 1.2.3.4\tINJECTED\r\n@\r\n",
        "GET /v1/me HTTP/1.1\r\nAuthorization: Bearer a\u{1b}[31m.INJECTED.c\r\n@\r\n",
        "INJECTED /healthz HTTP/1.1\r\n@\r\n",
        "INJECTED\nINJECTED\r\n\r\n",
    ];
    let all = gets.into_iter().map(str::to_owned).chain([login]);
    all.map(|request| request.replace('@', "Host: x\r\nConnection: close\r\n"))
        .collect()
}

#[cfg(unix)]
#[test]
fn nothing_that_is_sent_becomes_a_line_of_the_log() {
    for format in ["text", "json"] {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("log");
        let mut command = viva(
            folder.path(),
            &[
                "serve",
                "--listen",
                "127.0.0.1:0",
                "--log-format",
                format,
                "--log",
                "debug",
            ],
        );
        command
            .stdout(Stdio::piped())
            .stderr(std::fs::File::create(&log).unwrap());
        let mut server = Own(command.spawn().unwrap());
        let line = lines_of(server.0.stdout.take().unwrap())();
        let address = line
            .split_whitespace()
            .find_map(|word| word.strip_prefix("http://"))
            .unwrap()
            .to_owned();
        for request in injections() {
            let mut stream = std::net::TcpStream::connect(&address).unwrap();
            stream.set_read_timeout(Some(PATIENCE)).unwrap();
            stream.write_all(request.as_bytes()).unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).unwrap();
            assert!(answer.starts_with("HTTP/1.1 "), "{request:?}: {answer:?}");
        }
        assert!(terminate(server).success());
        let log = std::fs::read_to_string(log).unwrap();
        assert!(log.lines().count() > injections().len() / 2, "{log}");
        for line in log.lines() {
            assert!(!line.chars().any(|c| c.is_control() && c != '\t'), "{line:?}");
            assert!(!line.trim_start().starts_with("INJECTED"), "{line}");
            assert!(
                format == "text" || serde_json::from_str::<Value>(line).is_ok(),
                "{line}"
            );
        }
    }
}

#[cfg(unix)]
#[test]
fn the_server_refuses_keys_that_are_not_the_databases_until_those_are_given_up() {
    let folder = tempfile::tempdir().unwrap();
    let (server, _) = serve(folder.path(), &[]);
    assert!(terminate(server).success());
    let lost = keys(folder.path()).1;
    let others = ["--signing-keys-dir", "others"];
    let refused = complaint(
        folder.path(),
        &[&["serve", "--listen", "127.0.0.1:0"], &others[..]].concat(),
    );
    assert!(
        refused.contains(&lost) && refused.contains("viva keys retire"),
        "{refused}"
    );
    let given_up = said(folder.path(), &[&["keys", "retire", &lost], &others[..]].concat());
    assert!(given_up.contains("no longer asks for it"), "{given_up}");
    let (server, address) = serve(folder.path(), &others);
    assert!(get(&address, "/.well-known/jwks.json").starts_with("HTTP/1.1 200 "));
    assert!(terminate(server).success());
}

#[test]
fn on_a_public_address_no_key_is_made_unasked() {
    let folder = tempfile::tempdir().unwrap();
    // It is refused before anything listens.
    let refused = complaint(folder.path(), &["serve", "--listen", "0.0.0.0:0"]);
    for way_out in ["--allow-generated-key", "VIVA_SIGNING_KEYS_DIR"] {
        assert!(refused.contains(way_out), "{refused}");
    }
    assert!(!folder.path().join("viva-data/signing-keys").exists());
}

#[test]
fn a_port_that_is_taken_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    assert!(complaint(folder.path(), &["serve", "--listen", &address]).contains(&address));
}

const TWO_CLAIMS: &str = "
id: cells
questions:
  - id: division
    prompt: How do mitosis and meiosis differ?
    reference: Mitosis divides once and gives two cells, while meiosis divides twice and gives four.
    concepts:
      - id: cells
        statement: Mitosis divides once and gives two cells, while meiosis divides twice and gives four.
";
const ACCEPTS_THE_CONTRARY: &str = "
id: http-basics
questions:
  - id: idempotent
    prompt: What does it mean that an HTTP method is idempotent?
    concepts:
      - id: post
        statement: POST is not idempotent.
        accept: [POST is idempotent]
";

#[test]
fn lint_says_where_and_why() {
    let folder = folder_with_set();
    std::fs::write(folder.path().join("contrary.yaml"), ACCEPTS_THE_CONTRARY).unwrap();
    let output = run(folder.path(), &["lint", "set.yaml", "contrary.yaml"]);
    assert_eq!(output.status.code(), Some(1), "{}", err(&output));
    let text = out(&output);
    assert!(text.contains("set.yaml: 0 errors, 0 warnings\n"), "{text}");
    let place = "contrary.yaml/questions/0/concepts/0/accept/0 (idempotent/post): error[accept-denies]\n  “POST is idempotent” is";
    assert!(text.contains(place), "{text}");
    assert!(text.contains("contrary.yaml: 1 error, "), "{text}");
    assert_eq!(err(&output), "");
}

#[test]
fn lint_fails_on_warnings_only_where_it_is_strict() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("two.yaml"), TWO_CLAIMS).unwrap();
    let text = said(folder.path(), &["lint", "two.yaml"]);
    assert!(
        text.contains("warning[two-claims]") && text.contains("two.yaml: 0 errors, 2 warnings\n"),
        "{text}"
    );
    let strict = run(folder.path(), &["lint", "--strict", "two.yaml"]);
    assert_eq!((strict.status.code(), out(&strict)), (Some(1), text));
}

#[test]
fn lint_speaks_json() {
    let folder = folder_with_set();
    std::fs::write(folder.path().join("two.yaml"), TWO_CLAIMS).unwrap();
    let text = said(
        folder.path(),
        &["lint", "--format", "json", "set.yaml", "two.yaml"],
    );
    let linted: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(
        linted[0],
        serde_json::json!({"set": "set.yaml", "errors": 0, "warnings": 0, "findings": []})
    );
    let finding = &linted[1]["findings"][0];
    assert_eq!(
        (&finding["code"], &finding["severity"]),
        (&"two-claims".into(), &"warning".into())
    );
    assert_eq!(finding["pointer"], "/questions/0/concepts/0/statement");
    assert_eq!(
        (&finding["question_id"], &finding["concept_id"]),
        (&"division".into(), &"cells".into())
    );
    assert!(
        finding["message"]
            .as_str()
            .unwrap()
            .contains("meiosis divides twice"),
        "{finding}"
    );
}

#[test]
fn lint_goes_on_past_a_set_that_it_cannot_read() {
    let folder = folder_with_set();
    std::fs::write(folder.path().join("broken.yaml"), "id: S\nquestions: []\n").unwrap();
    let arguments = [
        "lint",
        "--format",
        "json",
        "broken.yaml",
        "no-such-set",
        "set.yaml",
    ];
    let output = run(folder.path(), &arguments);
    assert_eq!(output.status.code(), Some(1));
    let linted: Value = serde_json::from_str(&out(&output)).unwrap();
    assert!(
        linted[0]["unreadable"]
            .as_str()
            .unwrap()
            .contains("/questions must have"),
        "{linted}"
    );
    assert!(
        linted[1]["unreadable"]
            .as_str()
            .unwrap()
            .contains("python-core-mechanics"),
        "{linted}"
    );
    assert_eq!(
        (&linted[1]["errors"], &linted[2]["errors"]),
        (&1.into(), &0.into())
    );
}

#[test]
fn lint_passes_the_built_in_set_and_lists_its_checks() {
    let folder = tempfile::tempdir().unwrap();
    let text = said(folder.path(), &["lint", "python-core-mechanics"]);
    assert!(text.contains("python-core-mechanics: 0 errors, "), "{text}");
    let checks = said(folder.path(), &["lint", "--checks"]);
    assert!(
        checks.contains("reference-not-met  error    The reference answer"),
        "{checks}"
    );
    assert_eq!(checks.lines().count(), grading::lint::CHECKS.len());
    assert_eq!(run(folder.path(), &["lint"]).status.code(), Some(2));
}

#[test]
fn a_trace_is_for_people_or_for_programs() {
    let folder = folder_with_set();
    let misspelt = ANSWER.replace("idempotent", "idempotnet");
    let arguments = ["grade", "--set", "set.yaml", "--answers", "-", "--trace"];
    let input = answer("a", &misspelt);
    let output = feed(folder.path(), &arguments, input.as_bytes());
    let text = out(&output);
    for part in [
        "answer a, question idempotent: 1.00 of 1.00 points\n  met same-effect (",
        "sentence 0–",
        "idempotent (repaired from “idempotnet”)",
        "once”: begins; the writer's own view",
        "concept same-effect: met ",
        "chosen window “Sending",
    ] {
        assert!(text.contains(part), "{part} is not in {text}");
    }
    let json = feed(
        folder.path(),
        &[&arguments[..], &["--format", "json"]].concat(),
        input.as_bytes(),
    );
    let line: Value = serde_json::from_str(&out(&json)).unwrap();
    assert_eq!(line["trace"]["concepts"][0]["id"], "same-effect");
    assert_eq!(line["trace"]["sentences"][0]["words"][2]["repaired"], true);
    // Without it, a line is what it always was.
    let plain: Value = serde_json::from_str(&out(&grade(folder.path(), input.as_bytes()))).unwrap();
    let mut untraced = line;
    untraced.as_object_mut().unwrap().remove("trace");
    assert_eq!(plain, untraced);
    let shown = feed(
        folder.path(),
        &["grade", "--set", "set.yaml", "--answers", "-", "--format", "text"],
        input.as_bytes(),
    );
    assert!(text.starts_with(out(&shown).trim_end()), "{}", out(&shown));
}

/// A request with a JSON body; its answer's status and body.
fn post(address: &str, path: &str, token: &str, body: &Value) -> (u16, Value) {
    let body = body.to_string();
    let mut stream = std::net::TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    write!(
        stream,
        "POST {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nAuthorization: Bearer {token}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    (status, serde_json::from_str(body).unwrap())
}

fn registered(address: &str) -> String {
    let body = serde_json::json!({"organization": "Example", "name": "Ada", "email": "ada@example.org", "password": "correct horse"});
    let (status, answer) = post(address, "/v1/auth/register", "", &body);
    assert_eq!(status, 201, "{answer}");
    answer["access_token"].as_str().unwrap().to_owned()
}

/// Creates a session; its id, or the status where it was refused.
fn create_session(address: &str, token: &str) -> Result<String, u16> {
    let body = serde_json::json!({"question_set": "python-core-mechanics", "feedback": "never",
        "candidate": {"name": "Grace", "email": "grace@example.org"}});
    let (status, answer) = post(address, "/v1/sessions", token, &body);
    match status {
        201 => Ok(answer["id"].as_str().unwrap().to_owned()),
        status => Err(status),
    }
}

fn log_in(address: &str) -> String {
    let body = serde_json::json!({"email": "ada@example.org", "password": "correct horse"});
    let (status, answer) = post(address, "/v1/auth/login", "", &body);
    assert_eq!(status, 200, "{answer}");
    answer["access_token"].as_str().unwrap().to_owned()
}

fn session_is_there(address: &str, token: &str, id: &str) -> bool {
    let mut stream = std::net::TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    write!(
        stream,
        "GET /v1/sessions/{id} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nAuthorization: Bearer {token}\r\n\r\n"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let found = answer.starts_with("HTTP/1.1 200 ");
    assert!(found || answer.starts_with("HTTP/1.1 404 "), "{answer}");
    found
}

#[cfg(unix)]
#[test]
fn a_backup_is_made_and_restored_while_the_server_takes_writes() {
    use std::{
        os::unix::fs::PermissionsExt,
        sync::atomic::{AtomicBool, Ordering},
    };

    let folder = tempfile::tempdir().unwrap();
    let (server, address) = serve(folder.path(), &[]);
    let token = registered(&address);
    let before: Vec<String> = (0..5)
        .map(|_| create_session(&address, &token).unwrap())
        .collect();
    let done = AtomicBool::new(false);
    let (meanwhile, refused) = std::thread::scope(|scope| {
        let writing = scope.spawn(|| {
            let (mut ids, mut refused) = (Vec::new(), Vec::new());
            while !done.load(Ordering::Relaxed) {
                match create_session(&address, &token) {
                    Ok(id) => ids.push(id),
                    Err(status) => refused.push(status),
                }
            }
            (ids, refused)
        });
        for number in 0..3 {
            let wrote = said(folder.path(), &["backup", &format!("{number}.sqlite")]);
            assert!(wrote.starts_with(&format!("Wrote {number}.sqlite (")), "{wrote}");
        }
        // One that is there is not touched.
        assert!(complaint(folder.path(), &["backup", "0.sqlite"]).contains("0.sqlite"));
        let refused = complaint(folder.path(), &["restore", "0.sqlite"]);
        assert!(refused.contains("--replace"), "{refused}");
        said(folder.path(), &["restore", "--replace", "1.sqlite"]);
        done.store(true, Ordering::Relaxed);
        writing.join().unwrap()
    });
    assert!(meanwhile.len() > 3, "{meanwhile:?}");
    // What could not be written in the moment of the change was to be tried again.
    assert!(refused.iter().all(|status| *status == 503), "{refused:?}");
    let mode = std::fs::metadata(folder.path().join("0.sqlite"))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
    assert!(before.iter().all(|id| session_is_there(&address, &token, id)));
    // The server that went on takes new ones, and signs people in.
    let token = log_in(&address);
    let after = create_session(&address, &token).unwrap();
    assert!(session_is_there(&address, &token, &after));
    assert_eq!(terminate(server).code(), Some(0));
    let left: Vec<_> = std::fs::read_dir(folder.path().join("viva-data"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.contains("restoring"))
        .collect();
    assert!(left.is_empty(), "{left:?}");

    // Elsewhere, where there are neither data nor keys.
    said(folder.path(), &["restore", "--data-dir", "elsewhere", "2.sqlite"]);
    let (server, address) = serve(folder.path(), &["--data-dir", "elsewhere"]);
    let token = log_in(&address);
    assert!(before.iter().all(|id| session_is_there(&address, &token, id)));
    // What was acknowledged first is in the backup before what was acknowledged later.
    let there: Vec<bool> = meanwhile
        .iter()
        .map(|id| session_is_there(&address, &token, id))
        .collect();
    assert!(there.is_sorted_by(|a, b| a >= b), "{there:?}");
    assert!(terminate(server).success());
}

#[test]
fn what_is_no_backup_is_not_restored() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join("text"),
        "not a database, and long enough to be read as one".repeat(100),
    )
    .unwrap();
    std::fs::write(folder.path().join("empty"), "").unwrap();
    assert!(complaint(folder.path(), &["restore", "nowhere"]).contains("nowhere"));
    for file in ["text", "empty"] {
        let said = complaint(folder.path(), &["restore", file]);
        assert!(said.contains("not a database"), "{said}");
    }
    assert!(complaint(folder.path(), &["backup", "b.sqlite"]).contains("viva.sqlite"));
    assert!(!folder.path().join("b.sqlite").exists());
    let elsewhere = ["--database-url", "postgres://viva@localhost/viva"];
    for command in ["backup", "restore"] {
        let said = complaint(folder.path(), &[&[command, "text"], &elsewhere[..]].concat());
        assert!(said.contains("pg_dump"), "{said}");
    }
}

#[cfg(unix)]
#[test]
fn a_server_that_is_told_to_stop_serves_on_for_a_while_and_says_that_it_is_not_ready() {
    let folder = tempfile::tempdir().unwrap();
    let (mut server, address) = serve(folder.path(), &["--drain-seconds", "2"]);
    assert!(get(&address, "/readyz").starts_with("HTTP/1.1 200 "));
    let pid = server.0.id().to_string();
    assert!(Command::new("kill").arg(&pid).status().unwrap().success());
    let begun = Instant::now();
    let mut ready = String::new();
    while begun.elapsed() < Duration::from_secs(1) {
        ready = get(&address, "/readyz");
        if !ready.starts_with("HTTP/1.1 200 ") {
            break;
        }
    }
    assert!(
        ready.starts_with("HTTP/1.1 503 ") && ready.contains("about to stop"),
        "{ready}"
    );
    assert!(ready.to_ascii_lowercase().contains("retry-after: "), "{ready}");
    assert!(get(&address, "/healthz").starts_with("HTTP/1.1 200 "));
    assert!(get(&address, "/openapi.json").starts_with("HTTP/1.1 200 "));
    assert_eq!(wait(&mut server.0).code(), Some(0));
    let took = begun.elapsed();
    assert!(
        (Duration::from_secs(2)..Duration::from_secs(15)).contains(&took),
        "{took:?}"
    );
}

#[cfg(unix)]
#[test]
fn a_request_that_never_ends_does_not_keep_the_server_from_stopping() {
    let folder = tempfile::tempdir().unwrap();
    let (server, address) = serve(folder.path(), &["--shutdown-seconds", "1"]);
    let mut slow = std::net::TcpStream::connect(&address).unwrap();
    write!(slow, "POST /v1/auth/login HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{{").unwrap();
    std::thread::sleep(Duration::from_millis(200));
    let begun = Instant::now();
    assert_eq!(terminate(server).code(), Some(0));
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
    drop(slow);
}

#[cfg(unix)]
#[test]
fn a_second_signal_stops_the_server_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let (mut server, address) = serve(folder.path(), &["--drain-seconds", "60"]);
    assert!(get(&address, "/healthz").starts_with("HTTP/1.1 200 "));
    let pid = server.0.id().to_string();
    let begun = Instant::now();
    assert!(Command::new("kill").arg(&pid).status().unwrap().success());
    while !get(&address, "/readyz").starts_with("HTTP/1.1 503 ") {
        assert!(begun.elapsed() < PATIENCE);
    }
    assert!(Command::new("kill").arg(&pid).status().unwrap().success());
    wait(&mut server.0);
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
}

/// Lets a process write no further into a file than this many bytes: to it the disk is full.
#[cfg(target_os = "linux")]
fn limit_files(server: &Own, bytes: &str) {
    let limit = format!("--fsize={bytes}:unlimited");
    let limited = Command::new("prlimit")
        .args(["--pid", &server.0.id().to_string(), &limit])
        .status();
    assert!(limited.unwrap().success());
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_answered_503_and_recovered_from() {
    let folder = tempfile::tempdir().unwrap();
    // A write over the limit is to fail, not to kill.
    let child = Command::new("/bin/sh")
        .args(["-c", "trap '' XFSZ; exec \"$0\" serve --listen 127.0.0.1:0"])
        .arg(env!("CARGO_BIN_EXE_viva"))
        .env_remove("DATABASE_URL")
        .current_dir(folder.path())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut server = Own(child);
    let line = lines_of(server.0.stdout.take().unwrap())();
    let address = line
        .split_whitespace()
        .find_map(|word| word.strip_prefix("http://"))
        .unwrap();
    let token = registered(address);
    let first = create_session(address, &token).unwrap();
    let wal = std::fs::metadata(folder.path().join("viva-data/viva.sqlite-wal"))
        .unwrap()
        .len();
    limit_files(&server, &wal.to_string());
    let mut refused = 0;
    for _ in 0..20 {
        match create_session(address, &token) {
            Ok(id) => assert!(session_is_there(address, &token, &id)),
            Err(status) => {
                assert_eq!(status, 503);
                refused += 1;
            }
        }
    }
    assert!(refused > 0);
    assert!(session_is_there(address, &token, &first));
    limit_files(&server, "unlimited");
    let last = create_session(address, &token).unwrap();
    assert!(session_is_there(address, &token, &last));
    assert_eq!(terminate(server).code(), Some(0));
}

#[cfg(unix)]
#[test]
fn a_request_under_way_is_answered_though_the_server_is_told_to_stop() {
    let folder = tempfile::tempdir().unwrap();
    let (mut server, address) = serve(folder.path(), &[]);
    let mut slow = std::net::TcpStream::connect(&address).unwrap();
    slow.set_read_timeout(Some(PATIENCE)).unwrap();
    let body = r#"{"invite_code": "x"}"#;
    let (begin, end) = body.split_at(5);
    let length = body.len();
    write!(slow, "POST /v1/candidate/token HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{begin}").unwrap();
    std::thread::sleep(Duration::from_millis(200));
    let pid = server.0.id().to_string();
    assert!(Command::new("kill").arg(&pid).status().unwrap().success());
    std::thread::sleep(Duration::from_millis(500));
    assert!(server.0.try_wait().unwrap().is_none(), "it did not wait");
    write!(slow, "{end}").unwrap();
    let mut answer = String::new();
    let _closed = slow.read_to_string(&mut answer);
    assert!(
        answer.starts_with("HTTP/1.1 401 ") && answer.contains("invalid_invite_code"),
        "{answer}"
    );
    assert_eq!(wait(&mut server.0).code(), Some(0));
}
