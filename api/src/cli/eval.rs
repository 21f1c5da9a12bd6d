//! `viva eval`.

use std::{fmt::Write, process::ExitCode};

use clap::Args;
use grading::{
    Verdict,
    evaluation::{Figures, Row},
};
use serde::{Deserialize, Deserializer, de::MapAccess, de::Visitor};

use super::{
    Outcome,
    answers::{Lines, Source, refusal},
    output,
    rubrics::Rubrics,
};

pub(super) const EXAMPLES: &str = "A line of the answers is {\"id\": \"1\", \"question_id\": \"gil\", \"kind\": \"full\", \"answer\": \"…\", \"labels\": \
    {\"one-thread-bytecode\": \"met\"}}; a label is met, contradicted or absent, and kind is optional.\n\n\
    Example:\n  \
    viva eval --set python-core-mechanics --answers labelled.jsonl";

#[derive(Debug, Args)]
pub(super) struct Eval {
    /// The slug of a built-in question set, or a file in YAML or JSON
    #[arg(long, value_name = "SLUG_OR_FILE")]
    set: String,
    /// The labelled answers, a JSON object a line; - is standard input
    #[arg(long, value_name = "FILE")]
    answers: Source,
}

#[derive(Debug, Deserialize)]
struct Labelled {
    id: String,
    question_id: String,
    #[serde(default = "no_kind")]
    kind: String,
    answer: String,
    labels: Labels,
}

/// Labels in the order in which they were written.
#[derive(Debug)]
struct Labels(Vec<(String, Verdict)>);

/// What the labels of a file and the verdicts on it come to.
#[derive(Debug, Default)]
struct Comparison {
    rows: Vec<Row>,
    /// Labels without a verdict: the answer, the concept.
    missing: Vec<(String, String)>,
    bad_lines: usize,
}

pub(super) fn run(command: &Eval) -> Outcome {
    let rubrics = Rubrics::read(&command.set)?;
    let lines = Lines::open(&command.answers, true)?;
    let comparison = compare(&rubrics, lines)?;
    if let Some((id, concept)) = comparison.missing.first() {
        let count = comparison.missing.len();
        output::print(&format!(
            "missing: {count} verdicts, first ('{id}', '{concept}')\n"
        ))?;
        return Ok(ExitCode::FAILURE);
    }
    if comparison.rows.is_empty() {
        return Err("there are no labels to compare with".into());
    }
    let figures = Figures::of(&comparison.rows);
    output::print(&format!(
        "{}\n{}\n{}",
        summary(&figures),
        reliability(&figures),
        curve(&figures)
    ))?;
    Ok(if comparison.bad_lines == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn compare(rubrics: &Rubrics, mut lines: Lines) -> std::io::Result<Comparison> {
    let mut comparison = Comparison::default();
    while let Some(line) = lines.next::<Labelled>()? {
        let graded = line.read.and_then(|labelled| match refusal(&labelled.answer) {
            Some(reason) => Err(reason.to_owned()),
            None => Ok(labelled),
        });
        match graded {
            Ok(labelled) => comparison.add(rubrics, labelled),
            Err(reason) => {
                comparison.bad_lines += 1;
                lines.complain(line.number, &reason);
            }
        }
    }
    Ok(comparison)
}

impl Comparison {
    fn add(&mut self, rubrics: &Rubrics, labelled: Labelled) {
        let report = rubrics
            .get(&labelled.question_id)
            .map(|rubric| grading::grade(rubric, &labelled.answer));
        for (concept, label) in labelled.labels.0 {
            let graded = report
                .iter()
                .flat_map(|report| &report.concepts)
                .find(|graded| graded.id == concept);
            match graded {
                Some(graded) => self.rows.push(Row {
                    label,
                    verdict: graded.verdict,
                    needs_review: graded.needs_review,
                    confidence: graded.confidence,
                    kind: labelled.kind.clone(),
                }),
                None => self.missing.push((labelled.id.clone(), concept)),
            }
        }
    }
}

/// The figures, a group a line.
fn summary(figures: &Figures) -> String {
    let share = |part: usize, whole: usize| part as f64 / whole.max(1) as f64;
    let mut text = format!(
        "labels {}  kappa {:.3}  accuracy {:.3}  met-F1 {:.3} (precision {:.3}, recall {:.3})\n\
         contradicted given credit {}/{}  contradicted recognised {}/{}  absent given credit {}/{}\n\
         decided without review {}/{} ({:.0}%), right {:.3}\n",
        figures.labels,
        figures.kappa,
        figures.accuracy,
        figures.met_f1,
        figures.met_precision,
        figures.met_recall,
        figures.contradicted_credited,
        figures.contradicted,
        figures.contradicted_recognised,
        figures.contradicted,
        figures.absent_credited,
        figures.absent,
        figures.decided,
        figures.labels,
        share(figures.decided, figures.labels) * 100.0,
        share(figures.decided_right, figures.decided),
    );
    for (kind, (right, all)) in &figures.by_kind {
        let _infallible = writeln!(
            text,
            "  {kind:<10} {right:>4}/{all:<4} {:.2}",
            share(*right, *all)
        );
    }
    text
}

/// How right verdicts are at each confidence: the last two columns agree where confidence can be believed.
fn reliability(figures: &Figures) -> String {
    let mut text = "confidence  verdicts   mean  right\n".to_owned();
    for (tenth, (all, right, sum)) in figures.reliability.iter().enumerate() {
        if *all > 0 {
            let (from, mean, share) = (
                tenth as f64 / 10.0,
                sum / *all as f64,
                *right as f64 / *all as f64,
            );
            let _infallible = writeln!(
                text,
                "{from:.1} to {:.1}  {all:>8}  {mean:.3}  {share:.3}",
                from + 0.1
            );
        }
    }
    text
}

/// How many verdicts would be decided, and how many of them rightly, if a person looked at all below a confidence.
fn curve(figures: &Figures) -> String {
    let mut text = "review below  decided  share  right\n".to_owned();
    for point in figures.curve {
        let share = point.decided as f64 / figures.labels.max(1) as f64 * 100.0;
        let right = match point.decided {
            0 => "-".to_owned(),
            decided => format!("{:.3}", point.right as f64 / decided as f64),
        };
        let _infallible = writeln!(
            text,
            "{:<12.2}  {:>7}  {share:>4.0}%  {right}",
            f64::from(point.threshold) / 100.0,
            point.decided
        );
    }
    text
}

fn no_kind() -> String {
    "-".to_owned()
}

impl<'de> Deserialize<'de> for Labels {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;

        impl<'de> Visitor<'de> for InOrder {
            type Value = Labels;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("an object with a label for each concept")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Labels, A::Error> {
                let mut labels = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    labels.push(entry);
                }
                Ok(Labels(labels))
            }
        }

        deserializer.deserialize_map(InOrder)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_keep_their_order() {
        let labels: Labels = serde_json::from_str(r#"{"b": "met", "a": "absent"}"#).unwrap();
        assert_eq!(
            labels.0,
            [("b".to_owned(), Verdict::Met), ("a".to_owned(), Verdict::Absent)]
        );
        assert!(serde_json::from_str::<Labels>(r#"{"a": "perhaps"}"#).is_err());
        assert!(serde_json::from_str::<Labels>("[]").is_err());
    }

    #[test]
    fn the_figures_are_laid_out_in_lines() {
        let row = |label, verdict, kind: &str| Row {
            label,
            verdict,
            needs_review: false,
            confidence: 0.95,
            kind: kind.to_owned(),
        };
        let figures = Figures::of(&[
            row(Verdict::Met, Verdict::Met, "full"),
            row(Verdict::Contradicted, Verdict::Met, "swapped"),
        ]);
        assert_eq!(
            summary(&figures),
            "labels 2  kappa 0.000  accuracy 0.500  met-F1 0.667 (precision 0.500, recall 1.000)\n\
             contradicted given credit 1/1  contradicted recognised 0/1  absent given credit 0/0\n\
             decided without review 2/2 (100%), right 0.500\n  \
             full          1/1    1.00\n  \
             swapped       0/1    0.00\n"
        );
        assert_eq!(
            reliability(&figures),
            "confidence  verdicts   mean  right\n0.9 to 1.0         2  0.950  0.500\n"
        );
    }

    #[test]
    fn the_curve_has_a_line_for_each_threshold() {
        let row = |confidence| Row {
            label: Verdict::Met,
            verdict: Verdict::Met,
            needs_review: false,
            confidence,
            kind: "full".to_owned(),
        };
        let text = curve(&Figures::of(&[row(0.72), row(0.93)]));
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 11);
        assert_eq!(lines[0], "review below  decided  share  right");
        assert_eq!(lines[1], "0.50                2   100%  1.000");
        assert_eq!(lines[6], "0.75                1    50%  1.000");
        assert_eq!(lines[10], "0.95                0     0%  -");
    }
}
