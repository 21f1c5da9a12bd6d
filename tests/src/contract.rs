//! The OpenAPI document as a contract: every answer is held against what it says of the operation and the status.

use std::{
    collections::HashMap,
    sync::{Mutex, OnceLock},
};

use jsonschema::Validator;
use serde_json::{Value, json};

/// The document that the server serves.
pub fn document() -> &'static Value {
    static DOCUMENT: OnceLock<Value> = OnceLock::new();
    DOCUMENT.get_or_init(|| serde_json::from_str(api::v1::openapi::json()).expect("the document is JSON"))
}

/// Every documented operation: method in capitals, path, description.
pub fn operations() -> Vec<(String, String, &'static Value)> {
    let paths = document()["paths"].as_object().expect("paths");
    paths
        .iter()
        .flat_map(|(path, item)| {
            item.as_object()
                .into_iter()
                .flatten()
                .map(move |entry| (path, entry))
        })
        .filter(|(_, (method, _))| ["get", "post", "put", "patch", "delete"].contains(&method.as_str()))
        .map(|(path, (method, operation))| (method.to_uppercase(), path.clone(), operation))
        .collect()
}

/// The documented operation that a request goes to, as its path is documented.
pub fn operation(method: &str, path: &str) -> Option<(String, &'static Value)> {
    let path = path.split('?').next().unwrap_or_default();
    let mut fitting: Vec<_> = operations()
        .into_iter()
        .filter(|(m, template, _)| m == method && fits(template, path))
        .collect();
    // A path without parameters goes before one with.
    fitting.sort_by_key(|(_, template, _)| template.matches('{').count());
    fitting
        .into_iter()
        .next()
        .map(|(_, template, operation)| (template, operation))
}

fn fits(template: &str, path: &str) -> bool {
    let (wanted, given): (Vec<_>, Vec<_>) = (template.split('/').collect(), path.split('/').collect());
    wanted.len() == given.len()
        && wanted
            .iter()
            .zip(&given)
            .all(|(wanted, given)| wanted.starts_with('{') && !given.is_empty() || wanted == given)
}

/// What is wrong with an answer by the document; nothing where it is as documented.
pub fn faults(method: &str, path: &str, status: u16, media_type: Option<&str>, body: &str) -> Vec<String> {
    let Some((template, operation)) = operation(method, path) else {
        // What is not documented answers 404 or 405, and how is checked elsewhere.
        return Vec::new();
    };
    let Some(response) = operation["responses"].get(status.to_string()) else {
        return vec![format!("{status} is not documented: {body}")];
    };
    let Some(content) = response.get("content").and_then(Value::as_object) else {
        return if body.is_empty() {
            Vec::new()
        } else {
            vec![format!("no body is documented, but: {body}")]
        };
    };
    let Some(schema) = media_type
        .and_then(|given| content.get(given))
        .and_then(|media| media.get("schema"))
    else {
        return vec![format!(
            "{media_type:?} is not documented, but {:?}",
            content.keys()
        )];
    };
    match serde_json::from_str(body) {
        Ok(body) => schema_faults(&format!("{method} {template} {status}"), schema, &body),
        Err(error) => vec![format!("{error}: {body}")],
    }
}

fn schema_faults(key: &str, schema: &Value, body: &Value) -> Vec<String> {
    static VALIDATORS: OnceLock<Mutex<HashMap<String, &'static Validator>>> = OnceLock::new();
    let validators = VALIDATORS.get_or_init(Mutex::default);
    let known = validators.lock().expect("validators").get(key).copied();
    let validator = known.unwrap_or_else(|| {
        let made: &'static Validator = Box::leak(Box::new(validator(schema)));
        validators
            .lock()
            .expect("validators")
            .insert(key.to_owned(), made);
        made
    });
    validator
        .iter_errors(body)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect()
}

fn validator(schema: &Value) -> Validator {
    let mut whole = schema.clone();
    // References are to `#/components/schemas/…`: the components go along.
    whole["components"] = json!({ "schemas": document()["components"]["schemas"] });
    jsonschema::options()
        .with_draft(jsonschema::Draft::Draft202012)
        .should_validate_formats(true)
        .build(&whole)
        .expect("a schema")
}

/// The JSON body that the document gives as an operation's example, where it takes one.
pub fn example(operation: &Value) -> Option<Value> {
    let content = operation
        .get("requestBody")?
        .get("content")?
        .get("application/json")?;
    content.get("example").cloned()
}
