//! The question set of `--set`: a built-in one by its slug, or a file.

use std::{collections::HashMap, fs, path::Path};

use grading::{CompiledRubric, Question, QuestionSet, document::Fault};

use crate::service::built_in;

/// A question set, each question compiled once.
pub(super) struct Rubrics {
    by_question: HashMap<String, CompiledRubric>,
}

impl Rubrics {
    /// Reads and compiles a set.
    ///
    /// # Errors
    /// Where there is none, or something is wrong with it: in words for the operator.
    pub(super) fn read(slug_or_file: &str) -> Result<Self, String> {
        Ok(Self::compile(find(slug_or_file)?))
    }

    fn compile(set: QuestionSet) -> Self {
        let compile = |question: &Question| {
            let rubric = CompiledRubric::compile(question, &set.synonyms);
            (question.id.clone(), rubric)
        };
        Self {
            by_question: set.questions.iter().map(compile).collect(),
        }
    }

    /// The rubric of a question.
    pub(super) fn get(&self, question_id: &str) -> Option<&CompiledRubric> {
        self.by_question.get(question_id)
    }
}

/// A set as it is written.
///
/// # Errors
/// Where there is none, or something is wrong with it: in words for the operator.
pub(super) fn find(slug_or_file: &str) -> Result<QuestionSet, String> {
    let mut built_in = built_in::sets().map_err(|problem| problem.to_string())?;
    if let Some(place) = built_in.iter().position(|set| set.id == slug_or_file) {
        return Ok(built_in.swap_remove(place));
    }
    let file = Path::new(slug_or_file);
    if !file.exists() {
        let slugs: Vec<&str> = built_in.iter().map(|set| set.id.as_str()).collect();
        return Err(format!(
            "{slug_or_file}: neither a built-in question set ({}) nor a file",
            slugs.join(", ")
        ));
    }
    let text = fs::read_to_string(file).map_err(|error| format!("{slug_or_file}: {error}"))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    QuestionSet::parse(text).map_err(|faults| in_words(slug_or_file, &faults))
}

fn in_words(file: &str, faults: &[Fault]) -> String {
    let place = |fault: &Fault| match fault.pointer.as_str() {
        "" => format!("\n  {}", fault.detail),
        pointer => format!("\n  {pointer} {}", fault.detail),
    };
    let places: String = faults.iter().map(place).collect();
    format!("{file} is not a question set:{places}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slug_names_a_built_in_set() {
        assert!(
            Rubrics::read("python-core-mechanics")
                .unwrap()
                .get("gil")
                .is_some()
        );
    }

    #[test]
    fn a_path_names_a_file_in_json_or_yaml() {
        let folder = tempfile::tempdir().unwrap();
        let json = r#"{"id": "s", "questions": [{"id": "q", "prompt": "Why?", "concepts": [{"id": "c", "statement": "It rains."}]}]}"#;
        let yaml = "id: s\nquestions: [{id: q, prompt: Why?, concepts: [{id: c, statement: It rains.}]}]\n";
        for text in [json.to_owned(), yaml.to_owned(), format!("\u{feff}{json}")] {
            let file = folder.path().join("set");
            fs::write(&file, text).unwrap();
            assert!(Rubrics::read(file.to_str().unwrap()).unwrap().get("q").is_some());
        }
    }

    #[test]
    fn what_is_wrong_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("set.yaml");
        fs::write(&file, "id: S\nquestions: []\n").unwrap();
        let said = Rubrics::read(file.to_str().unwrap()).map(drop).unwrap_err();
        assert!(
            said.contains("\n  /id must be") && said.contains("\n  /questions must have"),
            "{said}"
        );
        let said = Rubrics::read("no-such-set").map(drop).unwrap_err();
        assert!(said.contains("python-core-mechanics"), "{said}");
    }
}
