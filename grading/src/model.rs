//! Boosted decision trees over named measures: read from a data file, evaluated without surprises.

use std::sync::OnceLock;

use crate::compiled::CompiledRubric;
use crate::features::{NAMES, VERDICT_NAMES};

/// One node of a tree: a question about a measure, or an answer.
#[derive(Debug, Clone, Copy)]
enum Node {
    /// Goes left where the measure is at most the threshold.
    Split {
        measure: u16,
        threshold: f32,
        left: u16,
        right: u16,
    },
    /// What the tree adds.
    Leaf(f32),
}

/// How likely each verdict is, 0 to 1; together 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Likelihood {
    /// The answer says neither.
    pub absent: f32,
    /// The answer says the contrary.
    pub contradicted: f32,
    /// The answer says it.
    pub met: f32,
}

/// Trees for the three verdicts.
#[derive(Debug, Clone, Default)]
pub struct Model {
    bias: [f32; 3],
    trees: Vec<(usize, Vec<Node>)>,
}

const PLAIN_WINDOW: &str = include_str!("../weights/plain-window.txt");
const PLAIN_VERDICT: &str = include_str!("../weights/plain-verdict.txt");
const RICH_WINDOW: &str = include_str!("../weights/rich-window.txt");
const RICH_VERDICT: &str = include_str!("../weights/rich-verdict.txt");
const WORDED_WINDOW: &str = include_str!("../weights/worded-window.txt");
const WORDED_VERDICT: &str = include_str!("../weights/worded-verdict.txt");

/// What a window says, and what follows from all that was seen.
#[derive(Debug, Clone, Default)]
pub struct Pair {
    /// For one window.
    pub window: Model,
    /// For the verdict.
    pub verdict: Model,
}

/// What there is to know of a question's concepts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Knowledge {
    /// The statements alone.
    Statements,
    /// Statements and phrasings to accept or reject.
    Phrasings,
    /// Also how people word the claims, learnt from labelled answers.
    Wordings,
}

impl Knowledge {
    /// What is known of a question.
    pub fn of(rubric: &CompiledRubric) -> Self {
        if rubric.knows_wordings() {
            Self::Wordings
        } else if rubric.is_phrased() {
            Self::Phrasings
        } else {
            Self::Statements
        }
    }
}

/// The weights, by what is known of a question.
#[derive(Debug, Clone, Default)]
pub struct Weights {
    /// Statements alone.
    pub plain: Pair,
    /// Statements and phrasings.
    pub rich: Pair,
    /// Statements of which wordings were learnt.
    pub worded: Pair,
}

impl Weights {
    /// Those that fit what is known.
    pub fn of(&self, knowledge: Knowledge) -> &Pair {
        match knowledge {
            Knowledge::Statements => &self.plain,
            Knowledge::Phrasings => &self.rich,
            Knowledge::Wordings => &self.worded,
        }
    }
}

/// The weights that come with the engine, read on first use.
pub fn learnt() -> &'static Weights {
    static WEIGHTS: OnceLock<Weights> = OnceLock::new();
    WEIGHTS.get_or_init(|| {
        let pair = |window: &str, verdict: &str| Pair {
            window: Model::parse(window, NAMES),
            verdict: Model::parse(verdict, &verdict_names()),
        };
        Weights {
            plain: pair(PLAIN_WINDOW, PLAIN_VERDICT),
            rich: pair(RICH_WINDOW, RICH_VERDICT),
            worded: pair(WORDED_WINDOW, WORDED_VERDICT),
        }
    })
}

/// The names of all that a verdict is reached with.
pub fn verdict_names() -> Vec<&'static str> {
    NAMES.iter().chain(VERDICT_NAMES).copied().collect()
}

impl Model {
    /// Reads a weights file. Lines: `bias a c m`; `tree CLASS node node …`, a node being `name<threshold?left:right`
    /// or `=value`. A measure that isn't known reads as 0.
    pub fn parse(text: &str, names: &[&str]) -> Self {
        let mut model = Self::default();
        for line in text.lines() {
            let mut fields = line.split(' ');
            match fields.next() {
                Some("bias") => {
                    for (place, value) in model.bias.iter_mut().zip(fields) {
                        *place = value.parse().unwrap_or(0.0);
                    }
                }
                Some("tree") => {
                    let class = fields.next().and_then(|c| c.parse().ok()).unwrap_or(0);
                    let nodes = fields.filter_map(|field| node(field, names)).collect();
                    model.trees.push((class, nodes));
                }
                _ => {}
            }
        }
        model
    }

    /// How likely each verdict is.
    pub fn likelihood(&self, measures: &[f32]) -> Likelihood {
        let mut scores = self.bias;
        for (class, nodes) in &self.trees {
            if let Some(score) = scores.get_mut(*class) {
                *score += value(nodes, measures);
            }
        }
        let [absent, contradicted, met] = scores;
        let top = absent.max(contradicted).max(met);
        let (a, c, m) = (
            (absent - top).exp(),
            (contradicted - top).exp(),
            (met - top).exp(),
        );
        let whole = a + c + m;
        Likelihood {
            absent: a / whole,
            contradicted: c / whole,
            met: m / whole,
        }
    }
}

fn node(field: &str, names: &[&str]) -> Option<Node> {
    if let Some(value) = field.strip_prefix('=') {
        return Some(Node::Leaf(value.parse().ok()?));
    }
    let (name, rest) = field.split_once('<')?;
    let (threshold, rest) = rest.split_once('?')?;
    let (left, right) = rest.split_once(':')?;
    let measure = names
        .iter()
        .position(|known| *known == name)
        .map_or(u16::MAX, |at| at as u16);
    Some(Node::Split {
        measure,
        threshold: threshold.parse().ok()?,
        left: left.parse().ok()?,
        right: right.parse().ok()?,
    })
}

fn value(nodes: &[Node], measures: &[f32]) -> f32 {
    let mut at = 0_usize;
    // A tree is at most a few levels deep; a damaged file can't make this run for ever.
    for _ in 0..32 {
        match nodes.get(at) {
            Some(Node::Leaf(value)) => return *value,
            Some(Node::Split {
                measure,
                threshold,
                left,
                right,
            }) => {
                let seen = measures.get(*measure as usize).copied().unwrap_or(0.0);
                at = usize::from(if seen <= *threshold { *left } else { *right });
            }
            None => return 0.0,
        }
    }
    0.0
}
