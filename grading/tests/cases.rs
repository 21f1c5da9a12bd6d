//! Runs the named collections of cases in `tests/cases`, see the README there.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use grading::code::CodeRubric;
use grading::{CompiledRubric, Concept, ConceptReport, Question, Verdict, grade};

/// A question under test. Its concepts are either lettered, and every answer is held against all of them, or there is one
/// `statement` that cases are about, and others beside it.
#[derive(Clone, Default)]
struct Asked {
    prompt: String,
    concepts: Vec<Concept>,
    lettered: bool,
}

/// Words of an answer that the evidence of a concept must touch, in code points.
struct Marked {
    letter: Option<char>,
    start: usize,
    end: usize,
}

/// What a careful reader says of one concept, and where.
struct Check {
    concept: usize,
    verdict: Verdict,
    marked: Vec<(usize, usize)>,
}

struct Case {
    group: String,
    asked: usize,
    answer: String,
    checks: Vec<Check>,
}

/// A file of cases.
struct Collection {
    asked: Vec<Asked>,
    cases: Vec<Case>,
}

impl Asked {
    fn add(&mut self, id: &str, statement: &str) {
        self.concepts.push(Concept {
            id: id.to_owned(),
            statement: statement.to_owned(),
            weight: 1.0,
            accept: Vec::new(),
            reject: Vec::new(),
            code: None,
        });
    }

    /// The concept that `accept`, `reject` and the names of facts belong to: the first or, of lettered ones, the last.
    fn sharpened(&mut self) -> &mut Concept {
        let at = if self.lettered { self.concepts.len() - 1 } else { 0 };
        &mut self.concepts[at]
    }

    fn code(&mut self) -> &mut CodeRubric {
        self.sharpened().code.get_or_insert_with(|| CodeRubric {
            language: "python".to_owned(),
            shows: Vec::new(),
            opposes: Vec::new(),
        })
    }

    fn compile(&self) -> CompiledRubric {
        let question = Question {
            id: "q".to_owned(),
            prompt: self.prompt.clone(),
            concepts: self.concepts.clone(),
            reference: None,
        };
        CompiledRubric::compile(&question, &[])
    }

    /// The verdicts that a line's key gives: "met", or "met a b, contradicted c", or "none".
    fn verdicts(&self, key: &str) -> Option<Vec<(usize, Verdict)>> {
        let word = |word: &str| match word {
            "met" => Some(Verdict::Met),
            "contradicted" => Some(Verdict::Contradicted),
            "absent" => Some(Verdict::Absent),
            _ => None,
        };
        if !self.lettered {
            return Some(vec![(0, word(key)?)]);
        }
        let mut verdicts: Vec<_> = (0..self.concepts.len()).map(|at| (at, Verdict::Absent)).collect();
        if key == "none" {
            return Some(verdicts);
        }
        for part in key.split(", ") {
            let mut words = part.split(' ');
            let verdict = word(words.next()?)?;
            for letter in words {
                let at = self.concepts.iter().position(|concept| concept.id == letter)?;
                verdicts[at].1 = verdict;
            }
        }
        Some(verdicts)
    }
}

impl Check {
    /// Whether the engine gives the verdict, and evidence where it is marked.
    fn passes(&self, found: &ConceptReport) -> bool {
        let touched = |(start, end): &(usize, usize)| {
            found
                .evidence
                .iter()
                .any(|evidence| evidence.start < *end && *start < evidence.end)
        };
        found.verdict == self.verdict && self.marked.iter().all(touched)
    }
}

/// An answer without its marks, and where they stood: `«words»`, or `«a|words»` for the concept `a`.
fn unmark(value: &str) -> (String, Vec<Marked>) {
    let mut answer = String::new();
    let mut marked = Vec::new();
    for (number, part) in value.split('«').enumerate() {
        let start = answer.chars().count();
        match part.split_once('»') {
            Some((words, rest)) if number > 0 => {
                let (letter, words) = match words.split_once('|') {
                    Some((letter, words)) if letter.len() == 1 => (letter.chars().next(), words),
                    _ => (None, words),
                };
                let end = start + words.chars().count();
                marked.push(Marked { letter, start, end });
                answer.push_str(words);
                answer.push_str(rest);
            }
            _ => answer.push_str(part),
        }
    }
    (answer, marked)
}

fn unescape(value: &str) -> String {
    value
        .replace("\\n", "\n")
        .replace("\\r", "\r")
        .replace("\\t", "\t")
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases")
}

impl Collection {
    fn read(group: &str, text: &str) -> Self {
        let mut out = Self {
            asked: vec![Asked::default()],
            cases: Vec::new(),
        };
        let mut has_answers = false;
        for line in text
            .lines()
            .filter(|line| !line.trim().is_empty() && !line.starts_with('#'))
        {
            let (key, value) = line
                .split_once(": ")
                .unwrap_or_else(|| panic!("{group}: no key in {line}"));
            let at = out.asked.len() - 1;
            if let Some(verdicts) = out.asked[at].verdicts(key) {
                has_answers = true;
                let case = Case::of(group, &out.asked[at], at, &verdicts, value);
                out.cases.push(case);
                continue;
            }
            if has_answers {
                out.asked.push(Asked::default());
                has_answers = false;
            }
            out.asked
                .last_mut()
                .expect("there is one")
                .learn(group, key, unescape(value));
        }
        out
    }
}

impl Asked {
    fn learn(&mut self, group: &str, key: &str, value: String) {
        match key {
            "prompt" => self.prompt = value,
            "statement" => self.add("c0", &value),
            "other" => self.add(&format!("c{}", self.concepts.len()), &value),
            "accept" => self.sharpened().accept.push(value),
            "reject" => self.sharpened().reject.push(value),
            "shows" => self.code().shows.push(value),
            "opposes" => self.code().opposes.push(value),
            letter if letter.len() == 1 => {
                self.lettered = true;
                self.add(letter, &value);
            }
            _ => panic!("{group}: what is {key}?"),
        }
    }
}

impl Case {
    fn of(group: &str, asked: &Asked, at: usize, verdicts: &[(usize, Verdict)], value: &str) -> Self {
        let (answer, marked) = unmark(&unescape(value));
        let checks = verdicts
            .iter()
            .map(|&(concept, verdict)| {
                let id = &asked.concepts[concept].id;
                let mine = |mark: &&Marked| mark.letter.is_none_or(|letter| id.starts_with(letter));
                let marked: Vec<(usize, usize)> = marked
                    .iter()
                    .filter(mine)
                    .map(|mark| (mark.start, mark.end))
                    .collect();
                assert!(
                    marked.is_empty() || verdict != Verdict::Absent,
                    "{group}: {answer} marks evidence of {id}, which is absent"
                );
                Check {
                    concept,
                    verdict,
                    marked,
                }
            })
            .collect();
        Self {
            group: group.to_owned(),
            asked: at,
            answer,
            checks,
        }
    }

    /// A check's name in the list of known failures.
    fn name(&self, asked: &Asked, check: &Check) -> String {
        let start: String = self.answer.replace('\n', "\\n").chars().take(70).collect();
        let statement: String = asked.concepts[check.concept]
            .statement
            .replace('\n', "\\n")
            .chars()
            .take(30)
            .collect();
        format!("{}: {start} | {statement}", self.group)
    }
}

const HEAD: &str = "# Cases that the engine gets wrong today, one a line, as the test names them: the group, the answer's start, the\n\
                    # concept's start. REWRITE_KNOWN_FAILURES=1 cargo test -p grading --test cases writes this file.\n";

#[test]
fn the_cases_are_graded_as_a_careful_reader_would() {
    let list = folder().join("known_failures.txt");
    let known: BTreeSet<String> = std::fs::read_to_string(&list)
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
    let (mut failed, mut seen) = (BTreeSet::new(), BTreeSet::new());
    let (mut all, mut all_passed, mut verdicts) = (0, 0, 0);
    let mut wrong: BTreeMap<String, usize> = BTreeMap::new();
    for file in files {
        let group = file.file_stem().unwrap().to_string_lossy().into_owned();
        let collection = Collection::read(&group, &std::fs::read_to_string(&file).unwrap());
        let rubrics: Vec<CompiledRubric> = collection.asked.iter().map(Asked::compile).collect();
        let mut passed = 0;
        for case in &collection.cases {
            let report = grade(&rubrics[case.asked], &case.answer);
            let mut passes = true;
            for check in &case.checks {
                let name = case.name(&collection.asked[case.asked], check);
                assert!(seen.insert(name.clone()), "twice: {name}");
                verdicts += 1;
                let found = &report.concepts[check.concept];
                if !check.passes(found) {
                    passes = false;
                    *wrong
                        .entry(format!("{:?}, not {:?}", found.verdict, check.verdict))
                        .or_default() += 1;
                    if !known.contains(&name) {
                        println!("{name}: {:?}, not {:?}", found.verdict, check.verdict);
                    }
                    failed.insert(name);
                }
            }
            passed += usize::from(passes);
        }
        println!("{group:<24} {passed:>3} of {:>3}", collection.cases.len());
        all += collection.cases.len();
        all_passed += passed;
    }
    println!("{:<24} {all_passed:>3} of {all:>3}", "all");
    println!(
        "{:<24} {:>3} of {verdicts:>3}",
        "single verdicts",
        verdicts - failed.len()
    );
    println!("wrong: {wrong:?}");
    if std::env::var_os("REWRITE_KNOWN_FAILURES").is_some() {
        let lines: Vec<&str> = failed.iter().map(String::as_str).collect();
        std::fs::write(&list, format!("{HEAD}{}\n", lines.join("\n"))).unwrap();
        return;
    }
    let gone: Vec<&String> = known.difference(&seen).collect();
    assert!(
        gone.is_empty(),
        "known_failures.txt names cases that don't exist:\n{gone:#?}"
    );
    let new: Vec<&String> = failed.difference(&known).collect();
    assert!(new.is_empty(), "these cases fail:\n{new:#?}");
    let passing: Vec<&String> = known.difference(&failed).collect();
    assert!(
        passing.is_empty(),
        "these pass now, take them off known_failures.txt:\n{passing:#?}"
    );
}

#[test]
fn a_case_is_read_with_its_marks_and_letters() {
    let collection = Collection::read(
        "test",
        "prompt: Why?\na: One.\nb: Two.\nmet a, contradicted b: It «a|is» so\\n«b|not».\nnone: Hm.\nstatement: x\nmet: «y» z",
    );
    let [first, second, third] = collection.cases.as_slice() else {
        panic!("three cases");
    };
    assert_eq!(first.answer, "It is so\nnot.");
    let checks: Vec<_> = first
        .checks
        .iter()
        .map(|c| (c.verdict, c.marked.clone()))
        .collect();
    assert_eq!(
        checks,
        [
            (Verdict::Met, vec![(3, 5)]),
            (Verdict::Contradicted, vec![(9, 12)])
        ]
    );
    assert!(second.checks.iter().all(|check| check.verdict == Verdict::Absent));
    assert_eq!(
        (third.asked, third.checks.len(), third.checks[0].marked[0]),
        (1, 1, (0, 1))
    );
}
