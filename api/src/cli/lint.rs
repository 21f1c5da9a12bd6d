//! `viva lint`.

use std::{fmt::Write as _, process::ExitCode};

use clap::Args;
use grading::lint::{CHECKS, Finding, Severity, lint};
use serde::Serialize;

use super::{
    Outcome,
    output::{Format, print},
    rubrics,
};

pub(super) const EXAMPLES: &str = "The exit status is 0 where there is no error, 1 where there is one or a set can't be read; warnings count with --strict.\n\n\
    Examples:\n  \
    viva lint my-set.yaml\n  \
    viva lint --strict --format json one.yaml two.json\n  \
    viva lint python-core-mechanics\n  \
    viva lint --checks";

#[derive(Debug, Args)]
pub(super) struct Lint {
    /// Question sets: the slug of a built-in one, or a file in YAML or JSON
    #[arg(value_name = "SLUG_OR_FILE", required_unless_present = "checks")]
    sets: Vec<String>,
    /// How to print what is found
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    /// Fail on warnings too
    #[arg(long)]
    strict: bool,
    /// Print what is looked for, and nothing else
    #[arg(long)]
    checks: bool,
}

#[derive(Debug, Serialize)]
struct Linted {
    /// As given on the command line.
    set: String,
    /// Why it can't be read, where it can't.
    #[serde(skip_serializing_if = "Option::is_none")]
    unreadable: Option<String>,
    errors: usize,
    warnings: usize,
    findings: Vec<Finding>,
}

impl Linted {
    fn of(set: &str) -> Self {
        let (unreadable, findings) = match rubrics::find(set) {
            Ok(document) => (None, lint(&document)),
            Err(reason) => (Some(reason), Vec::new()),
        };
        let count = |severity| {
            findings
                .iter()
                .filter(|finding| finding.severity == severity)
                .count()
        };
        Self {
            set: set.to_owned(),
            errors: count(Severity::Error) + usize::from(unreadable.is_some()),
            warnings: count(Severity::Warning),
            unreadable,
            findings,
        }
    }

    fn fails(&self, strict: bool) -> bool {
        self.errors > 0 || strict && self.warnings > 0
    }
}

pub(super) fn run(command: &Lint) -> Outcome {
    if command.checks {
        print(&checks())?;
        return Ok(ExitCode::SUCCESS);
    }
    let linted: Vec<Linted> = command.sets.iter().map(|set| Linted::of(set)).collect();
    let text = match command.format {
        Format::Text => linted.iter().map(in_words).collect(),
        Format::Json => serde_json::to_string_pretty(&linted)? + "\n",
    };
    print(&text)?;
    let fails = linted.iter().any(|linted| linted.fails(command.strict));
    Ok(if fails {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}

fn checks() -> String {
    CHECKS.iter().fold(String::new(), |mut text, check| {
        let _infallible = writeln!(
            text,
            "{:<18} {:<8} {}",
            check.code,
            severity(check.severity),
            check.about
        );
        text
    })
}

fn in_words(linted: &Linted) -> String {
    let mut text = String::new();
    if let Some(reason) = &linted.unreadable {
        let _infallible = writeln!(text, "{reason}");
    }
    for finding in &linted.findings {
        let about: Vec<&str> = [&finding.question_id, &finding.concept_id]
            .into_iter()
            .flatten()
            .map(String::as_str)
            .collect();
        let about = if about.is_empty() {
            String::new()
        } else {
            format!(" ({})", about.join("/"))
        };
        let _infallible = writeln!(
            text,
            "{}{}{about}: {}[{}]\n  {}",
            linted.set,
            finding.pointer,
            severity(finding.severity),
            finding.code,
            finding.message
        );
    }
    let _infallible = writeln!(
        text,
        "{}: {}, {}",
        linted.set,
        counted(linted.errors, "error"),
        counted(linted.warnings, "warning")
    );
    text
}

fn counted(count: usize, what: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {what}{plural}")
}
