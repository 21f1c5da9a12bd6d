//! From evidence to a verdict for each concept.

use crate::align::{Alignment, Window};
use crate::code::{self, CodeVerdict, Finding};
use crate::compiled::{CompiledRubric, Phrase};
use crate::features::Candidate;
use crate::flags;
use crate::model::{Likelihood, Model, learnt};
use crate::reading::Reading;
use crate::report::{ConceptReport, Evidence, Flag, Link, NearMiss, PhraseKind, Report, Verdict};
use crate::rubric::Concept;
use crate::text::slice;

/// Below this likelihood a verdict is sent to review.
const SURE: f32 = 0.62;
/// Most words that evidence links, so that a report stays readable.
const MOST_LINKS: usize = 12;

/// Grades an answer: a verdict for each concept, with the words it rests on.
pub fn grade(rubric: &CompiledRubric, answer: &str) -> Report {
    grade_with(rubric, answer, learnt())
}

/// Grades with other weights than the engine's own, to measure them.
pub fn grade_with(rubric: &CompiledRubric, answer: &str, model: &Model) -> Report {
    let layout = code::split(answer);
    let findings = code::read(answer, &layout);
    let reading = Reading::of(&layout.prose(answer), &rubric.spelling);
    let flags = flags::flags(rubric, &reading);
    let says_nothing = flags
        .iter()
        .any(|flag| matches!(flag, Flag::Empty | Flag::KeywordList))
        || flags.contains(&Flag::TooShort) && flags.contains(&Flag::OtherLanguage);
    let unreadable = flags.contains(&Flag::OtherLanguage);
    let alignment = Alignment::new(rubric, &reading);
    let candidates = alignment.candidates();
    let concepts = rubric
        .question
        .concepts
        .iter()
        .enumerate()
        .map(|(number, concept)| {
            let max_points = hundredths(concept.weight, 1.0);
            let best = candidates.get(number).and_then(|list| list.first());
            let likelihood = match best {
                Some(best) if !says_nothing => {
                    model.likelihood(&alignment.measures(number, best, &candidates))
                }
                None if !says_nothing => UNLIKE,
                _ => NOTHING,
            };
            let shown = concept.code.as_ref().map(|code| code::judge(code, &findings));
            let (likelihood, finding) = with_code(likelihood, shown.unwrap_or(CodeVerdict::Silent));
            let (verdict, confidence) = decide(likelihood);
            let verdict = if best.is_none() && finding.is_none() {
                Verdict::Absent
            } else {
                verdict
            };
            let credit = if verdict == Verdict::Met { 1.0 } else { 0.0 };
            let evidence = match finding {
                Some(finding) => Some(code_evidence(concept, finding)),
                None => best.and_then(|best| evidence(&alignment, best, answer)),
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
        links: Vec::new(),
    }
}

fn decide(likelihood: Likelihood) -> (Verdict, f32) {
    let Likelihood {
        absent,
        contradicted,
        met,
    } = likelihood;
    if met >= absent && met >= contradicted {
        (Verdict::Met, met)
    } else if contradicted > absent {
        (Verdict::Contradicted, contradicted)
    } else {
        (Verdict::Absent, absent)
    }
}

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

/// The measures that the weights are learnt from: for each concept, those of its nearest window. `None` where a rule
/// decides without them (nothing was said, or nothing comes near).
pub fn measures(rubric: &CompiledRubric, answer: &str) -> Vec<Option<Vec<f32>>> {
    let reading = Reading::of(&code::split(answer).prose(answer), &rubric.spelling);
    let flags = flags::flags(rubric, &reading);
    let says_nothing = flags
        .iter()
        .any(|flag| matches!(flag, Flag::Empty | Flag::KeywordList));
    let alignment = Alignment::new(rubric, &reading);
    let candidates = alignment.candidates();
    (0..rubric.question.concepts.len())
        .map(|number| {
            let best = candidates.get(number).and_then(|list| list.first())?;
            (!says_nothing).then(|| alignment.measures(number, best, &candidates))
        })
        .collect()
}

/// Everything, for experiments.
pub fn dump(rubric: &CompiledRubric, answer: &str) -> Vec<Vec<f32>> {
    let layout = code::split(answer);
    let reading = Reading::of(&layout.prose(answer), &rubric.spelling);
    let flags = flags::flags(rubric, &reading);
    let says_nothing = flags.iter().any(|flag| matches!(flag, Flag::Empty | Flag::KeywordList));
    let alignment = Alignment::new(rubric, &reading);
    let candidates = alignment.candidates();
    let sayings = alignment.sayings();
    (0..rubric.question.concepts.len())
        .map(|number| {
            let best = candidates.get(number).and_then(|list| list.first());
            let measures = best.map(|best| alignment.measures(number, best, &candidates)).unwrap_or_default();
            let l = match best { Some(_) if !says_nothing => learnt().likelihood(&measures), None => UNLIKE, _ => NOTHING };
            let mut row = vec![l.absent, l.contradicted, l.met, f32::from(u8::from(says_nothing)), *measures.first().unwrap_or(&0.0)];
            row.extend(alignment.phrase_measures(number, &sayings));
            row
        })
        .collect()
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
