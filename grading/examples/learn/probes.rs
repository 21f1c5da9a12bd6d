//! What must not earn credit: another question's full answer, an unrelated answer appended to a partial one, a full
//! answer's words shuffled.

use grading::{CompiledRubric, Verdict, grade};

use crate::collection::{Answer, Set};
use crate::dice::Dice;

/// How often something happened that must not.
#[derive(Debug, Clone, Copy, Default)]
pub struct Count {
    /// How often it did.
    pub bad: usize,
    /// How often it could have.
    pub all: usize,
}

impl Count {
    /// In per cent.
    pub fn share(self) -> f64 {
        100.0 * self.bad as f64 / self.all.max(1) as f64
    }
}

/// The probes' counts over some sets.
#[derive(Debug, Clone, Copy, Default)]
pub struct Probes {
    /// Concepts that another question's full answer meets.
    pub elsewhere: Count,
    /// Concepts that a partial answer doesn't meet, and meets with an unrelated answer behind it.
    pub appended: Count,
    /// Concepts that a full answer's words meet, shuffled.
    pub shuffled: Count,
}

impl Probes {
    /// Counts, by the engine's own weights.
    pub fn of(sets: &[&Set]) -> Self {
        let mut probes = Self::default();
        for set in sets {
            for (number, answer) in set.answers.iter().enumerate() {
                probes.add(set, number, answer);
            }
        }
        probes
    }

    fn add(&mut self, set: &Set, number: usize, answer: &Answer) {
        let Some(rubric) = set.rubrics.get(&answer.question_id) else {
            return;
        };
        let other = another_question(set, number, answer);
        if answer.kind == "full" {
            count(&mut self.elsewhere, &met(&set.rubrics[other], &answer.answer));
            count(&mut self.shuffled, &met(rubric, &shuffled(&answer.answer)));
        }
        if answer.kind == "partial"
            && let Some(unrelated) = set
                .answers
                .iter()
                .find(|a| a.question_id == *other && a.kind == "full")
        {
            let before = met(rubric, &answer.answer);
            let after = met(rubric, &format!("{}\n\n{}", answer.answer, unrelated.answer));
            let gained: Vec<bool> = before
                .into_iter()
                .zip(after)
                .filter_map(|(before, after)| (!before).then_some(after))
                .collect();
            count(&mut self.appended, &gained);
        }
    }
}

/// Another question of the set, by the answer's number.
pub fn another_question<'a>(set: &'a Set, number: usize, answer: &Answer) -> &'a str {
    let questions: Vec<&String> = set.rubrics.keys().collect();
    let at = questions
        .iter()
        .position(|q| **q == answer.question_id)
        .unwrap_or(0);
    questions[(at + 1 + number % (questions.len() - 1).max(1)) % questions.len()]
}

/// The words of a text in another order, the same every time.
pub fn shuffled(text: &str) -> String {
    let mut words: Vec<&str> = text.split_whitespace().collect();
    let mut dice = Dice(text.len() as u64);
    for i in (1..words.len()).rev() {
        let j = (dice.roll() * (i + 1) as f32) as usize;
        words.swap(i, j.min(i));
    }
    words.join(" ")
}

fn met(rubric: &CompiledRubric, text: &str) -> Vec<bool> {
    grade(rubric, text)
        .concepts
        .iter()
        .map(|concept| concept.verdict == Verdict::Met)
        .collect()
}

fn count(place: &mut Count, met: &[bool]) {
    place.bad += met.iter().filter(|met| **met).count();
    place.all += met.len();
}
