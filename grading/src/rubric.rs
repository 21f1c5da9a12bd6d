//! Question sets as their authors write them.

use serde::{Deserialize, Serialize};

use crate::code::CodeRubric;

/// A question set document: the same form in the files, in the API and on the command line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct QuestionSet {
    /// The author's slug: lower-case letters, digits and hyphens, 1 to 64 characters.
    pub id: String,
    /// A name for people. The slug stands in for it where it is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// What the set is for, in a sentence or two.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Groups of words or short phrases that mean the same in this set.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub synonyms: Vec<Vec<String>>,
    /// The questions, in the order in which candidates see them.
    pub questions: Vec<Question>,
}

/// One open question and the rubric it is graded by.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// The author's slug, unique in the set.
    pub id: String,
    /// What the candidate is asked.
    pub prompt: String,
    /// What an answer is graded against.
    pub concepts: Vec<Concept>,
    /// A good answer, for the author's use. It plays no part in verdicts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
}

/// One thing that a good answer says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Concept {
    /// The author's slug, unique in the question.
    pub id: String,
    /// The claim, in a plain sentence.
    pub statement: String,
    /// What the concept is worth, in points. Above 0, at most 100; two decimals.
    #[serde(default = "one")]
    pub weight: f64,
    /// Other ways to say it, sentences or short phrases.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub accept: Vec<String>,
    /// Claims that contradict it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reject: Vec<String>,
    /// What code in the answer must show to meet it, or to contradict it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<CodeRubric>,
}

fn one() -> f64 {
    1.0
}
