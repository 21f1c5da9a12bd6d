//! Viva's grading engine.
//!
//! Pure: no I/O, no clock, no randomness. The same rubric and the same answer give the same bytes.
//!
//! [`CompiledRubric::compile`] reads one question of a question set once; [`grade`] then grades as many answers against it
//! as there are.

mod align;
pub mod claims;
pub mod code;
mod compiled;
pub mod document;
pub mod evaluation;
mod explanation;
pub mod features;
mod flags;
mod grid;
mod hash;
pub mod known;
pub mod lexicon;
pub mod lint;
mod lists;
pub mod model;
mod numbers;
pub mod order;
pub mod pairs;
pub mod reading;
mod relevance;
pub mod report;
pub mod rubric;
mod runs;
pub mod text;
pub mod trace;
mod verbatim;
mod verdict;
pub mod wordings;

/// The engine's version, kept with every grade.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

pub use compiled::CompiledRubric;
pub use report::{ConceptReport, Evidence, Flag, Link, MatchKind, NearMiss, PhraseKind, Report, Verdict};
pub use rubric::{Concept, Question, QuestionSet};
pub use trace::{Trace, trace};
pub use verdict::{Judged, Observed, grade, grade_with, weigh};
