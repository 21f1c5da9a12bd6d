//! What grading an answer yields: a verdict for each concept, and the words that earned or lost it.

use serde::{Deserialize, Serialize};

/// The grade of one answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Report {
    /// The question that was answered.
    pub question_id: String,
    /// One entry for each concept, in the rubric's order.
    pub concepts: Vec<ConceptReport>,
    /// What a person should know about the answer as a whole.
    pub flags: Vec<Flag>,
}

impl Report {
    /// Points earned, in hundredths.
    pub fn points(&self) -> u32 {
        self.concepts.iter().map(|concept| concept.points).sum()
    }

    /// Points that could be earned, in hundredths.
    pub fn max_points(&self) -> u32 {
        self.concepts.iter().map(|concept| concept.max_points).sum()
    }
}

/// What an answer says of a concept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The answer says it.
    Met,
    /// The answer says the contrary.
    Contradicted,
    /// The answer says neither.
    Absent,
}

/// The verdict on one concept and what it rests on.
///
/// There is no explanation among the fields: [`ConceptReport::explanation`] derives it, so that it can't disagree.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ConceptReport {
    /// The concept's slug.
    pub id: String,
    /// What the answer says of it.
    pub verdict: Verdict,
    /// 0 to 1; 0 unless the verdict is [`Verdict::Met`].
    pub credit: f64,
    /// Points earned, in hundredths: round(100 × weight × credit).
    pub points: u32,
    /// Points that could be earned, in hundredths.
    pub max_points: u32,
    /// How likely the verdict is to be right, 0 to 1.
    pub confidence: f64,
    /// Whether a person should look at it.
    pub needs_review: bool,
    /// What earned or lost the mark. Empty only where the verdict is [`Verdict::Absent`].
    pub evidence: Vec<Evidence>,
    /// For [`Verdict::Absent`], what came nearest.
    pub nearest: Option<NearMiss>,
}

/// A place in the answer, held against a phrase of the rubric.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Evidence {
    /// Where it starts in the answer, in Unicode code points (W3C TextPositionSelector).
    pub start: usize,
    /// Where it ends, exclusive, in Unicode code points.
    pub end: usize,
    /// The answer's own text between the two.
    pub quote: String,
    /// The phrase of the rubric that it was held against.
    pub phrase: String,
    /// Where in the rubric that phrase stands.
    pub phrase_kind: PhraseKind,
    /// Whether that phrase isn't the rubric's own, but what is well known of the claim.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub well_known: bool,
    /// The pairs of words that link the two.
    pub links: Vec<Link>,
}

/// Where in a concept a phrase stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum PhraseKind {
    /// The statement itself.
    Statement,
    /// One of `accept`, or a well-known way to say what the statement says.
    Accept,
    /// One of `reject`, or a well-known error about what the statement says.
    Reject,
    /// What the rubric says code must show.
    Code,
}

/// A word of the answer and the word of the rubric that it was taken for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Link {
    /// Where the answer's word starts, in code points.
    pub start: usize,
    /// Where it ends, exclusive.
    pub end: usize,
    /// The answer's word as written.
    pub answer: String,
    /// The rubric's word as written.
    pub rubric: String,
    /// How the two match.
    pub kind: MatchKind,
}

/// How a word of the answer matches one of the rubric.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum MatchKind {
    /// The same word.
    Exact,
    /// Another form of it.
    Stem,
    /// Another word for it.
    Synonym,
    /// It, misspelt.
    Typo,
    /// Its opposite.
    Antonym,
}

/// What came nearest to a concept that is absent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NearMiss {
    /// The place that came nearest.
    pub evidence: Evidence,
    /// How near it came, 0 (nothing) to 1 (all but met).
    pub closeness: f64,
}

/// Something about an answer as a whole that a person should know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Flag {
    /// Nothing, or nothing but white space and single letters.
    Empty,
    /// Too short to say anything ("don't know").
    TooShort,
    /// A list of terms that claims nothing.
    KeywordList,
    /// The question, repeated.
    QuestionEcho,
    /// The reference answer, pasted.
    ReferencePasted,
    /// The same text over and over.
    Repetition,
    /// An instruction to whoever grades.
    InstructionToGrader,
    /// Characters that can't be seen or imitate others.
    DeceptiveCharacters,
    /// Not in the language of the rubric.
    OtherLanguage,
}
