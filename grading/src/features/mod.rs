//! What is measured of a window of the answer held against a concept. Each measure has a name and can be read.
//!
//! Measures stand in groups, one file each. A group looks at a window once, and its table `MEASURES` says by name what is
//! taken from what it saw. A new measure is a new line in such a table; weights go by name, so that it may stand anywhere.

mod asked;
mod beside;
mod comparisons;
mod coverage;
mod cues;
mod density;
mod fits;
mod held;
mod numbers;
mod order;
mod pairs;
mod phrasings;
mod polarity;
mod predicates;
mod quantities;
mod rivals;
mod shape;
mod stances;
mod subjects;
mod surroundings;
mod topics;
mod whole;
mod wordings;

use crate::align::{Alignment, Candidate};
use held::Held;

/// A measure of a group: its name, and how it is taken from what the group saw.
type Measure<G> = (&'static str, fn(&G) -> f32);

/// Measures that are taken together.
trait Group: Sized + 'static {
    /// The measures, in order.
    const MEASURES: &'static [Measure<Self>];

    /// Looks at a window.
    fn of(held: &Held<'_>) -> Self;
}

/// Writes the names of a group's measures, and gives the places that are left.
const fn write_names<'p, G>(
    mut measures: &[Measure<G>],
    mut places: &'p mut [&'static str],
) -> &'p mut [&'static str] {
    while let [(name, _), rest @ ..] = measures
        && let [place, left @ ..] = places
    {
        *place = name;
        measures = rest;
        places = left;
    }
    places
}

fn add_measures<G: Group>(held: &Held<'_>, out: &mut Vec<f32>) {
    let seen = G::of(held);
    out.extend(G::MEASURES.iter().map(|(_, measure)| measure(&seen)));
}

/// Puts groups one after the other: their names, and what they measure.
macro_rules! in_order {
    ($($group:ty),+ $(,)?) => {
        const COUNT: usize = 0 $(+ <$group as Group>::MEASURES.len())+;

        /// Names of the measures, in order.
        pub const NAMES: &[&str] = &{
            let mut names = [""; COUNT];
            let mut places: &mut [&'static str] = &mut names;
            $(places = write_names(<$group as Group>::MEASURES, places);)+
            assert!(places.is_empty());
            names
        };

        fn all_measures(held: &Held<'_>, out: &mut Vec<f32>) {
            $(add_measures::<$group>(held, out);)+
        }
    };
}

in_order!(
    coverage::Coverage,
    polarity::Polarity,
    subjects::Subjects,
    numbers::Numbers,
    stances::Stances,
    rivals::Rivals,
    density::Density,
    quantities::Quantities,
    asked::Asked,
    shape::Shape,
    phrasings::Phrasings,
    comparisons::Comparisons,
    topics::TopicMeasures,
    whole::WholeAnswer,
    predicates::Predicates,
    beside::Beside,
    fits::Fits,
    cues::Cues,
    cues::SoftCues,
    wordings::Worded,
    surroundings::Surroundings,
    pairs::PairMeasures,
    order::Order,
);

/// Names of the measures that a verdict is reached with: those of the window that says most, and of its surroundings.
pub const VERDICT_NAMES: &[&str] = &[
    "window-met",
    "window-contradicted",
    "second-met",
    "second-contradicted",
    "most-contradicted",
    "windows-met",
    "rival-met",
    "rival-contradicted",
    "others-met",
    "others-met-most",
    "others-met-least",
    "others-contradicted",
    "others-contradicted-most",
    "others-absent",
    "met-rank",
    "met-margin",
    "last-met",
    "conflict",
];

/// What is measured of an answer and a concept, whichever window is looked at.
pub(crate) struct Concept {
    whole: whole::WholeAnswer,
    shape: shape::Elsewhere,
    phrasings: phrasings::Phrasings,
    predicates: predicates::Predicates,
    fits: fits::Best,
    cues: cues::Best,
    soft_cues: cues::Best,
    worded: wordings::Best,
    pairs: pairs::Best,
    /// The greatest likeness of topics of any window.
    topic: f32,
}

impl Concept {
    /// Looks at a whole answer. `candidates` are the windows that come near each concept.
    pub fn of(alignment: &Alignment<'_>, concept: usize, candidates: &[Vec<Candidate>]) -> Option<Self> {
        let place = alignment.rubric.places.get(concept)?;
        let statement = alignment.rubric.phrases.get(place.start)?;
        Some(Self {
            whole: whole::WholeAnswer::new(alignment, concept, statement, candidates),
            shape: shape::Elsewhere::of(alignment, concept, candidates),
            phrasings: phrasings::Phrasings::new(alignment, concept, candidates),
            predicates: predicates::Predicates::new(alignment, concept, statement),
            fits: fits::Best::of(alignment, concept),
            cues: cues::Best::of(&alignment.cues, concept),
            soft_cues: cues::Best::of(&alignment.soft_cues, concept),
            worded: wordings::Best::of(alignment, concept),
            pairs: pairs::Best::of(alignment, concept),
            topic: alignment.topics.column(concept).copied().fold(-1.0, f32::max),
        })
    }

    /// The measures of a window held against the concept's statement, in the order of [`NAMES`].
    pub fn measures(&self, alignment: &Alignment<'_>, concept: usize, window: usize) -> Option<Vec<f32>> {
        let held = Held::new(alignment, self, concept, window)?;
        let mut out = Vec::with_capacity(NAMES.len() + VERDICT_NAMES.len());
        all_measures(&held, &mut out);
        Some(out)
    }
}

/// 1 for yes, 0 for no.
fn flag(yes: bool) -> f32 {
    f32::from(u8::from(yes))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::NAMES;

    #[test]
    fn every_measure_has_a_name_of_its_own() {
        let names: HashSet<&str> = NAMES.iter().copied().collect();
        assert_eq!(names.len(), NAMES.len());
        assert!(!names.contains(""));
    }
}
