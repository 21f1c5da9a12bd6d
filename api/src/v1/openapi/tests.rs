use std::collections::BTreeSet;

use serde_json::Value;

use super::*;

const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

fn parsed() -> Value {
    serde_json::from_str(json()).unwrap()
}

fn each_operation(document: &Value) -> Vec<(String, &Value)> {
    let paths = document["paths"].as_object().unwrap();
    paths
        .values()
        .flat_map(|item| METHODS.iter().filter_map(|method| item.get(method)))
        .map(|operation| (operation["operationId"].as_str().unwrap().to_owned(), operation))
        .collect()
}

/// Every body of the document: where it is, its schema, its examples.
fn bodies(document: &Value) -> Vec<(String, &Value, Vec<&Value>)> {
    let mut bodies = Vec::new();
    for (id, operation) in each_operation(document) {
        let request = operation
            .get("requestBody")
            .map(|body| ("request".to_owned(), body));
        let responses = operation["responses"].as_object().unwrap();
        let responses = responses
            .iter()
            .map(|(status, response)| (status.clone(), response));
        for (place, body) in request.into_iter().chain(responses) {
            for content in body
                .get("content")
                .and_then(Value::as_object)
                .into_iter()
                .flat_map(|c| c.values())
            {
                let one = content.get("example");
                let several = content.get("examples").and_then(Value::as_object);
                let several = several
                    .into_iter()
                    .flat_map(|examples| examples.values().map(|example| &example["value"]));
                bodies.push((
                    format!("{id} {place}"),
                    &content["schema"],
                    one.into_iter().chain(several).collect(),
                ));
            }
        }
    }
    bodies
}

#[test]
fn the_examples_can_be_read_and_all_of_them_are_used() {
    let examples: Examples = serde_json::from_str(include_str!("../examples.json")).unwrap();
    let document = parsed();
    let bodies: BTreeSet<String> = bodies(&document).into_iter().map(|(place, ..)| place).collect();
    for (id, example) in &examples.0 {
        let request = example.request.iter().map(|_| "request");
        for place in request.chain(example.responses.keys().map(String::as_str)) {
            assert!(
                bodies.contains(&format!("{id} {place}")),
                "{id} {place} has no body"
            );
        }
    }
}

#[test]
fn every_body_has_an_example_and_every_example_fits_its_schema() {
    let document = parsed();
    for (place, schema, examples) in bodies(&document) {
        assert!(!examples.is_empty(), "{place} has no example");
        let mut whole = schema.clone();
        whole["components"] = document["components"].clone();
        let validator = jsonschema::draft202012::new(&whole).unwrap();
        for example in examples {
            let faults: Vec<String> = validator
                .iter_errors(example)
                .map(|fault| fault.to_string())
                .collect();
            assert!(faults.is_empty(), "{place}: {faults:?}");
        }
    }
}

#[test]
fn every_operation_says_what_it_is_and_who_may_call_it() {
    let document = parsed();
    let mut ids = BTreeSet::new();
    for (id, operation) in each_operation(&document) {
        for field in ["summary", "description", "tags", "security"] {
            assert!(operation.get(field).is_some(), "{id} has no {field}");
        }
        for (status, response) in operation["responses"].as_object().unwrap() {
            assert!(
                response["description"]
                    .as_str()
                    .is_some_and(|said| !said.is_empty()),
                "{id} {status}"
            );
        }
        assert!(ids.insert(id.clone()), "{id} is there twice");
    }
}

#[test]
fn every_schema_is_used_and_every_reference_leads_somewhere() {
    let text = json();
    let document = parsed();
    let schemas = document["components"]["schemas"].as_object().unwrap();
    for name in schemas.keys() {
        assert!(name.chars().all(char::is_alphanumeric), "{name}");
        assert!(
            text.contains(&format!("\"#/components/schemas/{name}\"")),
            "{name} is not used"
        );
    }
    for reference in text.split("\"#/components/schemas/").skip(1) {
        let name = reference.split('"').next().unwrap();
        assert!(schemas.contains_key(name), "{name}");
    }
}

#[test]
fn what_is_left_out_is_never_null_and_what_may_be_null_is_always_there() {
    let document = parsed();
    let schemas = &document["components"]["schemas"];
    let session = &schemas["Session"];
    assert!(
        session["required"]
            .as_array()
            .unwrap()
            .contains(&"released_at".into())
    );
    assert_eq!(
        session["properties"]["released_at"]["type"],
        serde_json::json!(["string", "null"])
    );
    let answer = &schemas["Answer"];
    assert!(!answer["required"].as_array().unwrap().contains(&"grade".into()));
    assert_eq!(
        answer["properties"]["grade"]["$ref"],
        "#/components/schemas/Grade"
    );
}

#[test]
fn the_tables_speak_of_what_is_there() {
    let document = parsed();
    let ids: BTreeSet<String> = each_operation(&document).into_iter().map(|(id, _)| id).collect();
    let errors = errors::ERRORS.iter().map(|(id, _)| id);
    for id in errors.chain(answers::HEADERS.iter().map(|(id, ..)| id)) {
        assert!(ids.contains(*id), "{id}");
    }
    let schemas = document["components"]["schemas"].as_object().unwrap();
    for (_, name) in schemas::NAMES {
        assert!(schemas.contains_key(*name), "{name}");
    }
    for (name, field) in schemas::LEFT_OUT {
        let schema = serde_json::to_string(&schemas[*name]).unwrap();
        assert!(schema.contains(&format!("\"{field}\":")), "{name} {field}");
    }
}
