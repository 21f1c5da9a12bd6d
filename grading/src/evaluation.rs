//! How well verdicts agree with labels: the figures of the evaluation, computed and nothing else.

use std::collections::BTreeMap;

use crate::report::Verdict;

/// One labelled concept of one answer, and what was said of it.
#[derive(Debug, Clone)]
pub struct Row {
    /// What a careful reader says.
    pub label: Verdict,
    /// What the grader says.
    pub verdict: Verdict,
    /// Whether the grader sends it to a person.
    pub needs_review: bool,
    /// The grader's confidence, 0 to 1.
    pub confidence: f64,
    /// Why the answer was written (full, partial, swapped …).
    pub kind: String,
}

/// The figures over a collection of labelled concepts.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Figures {
    /// Labelled concepts.
    pub labels: usize,
    /// Cohen's kappa over the three labels.
    pub kappa: f64,
    /// Share of verdicts that agree, 0 to 1.
    pub accuracy: f64,
    /// F1 of "met", 0 to 1.
    pub met_f1: f64,
    /// Precision of "met", 0 to 1.
    pub met_precision: f64,
    /// Recall of "met", 0 to 1.
    pub met_recall: f64,
    /// Concepts labelled contradicted.
    pub contradicted: usize,
    /// Of those, given credit.
    pub contradicted_credited: usize,
    /// Of those, recognised.
    pub contradicted_recognised: usize,
    /// Concepts labelled absent.
    pub absent: usize,
    /// Of those, given credit.
    pub absent_credited: usize,
    /// Verdicts not sent to review.
    pub decided: usize,
    /// Of those, right.
    pub decided_right: usize,
    /// By kind of answer: right verdicts, verdicts.
    pub by_kind: BTreeMap<String, (usize, usize)>,
    /// By confidence in tenths (0 to 9): verdicts, right verdicts, sum of confidences.
    pub reliability: [(usize, usize, f64); 10],
    /// What would be decided, and how rightly, if a person looked at whatever lies below each of [`THRESHOLDS`].
    pub curve: [Decided; THRESHOLDS.len()],
}

/// The confidences at which the review curve is taken, in per cent.
pub const THRESHOLDS: [u8; 10] = [50, 55, 60, 65, 70, 75, 80, 85, 90, 95];

/// A point of the review curve: what is decided without a person at a threshold (El-Yaniv and Wiener 2010 call it risk and
/// coverage).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Decided {
    /// The least confidence of what is decided, in per cent.
    pub threshold: u8,
    /// Verdicts at or above it.
    pub decided: usize,
    /// Of those, right.
    pub right: usize,
}

impl Figures {
    /// Computes the figures.
    pub fn of(rows: &[Row]) -> Self {
        let count = |keep: &dyn Fn(&Row) -> bool| rows.iter().filter(|row| keep(row)).count();
        let labels = rows.len();
        let right = count(&|row| row.label == row.verdict);
        let met = count(&|row| row.label == Verdict::Met);
        let given = count(&|row| row.verdict == Verdict::Met);
        let both = count(&|row| row.label == Verdict::Met && row.verdict == Verdict::Met);
        let share = |part: usize, whole: usize| part as f64 / whole.max(1) as f64;
        let expected: f64 = [Verdict::Met, Verdict::Contradicted, Verdict::Absent]
            .into_iter()
            .map(|verdict| {
                share(count(&|row| row.label == verdict), labels)
                    * share(count(&|row| row.verdict == verdict), labels)
            })
            .sum();
        let observed = share(right, labels);
        let kappa = if labels == 0 || (1.0 - expected).abs() < f64::EPSILON {
            1.0
        } else {
            (observed - expected) / (1.0 - expected)
        };
        let mut by_kind: BTreeMap<String, (usize, usize)> = BTreeMap::new();
        let mut reliability = [(0, 0, 0.0); 10];
        for row in rows {
            let hit = usize::from(row.label == row.verdict);
            let entry = by_kind.entry(row.kind.clone()).or_default();
            entry.0 += hit;
            entry.1 += 1;
            let tenth = ((row.confidence * 10.0).floor().clamp(0.0, 9.0)) as usize;
            if let Some(bin) = reliability.get_mut(tenth) {
                bin.0 += 1;
                bin.1 += hit;
                bin.2 += row.confidence;
            }
        }
        Self {
            labels,
            kappa,
            accuracy: observed,
            met_f1: 2.0 * both as f64 / (met + given).max(1) as f64,
            met_precision: share(both, given),
            met_recall: share(both, met),
            contradicted: count(&|row| row.label == Verdict::Contradicted),
            contradicted_credited: count(&|row| {
                row.label == Verdict::Contradicted && row.verdict == Verdict::Met
            }),
            contradicted_recognised: count(&|row| {
                row.label == Verdict::Contradicted && row.verdict == row.label
            }),
            absent: count(&|row| row.label == Verdict::Absent),
            absent_credited: count(&|row| row.label == Verdict::Absent && row.verdict == Verdict::Met),
            decided: count(&|row| !row.needs_review),
            decided_right: count(&|row| !row.needs_review && row.label == row.verdict),
            by_kind,
            reliability,
            curve: THRESHOLDS.map(|threshold| {
                let decided = |row: &Row| row.confidence * 100.0 >= f64::from(threshold);
                Decided {
                    threshold,
                    decided: count(&decided),
                    right: count(&|row| decided(row) && row.label == row.verdict),
                }
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(label: Verdict, verdict: Verdict, needs_review: bool, kind: &str) -> Row {
        Row {
            label,
            verdict,
            needs_review,
            confidence: 0.7,
            kind: kind.to_owned(),
        }
    }

    #[test]
    fn agrees_with_the_reference_implementation() {
        use Verdict::{Absent, Contradicted, Met};
        // What the reference implementation prints for these rows.
        let rows = [
            row(Met, Met, false, "full"),
            row(Met, Met, false, "full"),
            row(Met, Met, true, "full"),
            row(Met, Absent, false, "typos"),
            row(Contradicted, Met, false, "swapped"),
            row(Contradicted, Contradicted, false, "swapped"),
            row(Absent, Met, true, "waffle"),
            row(Absent, Absent, false, "waffle"),
        ];
        let figures = Figures::of(&rows);
        assert_eq!(format!("{:.3}", figures.kappa), "0.368");
        assert_eq!(format!("{:.3}", figures.accuracy), "0.625");
        assert_eq!(
            format!(
                "{:.3} {:.3} {:.3}",
                figures.met_f1, figures.met_precision, figures.met_recall
            ),
            "0.667 0.600 0.750"
        );
        assert_eq!((figures.contradicted_credited, figures.contradicted), (1, 2));
        assert_eq!(figures.contradicted_recognised, 1);
        assert_eq!((figures.absent_credited, figures.absent), (1, 2));
        assert_eq!((figures.decided, figures.decided_right), (6, 4));
        assert_eq!(figures.by_kind.get("swapped"), Some(&(1, 2)));
    }

    #[test]
    fn the_curve_counts_what_lies_at_or_above_each_threshold() {
        use Verdict::{Absent, Met};
        let rows =
            [(Met, 0.5), (Absent, 0.6), (Met, 0.6), (Met, 0.949), (Met, 1.0)].map(|(verdict, confidence)| {
                Row {
                    confidence,
                    ..row(Met, verdict, false, "full")
                }
            });
        let curve = Figures::of(&rows).curve;
        let at = |threshold: u8| {
            curve
                .iter()
                .find(|point| point.threshold == threshold)
                .map(|p| (p.decided, p.right))
        };
        assert_eq!(at(50), Some((5, 4)));
        assert_eq!(at(55), Some((4, 3)));
        assert_eq!(at(60), Some((4, 3)));
        assert_eq!(at(65), Some((2, 2)));
        assert_eq!(at(95), Some((1, 1)));
        assert_eq!(Figures::of(&[]).curve.map(|point| point.decided), [0; 10]);
    }
}
