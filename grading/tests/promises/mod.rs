//! What every report keeps to, whatever the answer: one check for the tests and for fuzzing.

use grading::{ConceptReport, Evidence, Question, Report, Verdict};

/// The first promise that a report breaks, in words. Nothing where it keeps them all.
pub fn broken(question: &Question, answer: &str, report: &Report) -> Option<String> {
    let points: Vec<char> = answer.chars().collect();
    let slice = |start: usize, end: usize| points.get(start..end).map(|part| part.iter().collect::<String>());
    let ids = |mut all: Vec<String>| {
        all.sort();
        all
    };
    if report
        .concepts
        .iter()
        .map(|c| &c.id)
        .ne(question.concepts.iter().map(|c| &c.id))
    {
        return Some("the concepts are not the rubric's, in its order".to_owned());
    }
    let flags = ids(report.flags.iter().map(|flag| format!("{flag:?}")).collect());
    if flags.windows(2).any(|pair| pair[0] == pair[1]) {
        return Some(format!("a flag is raised twice: {flags:?}"));
    }
    for (concept, asked) in report.concepts.iter().zip(&question.concepts) {
        if concept.explanation(asked).is_empty() {
            return Some(format!("{}: no explanation", concept.id));
        }
        let near = concept.nearest.iter().map(|near| &near.evidence);
        for evidence in concept.evidence.iter().chain(near) {
            if slice(evidence.start, evidence.end).as_deref() != Some(&evidence.quote) {
                return Some(format!(
                    "{}: the evidence doesn't slice the answer: {evidence:?}",
                    concept.id
                ));
            }
            if evidence.quote.is_empty() {
                return Some(format!("{}: the evidence is empty", concept.id));
            }
            if let Some(link) = strange_link(evidence, &slice) {
                return Some(format!("{}: {link}", concept.id));
            }
        }
        if let Some(fault) = at_odds(concept) {
            return Some(format!("{}: {fault}", concept.id));
        }
    }
    None
}

fn strange_link(evidence: &Evidence, slice: &dyn Fn(usize, usize) -> Option<String>) -> Option<String> {
    evidence
        .links
        .iter()
        .find(|link| slice(link.start, link.end).as_deref() != Some(&link.answer))
        .map(|link| format!("a link doesn't slice the answer: {link:?}"))
}

/// Where a concept's own fields contradict one another.
fn at_odds(concept: &ConceptReport) -> Option<String> {
    let met = concept.verdict == Verdict::Met;
    let within = |value: f64| (0.0..=1.0).contains(&value);
    if concept.evidence.is_empty() != (concept.verdict == Verdict::Absent) {
        return Some(format!(
            "{:?} with {} pieces of evidence",
            concept.verdict,
            concept.evidence.len()
        ));
    }
    if !within(concept.confidence) || !within(concept.credit) {
        return Some(format!(
            "confidence {} and credit {}",
            concept.confidence, concept.credit
        ));
    }
    if !concept.nearest.iter().all(|near| within(near.closeness)) {
        return Some("closeness beyond 0 to 1".to_owned());
    }
    if (concept.credit > 0.0) != met || (concept.points > 0) != met || concept.points > concept.max_points {
        return Some(format!("{:?} with {} points", concept.verdict, concept.points));
    }
    None
}
