//! Of what the window speaks, and who does what to whom.

use smallvec::SmallVec;

use super::held::{FEW, Held};
use super::{Group, Measure, flag};
use crate::align::{ratio, subjects};

/// Most that is known of an order.
const MOST_KNOWN: f32 = 4.0;

pub(super) struct Subjects {
    /// Share of the predicate that is said of the statement's own subject.
    own: f32,
    /// Share of the predicate that is said of something else that the question is about.
    rival: f32,
    /// Whether the window names something that only other concepts are about.
    rival_named: bool,
    /// What stands in the statement's order, two words at a time.
    same: f32,
    /// What stands in the other order.
    reversed: f32,
}

impl Group for Subjects {
    const MEASURES: &'static [Measure<Self>] = &[
        ("subject-own", |of| of.own),
        ("subject-rival", |of| of.rival),
        ("rival-named", |of| flag(of.rival_named)),
        ("order", |of| ratio(of.same - of.reversed, of.same + of.reversed)),
        ("order-known", |of| (of.same + of.reversed).min(MOST_KNOWN)),
    ];

    fn of(held: &Held<'_>) -> Self {
        let (own, rival) = subjects(held.hits);
        let (same, reversed) = order(held);
        Self {
            own,
            rival,
            rival_named: names_rival(held),
            same,
            reversed,
        }
    }
}

fn names_rival(held: &Held<'_>) -> bool {
    let stems = &held.alignment.stems;
    !held.statement.rivals.is_empty()
        && held.clauses.iter().any(|clause| {
            stems
                .get(clause.from..clause.to)
                .unwrap_or_default()
                .iter()
                .flatten()
                .any(|stem| held.statement.rivals.binary_search(stem).is_ok())
        })
}

/// How much stands in the statement's order, and how much the other way round.
fn order(held: &Held<'_>) -> (f32, f32) {
    let own = held
        .counted
        .iter()
        .filter(|(hit, unit, _)| !hit.carried && !unit.light);
    let placed: SmallVec<[(u32, u32, u32, f32); FEW]> = own
        .map(|(hit, unit, _)| (hit.clause, unit.part, hit.word, unit.weight))
        .collect();
    let (mut same, mut reversed) = (0.0, 0.0);
    for (i, a) in placed.iter().enumerate() {
        for b in placed.iter().skip(i + 1) {
            // Nothing is added where the two don't stand together: quicker than to ask first.
            let together = a.0 == b.0 && a.1 == b.1;
            let weight = (a.3 * b.3).sqrt();
            same += if together & (a.2 < b.2) { weight } else { 0.0 };
            reversed += if together & (a.2 > b.2) { weight } else { 0.0 };
        }
    }
    (same, reversed)
}
