//! Whether the window says "less" where the statement says "more", or the other way round.

use super::held::Held;
use super::{Group, Measure, flag};
use crate::compiled::Asks;

pub(super) struct Comparisons {
    asked: Asks,
    said: Asks,
}

impl Group for Comparisons {
    const MEASURES: &'static [Measure<Self>] = &[("more-less", |Self { asked, said }| {
        flag(asked.more && !asked.less && said.less && !said.more)
            + flag(asked.less && !asked.more && said.more && !said.less)
    })];

    fn of(held: &Held<'_>) -> Self {
        Self {
            asked: held.statement.asks,
            said: held.says(|_| true),
        }
    }
}
