//! A grade, and what each stage saw, for people to read.

use std::fmt::Write as _;

use grading::Trace;
use grading::trace::{
    TracedClause, TracedConcept, TracedJoin, TracedLikelihood, TracedPairs, TracedSentence, TracedView,
    TracedWindow,
};

use crate::v1::grades::{ConceptGrade, Grade};

/// A grade: a line a concept.
pub(super) fn grade(id: &str, grade: &Grade) -> String {
    let points = |hundredths: u32| format!("{}.{:02}", hundredths / 100, hundredths % 100);
    let mut text = format!(
        "answer {id}, question {}: {} of {} points\n",
        grade.question_id,
        points(grade.points),
        points(grade.max_points)
    );
    if !grade.flags.is_empty() {
        let flags: Vec<String> = grade.flags.iter().map(name).collect();
        line(&mut text, format_args!("  flags: {}", flags.join(", ")));
    }
    for concept in &grade.concepts {
        line(&mut text, format_args!("  {}", verdict(concept)));
    }
    text
}

fn verdict(concept: &ConceptGrade) -> String {
    let review = if concept.needs_review {
        ", to be reviewed"
    } else {
        ""
    };
    format!(
        "{} {} ({}{review}): {}",
        name(&concept.verdict),
        concept.id,
        percent(concept.confidence),
        concept.explanation
    )
}

/// What each stage saw of an answer.
pub(super) fn trace(trace: &Trace, answer: &str) -> String {
    let characters: Vec<char> = answer.chars().collect();
    let mut text = String::new();
    for sentence in &trace.sentences {
        add_sentence(&mut text, sentence, &characters);
    }
    for code in &trace.code {
        line(
            &mut text,
            format_args!(
                "  code {}–{} shows {}: {}",
                code.start,
                code.end,
                code.fact,
                quoted(&code.quote)
            ),
        );
    }
    for concept in &trace.concepts {
        add_concept(&mut text, concept);
    }
    if trace.truncated {
        line(
            &mut text,
            format_args!("  The answer is long: part of the trace is left out. Grading leaves nothing out."),
        );
    }
    text
}

fn add_sentence(text: &mut String, sentence: &TracedSentence, answer: &[char]) {
    line(
        text,
        format_args!(
            "  sentence {}–{}: {}",
            sentence.start,
            sentence.end,
            quoted(&sentence.quote)
        ),
    );
    let words: Vec<String> = sentence
        .words
        .iter()
        .map(|word| {
            let written: String = answer
                .get(word.start..word.end)
                .unwrap_or_default()
                .iter()
                .collect();
            match word.repaired {
                true => format!("{} (repaired from “{written}”)", word.base),
                false => word.base.clone(),
            }
        })
        .collect();
    line(text, format_args!("    words: {}", words.join(" ")));
    for clause in &sentence.clauses {
        line(
            text,
            format_args!(
                "    clause {}: {}",
                quoted(&clause.quote),
                clause_in_words(clause)
            ),
        );
    }
}

fn clause_in_words(clause: &TracedClause) -> String {
    let mut said = vec![
        match clause.join {
            TracedJoin::Start => "begins",
            TracedJoin::And => "goes on",
            TracedJoin::Contrast => "is set against the one before",
            TracedJoin::Reason => "gives a reason",
            TracedJoin::Condition => "gives a condition",
            TracedJoin::Aside => "is an aside",
        }
        .to_owned(),
    ];
    if !clause.subject.is_empty() {
        let carried = if clause.carried { " (carried over)" } else { "" };
        said.push(format!("is about {}{carried}", clause.subject.join(" ")));
    }
    if !clause.heading.is_empty() {
        said.push(format!("stands under {}", clause.heading.join(" ")));
    }
    if !clause.denied.is_empty() {
        said.push(format!("denies {}", clause.denied.join(", ")));
    }
    said.push(
        match clause.view {
            TracedView::Own => "the writer's own view",
            TracedView::Reported => "a view that is reported",
            TracedView::Rejected => "a view that is rejected",
            TracedView::Withdrawn => "a view that is taken back",
        }
        .to_owned(),
    );
    if clause.unrelated {
        said.push("left out as unrelated".to_owned());
    }
    said.join("; ")
}

fn add_concept(text: &mut String, concept: &TracedConcept) {
    line(
        text,
        format_args!("  concept {}: {}", concept.id, likelihood(&concept.likelihood)),
    );
    if let Some(known) = &concept.well_known {
        line(
            text,
            format_args!(
                "    well known as {} ({})",
                quoted(&known.claim),
                percent(known.likeness)
            ),
        );
    }
    if let Some(pairs) = &concept.pairs {
        add_pairs(text, pairs);
    }
    for window in &concept.windows {
        add_window(text, window);
    }
    if concept.windows.is_empty() {
        line(text, format_args!("    nothing comes near"));
    }
}

fn add_pairs(text: &mut String, pairs: &TracedPairs) {
    line(
        text,
        format_args!(
            "    nearest by pairs of words {}: alike {:.3}, more than others {:+.3}, against {:+.3}",
            quoted(&pairs.quote),
            pairs.alike,
            pairs.margin,
            pairs.against
        ),
    );
    for pair in &pairs.most {
        let beside = pair
            .statement
            .as_ref()
            .map_or("by itself".to_owned(), |word| format!("beside {word}"));
        line(
            text,
            format_args!(
                "      {} {beside} (alike {:+.3}, against {:+.3})",
                pair.answer, pair.alike, pair.against
            ),
        );
    }
}

fn add_window(text: &mut String, window: &TracedWindow) {
    let chosen = if window.chosen { "chosen " } else { "" };
    line(
        text,
        format_args!(
            "    {chosen}window {}: {}",
            quoted(&window.quote),
            likelihood(&window.likelihood)
        ),
    );
    let told = if window.chosen {
        window.measures.as_slice()
    } else {
        &[]
    };
    for measure in told {
        line(
            text,
            format_args!(
                "      {} {} (met {:+.3}, contradicted {:+.3})",
                measure.name, measure.value, measure.for_met, measure.for_contradicted
            ),
        );
    }
}

fn likelihood(likelihood: &TracedLikelihood) -> String {
    format!(
        "met {}, contradicted {}, absent {}",
        percent(likelihood.met),
        percent(likelihood.contradicted),
        percent(likelihood.absent)
    )
}

fn percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}

/// The name of a value as it goes over the wire.
fn name(value: &impl serde::Serialize) -> String {
    let value = serde_json::to_value(value).unwrap_or_default();
    value.as_str().unwrap_or_default().to_owned()
}

/// A quotation on one line.
fn quoted(quote: &str) -> String {
    let words: Vec<&str> = quote.split_whitespace().collect();
    format!("“{}”", words.join(" "))
}

fn line(text: &mut String, content: std::fmt::Arguments<'_>) {
    let _infallible = writeln!(text, "{content}");
}
