//! Question sets and their versions.

use actix_web::{HttpResponse, Responder, get, patch, post, web::Data};
use chrono::{DateTime, Utc};
use entity::{question_set, question_set_version};
use grading::{Question, QuestionSet};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    error::{Code, Problem},
    extract::{Json, Member, NoBody, Once, Path, Query, once, page, page::List, precondition::etag},
    service::{
        idempotency::{self, Begun, Kept},
        question_sets::{self as service, Edit},
    },
    state::State,
    values::{IfMatch, SetName},
};

/// A question set without its questions.
#[derive(Debug, Serialize, ToSchema)]
pub struct QuestionSetSummary {
    /// `set_…`
    #[schema(example = "set_01997b6e3c2a7f10a5d0c3b1e2f4a598")]
    pub id: String,
    /// The author's slug: it can stand for the id everywhere.
    #[schema(example = "python-core-mechanics")]
    pub slug: String,
    /// A name for people.
    pub title: String,
    /// What the set is for.
    pub description: Option<String>,
    /// Whether it came with the server. Such a set can't be changed.
    pub built_in: bool,
    /// How many questions the draft has.
    pub number_of_questions: usize,
    /// The number of the version published last; null before the first.
    pub published_version: Option<i32>,
    /// Counts the edits of the draft. Also its entity tag.
    pub draft_revision: i32,
    /// When it was created.
    pub created_at: DateTime<Utc>,
    /// When the draft or the versions last changed.
    pub updated_at: DateTime<Utc>,
}

/// A question set with its draft.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = StoredQuestionSet)]
pub struct QuestionSetBody {
    /// About the set.
    #[serde(flatten)]
    pub summary: QuestionSetSummary,
    /// Groups of words or short phrases that mean the same in this set.
    pub synonyms: Vec<Vec<String>>,
    /// The questions of the draft, with their rubrics.
    pub questions: Vec<Question>,
}

/// A published version.
#[derive(Debug, Serialize, ToSchema)]
pub struct VersionSummary {
    /// `ver_…`
    #[schema(example = "ver_01997b6e3c2a7f10a5d0c3b1e2f4a599")]
    pub id: String,
    /// Counts from 1.
    pub number: i32,
    /// Who published it; null where it is built in.
    pub published_by: Option<String>,
    /// When.
    pub published_at: DateTime<Utc>,
}

/// A published version and what it says. It never changes.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = QuestionSetVersion)]
pub struct VersionBody {
    /// About the version.
    #[serde(flatten)]
    pub summary: VersionSummary,
    /// The document as published.
    pub document: QuestionSet,
}

/// What of a draft is to be replaced. What is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EditRequest {
    /// A name for people.
    pub title: Option<String>,
    /// What the set is for.
    pub description: Option<String>,
    /// All of the set's own synonyms.
    pub synonyms: Option<Vec<Vec<String>>>,
    /// All of the questions.
    pub questions: Option<Vec<Question>>,
}

/// Which page.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// How many rows, 1 to 100.
    #[param(minimum = 1, maximum = 100, default = 20)]
    pub limit: Option<u64>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}

impl From<service::Summary> for QuestionSetSummary {
    fn from(row: service::Summary) -> Self {
        Self {
            id: row.id.to_string(),
            slug: row.slug,
            title: row.title,
            description: row.description,
            built_in: row.organization_id.is_none(),
            number_of_questions: usize::try_from(row.number_of_questions).unwrap_or_default(),
            published_version: Some(row.published_version).filter(|number| *number > 0),
            draft_revision: row.draft_revision,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

impl TryFrom<question_set::Model> for QuestionSetBody {
    type Error = Problem;

    fn try_from(row: question_set::Model) -> Result<Self, Problem> {
        let document = service::document(&row)?;
        let summary = service::Summary::of(&row).into();
        Ok(Self {
            summary,
            synonyms: document.synonyms,
            questions: document.questions,
        })
    }
}

impl From<service::VersionSummary> for VersionSummary {
    fn from(row: service::VersionSummary) -> Self {
        Self {
            id: row.id.to_string(),
            number: row.number,
            published_by: row.published_by.map(|member| member.to_string()),
            published_at: row.published_at,
        }
    }
}

impl TryFrom<question_set_version::Model> for VersionBody {
    type Error = Problem;

    fn try_from(row: question_set_version::Model) -> Result<Self, Problem> {
        let summary = service::VersionSummary::of(&row).into();
        let document = serde_json::from_value(row.document).map_err(Problem::internal)?;
        Ok(Self { summary, document })
    }
}

impl From<EditRequest> for Edit {
    fn from(body: EditRequest) -> Self {
        Self {
            title: body.title,
            description: body.description,
            synonyms: body.synonyms,
            questions: body.questions,
        }
    }
}

/// List the question sets: the built-in ones and your organization's own.
#[utoipa::path(tag = "question sets", operation_id = "listQuestionSets", params(PageQuery),
    responses((status = 200, body = List<QuestionSetSummary>)))]
#[get("/v1/question-sets")]
pub async fn list_sets(
    state: Data<State>,
    member: Member,
    query: Query<PageQuery>,
) -> Result<impl Responder, Problem> {
    let page = page::requested(query.0.limit, query.0.cursor.as_deref())?;
    let found = service::list(&state, &member.0, &page).await?;
    Ok(HttpResponse::Ok().json(page::list(
        found,
        |row| row.id.to_string(),
        QuestionSetSummary::from,
    )))
}

/// Create a question set, as a draft.
///
/// The body is a question set document: the same form as in files and on the command line.
#[utoipa::path(tag = "question sets", operation_id = "createQuestionSet", request_body = QuestionSet,
    responses((status = 201, body = QuestionSetBody)))]
#[post("/v1/question-sets")]
pub async fn create_set(
    state: Data<State>,
    member: Member,
    request: Once<Json<QuestionSet>>,
) -> Result<impl Responder, Problem> {
    let Once { body, attempt } = request;
    let ticket = match idempotency::begin(&state, attempt, created).await? {
        Begun::Before(kept) => return Ok(once::again(kept)),
        Begun::Now(ticket) => ticket,
    };
    let row = service::create(&state, &member.0, body.0, &ticket).await?;
    Ok(once::first(created(&row)?))
}

/// The answer to a set that was created.
fn created(row: &question_set::Model) -> Result<Kept, Problem> {
    let location = format!("/v1/question-sets/{}", row.id);
    let (etag, tag) = etag(row.draft_revision);
    let headers = vec![("location".to_owned(), location), (etag.to_string(), tag)];
    Kept::created(headers, &QuestionSetBody::try_from(row.clone())?)
}

/// Read a question set with its draft.
#[utoipa::path(tag = "question sets", operation_id = "getQuestionSet",
    params(("id" = String, Path, description = "The id or the slug of a question set")),
    responses((status = 200, body = QuestionSetBody)))]
#[get("/v1/question-sets/{id}")]
pub async fn get_set(
    state: Data<State>,
    member: Member,
    name: Path<SetName>,
) -> Result<impl Responder, Problem> {
    let row = service::find(&state, &member.0, &name.0).await?;
    let tag = etag(row.draft_revision);
    Ok(HttpResponse::Ok()
        .insert_header(tag)
        .json(QuestionSetBody::try_from(row)?))
}

/// Edit the draft of a question set. Published versions stay as they are.
#[utoipa::path(tag = "question sets", operation_id = "editQuestionSet", request_body = EditRequest,
    params(("id" = String, Path, description = "The id or the slug of a question set"),
        ("If-Match" = Option<String>, Header, description = "Edit only this draft: an entity tag that you were given")),
    responses((status = 200, body = QuestionSetBody)))]
#[patch("/v1/question-sets/{id}")]
pub async fn edit_set(
    state: Data<State>,
    member: Member,
    name: Path<SetName>,
    seen: IfMatch,
    body: Json<EditRequest>,
) -> Result<impl Responder, Problem> {
    let row = service::edit(&state, &member.0, &name.0, &seen, body.0.into()).await?;
    let tag = etag(row.draft_revision);
    Ok(HttpResponse::Ok()
        .insert_header(tag)
        .json(QuestionSetBody::try_from(row)?))
}

/// Publish the draft as the next version. New sessions pin it.
#[utoipa::path(tag = "question sets", operation_id = "publishQuestionSet",
    params(("id" = String, Path, description = "The id or the slug of a question set")),
    responses((status = 201, body = VersionBody)))]
#[post("/v1/question-sets/{id}/publish")]
pub async fn publish_set(
    state: Data<State>,
    member: Member,
    name: Path<SetName>,
    request: Once<NoBody>,
) -> Result<impl Responder, Problem> {
    let ticket = match idempotency::begin(&state, request.attempt, published).await? {
        Begun::Before(kept) => return Ok(once::again(kept)),
        Begun::Now(ticket) => ticket,
    };
    let version = service::publish(&state, &member.0, &name.0, &ticket).await?;
    Ok(once::first(published(&version)?))
}

/// The answer to a version that was published.
fn published(version: &question_set_version::Model) -> Result<Kept, Problem> {
    let (set, number) = (&version.question_set_id, version.number);
    let location = format!("/v1/question-sets/{set}/versions/{number}");
    let headers = vec![("location".to_owned(), location)];
    Kept::created(headers, &VersionBody::try_from(version.clone())?)
}

/// List the published versions of a question set.
#[utoipa::path(tag = "question sets", operation_id = "listQuestionSetVersions",
    params(("id" = String, Path, description = "The id or the slug of a question set"), PageQuery),
    responses((status = 200, body = List<VersionSummary>)))]
#[get("/v1/question-sets/{id}/versions")]
pub async fn list_versions(
    state: Data<State>,
    member: Member,
    name: Path<SetName>,
    query: Query<PageQuery>,
) -> Result<impl Responder, Problem> {
    let page = page::requested(query.0.limit, query.0.cursor.as_deref())?;
    let found = service::versions(&state, &member.0, &name.0, &page).await?;
    Ok(HttpResponse::Ok().json(page::list(found, |row| row.id.to_string(), VersionSummary::from)))
}

/// Read a published version of a question set.
#[utoipa::path(tag = "question sets", operation_id = "getQuestionSetVersion",
    params(("id" = String, Path, description = "The id or the slug of a question set"),
        ("number" = i32, Path, description = "The version's number")),
    responses((status = 200, body = VersionBody)))]
#[get("/v1/question-sets/{id}/versions/{number}")]
pub async fn get_version(
    state: Data<State>,
    member: Member,
    path: actix_web::web::Path<(String, String)>,
) -> Result<impl Responder, Problem> {
    let (name, number) = path.into_inner();
    let Ok(name) = name.parse::<SetName>();
    let number = number.parse().map_err(|_| Problem::new(Code::NotFound))?;
    let version = service::version(&state, &member.0, &name, number).await?;
    Ok(HttpResponse::Ok().json(VersionBody::try_from(version)?))
}
