//! Every stage's view of an answer, for the author of a rubric and for whoever looks for a fault.
//!
//! A trace is bounded, however long the answer is; `truncated` says where something was left out.

use std::collections::HashSet;

use serde::Serialize;

use crate::align::Alignment;
use crate::code;
use crate::compiled::CompiledRubric;
use crate::features::NAMES;
use crate::model::{Knowledge, Likelihood, Model, learnt};
use crate::pairs::Share;
use crate::reading::{Clause, Join, Reading, Stance, Word};
use crate::relevance;
use crate::text::slice;
use crate::verdict::{Observed, weigh};

/// The most words and sentences that are traced, together.
pub const WORDS_MAX: usize = 2_000;
/// The longest quotation, in code points; a longer one ends in "…".
pub const QUOTE_MAX: usize = 300;
/// The most words in a list of them.
const LISTED_MAX: usize = 8;
/// The longest word, in code points.
const WORD_MAX: usize = 60;
/// The most measures that are told of a window.
const MEASURES_MAX: usize = 8;
/// The most pairs of words that are told of a concept.
const PAIRS_MAX: usize = 8;
/// The most findings in code.
const CODE_MAX: usize = 100;

/// What each stage made of an answer.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Trace {
    /// The prose, sentence by sentence, as it was read.
    pub sentences: Vec<TracedSentence>,
    /// What was found in code.
    pub code: Vec<TracedCode>,
    /// For each concept, the windows that were weighed.
    pub concepts: Vec<TracedConcept>,
    /// Whether the answer is so long that part of the trace was left out. Grading leaves nothing out.
    pub truncated: bool,
}

/// A sentence of the answer.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TracedSentence {
    /// Where it starts in the answer, in Unicode code points.
    pub start: usize,
    /// Where it ends, exclusive.
    pub end: usize,
    /// The answer's own text, shortened where it is long.
    pub quote: String,
    /// Its words, normalised and with typos repaired.
    pub words: Vec<TracedWord>,
    /// Its clauses.
    pub clauses: Vec<TracedClause>,
}

/// A word of the answer.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TracedWord {
    /// Where it starts in the answer, in Unicode code points.
    pub start: usize,
    /// Where it ends, exclusive.
    pub end: usize,
    /// As it was read: normalised, and repaired where it was misspelt.
    pub text: String,
    /// Its base form, which is looked up.
    pub base: String,
    /// Whether its spelling was repaired.
    pub repaired: bool,
    /// Whether it carries content, in contrast to words like "the".
    pub content: bool,
    /// Whether it stands where something is denied.
    pub denied: bool,
}

/// How a clause hangs together with the one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum TracedJoin {
    /// It begins a sentence.
    Start,
    /// It goes on.
    And,
    /// It is set against what came before.
    Contrast,
    /// It gives a reason, a consequence or an example.
    Reason,
    /// It gives a condition or a time.
    Condition,
    /// It stands in brackets.
    Aside,
}

/// Whose view a clause gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum TracedView {
    /// The writer's own.
    Own,
    /// Somebody else's, without a comment.
    Reported,
    /// Somebody else's or an earlier one, and it is said to be wrong.
    Rejected,
    /// Said, then taken back.
    Withdrawn,
}

/// A clause as it was read.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TracedClause {
    /// Where it starts in the answer, in Unicode code points.
    pub start: usize,
    /// Where it ends, exclusive.
    pub end: usize,
    /// The answer's own text, shortened where it is long.
    pub quote: String,
    /// How it hangs together with the clause before.
    pub join: TracedJoin,
    /// The base forms of what it is about, at most eight.
    pub subject: Vec<String>,
    /// Whether that was carried over from an earlier clause, a heading or a table.
    pub carried: bool,
    /// The base forms of the heading that it stands under, at most eight.
    pub heading: Vec<String>,
    /// The base forms of what it denies, at most eight.
    pub denied: Vec<String>,
    /// Whose view it gives.
    pub view: TracedView,
    /// Whether it belongs to an end of the answer that speaks of something else, and was left out.
    pub unrelated: bool,
}

/// Something found in code.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TracedCode {
    /// Where it starts in the answer, in Unicode code points.
    pub start: usize,
    /// Where it ends, exclusive.
    pub end: usize,
    /// The answer's own text, shortened where it is long.
    pub quote: String,
    /// The name of what the code shows.
    pub fact: String,
}

/// How likely each verdict is, 0 to 1; together 1 but for rounding.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TracedLikelihood {
    /// The answer says it.
    pub met: f64,
    /// The answer says the contrary.
    pub contradicted: f64,
    /// The answer says neither.
    pub absent: f64,
}

/// A concept and the windows that come near it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TracedConcept {
    /// The concept's slug.
    pub id: String,
    /// How likely each verdict is by the whole answer: what the verdict is reached by.
    pub likelihood: TracedLikelihood,
    /// The well-known claim that the statement was taken to make: what people say for and against it was looked for as well.
    pub well_known: Option<TracedClaim>,
    /// The sentences that come nearest to the statement by learnt pairs of words. None where no pairs are looked at: where nothing is
    /// said, and where people's wordings of the very statement were learnt.
    pub pairs: Option<TracedPairs>,
    /// The windows of one to three clauses, the nearest by words first. None where nothing comes near, or where the
    /// answer says nothing at all.
    pub windows: Vec<TracedWindow>,
}

/// A well-known claim.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TracedClaim {
    /// The claim, in a plain sentence.
    pub claim: String,
    /// How alike the statement and the claim are, by their words: 0 to 1.
    pub likeness: f64,
}

/// One or two sentences beside a statement, by learnt pairs of words.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TracedPairs {
    /// Where the sentences start in the answer, in Unicode code points.
    pub start: usize,
    /// Where they end, exclusive.
    pub end: usize,
    /// The answer's own text, shortened where it is long.
    pub quote: String,
    /// How alike they and the statement are, -1 to 1.
    pub alike: f64,
    /// How much more alike than they and any other statement.
    pub margin: f64,
    /// Log odds that they say the contrary, not the statement; above 0, the contrary.
    pub against: f64,
    /// The pairs that add most, the one that adds most first, at most eight.
    pub most: Vec<TracedPair>,
}

/// A word of the answer beside a word of the statement.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TracedPair {
    /// The answer's word in its base form, "!" before it where it is denied.
    pub answer: String,
    /// The statement's, likewise. None for what the answer's word says by itself.
    pub statement: Option<String>,
    /// What the pair adds to `alike`.
    pub alike: f64,
    /// What it adds to `against`.
    pub against: f64,
}

/// A window held against a concept.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TracedWindow {
    /// Where it starts in the answer, in Unicode code points.
    pub start: usize,
    /// Where it ends, exclusive.
    pub end: usize,
    /// The answer's own text, shortened where it is long.
    pub quote: String,
    /// How likely each verdict is by this window alone.
    pub likelihood: TracedLikelihood,
    /// Whether it says most of the concept, for or against: the evidence is taken from it.
    pub chosen: bool,
    /// What was measured and told most, the most telling first, at most eight.
    pub measures: Vec<TracedMeasure>,
}

/// Something measured of a window.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TracedMeasure {
    /// Its name, as in the weights.
    pub name: String,
    /// Its value.
    pub value: f64,
    /// How much likelier `met` is by this window than if the measure were 0; below 0, less likely.
    pub for_met: f64,
    /// How much likelier `contradicted` is.
    pub for_contradicted: f64,
}

/// Grades as [`crate::grade`] does and tells what each stage saw.
pub fn trace(rubric: &CompiledRubric, answer: &str) -> Trace {
    let layout = code::split(answer);
    let reading = Reading::of(&layout.prose(answer), &rubric.spelling);
    let kept: HashSet<usize> = {
        let mut reading = reading.clone();
        relevance::drop_irrelevant(rubric, &mut reading);
        reading.clauses.iter().map(|clause| clause.from).collect()
    };
    let findings = code::read(answer, &layout);
    let (sentences, all_sentences) = sentences(&reading, answer, &kept);
    Trace {
        truncated: !all_sentences || findings.len() > CODE_MAX,
        sentences,
        code: findings
            .into_iter()
            .take(CODE_MAX)
            .map(|finding| TracedCode {
                start: finding.start,
                end: finding.end,
                quote: shortened(&finding.quote, QUOTE_MAX),
                fact: finding.fact,
            })
            .collect(),
        concepts: concepts(rubric, answer),
    }
}

/// The sentences, as many as there is room for, and whether those are all.
fn sentences(reading: &Reading, answer: &str, kept: &HashSet<usize>) -> (Vec<TracedSentence>, bool) {
    let text: Vec<char> = answer.chars().collect();
    let mut room = WORDS_MAX;
    let mut sentences: Vec<TracedSentence> = Vec::new();
    let mut last = None;
    for clause in &reading.clauses {
        let words: Vec<&Word> = reading
            .clause_words(clause)
            .iter()
            .filter(|word| word.mark.is_none())
            .collect();
        let (Some(first), Some(end)) = (words.first(), words.last()) else {
            continue;
        };
        let cost = words.len() + 1;
        if cost > room {
            return (sentences, false);
        }
        room -= cost;
        if last != Some(clause.sentence) {
            last = Some(clause.sentence);
            sentences.push(TracedSentence {
                start: first.start,
                end: first.start,
                quote: String::new(),
                words: Vec::new(),
                clauses: Vec::new(),
            });
        }
        if let Some(sentence) = sentences.last_mut() {
            sentence.end = end.end;
            sentence.quote = quoted(&text, sentence.start, sentence.end);
            sentence.words.extend(words.iter().map(|word| traced_word(word)));
            sentence.clauses.push(TracedClause {
                start: first.start,
                end: end.end,
                quote: quoted(&text, first.start, end.end),
                unrelated: !kept.contains(&clause.from),
                ..traced_clause(reading, clause, &words)
            });
        }
    }
    (sentences, true)
}

fn traced_word(word: &Word) -> TracedWord {
    TracedWord {
        start: word.start,
        end: word.end,
        text: shortened(&word.text, WORD_MAX),
        base: shortened(&word.lemma, WORD_MAX),
        repaired: word.repaired,
        content: word.content,
        denied: word.negated,
    }
}

fn traced_clause(reading: &Reading, clause: &Clause, words: &[&Word]) -> TracedClause {
    let listed = |places: &[usize]| -> Vec<String> {
        let words = places.iter().filter_map(|at| reading.words.get(*at));
        words
            .take(LISTED_MAX)
            .map(|word| shortened(&word.lemma, WORD_MAX))
            .collect()
    };
    let denied = words.iter().filter(|word| word.negated && word.content);
    TracedClause {
        start: 0,
        end: 0,
        quote: String::new(),
        unrelated: false,
        join: match clause.join {
            Join::Start => TracedJoin::Start,
            Join::And => TracedJoin::And,
            Join::Contrast => TracedJoin::Contrast,
            Join::Reason => TracedJoin::Reason,
            Join::Condition => TracedJoin::Condition,
            Join::Aside => TracedJoin::Aside,
        },
        subject: listed(&clause.subject),
        carried: clause.carried,
        heading: listed(&clause.heading),
        denied: denied
            .take(LISTED_MAX)
            .map(|word| shortened(&word.lemma, WORD_MAX))
            .collect(),
        view: match clause.stance {
            Stance::Own => TracedView::Own,
            Stance::Reported => TracedView::Reported,
            Stance::Rejected => TracedView::Rejected,
            Stance::Withdrawn => TracedView::Withdrawn,
        },
    }
}

fn concepts(rubric: &CompiledRubric, answer: &str) -> Vec<TracedConcept> {
    let question = rubric.question();
    let model = &learnt().of(Knowledge::of(rubric)).window;
    let observed = Observed::of(rubric, answer);
    let judged = observed.as_ref().map(|observed| observed.judge(model));
    let likelihoods = weigh(rubric, answer, learnt());
    let reading = observed.as_ref().map(|_| rubric.read(answer));
    let alignment = reading.as_ref().map(|reading| Alignment::new(rubric, reading));
    question
        .concepts
        .iter()
        .zip(likelihoods)
        .enumerate()
        .map(|(number, (concept, likelihood))| {
            let best = judged.as_ref().and_then(|judged| judged.best(number));
            let windows = observed
                .iter()
                .flat_map(|observed| observed.spans(number).zip(observed.windows(number)));
            TracedConcept {
                id: concept.id.clone(),
                likelihood: likelihood.into(),
                well_known: rubric
                    .known
                    .get(number)
                    .copied()
                    .flatten()
                    .map(|near| TracedClaim {
                        claim: near.claim.statement.to_owned(),
                        likeness: thousandths(near.likeness),
                    }),
                pairs: alignment
                    .as_ref()
                    .and_then(|alignment| pairs(alignment, number, answer)),
                windows: windows
                    .enumerate()
                    .map(|(at, ((start, end), measures))| TracedWindow {
                        start,
                        end,
                        quote: shortened(&slice(answer, start, end), QUOTE_MAX),
                        likelihood: model.likelihood(measures).into(),
                        chosen: best == Some(at),
                        measures: telling(model, measures),
                    })
                    .collect(),
            }
        })
        .collect()
}

/// The sentences that come nearest to a concept's statement by pairs of words.
fn pairs(alignment: &Alignment<'_>, concept: usize, answer: &str) -> Option<TracedPairs> {
    let stretches = alignment.paired.stretches.column(concept).enumerate();
    let (at, paired) = stretches.max_by(|a, b| a.1.margin.total_cmp(&b.1.margin))?;
    let stretch = alignment.answer.stretches().into_iter().nth(at)?;
    let clauses = alignment.answer.clauses.get(stretch)?;
    let words = alignment
        .answer
        .words
        .get(clauses.first()?.from..clauses.last()?.to)?;
    let spelt = || words.iter().filter(|word| word.mark.is_none());
    let (start, end) = (spelt().next()?.start, spelt().next_back()?.end);
    let place = alignment.rubric.places.get(concept)?;
    let statement = &alignment.rubric.phrases.get(place.start)?.reading.words;
    let steepness = alignment.rubric.paired.scale.steepness;
    let adds = |share: &Share| (steepness * share.alike).abs().max(share.against.abs());
    let mut shares = alignment.rubric.pairs.shares(words, statement);
    shares.sort_by(|one, other| adds(other).total_cmp(&adds(one)));
    let traced = |share: Share| TracedPair {
        answer: shortened(&share.answer, WORD_MAX),
        statement: share.claim.map(|word| shortened(&word, WORD_MAX)),
        alike: thousandths(share.alike),
        against: thousandths(share.against),
    };
    Some(TracedPairs {
        start,
        end,
        quote: shortened(&slice(answer, start, end), QUOTE_MAX),
        alike: thousandths(paired.alike),
        margin: thousandths(paired.margin),
        against: thousandths(paired.against),
        most: shares.into_iter().take(PAIRS_MAX).map(traced).collect(),
    })
}

/// The measures without which a window would say something else: each is set to 0 in turn, and what that changes is how
/// telling it is.
fn telling(model: &Model, measures: &[f32]) -> Vec<TracedMeasure> {
    let whole = model.likelihood(measures);
    let mut without = measures.to_vec();
    let mut told: Vec<(f32, TracedMeasure)> = Vec::new();
    for (at, (name, &value)) in NAMES.iter().zip(measures).enumerate() {
        let Some(place) = without.get_mut(at).filter(|_| value != 0.0) else {
            continue;
        };
        *place = 0.0;
        let rest = model.likelihood(&without);
        let (met, contradicted) = (whole.met - rest.met, whole.contradicted - rest.contradicted);
        if let Some(place) = without.get_mut(at) {
            *place = value;
        }
        told.push((
            met.abs().max(contradicted.abs()),
            TracedMeasure {
                name: (*name).to_owned(),
                value: thousandths(value),
                for_met: thousandths(met),
                for_contradicted: thousandths(contradicted),
            },
        ));
    }
    told.sort_by(|one, other| other.0.total_cmp(&one.0));
    told.into_iter()
        .take(MEASURES_MAX)
        .map(|(_, measure)| measure)
        .collect()
}

impl From<Likelihood> for TracedLikelihood {
    fn from(likelihood: Likelihood) -> Self {
        Self {
            met: thousandths(likelihood.met),
            contradicted: thousandths(likelihood.contradicted),
            absent: thousandths(likelihood.absent),
        }
    }
}

fn thousandths(value: f32) -> f64 {
    let rounded = (f64::from(value) * 1000.0).round() / 1000.0;
    // No "-0.0" in documents.
    if rounded == 0.0 { 0.0 } else { rounded }
}

fn quoted(text: &[char], start: usize, end: usize) -> String {
    let whole = text.get(start..end).unwrap_or_default();
    match whole.get(..QUOTE_MAX) {
        Some(head) if whole.len() > QUOTE_MAX => head.iter().chain(&['…']).collect(),
        _ => whole.iter().collect(),
    }
}

fn shortened(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => text.get(..end).unwrap_or_default().to_owned() + "…",
        None => text.to_owned(),
    }
}
