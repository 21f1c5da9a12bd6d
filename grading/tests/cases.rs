//! Runs the named collections of cases in `tests/cases`, see the README there.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use grading::code::CodeRubric;
use grading::{CompiledRubric, Concept, Question, Verdict, grade};

/// A question under test; the first concept is the one that cases are about.
#[derive(Clone, Default)]
struct Asked {
    prompt: String,
    statement: String,
    others: Vec<String>,
    shows: Vec<String>,
    opposes: Vec<String>,
}

struct Case {
    group: String,
    asked: Asked,
    answer: String,
    /// Words that the evidence must touch.
    marked: Option<(usize, usize)>,
    verdict: Verdict,
}

impl Case {
    fn name(&self) -> String {
        let start: String = self.answer.replace('\n', "\\n").chars().take(70).collect();
        format!(
            "{}: {start} | {}",
            self.group,
            self.asked.statement.chars().take(30).collect::<String>()
        )
    }

    fn question(&self) -> Question {
        let concept = |id: usize, statement: &str| Concept {
            id: format!("c{id}"),
            statement: statement.to_owned(),
            weight: 1.0,
            accept: Vec::new(),
            reject: Vec::new(),
            code: None,
        };
        let mut concepts = vec![concept(0, &self.asked.statement)];
        if !self.asked.shows.is_empty() || !self.asked.opposes.is_empty() {
            concepts[0].code = Some(CodeRubric {
                language: "python".to_owned(),
                shows: self.asked.shows.clone(),
                opposes: self.asked.opposes.clone(),
            });
        }
        concepts.extend(
            self.asked
                .others
                .iter()
                .enumerate()
                .map(|(at, other)| concept(at + 1, other)),
        );
        Question {
            id: "q".to_owned(),
            prompt: self.asked.prompt.clone(),
            concepts,
            reference: None,
        }
    }

    /// Whether the engine gives the verdict, and evidence where it is marked.
    fn passes(&self) -> bool {
        let report = grade(&CompiledRubric::compile(&self.question(), &[]), &self.answer);
        let found = &report.concepts[0];
        let touches = self.marked.is_none_or(|(start, end)| {
            found
                .evidence
                .iter()
                .any(|evidence| evidence.start < end && start < evidence.end)
        });
        found.verdict == self.verdict && touches
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases")
}

fn cases(group: &str, text: &str) -> Vec<Case> {
    let mut out = Vec::new();
    let mut asked = Asked::default();
    let mut has_answers = false;
    for line in text
        .lines()
        .filter(|line| !line.trim().is_empty() && !line.starts_with('#'))
    {
        let (key, value) = line
            .split_once(": ")
            .unwrap_or_else(|| panic!("{group}: no key in {line}"));
        let verdict = match key {
            "met" => Verdict::Met,
            "contradicted" => Verdict::Contradicted,
            "absent" => Verdict::Absent,
            _ => {
                if has_answers {
                    asked = Asked::default();
                    has_answers = false;
                }
                match key {
                    "prompt" => asked.prompt = value.to_owned(),
                    "statement" => asked.statement = value.to_owned(),
                    "other" => asked.others.push(value.to_owned()),
                    "shows" => asked.shows.push(value.to_owned()),
                    "opposes" => asked.opposes.push(value.to_owned()),
                    _ => panic!("{group}: what is {key}?"),
                }
                continue;
            }
        };
        has_answers = true;
        let text = value
            .replace("\\n", "\n")
            .replace("\\r", "\r")
            .replace("\\t", "\t");
        let points: Vec<char> = text.chars().collect();
        let start = points.iter().position(|c| *c == '«');
        let end = points.iter().position(|c| *c == '»').map(|end| end - 1);
        out.push(Case {
            group: group.to_owned(),
            asked: asked.clone(),
            answer: points.iter().filter(|c| !matches!(c, '«' | '»')).collect(),
            marked: start.zip(end),
            verdict,
        });
    }
    out
}

#[test]
fn the_cases_are_graded_as_a_careful_reader_would() {
    let known: BTreeSet<String> = std::fs::read_to_string(folder().join("known_failures.txt"))
        .unwrap()
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(str::to_owned)
        .collect();
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.retain(|path| path.extension().is_some_and(|ending| ending == "cases"));
    files.sort();
    let (mut failed, mut passing_now, mut seen) = (Vec::new(), Vec::new(), BTreeSet::new());
    let (mut all, mut all_passed) = (0, 0);
    for file in files {
        let group = file.file_stem().unwrap().to_string_lossy().into_owned();
        let cases = cases(&group, &std::fs::read_to_string(&file).unwrap());
        let mut passed = 0;
        for case in &cases {
            let name = case.name();
            assert!(seen.insert(name.clone()), "twice: {name}");
            match (case.passes(), known.contains(&name)) {
                (true, false) => passed += 1,
                (true, true) => {
                    passed += 1;
                    passing_now.push(name);
                }
                (false, false) => failed.push(name),
                (false, true) => {}
            }
        }
        println!("{group:<14} {passed:>3} of {:>3}", cases.len());
        all += cases.len();
        all_passed += passed;
    }
    println!("{:<14} {all_passed:>3} of {all:>3}", "all");
    let gone: Vec<&String> = known.difference(&seen).collect();
    assert!(
        gone.is_empty(),
        "known_failures.txt names cases that don't exist:\n{gone:#?}"
    );
    assert!(failed.is_empty(), "these cases fail:\n{}", failed.join("\n"));
    assert!(
        passing_now.is_empty(),
        "these pass now, take them off known_failures.txt:\n{}",
        passing_now.join("\n")
    );
}
