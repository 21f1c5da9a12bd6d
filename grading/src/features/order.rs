//! Whether the words of the whole answer stand in an order that sentences have.

use super::held::Held;
use super::{Group, Measure};

pub(super) struct Order(f32);

impl Group for Order {
    const MEASURES: &'static [Measure<Self>] = &[("orderliness", |of| of.0)];

    fn of(held: &Held<'_>) -> Self {
        Self(held.alignment.orderliness)
    }
}
