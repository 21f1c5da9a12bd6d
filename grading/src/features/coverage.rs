//! How much of the statement the window covers, by what its words are and how sure they are.

use super::held::Held;
use super::{Group, Measure};
use crate::align::ratio;
use crate::compiled::Totals;
use crate::report::MatchKind;

pub(super) struct Coverage {
    all: f32,
    unprompted: f32,
    strong: f32,
    exact: f32,
    main: f32,
    main_predicate: f32,
    subject: f32,
    verb: f32,
    /// How alike the words for the heaviest units are; -1 where the statement has none.
    heaviest: [f32; 3],
    totals: Totals,
}

impl Group for Coverage {
    const MEASURES: &'static [Measure<Self>] = &[
        ("coverage", |of| of.all),
        ("coverage-strong", |of| ratio(of.strong, of.totals.all)),
        ("coverage-exact", |of| ratio(of.exact, of.totals.all)),
        ("coverage-main", |of| ratio(of.main, of.totals.main)),
        ("coverage-predicate", |of| {
            ratio(of.main_predicate, of.totals.main_predicate)
        }),
        ("coverage-unprompted", |of| of.unprompted),
        ("coverage-subject", |of| ratio(of.subject, of.totals.subject)),
        ("heaviest", |of| of.heaviest[0]),
        ("second-heaviest", |of| of.heaviest[1]),
        ("third-heaviest", |of| of.heaviest[2]),
        ("verb", |of| {
            if of.totals.verb > 0.0 {
                ratio(of.verb, of.totals.verb)
            } else {
                -1.0
            }
        }),
    ];

    fn of(held: &Held<'_>) -> Self {
        let likeness_for = |unit: u32| {
            let hit = held.hits.iter().find(|hit| hit.unit == unit);
            hit.map_or(0.0, |hit| hit.likeness)
        };
        let mut of = Self {
            all: held.covered.all,
            unprompted: held.covered.unprompted,
            strong: 0.0,
            exact: 0.0,
            main: 0.0,
            main_predicate: 0.0,
            subject: 0.0,
            verb: 0.0,
            heaviest: held
                .statement
                .heaviest
                .map(|unit| unit.map_or(-1.0, likeness_for)),
            totals: held.statement.totals,
        };
        for &(hit, unit, value) in &held.counted {
            let add = |place: &mut f32, belongs: bool| {
                if belongs {
                    *place += value;
                }
            };
            add(&mut of.strong, hit.likeness >= 0.8);
            add(
                &mut of.exact,
                matches!(hit.kind, MatchKind::Exact | MatchKind::Stem | MatchKind::Typo),
            );
            add(&mut of.main, unit.main);
            add(&mut of.main_predicate, unit.main && !unit.subject);
            add(&mut of.subject, unit.subject);
            add(&mut of.verb, unit.verb);
        }
        of
    }
}
