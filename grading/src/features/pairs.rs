//! What pairs of words say, as labelled sentences taught it: how alike the window and the claim are, and whether they are contrary.

use super::held::Held;
use super::{Group, Measure};
use crate::align::{Alignment, Paired, Related};
use crate::lexicon::Topics;
use crate::pairs::SHARP;

/// What the sentences of an answer say together of a concept.
#[derive(Clone, Copy, Default)]
pub(super) struct Best {
    alike: f32,
    margin: f32,
    /// What is said against the claim where the answer comes nearest to it.
    against: f32,
    /// The same, all sentences taken together, nearer ones counting more.
    against_softly: f32,
    /// Log odds that some sentence makes the claim, and that some sentence makes its contrary.
    met: f32,
    contradicted: f32,
}

/// How much nearness counts where all sentences are taken together.
const NEARER: f32 = 10.0;

impl Best {
    pub fn of(alignment: &Alignment<'_>, concept: usize) -> Self {
        let stretches = || alignment.paired.stretches.column(concept);
        let Some(nearest) = stretches().max_by(|a, b| a.margin.total_cmp(&b.margin)) else {
            return Self::default();
        };
        let scale = alignment.rubric.paired.scale;
        let said = |paired: &Paired| scale.steepness * paired.alike + scale.bias;
        let nearness = |paired: &Paired| (NEARER * (paired.margin - nearest.margin)).exp();
        let (weights, sum) = stretches().fold((0.0, 0.0), |(weights, sum), paired| {
            let weight = nearness(paired);
            (weights + weight, sum + weight * paired.against)
        });
        Self {
            alike: stretches().map(|paired| paired.alike).fold(-1.0, f32::max),
            margin: nearest.margin,
            against: nearest.against,
            against_softly: sum / weights,
            met: together(
                stretches()
                    .map(|paired| said(paired) - paired.against / 2.0)
                    .collect(),
            ),
            contradicted: together(
                stretches()
                    .map(|paired| said(paired) + paired.against / 2.0 + scale.contrary)
                    .collect(),
            ),
        }
    }
}

/// The log odds of any of several: those of the greatest, or a little more.
fn together(odds: Vec<f32>) -> f32 {
    let most = odds.iter().copied().fold(f32::MIN, f32::max);
    most + odds
        .iter()
        .map(|one| (SHARP * (one - most)).exp())
        .sum::<f32>()
        .ln()
        / SHARP
}

pub(super) struct PairMeasures {
    own: Paired,
    /// The sentences around the window.
    around: Paired,
    /// How many other concepts are more alike.
    better: usize,
    /// What the sentences say for a contrary by themselves.
    alone: f32,
    /// How alike they and the prompt are.
    prompt: f32,
    /// The greatest likeness with a phrase for the claim.
    accepted: f32,
    /// The same for the other concept whose phrases are most alike.
    accepted_others: f32,
    /// The greatest likeness with a phrase against the claim.
    rejected: f32,
    best: Best,
    related: Related,
}

impl Group for PairMeasures {
    const MEASURES: &'static [Measure<Self>] = &[
        ("pairs-alike", |of| of.own.alike),
        ("pairs-margin", |of| of.own.margin),
        ("pairs-rank", |of| of.better as f32),
        ("pairs-against", |of| of.own.against),
        ("pairs-alike-around", |of| of.around.alike),
        ("pairs-margin-around", |of| of.around.margin),
        ("pairs-against-around", |of| of.around.against),
        ("pairs-against-alone", |of| of.alone),
        ("pairs-prompt", |of| of.prompt),
        ("pairs-accepted", |of| of.accepted),
        ("pairs-accepted-margin", |of| of.accepted - of.accepted_others),
        ("pairs-rejected", |of| of.rejected),
        ("pairs-rejected-margin", |of| of.rejected - of.accepted),
        ("pairs-best", |of| of.best.alike),
        ("pairs-margin-best", |of| of.best.margin),
        ("pairs-against-best", |of| of.best.against),
        ("pairs-against-softly", |of| of.best.against_softly),
        ("pairs-met", |of| of.best.met),
        ("pairs-contradicted", |of| of.best.contradicted),
        ("pairs-related-near", |of| of.related.near),
        ("pairs-related-before", |of| of.related.before),
        ("pairs-related-behind", |of| of.related.behind),
        ("pairs-related-whole", |of| of.related.whole),
    ];

    fn of(held: &Held<'_>) -> Self {
        let (alignment, claims) = (held.alignment, &held.alignment.rubric.paired);
        let own = alignment.paired.windows.row(held.number).get(held.concept);
        let stretch = alignment.paired.around(alignment.rubric, held.window);
        let row = stretch.as_ref().map_or(&[][..], |stretch| stretch.said);
        let around = row.get(held.concept).copied().unwrap_or_default();
        let sums = stretch.as_ref().map(|stretch| stretch.sums);
        let accepted = stretch.as_ref().map_or(&[][..], |stretch| stretch.accepted);
        let most = |phrases: Option<&Topics>| {
            sums.zip(phrases)
                .map_or(0.0, |(sums, phrases)| sums.most_alike(phrases))
        };
        Self {
            own: own.copied().unwrap_or_default(),
            better: held
                .others(row)
                .filter(|other| other.alike > around.alike)
                .count(),
            around,
            alone: sums.map_or(0.0, |sums| sums.alone()),
            prompt: most(Some(&claims.prompt)),
            accepted: accepted.get(held.concept).copied().unwrap_or(0.0),
            accepted_others: held.others(accepted).copied().fold(0.0, f32::max),
            rejected: most(claims.rejected.get(held.concept)),
            best: held.seen.pairs,
            related: alignment.paired.related(held.window),
        }
    }
}
