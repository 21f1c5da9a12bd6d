//! Any bytes as a file of answers, a JSON object a line, read as the command line reads it, and beside it read simply.

#![no_main]

use std::{collections::BTreeMap, path::PathBuf, sync::LazyLock};

use grading::Verdict;
use libfuzzer_sys::fuzz_target;
use serde::Deserialize;

/// What the reader of answers needs of the command line around it.
mod service {
    pub mod interview {
        pub const ANSWER_MAX_BYTES: usize = 64 * 1024;
    }
}

#[path = "."]
mod cli {
    mod output {
        pub fn complain(_: &str) {}
    }

    #[allow(dead_code)]
    #[path = "../../../api/src/cli/answers.rs"]
    mod answers;

    /// A line's number and what it says, for each line that holds something.
    pub fn read<T: serde::de::DeserializeOwned>(path: &std::path::Path) -> Vec<(usize, Result<T, String>)> {
        let source = answers::Source::File(path.to_owned());
        let mut lines = answers::Lines::open(&source, false).expect("the file was just written");
        let mut read = Vec::new();
        while let Some(line) = lines.next().expect("the file can be read") {
            read.push((line.number, line.read));
        }
        read
    }
}

#[derive(Debug, PartialEq, Deserialize)]
struct Labelled {
    id: String,
    question_id: String,
    #[serde(default)]
    kind: Option<String>,
    answer: String,
    labels: BTreeMap<String, Verdict>,
}

static FILE: LazyLock<PathBuf> =
    LazyLock::new(|| std::env::temp_dir().join(format!("viva-fuzz-{}.jsonl", std::process::id())));

fuzz_target!(|bytes: &[u8]| {
    std::fs::write(&*FILE, bytes).expect("the temporary folder can be written to");
    let read: Vec<(usize, Result<Labelled, String>)> = cli::read(&FILE);
    let simply: Vec<(usize, Option<Labelled>)> = bytes
        .split(|byte| *byte == b'\n')
        .enumerate()
        .map(|(number, line)| {
            let line = if number == 0 {
                line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line)
            } else {
                line
            };
            (number + 1, line.trim_ascii())
        })
        .filter(|(_, line)| !line.is_empty())
        // What isn't read of a line must be text as well.
        .map(|(number, line)| (number, std::str::from_utf8(line).ok()))
        .map(|(number, line)| (number, line.and_then(|line| serde_json::from_str(line).ok())))
        .collect();
    assert_eq!(read.len(), simply.len());
    for ((number, line), (same, simply)) in read.into_iter().zip(simply) {
        assert_eq!(number, same);
        if let Err(reason) = &line {
            assert!(!reason.is_empty() && !reason.contains('\n'), "{reason}");
        }
        assert_eq!(line.ok(), simply, "line {number}");
    }
});
