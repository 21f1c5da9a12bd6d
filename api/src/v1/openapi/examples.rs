//! What requests and answers look like: `examples.json`, recorded from a run of the server.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;
use utoipa::openapi::{RefOr, path::Operation};

const DOCUMENT: &str = include_str!("../examples.json");
const JSON: &str = "application/json";

/// The examples of every operation, by its id.
#[derive(Debug, Default, Deserialize)]
#[serde(transparent)]
pub(super) struct Examples(pub(super) BTreeMap<String, OfOperation>);

/// The examples of one operation.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OfOperation {
    /// Its body, where it has one.
    pub(super) request: Option<Value>,
    /// The body of each answer, by its status.
    #[serde(default)]
    pub(super) responses: BTreeMap<String, Value>,
}

impl Examples {
    /// Reads the embedded document; a test holds that it can be read.
    pub(super) fn read() -> Self {
        serde_json::from_str(DOCUMENT).unwrap_or_default()
    }

    /// Puts the examples of an operation where they belong.
    pub(super) fn stamp(&self, operation: &mut Operation) {
        let Some(examples) = self.of(operation) else {
            return;
        };
        if let Some(RefOr::T(body)) = &mut operation.request_body
            && let Some(RefOr::T(content)) = body.content.get_mut(JSON)
        {
            content.example.clone_from(&examples.request);
        }
        for (status, value) in &examples.responses {
            if let Some(RefOr::T(response)) = operation.responses.responses.get_mut(status)
                && let Some(RefOr::T(content)) = response.content.get_mut(JSON)
            {
                content.example = Some(value.clone());
            }
        }
    }

    /// The first field of an operation's body.
    pub(super) fn first_field(&self, operation: &Operation) -> Option<String> {
        let request = self.of(operation)?.request.as_ref()?.as_object()?;
        request.keys().next().cloned()
    }

    fn of(&self, operation: &Operation) -> Option<&OfOperation> {
        self.0.get(operation.operation_id.as_deref()?)
    }
}
