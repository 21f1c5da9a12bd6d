//! From evidence to a verdict for each concept.

use crate::align::{Alignment, Window};
use crate::code::{self, CodeVerdict};
use crate::compiled::{CompiledRubric, Phrase};
use crate::features::Candidate;
use crate::flags;
use crate::model::{Likelihood, Model, learnt, learnt_phrases};
use crate::reading::Reading;
use crate::report::{ConceptReport, Evidence, Flag, Link, NearMiss, Report, Verdict};
use crate::shown::{code_evidence, with_code};
use crate::text::slice;

/// Below this likelihood a verdict is sent to review.
const SURE: f32 = 0.62;
/// Most words that evidence links, so that a report stays readable.
const MOST_LINKS: usize = 12;

/// Grades an answer: a verdict for each concept, with the words it rests on.
pub fn grade(rubric: &CompiledRubric, answer: &str) -> Report {
    let (window, verdict) = learnt();
    grade_with(rubric, answer, window, verdict)
}

/// Grades with other weights than the engine's own, to measure them.
pub fn grade_with(rubric: &CompiledRubric, answer: &str, window: &Model, verdict: &Model) -> Report {
    grade_by(rubric, answer, window, verdict, learnt_phrases())
}

/// Grades with other weights than the engine's own, those for phrases among them.
pub fn grade_by(rubric: &CompiledRubric, answer: &str, window: &Model, verdict: &Model, phrases: &Model) -> Report {
    let layout = code::split(answer);
    let findings = code::read(answer, &layout);
    let reading = Reading::of(&layout.prose(answer), &rubric.spelling);
    let flags = flags::flags(rubric, &reading);
    let says_nothing = says_nothing(&flags);
    let unreadable = flags.contains(&Flag::OtherLanguage);
    let alignment = Alignment::new(rubric, &reading);
    let observed = Observed::new(&alignment);
    let judged = observed.judge(window);
    let sayings = if rubric.has_lists() { alignment.sayings() } else { Vec::new() };
    let concepts = rubric
        .question
        .concepts
        .iter()
        .enumerate()
        .map(|(number, concept)| {
            let max_points = hundredths(concept.weight, 1.0);
            let best = judged.best(number).and_then(|at| observed.candidate(number, at));
            let likelihood = if says_nothing { NOTHING } else { statement_likelihood(&observed, &judged, verdict, number) };
            let (likelihood, best) = match sayings.get(number) {
                Some(of) if !says_nothing && concept.has_lists() => {
                    let likelihood = phrases.likelihood(&alignment.phrase_measures(number, &sayings, likelihood));
                    (likelihood, of.deciding(decide(likelihood).0).or(best.cloned()))
                }
                _ => (likelihood, best.cloned()),
            };
            let shown = concept.code.as_ref().map(|code| code::judge(code, &findings));
            let (likelihood, finding) = with_code(likelihood, shown.unwrap_or(CodeVerdict::Silent));
            let (verdict, confidence) = decide(likelihood);
            let credit = if verdict == Verdict::Met { 1.0 } else { 0.0 };
            let evidence = match finding {
                Some(finding) => Some(code_evidence(concept, finding)),
                None => best.and_then(|best| evidence(&alignment, &best, answer)),
            };
            let needs_review = unreadable || confidence < SURE;
            ConceptReport {
                id: concept.id.clone(),
                verdict,
                credit,
                points: hundredths(concept.weight, credit),
                max_points,
                confidence: f64::from((confidence * 1000.0).round() / 1000.0),
                needs_review,
                nearest: if verdict == Verdict::Absent && !says_nothing {
                    evidence.clone().map(|evidence| NearMiss {
                        evidence,
                        closeness: f64::from((likelihood.met * 1000.0).round() / 1000.0),
                    })
                } else {
                    None
                },
                evidence: if verdict == Verdict::Absent { Vec::new() } else { evidence.into_iter().collect() },
            }
        })
        .collect();
    Report { question_id: rubric.question.id.clone(), concepts, flags }
}

/// What the statement alone says.
fn statement_likelihood(observed: &Observed, judged: &Judged, verdict: &Model, concept: usize) -> Likelihood {
    match judged.measures(observed, concept) {
        Some(measures) => verdict.likelihood(&measures),
        None => UNLIKE,
    }
}

/// The measures that the weights for phrases are learnt from, for each concept. `None` where the answer says nothing.
pub fn phrase_measures(rubric: &CompiledRubric, answer: &str, window: &Model, verdict: &Model) -> Option<Vec<Vec<f32>>> {
    let reading = Reading::of(&code::split(answer).prose(answer), &rubric.spelling);
    if says_nothing(&flags::flags(rubric, &reading)) {
        return None;
    }
    let alignment = Alignment::new(rubric, &reading);
    let observed = Observed::new(&alignment);
    let judged = observed.judge(window);
    let sayings = alignment.sayings();
    Some(
        (0..rubric.question.concepts.len())
            .map(|number| {
                let likelihood = statement_likelihood(&observed, &judged, verdict, number);
                alignment.phrase_measures(number, &sayings, likelihood)
            })
            .collect(),
    )
}

/// What the phrases saw, for experiments.
pub fn dump_text(rubric: &CompiledRubric, answer: &str) -> Vec<String> {
    let layout = code::split(answer);
    let reading = Reading::of(&layout.prose(answer), &rubric.spelling);
    let alignment = Alignment::new(rubric, &reading);
    let show = |name: &str, list: &[crate::phrases::Saying]| -> String {
        list.iter().take(2).map(|s| {
            let w = &alignment.windows[s.window];
            let cl = &alignment.answer.clauses[w.first..w.first + w.count];
            let (a, b) = (cl.first().unwrap().from, cl.last().unwrap().to);
            let text: Vec<String> = alignment.answer.words[a..b].iter().filter(|x| x.mark.is_none()).map(|x| format!("{}{}", if x.negated { "¬" } else { "" }, x.text)).collect();
            let subj: Vec<String> = cl.iter().flat_map(|c| c.subject.iter().map(|&w| alignment.answer.words[w].text.clone())).collect();
            format!("\n      {name} {:.2} own {:.1} riv {:.1} [{}] <- {} (subj {})", s.worth, s.own, s.rival, rubric.phrases[s.phrase].text, text.join(" "), subj.join(" "))
        }).collect()
    };
    alignment.sayings().iter().map(|s| format!("{}{}{}{}", show("said", &s.said), show("deny", &s.denied), show("WRONG", &s.wrong), show("wrDEN", &s.wrong_denied))).collect()
}

fn says_nothing(flags: &[Flag]) -> bool {
    flags.iter().any(|flag| matches!(flag, Flag::Empty | Flag::KeywordList))
        || flags.contains(&Flag::TooShort) && flags.contains(&Flag::OtherLanguage)
}

const NOTHING: Likelihood = Likelihood { absent: 0.99, contradicted: 0.005, met: 0.005 };
/// Nothing comes near: most often that's because nothing is said of it, sometimes because it's said in other words.
const UNLIKE: Likelihood = Likelihood { absent: 0.7, contradicted: 0.08, met: 0.22 };

fn decide(likelihood: Likelihood) -> (Verdict, f32) {
    let Likelihood { absent, contradicted, met } = likelihood;
    if met >= absent && met >= contradicted {
        (Verdict::Met, met)
    } else if contradicted > absent {
        (Verdict::Contradicted, contradicted)
    } else {
        (Verdict::Absent, absent)
    }
}

/// What was measured of an answer: for each concept, the windows that come near it.
#[derive(Debug, Clone)]
pub struct Observed {
    concepts: Vec<Vec<(Candidate, usize, usize, Vec<f32>)>>,
}

impl Observed {
    /// Reads an answer and measures it. `None` where a rule decides alone, because it says nothing.
    pub fn of(rubric: &CompiledRubric, answer: &str) -> Option<Self> {
        let reading = Reading::of(&code::split(answer).prose(answer), &rubric.spelling);
        if says_nothing(&flags::flags(rubric, &reading)) {
            return None;
        }
        Some(Self::new(&Alignment::new(rubric, &reading)))
    }

    fn new(alignment: &Alignment<'_>) -> Self {
        let candidates = alignment.candidates();
        let statement = |candidate: &Candidate, concept: usize| {
            // A window that another phrase of the rubric led to is measured against the statement as well.
            let phrase = alignment
                .rubric
                .phrases
                .iter()
                .position(|p| p.concept == concept && p.kind == crate::report::PhraseKind::Statement)
                .unwrap_or(candidate.phrase);
            Candidate { phrase, ..candidate.clone() }
        };
        let concepts = candidates
            .iter()
            .enumerate()
            .map(|(number, list)| {
                let mut seen: Vec<usize> = Vec::new();
                let mut out = Vec::new();
                for candidate in list {
                    if seen.contains(&candidate.window) || seen.len() >= MOST_WINDOWS {
                        continue;
                    }
                    seen.push(candidate.window);
                    let Some(window) = alignment.windows.get(candidate.window) else { continue };
                    let measured = alignment.measures(number, &statement(candidate, number), &candidates);
                    out.push((candidate.clone(), window.first, window.first + window.count, measured));
                }
                out
            })
            .collect();
        Self { concepts }
    }

    /// The measures of each window that comes near a concept.
    pub fn windows(&self, concept: usize) -> impl Iterator<Item = &[f32]> {
        self.concepts.get(concept).map(Vec::as_slice).unwrap_or_default().iter().map(|(_, _, _, measures)| measures.as_slice())
    }

    fn candidate(&self, concept: usize, at: usize) -> Option<&Candidate> {
        self.concepts.get(concept)?.get(at).map(|(candidate, ..)| candidate)
    }

    /// What the window weights say of each window.
    pub fn judge(&self, model: &Model) -> Judged {
        Judged {
            likelihoods: self
                .concepts
                .iter()
                .map(|list| list.iter().map(|(_, _, _, measures)| model.likelihood(measures)).collect())
                .collect(),
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
        let (_, from, to, measures) = windows.get(best)?;
        let mut out = measures.clone();
        out.push(chosen.met);
        out.push(chosen.contradicted);
        let second = (0..mine.len())
            .filter(|&at| at != best && windows.get(at).is_some_and(|(_, f, t, _)| f >= to || t <= from))
            .filter_map(|at| mine.get(at))
            .min_by(|a, b| a.absent.total_cmp(&b.absent));
        out.push(second.map_or(0.0, |l| l.met));
        out.push(second.map_or(0.0, |l| l.contradicted));
        out.push(mine.iter().map(|l| l.contradicted).fold(0.0, f32::max));
        out.push(mine.iter().map(|l| l.met).sum::<f32>() / mine.len() as f32);
        // The other concepts: on the same words, and in the whole answer.
        let (mut rival_met, mut rival_contradicted) = (0.0_f32, 0.0_f32);
        let mut tops: Vec<Likelihood> = Vec::new();
        for (other, list) in self.likelihoods.iter().enumerate().filter(|(other, _)| *other != concept) {
            let Some(places) = observed.concepts.get(other) else { continue };
            for (likelihood, (_, f, t, _)) in list.iter().zip(places) {
                if f < to && t > from {
                    rival_met = rival_met.max(likelihood.met);
                    rival_contradicted = rival_contradicted.max(likelihood.contradicted);
                }
            }
            tops.push(self.best(other).and_then(|at| list.get(at)).copied().unwrap_or(UNLIKE));
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
        let last = (0..mine.len()).max_by_key(|&at| windows.get(at).map_or(0, |(_, f, _, _)| *f));
        out.push(last.and_then(|at| mine.get(at)).map_or(0.0, |l| l.met - l.contradicted));
        let most_met = mine.iter().map(|l| l.met).fold(0.0, f32::max);
        let most_contradicted = mine.iter().map(|l| l.contradicted).fold(0.0, f32::max);
        out.push(most_met.min(most_contradicted));
        Some(out)
    }
}

/// Most windows of an answer that are weighed for one concept.
const MOST_WINDOWS: usize = 7;

/// round(100 × weight × credit), never below 0.
fn hundredths(weight: f64, credit: f64) -> u32 {
    (100.0 * weight * credit).round().clamp(0.0, f64::from(u32::MAX)) as u32
}

fn evidence(alignment: &Alignment<'_>, candidate: &Candidate, answer: &str) -> Option<Evidence> {
    let window: &Window = alignment.windows.get(candidate.window)?;
    let phrase: &Phrase = alignment.rubric.phrases.get(candidate.phrase)?;
    let clauses = alignment
        .answer
        .clauses
        .get(window.first..window.first + window.count)?;
    let (from, to) = (clauses.first()?.from, clauses.last()?.to);
    let words = alignment.answer.words.get(from..to)?;
    let mut spoken = words.iter().filter(|word| word.mark.is_none());
    let start = spoken.next()?.start;
    let end = words.iter().rev().find(|word| word.mark.is_none())?.end;
    let mut links: Vec<Link> = alignment
        .hits_on(window, phrase)
        .iter()
        .filter_map(|hit| {
            let word = alignment.answer.words.get(hit.word as usize)?;
            let unit = alignment.rubric.units.get(hit.unit as usize)?;
            (!unit.light).then(|| Link {
                start: word.start,
                end: word.end,
                answer: slice(answer, word.start, word.end),
                rubric: unit.text.clone(),
                kind: hit.kind,
            })
        })
        .collect();
    links.truncate(MOST_LINKS);
    links.sort_by_key(|link| link.start);
    Some(Evidence {
        start,
        end,
        quote: slice(answer, start, end),
        phrase: phrase.text.clone(),
        phrase_kind: phrase.kind,
        links,
    })
}
