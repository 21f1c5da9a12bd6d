//! The README's first interview runs as printed.

use std::process::Command;

use tests::{TestApp, on_both_databases};

/// The first shell block of the README, against this server.
fn walk(app: &TestApp) -> String {
    let readme = concat!(env!("CARGO_MANIFEST_DIR"), "/../README.md");
    let readme = std::fs::read_to_string(readme).expect("the README");
    let (_, rest) = readme.split_once("```sh\n").expect("a shell block");
    let (walk, _) = rest.split_once("```").expect("its end");
    walk.replace("http://127.0.0.1:8080", app.url("").trim_end_matches('/'))
}

/// What the README says that it prints, without what differs from run to run.
fn promised() -> Vec<String> {
    let readme = concat!(env!("CARGO_MANIFEST_DIR"), "/../README.md");
    let readme = std::fs::read_to_string(readme).expect("the README");
    let (_, rest) = readme.split_once("```text\n").expect("the output");
    let (output, _) = rest.split_once("```").expect("its end");
    output.lines().map(without_times).collect()
}

fn without_times(line: &str) -> String {
    line.split(",\"saved_at\"").next().unwrap_or_default().to_owned()
}

on_both_databases! {
    async fn the_first_interview_prints_what_the_readme_says(app: TestApp) {
        let script = walk(&app);
        let ran = tokio::task::spawn_blocking(move || Command::new("sh").arg("-c").arg(script).output())
            .await
            .expect("it ends")
            .expect("a shell");
        let printed = String::from_utf8(ran.stdout).expect("text");
        let printed: Vec<String> = printed.lines().map(without_times).collect();
        assert_eq!(printed, promised(), "{}", String::from_utf8_lossy(&ran.stderr));
    }
}
