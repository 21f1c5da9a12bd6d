//! Whether the window names the statement's numbers, or others.

use super::held::Held;
use super::{Group, Measure};

pub(super) struct Numbers {
    /// How many of the statement's the window has.
    agree: usize,
    /// How many of the statement's it lacks, where it has any number.
    differ: usize,
}

impl Group for Numbers {
    const MEASURES: &'static [Measure<Self>] = &[
        ("numbers-agree", |of| of.agree as f32),
        ("numbers-differ", |of| of.differ as f32),
    ];

    fn of(held: &Held<'_>) -> Self {
        let asked = &held.statement.numbers;
        let said = || held.words().filter_map(|word| word.number);
        let agree = asked
            .iter()
            .filter(|asked| said().any(|said| said == **asked))
            .count();
        Self {
            agree,
            differ: if asked.is_empty() || said().next().is_none() {
                0
            } else {
                asked.len() - agree
            },
        }
    }
}
