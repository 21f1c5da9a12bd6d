//! Grades as they go over the wire: in reports, in results, in previews, on the command line.

use grading::{
    Concept, ConceptReport, Evidence, Flag, Link, MatchKind, PhraseKind, Question, Report, Verdict,
};
use serde::Serialize;
use utoipa::ToSchema;

/// Who is going to read a grade.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reader {
    /// A recruiter: everything.
    Recruiter,
    /// A candidate: nothing of the rubric but the statements.
    Candidate,
}

/// The grade of one answer.
#[derive(Debug, Serialize, ToSchema)]
pub struct Grade {
    /// The question that was answered.
    #[schema(example = "gil")]
    pub question_id: String,
    /// Points earned, in hundredths.
    #[schema(example = 300)]
    pub points: u32,
    /// Points that could be earned, in hundredths.
    #[schema(example = 500)]
    pub max_points: u32,
    /// A verdict for each concept, in the rubric's order.
    pub concepts: Vec<ConceptGrade>,
    /// What a person should know about the answer as a whole.
    pub flags: Vec<Flag>,
}

/// What an answer says of a concept, and what that rests on.
#[derive(Debug, Serialize, ToSchema)]
pub struct ConceptGrade {
    /// The concept's slug.
    #[schema(example = "released-on-io")]
    pub id: String,
    /// The claim that a good answer makes.
    pub statement: String,
    /// What the answer says of it.
    pub verdict: Verdict,
    /// 0 to 1; 0 unless the verdict is `met`.
    #[schema(minimum = 0, maximum = 1)]
    pub credit: f64,
    /// Points earned, in hundredths.
    pub points: u32,
    /// Points that could be earned, in hundredths.
    pub max_points: u32,
    /// How likely the verdict is to be right, 0 to 1.
    #[schema(minimum = 0, maximum = 1)]
    pub confidence: f64,
    /// Whether a person should look at it.
    pub needs_review: bool,
    /// The places in the answer that earned or lost the mark.
    pub evidence: Vec<EvidenceBody>,
    /// The verdict in a plain sentence, derived from what is above.
    pub explanation: String,
    /// For `absent`, what came nearest; null where nothing did.
    pub nearest: Option<NearestBody>,
}

/// A place in the answer, held against a phrase of the rubric.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Evidence)]
pub struct EvidenceBody {
    /// Where it starts in the answer, in Unicode code points (W3C TextPositionSelector).
    pub start: usize,
    /// Where it ends, exclusive, in Unicode code points.
    pub end: usize,
    /// The answer's own text between the two.
    pub quote: String,
    /// The phrase of the rubric that it was held against. Candidates see it where it is the statement.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phrase: Option<String>,
    /// Where in the rubric that phrase stands. Only for recruiters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phrase_kind: Option<PhraseKind>,
    /// Whether that phrase isn't the rubric's own, but what is well known of the claim. Only for recruiters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub well_known: Option<bool>,
    /// The pairs of words that link the two.
    pub links: Vec<LinkBody>,
}

/// A word of the answer, and the word of the rubric that it was taken for.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Link)]
pub struct LinkBody {
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

/// What came nearest to a concept that is absent.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = NearMiss)]
pub struct NearestBody {
    /// The place that came nearest.
    #[serde(flatten)]
    pub evidence: EvidenceBody,
    /// How near it came, 0 (nothing) to 1 (all but met).
    #[schema(minimum = 0, maximum = 1)]
    pub closeness: f64,
}

impl Reader {
    /// Whether what the answer resembles would tell the candidate of a text that they must not know.
    fn may_see(self, flag: Flag) -> bool {
        self == Self::Recruiter || flag != Flag::ReferencePasted
    }
}

impl Grade {
    /// A report of the engine, with as much of the rubric as the reader may see.
    pub fn of(question: &Question, report: Report, reader: Reader) -> Self {
        let (points, max_points) = (report.points(), report.max_points());
        let concepts = question.concepts.iter().zip(report.concepts);
        Self {
            question_id: report.question_id,
            points,
            max_points,
            concepts: concepts
                .map(|(concept, graded)| ConceptGrade::of(concept, graded, reader))
                .collect(),
            flags: report
                .flags
                .into_iter()
                .filter(|flag| reader.may_see(*flag))
                .collect(),
        }
    }
}

impl ConceptGrade {
    fn of(concept: &Concept, mut graded: ConceptReport, reader: Reader) -> Self {
        if reader == Reader::Candidate {
            hide_phrases(&mut graded);
        }
        let explanation = graded.explanation(concept);
        let nearest = graded.nearest.map(|nearest| NearestBody {
            evidence: EvidenceBody::of(nearest.evidence, reader),
            closeness: nearest.closeness,
        });
        Self {
            id: graded.id,
            statement: concept.statement.clone(),
            verdict: graded.verdict,
            credit: graded.credit,
            points: graded.points,
            max_points: graded.max_points,
            confidence: graded.confidence,
            needs_review: graded.needs_review,
            evidence: graded
                .evidence
                .into_iter()
                .map(|evidence| EvidenceBody::of(evidence, reader))
                .collect(),
            explanation,
            nearest,
        }
    }
}

/// Takes the words of hidden phrases away before anything is made of them: the explanation quotes them too.
fn hide_phrases(graded: &mut ConceptReport) {
    let nearest = graded.nearest.iter_mut().map(|nearest| &mut nearest.evidence);
    for evidence in graded.evidence.iter_mut().chain(nearest) {
        if evidence.phrase_kind != PhraseKind::Statement {
            evidence.links.clear();
        }
    }
}

impl EvidenceBody {
    fn of(evidence: Evidence, reader: Reader) -> Self {
        let recruiter = reader == Reader::Recruiter;
        let open = recruiter || evidence.phrase_kind == PhraseKind::Statement;
        Self {
            start: evidence.start,
            end: evidence.end,
            quote: evidence.quote,
            phrase: Some(evidence.phrase).filter(|_| open),
            phrase_kind: Some(evidence.phrase_kind).filter(|_| recruiter),
            well_known: Some(evidence.well_known).filter(|_| recruiter),
            links: evidence.links.into_iter().map(LinkBody::from).collect(),
        }
    }
}

impl From<Link> for LinkBody {
    fn from(link: Link) -> Self {
        Self {
            start: link.start,
            end: link.end,
            answer: link.answer,
            rubric: link.rubric,
            kind: link.kind,
        }
    }
}
