//! From evidence to a verdict for each concept.

use std::ops::Range;

use smallvec::SmallVec;

use crate::align::{Alignment, Candidate, Hit};
use crate::code::{self, CodeVerdict, Finding};
use crate::compiled::{CompiledRubric, Phrase};
use crate::features;
use crate::flags;
use crate::model::{Knowledge, Likelihood, Model, Pair, Weights, learnt};
use crate::reading::{Reading, Word};
use crate::relevance;
use crate::report::{ConceptReport, Evidence, Flag, Link, NearMiss, PhraseKind, Report, Verdict};
use crate::rubric::Concept;
use crate::text::slice;
use crate::verbatim::{self, Repeated};

/// How alike words must be for evidence to link them.
const LINKED: f32 = 0.6;
/// Most words that evidence links, so that a report stays readable.
const MOST_LINKS: usize = 12;

/// Grades an answer: a verdict for each concept, with the words it rests on.
pub fn grade(rubric: &CompiledRubric, answer: &str) -> Report {
    grade_with(rubric, answer, learnt())
}

/// Grades with other weights than the engine's own, to measure them.
pub fn grade_with(rubric: &CompiledRubric, answer: &str, weights: &Weights) -> Report {
    let Pair { window, verdict } = weights.of(Knowledge::of(rubric));
    let layout = code::split(answer);
    let findings = code::read(answer, &layout);
    let mut reading = Reading::of(&layout.prose(answer), &rubric.spelling);
    let flags = flags::flags(rubric, &reading);
    relevance::drop_irrelevant(rubric, &mut reading);
    let says_nothing = says_nothing(&flags);
    let caution = Caution::of(Knowledge::of(rubric));
    let unreadable = flags.contains(&Flag::OtherLanguage);
    let alignment = Alignment::new(rubric, &reading);
    let observed = Observed::new(&alignment);
    let judged = observed.judge(window);
    let likelihoods = if says_nothing {
        vec![NOTHING; rubric.question.concepts.len()]
    } else {
        observed.likelihoods(&judged, verdict)
    };
    let concepts = rubric
        .question
        .concepts
        .iter()
        .zip(likelihoods)
        .enumerate()
        .map(|(number, (concept, likelihood))| {
            let max_points = hundredths(concept.weight, 1.0);
            let best = judged.best(number).and_then(|at| observed.candidate(number, at));
            let shown = concept.code.as_ref().map(|code| code::judge(code, &findings));
            let (likelihood, finding) = with_code(likelihood, shown.unwrap_or(CodeVerdict::Silent));
            let (verdict, confidence) = caution.decide(likelihood);
            let credit = if verdict == Verdict::Met { 1.0 } else { 0.0 };
            let evidence = match finding {
                Some(finding) => Some(code_evidence(concept, finding)),
                None => match observed.repeated(number) {
                    Some(repeated) => {
                        held_against(&alignment, repeated.clauses.clone(), repeated.phrase, answer)
                    }
                    None => best.and_then(|best| evidence(&alignment, best, verdict, answer)),
                },
            };
            let needs_review = unreadable || confidence < caution.sure(verdict);
            ConceptReport {
                id: concept.id.clone(),
                verdict,
                credit,
                points: hundredths(concept.weight, credit),
                max_points,
                confidence: thousandths(confidence),
                needs_review,
                nearest: if verdict == Verdict::Absent && !says_nothing {
                    evidence.clone().map(|evidence| NearMiss {
                        evidence,
                        closeness: thousandths(likelihood.met),
                    })
                } else {
                    None
                },
                evidence: if verdict == Verdict::Absent {
                    Vec::new()
                } else {
                    evidence.into_iter().collect()
                },
            }
        })
        .collect();
    Report {
        question_id: rubric.question.id.clone(),
        concepts,
        flags,
    }
}

/// How likely each verdict is, for each concept, by other weights than the engine's own.
pub fn weigh(rubric: &CompiledRubric, answer: &str, weights: &Weights) -> Vec<Likelihood> {
    let Pair { window, verdict } = weights.of(Knowledge::of(rubric));
    let layout = code::split(answer);
    let findings = code::read(answer, &layout);
    let concepts = &rubric.question.concepts;
    let likelihoods = match Observed::of(rubric, answer) {
        Some(observed) => observed.likelihoods(&observed.judge(window), verdict),
        None => vec![NOTHING; concepts.len()],
    };
    concepts
        .iter()
        .zip(likelihoods)
        .map(|(concept, likelihood)| {
            let shown = concept.code.as_ref().map(|code| code::judge(code, &findings));
            with_code(likelihood, shown.unwrap_or(CodeVerdict::Silent)).0
        })
        .collect()
}

fn says_nothing(flags: &[Flag]) -> bool {
    flags
        .iter()
        .any(|flag| matches!(flag, Flag::Empty | Flag::KeywordList))
        || flags.contains(&Flag::TooShort) && flags.contains(&Flag::OtherLanguage)
}

/// What is sure where a phrase of the rubric is repeated; see [`crate::verbatim`].
fn word_for_word(said: Verdict) -> Likelihood {
    let (met, contradicted, absent) = match said {
        Verdict::Met => (0.95, 0.04, 0.01),
        Verdict::Contradicted => (0.04, 0.95, 0.01),
        Verdict::Absent => (0.01, 0.04, 0.95),
    };
    Likelihood {
        absent,
        contradicted,
        met,
    }
}

const NOTHING: Likelihood = Likelihood {
    absent: 0.99,
    contradicted: 0.005,
    met: 0.005,
};
/// Nothing comes near: most often that's because nothing is said of it, sometimes because it's said in other words.
const UNLIKE: Likelihood = Likelihood {
    absent: 0.7,
    contradicted: 0.08,
    met: 0.22,
};

/// What code shows outweighs what the prose may mean; code in the middle of a sentence doesn't outweigh a sentence that
/// plainly says the contrary. Gives the finding where it decides.
fn with_code(likelihood: Likelihood, shown: CodeVerdict<'_>) -> (Likelihood, Option<&Finding>) {
    let sure = |met: f32, contradicted: f32| Likelihood {
        absent: 1.0 - met - contradicted,
        contradicted,
        met,
    };
    match shown {
        CodeVerdict::Shows(finding) if finding.is_inline && likelihood.contradicted > 0.6 => {
            (likelihood, None)
        }
        CodeVerdict::Shows(finding) if likelihood.contradicted > 0.8 => (sure(0.5, 0.4), Some(finding)),
        CodeVerdict::Shows(finding) => (
            sure(if finding.is_inline { 0.88 } else { 0.95 }, 0.02),
            Some(finding),
        ),
        CodeVerdict::Opposes(finding) => (sure(0.03, 0.92), Some(finding)),
        CodeVerdict::Silent => (likelihood, None),
    }
}

/// The code that a verdict rests on.
fn code_evidence(concept: &Concept, finding: &Finding) -> Evidence {
    let language = concept.code.as_ref().map_or("", |code| code.language.as_str());
    Evidence {
        start: finding.start,
        end: finding.end,
        quote: finding.quote.clone(),
        phrase: code::sentence(language, &finding.fact)
            .unwrap_or(&finding.fact)
            .to_owned(),
        phrase_kind: PhraseKind::Code,
        well_known: false,
        links: Vec::new(),
    }
}

/// A likelihood as it is reported: with three decimals, and no more behind them than that.
fn thousandths(likelihood: f32) -> f64 {
    (f64::from(likelihood) * 1000.0).round() / 1000.0
}

/// How likelihoods become verdicts, and when a person looks; found by validation.
#[derive(Debug, Clone, Copy)]
struct Caution {
    /// What the likelihood of "met" is weighed with.
    met: f32,
    /// The same for "contradicted", against "met" and "absent".
    contradicted: f32,
    /// Below these likelihoods "met", "contradicted" and "absent" are sent to review.
    sure: (f32, f32, f32),
}

impl Caution {
    /// What is said in no known word looks absent, so that "absent" must be surer than "met" where nothing but the statement is
    /// known.
    fn of(knowledge: Knowledge) -> Self {
        let (met, contradicted, sure) = match knowledge {
            Knowledge::Statements => (0.85, 1.9, (0.66, 0.78, 0.86)),
            Knowledge::Phrasings => (0.65, 1.6, (0.72, 0.72, 0.72)),
            Knowledge::Wordings => (0.65, 2.0, (0.8, 0.8, 0.8)),
        };
        Self {
            met,
            contradicted,
            sure,
        }
    }

    /// The verdict, and its likelihood. Credit for what isn't there, or for the contrary, does more harm than a verdict that
    /// a person looks at, so "met" must be somewhat likelier than the rest, and "contradicted" may be somewhat less likely.
    fn decide(self, likelihood: Likelihood) -> (Verdict, f32) {
        let Likelihood {
            absent,
            contradicted,
            met,
        } = likelihood;
        let (weighed, opposed) = (met * self.met, contradicted * self.contradicted);
        if weighed >= absent && weighed >= opposed {
            (Verdict::Met, met)
        } else if opposed > absent {
            (Verdict::Contradicted, contradicted)
        } else {
            (Verdict::Absent, absent)
        }
    }

    /// The least likelihood of a verdict that needs no review.
    fn sure(self, verdict: Verdict) -> f32 {
        let (met, contradicted, absent) = self.sure;
        match verdict {
            Verdict::Met => met,
            Verdict::Contradicted => contradicted,
            Verdict::Absent => absent,
        }
    }
}

/// What was measured of an answer: for each concept, the windows that come near it.
#[derive(Debug, Clone)]
pub struct Observed {
    concepts: Vec<Vec<Seen>>,
    /// By concept, the phrase of the rubric that is repeated word for word, if any.
    repeated: Vec<Option<Repeated>>,
}

/// A window that comes near a concept.
#[derive(Debug, Clone)]
struct Seen {
    candidate: Candidate,
    /// First clause, and end, exclusive.
    clauses: (usize, usize),
    /// Where it stands in the answer, in code points.
    span: (usize, usize),
    measures: Vec<f32>,
}

impl Observed {
    /// Reads an answer and measures it. `None` where a rule decides alone, because it says nothing.
    pub fn of(rubric: &CompiledRubric, answer: &str) -> Option<Self> {
        let mut reading = Reading::of(&code::split(answer).prose(answer), &rubric.spelling);
        if says_nothing(&flags::flags(rubric, &reading)) {
            return None;
        }
        relevance::drop_irrelevant(rubric, &mut reading);
        Some(Self::new(&Alignment::new(rubric, &reading)))
    }

    fn new(alignment: &Alignment<'_>) -> Self {
        let candidates = alignment.candidates();
        let concepts = candidates
            .iter()
            .enumerate()
            .map(|(number, list)| {
                let Some(concept) = features::Concept::of(alignment, number, &candidates) else {
                    return Vec::new();
                };
                let mut seen: SmallVec<[usize; MOST_WINDOWS]> = SmallVec::new();
                let mut out = Vec::with_capacity(list.len().min(MOST_WINDOWS));
                for candidate in list {
                    if seen.contains(&candidate.window) || seen.len() >= MOST_WINDOWS {
                        continue;
                    }
                    seen.push(candidate.window);
                    let Some(window) = alignment.windows.get(candidate.window) else {
                        continue;
                    };
                    // A window that another phrase of the rubric led to is measured against the statement as well.
                    let Some(measures) = concept.measures(alignment, number, candidate.window) else {
                        continue;
                    };
                    let clauses = (window.first, window.first + window.count);
                    let span = span(alignment, clauses.0..clauses.1).unwrap_or_default();
                    out.push(Seen {
                        candidate: candidate.clone(),
                        clauses,
                        span,
                        measures,
                    });
                }
                out
            })
            .collect();
        let repeated = verbatim::repeated(alignment.rubric, alignment.answer);
        Self { concepts, repeated }
    }

    /// How likely each verdict on each concept is, by the weights for verdicts and what the windows were judged to say.
    fn likelihoods(&self, judged: &Judged, verdict: &Model) -> Vec<Likelihood> {
        let concepts = 0..self.concepts.len();
        let measures: Vec<_> = concepts.map(|concept| judged.measures(self, concept)).collect();
        let known: Vec<&[f32]> = measures.iter().flatten().map(Vec::as_slice).collect();
        let mut weighed = verdict.likelihoods(&known).into_iter();
        let of = |(measures, repeated): (&Option<_>, &Option<Repeated>)| {
            let weighed = measures.as_ref().and_then(|_| weighed.next())?;
            Some(
                repeated
                    .as_ref()
                    .map_or(weighed, |repeated| word_for_word(repeated.verdict)),
            )
        };
        let likelihoods = measures.iter().zip(&self.repeated).map(of);
        likelihoods
            .map(|likelihood| likelihood.unwrap_or(UNLIKE))
            .collect()
    }

    fn repeated(&self, concept: usize) -> Option<&Repeated> {
        self.repeated.get(concept)?.as_ref()
    }

    /// The measures of each window that comes near a concept.
    pub fn windows(&self, concept: usize) -> impl Iterator<Item = &[f32]> {
        self.concepts
            .get(concept)
            .map(Vec::as_slice)
            .unwrap_or_default()
            .iter()
            .map(|seen| seen.measures.as_slice())
    }

    /// Where each window that comes near a concept stands in the answer, in code points.
    pub fn spans(&self, concept: usize) -> impl Iterator<Item = (usize, usize)> {
        self.concepts
            .get(concept)
            .map(Vec::as_slice)
            .unwrap_or_default()
            .iter()
            .map(|seen| seen.span)
    }

    /// Where the answer comes nearest to a concept by words alone, in code points.
    pub fn nearest(&self, concept: usize) -> Option<(usize, usize)> {
        self.concepts.get(concept)?.first().map(|seen| seen.span)
    }

    fn candidate(&self, concept: usize, at: usize) -> Option<&Candidate> {
        self.concepts.get(concept)?.get(at).map(|seen| &seen.candidate)
    }

    /// What the window weights say of each window.
    pub fn judge(&self, model: &Model) -> Judged {
        let all: Vec<&[f32]> = self
            .concepts
            .iter()
            .flatten()
            .map(|seen| seen.measures.as_slice())
            .collect();
        let mut likelihoods = model.likelihoods(&all).into_iter();
        let of = |list: &Vec<Seen>| likelihoods.by_ref().take(list.len()).collect();
        Judged {
            likelihoods: self.concepts.iter().map(of).collect(),
        }
    }
}

/// How likely each verdict is, by concept and window.
#[derive(Debug, Clone)]
pub struct Judged {
    likelihoods: Vec<Vec<Likelihood>>,
}

impl Judged {
    /// The window that says most of a concept, for or against.
    pub fn best(&self, concept: usize) -> Option<usize> {
        let list = self.likelihoods.get(concept)?;
        (0..list.len()).min_by(|&a, &b| {
            let absent = |at: usize| list.get(at).map_or(1.0, |l| l.absent);
            absent(a).total_cmp(&absent(b)).then(a.cmp(&b))
        })
    }

    /// The measures that a verdict is reached with; see [`crate::features::VERDICT_NAMES`].
    pub fn measures(&self, observed: &Observed, concept: usize) -> Option<Vec<f32>> {
        let mine = self.likelihoods.get(concept)?;
        let windows = observed.concepts.get(concept)?;
        let best = self.best(concept)?;
        let chosen = mine.get(best)?;
        let seen = windows.get(best)?;
        let (from, to) = seen.clauses;
        let mut out = seen.measures.clone();
        out.push(chosen.met);
        out.push(chosen.contradicted);
        let second = (0..mine.len())
            .filter(|&at| {
                at != best
                    && windows
                        .get(at)
                        .is_some_and(|other| other.clauses.0 >= to || other.clauses.1 <= from)
            })
            .filter_map(|at| mine.get(at))
            .min_by(|a, b| a.absent.total_cmp(&b.absent));
        out.push(second.map_or(0.0, |l| l.met));
        out.push(second.map_or(0.0, |l| l.contradicted));
        out.push(mine.iter().map(|l| l.contradicted).fold(0.0, f32::max));
        out.push(mine.iter().map(|l| l.met).sum::<f32>() / mine.len() as f32);
        // The other concepts: on the same words, and in the whole answer.
        let (mut rival_met, mut rival_contradicted) = (0.0_f32, 0.0_f32);
        let mut tops: Vec<Likelihood> = Vec::new();
        for (other, list) in self
            .likelihoods
            .iter()
            .enumerate()
            .filter(|(other, _)| *other != concept)
        {
            let Some(places) = observed.concepts.get(other) else {
                continue;
            };
            for (likelihood, other) in list.iter().zip(places) {
                if other.clauses.0 < to && other.clauses.1 > from {
                    rival_met = rival_met.max(likelihood.met);
                    rival_contradicted = rival_contradicted.max(likelihood.contradicted);
                }
            }
            tops.push(
                self.best(other)
                    .and_then(|at| list.get(at))
                    .copied()
                    .unwrap_or(UNLIKE),
            );
        }
        out.push(rival_met);
        out.push(rival_contradicted);
        let count = tops.len().max(1) as f32;
        out.push(tops.iter().map(|l| l.met).sum::<f32>() / count);
        out.push(tops.iter().map(|l| l.met).fold(0.0, f32::max));
        out.push(tops.iter().map(|l| l.met).fold(1.0, f32::min));
        out.push(tops.iter().map(|l| l.contradicted).sum::<f32>() / count);
        out.push(tops.iter().map(|l| l.contradicted).fold(0.0, f32::max));
        out.push(tops.iter().map(|l| l.absent).sum::<f32>() / count);
        out.push(tops.iter().filter(|l| l.met > chosen.met).count() as f32 / count);
        out.push(chosen.met - rival_met);
        let last = (0..mine.len()).max_by_key(|&at| windows.get(at).map_or(0, |seen| seen.clauses.0));
        out.push(
            last.and_then(|at| mine.get(at))
                .map_or(0.0, |l| l.met - l.contradicted),
        );
        let most_met = mine.iter().map(|l| l.met).fold(0.0, f32::max);
        let most_contradicted = mine.iter().map(|l| l.contradicted).fold(0.0, f32::max);
        out.push(most_met.min(most_contradicted));
        Some(out)
    }
}

/// Most windows of an answer that are weighed for one concept.
const MOST_WINDOWS: usize = 9;

/// round(100 × weight × credit), never below 0.
fn hundredths(weight: f64, credit: f64) -> u32 {
    (100.0 * weight * credit).round().clamp(0.0, f64::from(u32::MAX)) as u32
}

/// Where clauses stand in the answer, in code points, without the marks around them.
fn span(alignment: &Alignment<'_>, clauses: Range<usize>) -> Option<(usize, usize)> {
    let clauses = alignment.answer.clauses.get(clauses)?;
    let words = alignment
        .answer
        .words
        .get(clauses.first()?.from..clauses.last()?.to)?;
    let start = words.iter().find(|word| word.mark.is_none())?.start;
    let end = words.iter().rev().find(|word| word.mark.is_none())?.end;
    Some((start, end))
}

/// The phrase of the concept that a window comes nearest to, among those that can carry the verdict.
fn phrase_for(alignment: &Alignment<'_>, candidate: &Candidate, verdict: Verdict) -> usize {
    let phrases = &alignment.rubric.phrases;
    let Some(concept) = phrases.get(candidate.phrase).map(|phrase| phrase.concept) else {
        return candidate.phrase;
    };
    let may_carry = |kind: PhraseKind| match verdict {
        Verdict::Met => matches!(kind, PhraseKind::Statement | PhraseKind::Accept),
        Verdict::Contradicted => matches!(kind, PhraseKind::Statement | PhraseKind::Reject),
        Verdict::Absent => kind == PhraseKind::Statement,
    };
    let fits = alignment.fits.row(candidate.window);
    phrases
        .iter()
        .zip(fits)
        .enumerate()
        .filter(|(_, (phrase, _))| phrase.concept == concept && may_carry(phrase.kind))
        .map(|(number, (_, fit))| (number, fit.fit))
        // Of equals the first: the statement.
        .max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0)))
        .map_or(candidate.phrase, |(number, _)| number)
}

fn evidence(
    alignment: &Alignment<'_>,
    candidate: &Candidate,
    verdict: Verdict,
    answer: &str,
) -> Option<Evidence> {
    let window = alignment.windows.get(candidate.window)?;
    let phrase = phrase_for(alignment, candidate, verdict);
    held_against(
        alignment,
        window.first..window.first + window.count,
        phrase,
        answer,
    )
}

/// Clauses of the answer beside the phrase that they are held against. More clauses than a window has link no words.
fn held_against(
    alignment: &Alignment<'_>,
    clauses: Range<usize>,
    phrase: usize,
    answer: &str,
) -> Option<Evidence> {
    let phrase: &Phrase = alignment.rubric.phrases.get(phrase)?;
    let (start, end) = span(alignment, clauses.clone())?;
    let hits = alignment
        .windows
        .iter()
        .find(|window| window.first == clauses.start && window.count == clauses.len())
        .map(|window| alignment.hits_on(window, phrase))
        .unwrap_or_default();
    Some(Evidence {
        start,
        end,
        quote: slice(answer, start, end),
        phrase: phrase.text.clone(),
        phrase_kind: phrase.kind,
        well_known: phrase.well_known,
        links: links(alignment, hits, answer),
    })
}

/// The pairs of words that are surely alike, each word of the answer once, those that say most first kept, in the answer's order.
fn links(alignment: &Alignment<'_>, hits: &[Hit], answer: &str) -> Vec<Link> {
    let mut sure: SmallVec<[(f32, &Hit, &Word); 32]> = hits
        .iter()
        .filter(|hit| hit.likeness >= LINKED)
        .filter_map(|hit| {
            let unit = alignment.unit(hit).filter(|unit| !unit.light)?;
            Some((hit.likeness * unit.weight, hit, alignment.word(hit)?))
        })
        .collect();
    sure.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.2.start.cmp(&b.2.start)));
    let mut links: Vec<Link> = Vec::new();
    for (_, hit, word) in sure {
        let Some(spelt) = alignment.rubric.spelt.get(hit.unit as usize) else {
            continue;
        };
        if links.len() < MOST_LINKS && links.iter().all(|other| other.start != word.start) {
            links.push(Link {
                start: word.start,
                end: word.end,
                answer: slice(answer, word.start, word.end),
                rubric: spelt.text.clone(),
                kind: hit.kind,
            });
        }
    }
    links.sort_by_key(|link| link.start);
    links
}
