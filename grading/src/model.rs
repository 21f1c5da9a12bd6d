//! Boosted decision trees over named measures: read from a data file, evaluated without surprises.

use std::sync::OnceLock;

use crate::compiled::CompiledRubric;
use crate::features::{NAMES, VERDICT_NAMES};
use crate::hash::QuickMap;

/// One node of a tree as it stands in a file: a question about a measure, or an answer.
#[derive(Debug, Clone, Copy)]
enum Node {
    /// Goes left where the measure is at most the threshold.
    Split { split: Split, left: u16, right: u16 },
    /// What the tree adds.
    Leaf(f32),
}

/// A question about a measure.
#[derive(Debug, Clone, Copy)]
struct Split {
    threshold: f32,
    measure: u8,
}

/// Stands for a measure that isn't known, and reads as 0.
const UNKNOWN: u8 = u8::MAX;

const _: () = assert!(NAMES.len() + VERDICT_NAMES.len() <= UNKNOWN as usize);

/// What stands where a tree has its answer before the last question: whatever is measured, the answer is the same.
const ASKED_FOR_NOTHING: Split = Split {
    threshold: 0.0,
    measure: UNKNOWN,
};

/// How many questions trees may ask one after the other. All trees of a model ask as many as its deepest, or a few more; what
/// lies deeper than the last of these is not read, so that a damaged file asks no more.
const DEPTHS: [usize; 2] = [4, 8];

/// So many windows are looked at together.
const TOGETHER: usize = 16;
/// A byte for each of the windows that are looked at together, so that all are worked on at once.
type Bytes = [u8; TOGETHER];
/// A measure of each of them.
type Row = [f32; TOGETHER];

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

/// Trees for the three verdicts. All ask equally many questions, so that no time is lost on guessing when one ends.
#[derive(Debug, Clone, Default)]
pub struct Model {
    bias: [f32; 3],
    /// How many questions each tree asks, one of [`DEPTHS`].
    depth: usize,
    /// All questions, each once: many trees share one.
    questions: Vec<Split>,
    /// By tree, the verdict that it speaks of.
    classes: Vec<usize>,
    /// The questions of each tree by their numbers, as many as it has answers: one that is never asked, then the first, then the
    /// two that may follow, then the four …
    splits: Vec<u16>,
    /// The answers of each tree from left to right: what it adds.
    leaves: Vec<f32>,
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
        let names: QuickMap<&str, u8> = names.iter().copied().zip(0..UNKNOWN).collect();
        let mut model = Self::default();
        let mut trees: Vec<(usize, Vec<Node>)> = Vec::new();
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
                    trees.push((class, fields.filter_map(|field| node(field, &names)).collect()));
                }
                _ => {}
            }
        }
        let [.., most] = DEPTHS;
        let deepest = trees.iter().map(|(_, nodes)| depth(nodes, 0, most)).max();
        model.depth = DEPTHS
            .into_iter()
            .find(|depth| Some(*depth) >= deepest)
            .unwrap_or(most);
        let mut splits = Vec::new();
        for (class, nodes) in &trees {
            model.classes.push(*class);
            model.add(nodes, &mut splits);
        }
        model.number(&splits);
        model
    }

    /// Numbers the questions that trees ask, those about the same measure together.
    fn number(&mut self, splits: &[Split]) {
        let key = |split: &Split| (split.measure, split.threshold.to_bits());
        self.questions = splits.to_vec();
        self.questions.sort_unstable_by_key(key);
        self.questions.dedup_by_key(|split| key(split));
        // A file with more questions than there are numbers is damaged.
        self.questions.truncate(usize::from(u16::MAX));
        let number = |split: &Split| self.questions.binary_search_by_key(&key(split), key);
        self.splits = splits
            .iter()
            .map(|split| number(split).map_or(0, |number| number as u16))
            .collect();
    }

    /// Adds a tree's answers, and its questions to `splits`, filled up so that it asks as much as the deepest.
    fn add(&mut self, nodes: &[Node], splits: &mut Vec<Split>) {
        splits.push(ASKED_FOR_NOTHING);
        let mut level: Vec<Result<usize, f32>> = vec![Ok(0)];
        for _ in 0..self.depth {
            let mut next = Vec::with_capacity(2 * level.len());
            for place in level {
                match place.map(|at| nodes.get(at)) {
                    Ok(Some(Node::Split { split, left, right })) => {
                        splits.push(*split);
                        next.extend([Ok(usize::from(*left)), Ok(usize::from(*right))]);
                    }
                    other => {
                        splits.push(ASKED_FOR_NOTHING);
                        next.extend([Err(answer(other)); 2]);
                    }
                }
            }
            level = next;
        }
        self.leaves.extend(
            level
                .into_iter()
                .map(|place| answer(place.map(|at| nodes.get(at)))),
        );
    }

    /// How likely each verdict is.
    pub fn likelihood(&self, measures: &[f32]) -> Likelihood {
        let scores = self.scores(&[measures], &mut Vec::new());
        likelihood(scores.map(|[first, ..]| first))
    }

    /// How likely each verdict is by each of many windows: quicker than one by one.
    pub fn likelihoods(&self, windows: &[&[f32]]) -> Vec<Likelihood> {
        let mut rights = Vec::with_capacity(self.questions.len());
        let together = windows.chunks(TOGETHER).flat_map(|windows| {
            let scores = self.scores(windows, &mut rights);
            (0..windows.len()).map(move |number| likelihood(scores.map(|row| row[number % TOGETHER])))
        });
        together.collect()
    }

    /// By verdict, what the trees say of windows that are looked at together, added up. `rights` is a place to work.
    fn scores(&self, windows: &[&[f32]], rights: &mut Vec<Bytes>) -> [Row; 3] {
        self.ask(windows, rights);
        let mut scores = self.bias.map(|bias| [bias; TOGETHER]);
        match DEPTHS.map(|depth| depth >= self.depth) {
            [true, _] => self.add_up::<{ 1 << DEPTHS[0] }>(rights, &mut scores, windows.len()),
            _ => self.add_up::<{ 1 << DEPTHS[1] }>(rights, &mut scores, windows.len()),
        }
        scores
    }

    /// Asks each question once about all windows: where one goes right, all bits are set.
    fn ask(&self, windows: &[&[f32]], rights: &mut Vec<Bytes>) {
        let mut rows: [Row; UNKNOWN as usize + 1] = [[0.0; TOGETHER]; _];
        for (number, measures) in windows.iter().enumerate() {
            for (row, value) in rows.iter_mut().take(UNKNOWN as usize).zip(*measures) {
                if let Some(place) = row.get_mut(number) {
                    *place = *value;
                }
            }
        }
        rights.clear();
        rights.extend(self.questions.iter().map(|split| {
            let mut right = [0; TOGETHER];
            for (right, value) in right.iter_mut().zip(&rows[usize::from(split.measure)]) {
                let left = *value <= split.threshold;
                *right = if left { 0 } else { u8::MAX };
            }
            right
        }));
    }

    /// Adds up what all trees answer, each having so many answers.
    fn add_up<const ANSWERS: usize>(&self, rights: &[Bytes], scores: &mut [Row; 3], windows: usize) {
        let (splits, _) = self.splits.as_chunks::<ANSWERS>();
        let (leaves, _) = self.leaves.as_chunks::<ANSWERS>();
        for ((class, splits), leaves) in self.classes.iter().zip(splits).zip(leaves) {
            let Some(scores) = scores.get_mut(*class) else {
                continue;
            };
            let answers = answers(splits, rights);
            for (score, answer) in scores.iter_mut().zip(answers).take(windows) {
                *score += leaves[usize::from(answer) % ANSWERS];
            }
        }
    }
}

/// The number of a tree's answer for each window, from left to right.
fn answers<const ANSWERS: usize>(splits: &[u16; ANSWERS], rights: &[Bytes]) -> Bytes {
    let right = |at: usize| {
        rights
            .get(usize::from(splits[at]))
            .copied()
            .unwrap_or([0; TOGETHER])
    };
    // From the last questions to the first: which of the answers below it a question leads to.
    let mut below = [[0; TOGETHER]; ANSWERS];
    for at in (ANSWERS / 2..ANSWERS).rev() {
        below[at] = right(at).map(|right| right & 1);
    }
    for at in (1..ANSWERS / 2).rev() {
        // The two that follow the question with number n have the numbers 2n and 2n + 1.
        let (a, b) = (below[2 * at], below[2 * at + 1]);
        let half = (ANSWERS >> (at.ilog2() + 1)) as u8;
        let right = right(at);
        below[at] = std::array::from_fn(|i| a[i] ^ ((a[i] ^ (b[i] | half)) & right[i]));
    }
    below[1]
}

fn likelihood(scores: [f32; 3]) -> Likelihood {
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

/// What a place in a tree adds where it asks nothing more.
fn answer(place: Result<Option<&Node>, f32>) -> f32 {
    match place {
        Ok(Some(Node::Leaf(value))) => *value,
        Err(value) => value,
        Ok(_) => 0.0,
    }
}

/// How many questions a tree asks from a node on, at most so many.
fn depth(nodes: &[Node], at: usize, most: usize) -> usize {
    match nodes.get(at) {
        Some(Node::Split { left, right, .. }) if most > 0 => {
            let deeper = |next: u16| depth(nodes, usize::from(next), most - 1);
            1 + deeper(*left).max(deeper(*right))
        }
        _ => 0,
    }
}

fn node(field: &str, names: &QuickMap<&str, u8>) -> Option<Node> {
    if let Some(value) = field.strip_prefix('=') {
        return Some(Node::Leaf(value.parse().ok()?));
    }
    let (name, rest) = field.split_once('<')?;
    let (threshold, rest) = rest.split_once('?')?;
    let (left, right) = rest.split_once(':')?;
    Some(Node::Split {
        split: Split {
            threshold: threshold.parse().ok()?,
            measure: names.get(name).copied().unwrap_or(UNKNOWN),
        },
        left: left.parse().ok()?,
        right: right.parse().ok()?,
    })
}
