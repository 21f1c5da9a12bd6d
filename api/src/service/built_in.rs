//! The question sets that come with the server: data in `question-sets/`, loaded at start-up, as often as it starts.

use entity::question_set;
use grading::QuestionSet;

use super::question_sets::{draft, next_version, set_draft};
use crate::{
    clock::Clock,
    error::Problem,
    store::{self, Writable},
};

/// The documents, one file each.
pub const DOCUMENTS: &[&str] = &[include_str!("../../question-sets/python-core-mechanics.yaml")];

/// The built-in sets.
///
/// # Errors
/// Where a document is not a question set: a defect that a test finds.
pub fn sets() -> Result<Vec<QuestionSet>, Problem> {
    DOCUMENTS
        .iter()
        .map(|text| QuestionSet::parse(text).map_err(|faults| Problem::internal(format!("{faults:?}"))))
        .collect()
}

/// Stores the built-in sets. A set that has changed since the last release becomes the next version; sessions keep
/// the one that they pinned.
///
/// # Errors
/// Where the database does not answer.
pub async fn load(db: &impl Writable, clock: &Clock) -> Result<(), Problem> {
    for document in sets()? {
        match load_one(db, clock, &document).await {
            // Another replica was faster: what it stored is the same.
            Err(LoadError::Taken) => {}
            Err(LoadError::Other(problem)) => return Err(problem),
            Ok(()) => {}
        }
    }
    Ok(())
}

enum LoadError {
    Taken,
    Other(Problem),
}

impl<E: Into<Problem>> From<E> for LoadError {
    fn from(error: E) -> Self {
        Self::Other(error.into())
    }
}

async fn load_one(db: &impl Writable, clock: &Clock, document: &QuestionSet) -> Result<(), LoadError> {
    let now = clock.now();
    let tx = store::write(db).await?;
    let row = match store::question_sets::find_built_in(&tx, &document.id).await? {
        Some(known) => store::question_sets::lock(&tx, &known.id).await?.unwrap_or(known),
        None => {
            let fresh = draft(None, document, now)?;
            let inserted = store::question_sets::insert(&tx, &fresh).await;
            inserted.map_err(|error| match store::is_unique_violation(&error) {
                true => LoadError::Taken,
                false => error.into(),
            })?;
            fresh
        }
    };
    if let Some(changed) = changed(row, document)? {
        next_version(&tx, changed, None, now).await?;
    }
    Ok(tx.commit().await?)
}

/// The row with the document as its draft, where that is not published yet.
fn changed(
    mut row: question_set::Model,
    document: &QuestionSet,
) -> Result<Option<question_set::Model>, Problem> {
    let fresh = draft(None, document, row.created_at)?;
    if row.published_version > 0 && row.draft == fresh.draft {
        return Ok(None);
    }
    row.draft_revision += i32::from(row.published_version > 0);
    set_draft(&mut row, document)?;
    Ok(Some(row))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_built_in_set_is_right() {
        for set in sets().unwrap() {
            assert_eq!(set.faults(), vec![], "{}", set.id);
        }
    }
}
