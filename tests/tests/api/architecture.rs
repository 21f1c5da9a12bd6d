//! Who may know whom: the arrows of ARCHITECTURE.md, read off the sources.

use std::{
    fs,
    path::{Path, PathBuf},
};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// The Rust files below a folder of the workspace, by their paths from its root. Unit tests in files of their own are left
/// out, like those beside the code.
fn sources(folder: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs")
                && !path.ends_with("tests.rs")
            {
                let name = path.strip_prefix(root()).unwrap().display().to_string();
                found.push((name, code(&fs::read_to_string(&path).unwrap())));
            }
        }
    }
    assert!(!found.is_empty(), "{folder} is empty");
    found
}

/// A source without its comments, its literals and its unit tests, line by line as it was.
fn code(source: &str) -> String {
    let mut code = String::new();
    let mut rest = source;
    while let Some(first) = rest.chars().next() {
        let skipped = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else if let Some(raw) = raw_string(rest) {
            raw
        } else if first == '"' {
            string(rest)
        } else if let Some(literal) = ["'\"'", "'\\\"'", "'\\''", "'\\\\'"]
            .iter()
            .find(|literal| rest.starts_with(**literal))
        {
            literal.len()
        } else {
            code.push(first);
            rest = &rest[first.len_utf8()..];
            continue;
        };
        code.extend(rest[..skipped].chars().filter(|character| *character == '\n'));
        rest = &rest[skipped..];
    }
    match code.find("#[cfg(test)]\nmod tests {") {
        Some(tests) => code[..tests].to_owned(),
        None => code,
    }
}

/// How long the raw string is that this begins with.
fn raw_string(text: &str) -> Option<usize> {
    let hashes = text
        .strip_prefix('r')?
        .bytes()
        .take_while(|byte| *byte == b'#')
        .count();
    let begin = 1 + hashes;
    let end = format!("\"{}", "#".repeat(hashes));
    let inside = text.get(begin..)?.strip_prefix('"')?;
    Some(begin + 1 + inside.find(&end)? + end.len())
}

/// How long the string is that this begins with.
fn string(text: &str) -> usize {
    let mut escaped = false;
    for (place, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return place + 1,
            _ => {}
        }
    }
    text.len()
}

/// Whether code names something: the word, not a part of another.
fn names(code: &str, word: &str) -> bool {
    let of_a_word = |character: char| character.is_alphanumeric() || character == '_';
    code.match_indices(word).any(|(place, _)| {
        !code[..place].ends_with(of_a_word) && !code[place + word.len()..].starts_with(of_a_word)
    })
}

fn assert_unknown(folder: &str, words: &[&str]) {
    for (file, code) in sources(folder) {
        for word in words {
            assert!(!names(&code, word), "{file} names {word}");
        }
    }
}

#[test]
fn what_is_read_off_the_sources_is_code() {
    let source = "use a::store; // sea_orm\nlet x = \"sea_orm \\\" \"; let y = '\"'; let z = r#\"sea_orm\"#;\nsea_orm_x();\n\
                  #[cfg(test)]\nmod tests { fn f() { sea_orm(); } }";
    let read = code(source);
    assert!(names(&read, "store") && !names(&read, "sea_orm"), "{read}");
    assert_eq!(read.lines().count(), 3, "{read}");
}

#[test]
fn the_routes_know_no_database() {
    assert_unknown("api/src/v1", &["sea_orm", "store", "migration"]);
    assert_unknown("api/src/extract", &["sea_orm", "store", "migration"]);
}

#[test]
fn the_rules_and_the_queries_know_no_http() {
    for folder in ["api/src/service", "api/src/store"] {
        assert_unknown(
            folder,
            &["actix_web", "actix_rt", "actix_http", "utoipa", "extract", "v1"],
        );
    }
}

#[test]
fn the_queries_know_no_rules() {
    assert_unknown("api/src/store", &["service", "grading"]);
}

#[test]
fn the_tables_the_changes_and_the_engine_know_none_of_ours() {
    for package in ["entity", "migration", "grading"] {
        let others: Vec<_> = ["api", "entity", "migration", "grading", "openapi"]
            .into_iter()
            .filter(|o| *o != package)
            .collect();
        let manifest = fs::read_to_string(root().join(package).join("Cargo.toml")).unwrap();
        for other in &others {
            let depends = manifest
                .lines()
                .any(|line| line.contains(&format!("path = \"../{other}\"")));
            assert!(!depends, "{package} depends on {other}");
        }
    }
}

#[test]
fn the_engine_is_pure() {
    for (file, code) in sources("grading/src") {
        for word in ["fs", "net", "time", "env", "process", "thread", "io"] {
            assert!(!names(&code, &format!("std::{word}")), "{file} names std::{word}");
        }
        for word in [
            "rand",
            "getrandom",
            "tokio",
            "async",
            "SystemTime",
            "Instant",
            "unsafe",
        ] {
            assert!(!names(&code, word), "{file} names {word}");
        }
    }
}

#[test]
fn nothing_panics_on_purpose() {
    for folder in [
        "api/src",
        "entity/src",
        "migration/src",
        "grading/src",
        "openapi/src",
    ] {
        for (file, code) in sources(folder) {
            // What a constant is made of panics when it is compiled, or never.
            let mut lines = code
                .lines()
                .filter(|line| !line.trim_start().starts_with("const "));
            let panics = |line: &&str| {
                [".unwrap()", ".expect(", "panic!(", "todo!(", "unimplemented!("]
                    .iter()
                    .any(|word| line.contains(word))
            };
            assert_eq!(lines.find(panics), None, "{file}");
        }
    }
}

#[test]
fn a_handler_has_at_most_twenty_lines() {
    let mut handlers = 0;
    for (file, code) in sources("api/src/v1") {
        let lines: Vec<&str> = code.lines().collect();
        let routes = ["#[get(", "#[post(", "#[put(", "#[patch(", "#[delete("];
        for (place, _) in lines
            .iter()
            .enumerate()
            .filter(|(_, line)| routes.iter().any(|route| line.starts_with(route)))
        {
            let begin = place
                + lines[place..]
                    .iter()
                    .position(|line| line.ends_with('{'))
                    .unwrap();
            let length = lines[begin + 1..].iter().position(|line| *line == "}").unwrap();
            assert!(length <= 20, "{file}: {} has {length} lines", lines[place + 1]);
            handlers += 1;
        }
    }
    assert_eq!(handlers, api::auth::permissions::PERMISSIONS.len());
}
