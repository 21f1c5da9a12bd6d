//! `viva grade`.

use std::{
    io::{self, BufWriter, IsTerminal, Write},
    process::ExitCode,
};

use clap::Args;
use grading::Trace;
use serde::{Deserialize, Serialize};

use super::{
    Outcome,
    answers::{Lines, Source, refusal},
    in_words,
    output::{Format, unless_gone},
    rubrics::Rubrics,
};
use crate::v1::grades::{Grade as Graded, Reader};

pub(super) const EXAMPLES: &str = "A line of the answers is {\"id\": \"1\", \"question_id\": \"gil\", \"answer\": \"…\"}; other keys are passed over. \
    A line of the output is the grade as in the API's report, with the id. A bad line is named on standard error and makes the \
    exit status 1; the others are graded. --trace adds what each stage saw: the words and their repairs, the clauses, what \
    they are about, deny and whose view they give, and for each concept the windows that were weighed, with what told most.\n\n\
    Examples:\n  \
    viva grade --set python-core-mechanics --answers answers.jsonl > grades.jsonl\n  \
    viva grade --set my-set.yaml --answers - < answers.jsonl\n  \
    viva grade --set my-set.yaml --answers answers.jsonl --trace";

#[derive(Debug, Args)]
pub(super) struct Grade {
    /// The slug of a built-in question set, or a file in YAML or JSON
    #[arg(long, value_name = "SLUG_OR_FILE")]
    set: String,
    /// The answers, a JSON object a line; - is standard input
    #[arg(long, value_name = "FILE")]
    answers: Source,
    /// Tell what each stage saw of an answer
    #[arg(long)]
    trace: bool,
    /// How to print the grades: json unless --trace is given, then text
    #[arg(long, value_enum)]
    format: Option<Format>,
}

impl Grade {
    fn format(&self) -> Format {
        let usual = if self.trace { Format::Text } else { Format::Json };
        self.format.unwrap_or(usual)
    }
}

#[derive(Debug, Deserialize)]
struct Answer {
    id: String,
    question_id: String,
    answer: String,
}

#[derive(Debug, Serialize)]
struct GradedAnswer {
    id: String,
    #[serde(flatten)]
    grade: Graded,
    #[serde(skip_serializing_if = "Option::is_none")]
    trace: Option<Trace>,
    #[serde(skip)]
    answer: String,
}

pub(super) fn run(command: &Grade) -> Outcome {
    let rubrics = Rubrics::read(&command.set)?;
    // A bar between the lines of the output would be in their way.
    let lines = Lines::open(&command.answers, !io::stdout().is_terminal())?;
    let bad = grade_all(command, &rubrics, lines, BufWriter::new(io::stdout().lock()))?;
    Ok(if bad == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Grades line by line and tells how many lines were bad. What is graded is written out before more is waited for.
fn grade_all(
    command: &Grade,
    rubrics: &Rubrics,
    mut lines: Lines,
    mut output: impl Write,
) -> io::Result<usize> {
    let mut bad = 0;
    while let Some(line) = lines.next::<Answer>()? {
        let graded = line.read.and_then(|answer| grade(command, rubrics, answer));
        let written = match graded {
            Ok(graded) => write(&mut output, &graded, command.format()),
            Err(reason) => {
                bad += 1;
                lines.complain(line.number, &reason);
                Ok(())
            }
        };
        let flushed = written.and_then(|()| {
            if lines.would_wait() {
                output.flush()
            } else {
                Ok(())
            }
        });
        if !unless_gone(flushed)? {
            return Ok(bad);
        }
    }
    unless_gone(output.flush())?;
    Ok(bad)
}

fn grade(command: &Grade, rubrics: &Rubrics, answer: Answer) -> Result<GradedAnswer, String> {
    let rubric = rubrics
        .get(&answer.question_id)
        .ok_or_else(|| format!("the set has no question {:?}", answer.question_id))?;
    if let Some(reason) = refusal(&answer.answer) {
        return Err(reason.to_owned());
    }
    let report = grading::grade(rubric, &answer.answer);
    Ok(GradedAnswer {
        id: answer.id,
        grade: Graded::of(rubric.question(), report, Reader::Recruiter),
        trace: command.trace.then(|| grading::trace(rubric, &answer.answer)),
        answer: answer.answer,
    })
}

fn write(output: &mut impl Write, graded: &GradedAnswer, format: Format) -> io::Result<()> {
    match format {
        Format::Json => {
            serde_json::to_writer(&mut *output, graded)?;
            output.write_all(b"\n")
        }
        Format::Text => {
            let trace = graded.trace.as_ref();
            output.write_all(in_words::grade(&graded.id, &graded.grade).as_bytes())?;
            output.write_all(
                trace
                    .map_or_else(String::new, |trace| in_words::trace(trace, &graded.answer))
                    .as_bytes(),
            )?;
            output.write_all(b"\n")
        }
    }
}
