//! What of a newer OpenAPI document would break a client that was written for an older one.
//!
//! A client breaks where something that it sends is no longer taken, and where it is answered something that it was not
//! told of. So requests may only come to allow more, and answers only to promise more.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
};

use serde_json::{Map, Value, json};

const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];
/// How deep schemas are followed: one that contains itself has no end.
const DEPTH: usize = 24;

/// Who writes what a schema describes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Direction {
    /// The client: it must stay allowed.
    Request,
    /// The server: it must stay promised.
    Response,
}

/// Every breaking change from one document to another, a line each, in the documents' order.
pub fn breaking_changes(old: &Value, new: &Value) -> Vec<String> {
    let mut comparison = Comparison {
        old,
        new,
        found: Vec::new(),
    };
    comparison.paths();
    comparison.found
}

/// The breaking changes that a list declares: a line each; what follows `#` says why.
pub fn declared(list: &str) -> BTreeSet<String> {
    let lines = list.lines().filter(|line| !line.starts_with('#'));
    let changes = lines.map(|line| line.split_once(" # ").map_or(line, |(change, _)| change).trim());
    changes
        .filter(|change| !change.is_empty())
        .map(str::to_owned)
        .collect()
}

struct Comparison<'a> {
    old: &'a Value,
    new: &'a Value,
    found: Vec<String>,
}

impl<'a> Comparison<'a> {
    fn found(&mut self, place: &str, what: &str) {
        self.found.push(format!("{place}: {what}"));
    }

    fn paths(&mut self) {
        let (old, new) = (self.old, self.new);
        for (path, item) in fields(&old["paths"]) {
            for method in METHODS {
                let Some(before) = item.get(method) else { continue };
                let place = format!("{} {path}", method.to_uppercase());
                match new["paths"].get(path).and_then(|item| item.get(method)) {
                    Some(after) => self.operation(&place, before, after),
                    None => self.found(&place, "is gone"),
                }
            }
        }
        let schemes = |document: &'a Value| &document["components"]["securitySchemes"];
        for (name, scheme) in fields(schemes(old)) {
            let after = schemes(new).get(name);
            if after
                .is_none_or(|after| after["scheme"] != scheme["scheme"] || after["type"] != scheme["type"])
            {
                self.found(&format!("security scheme {name}"), "has changed or is gone");
            }
        }
    }

    fn operation(&mut self, place: &str, old: &'a Value, new: &'a Value) {
        if old["operationId"] != new["operationId"] {
            self.found(place, &format!("operationId was {}", text(&old["operationId"])));
        }
        if old.get("security") != new.get("security") {
            self.found(place, "asks for another token");
        }
        self.parameters(place, old, new);
        self.request_body(place, old.get("requestBody"), new.get("requestBody"));
        self.responses(place, &old["responses"], &new["responses"]);
    }

    fn parameters(&mut self, place: &str, old: &'a Value, new: &'a Value) {
        let by_name = |operation: &'a Value| -> BTreeMap<(String, String), &'a Value> {
            let all = operation
                .get("parameters")
                .and_then(Value::as_array)
                .into_iter()
                .flatten();
            all.map(|one| ((text(&one["in"]), text(&one["name"])), one))
                .collect()
        };
        let (before, after) = (by_name(old), by_name(new));
        for ((kind, name), parameter) in &after {
            let required = |parameter: &Value| parameter["required"] == true;
            let was = before.get(&(kind.clone(), name.clone()));
            let place = format!("{place} {kind} parameter {name}");
            if required(parameter) && !was.is_some_and(|was| required(was)) {
                self.found(&place, "is required now");
            }
            if let Some(was) = was {
                self.schema(
                    &place,
                    Direction::Request,
                    &was["schema"],
                    &parameter["schema"],
                    0,
                );
            }
        }
        for (kind, name) in before.keys().filter(|key| !after.contains_key(*key)) {
            self.found(&format!("{place} {kind} parameter {name}"), "is gone");
        }
    }

    fn request_body(&mut self, place: &str, old: Option<&'a Value>, new: Option<&'a Value>) {
        let place = format!("{place} request");
        match (old, new) {
            (Some(_), None) => self.found(&place, "is not taken any more"),
            (None, Some(new)) if new["required"] == true => self.found(&place, "is required now"),
            (Some(old), Some(new)) => {
                if new["required"] == true && old["required"] != true {
                    self.found(&place, "is required now");
                }
                self.content(&place, Direction::Request, old, new);
            }
            _ => {}
        }
    }

    fn responses(&mut self, place: &str, old: &'a Value, new: &'a Value) {
        for (status, response) in fields(old) {
            let place = format!("{place} {status}");
            let Some(after) = new.get(status) else {
                self.found(&place, "is not answered any more");
                continue;
            };
            self.content(&place, Direction::Response, response, after);
            for name in keys(&response["headers"]).difference(&keys(&after["headers"])) {
                self.found(&place, &format!("has no header {name} any more"));
            }
        }
        // Clients are told to expect any error; another success they would not know what to do with.
        for status in keys(new)
            .difference(&keys(old))
            .filter(|status| status.as_str() < "400")
        {
            self.found(&format!("{place} {status}"), "is a new success");
        }
    }

    fn content(&mut self, place: &str, direction: Direction, old: &'a Value, new: &'a Value) {
        for (media_type, before) in fields(&old["content"]) {
            match new["content"].get(media_type) {
                Some(after) => self.schema(place, direction, &before["schema"], &after["schema"], 0),
                None => self.found(place, &format!("{media_type} is gone")),
            }
        }
    }

    fn schema(&mut self, place: &str, direction: Direction, old: &Value, new: &Value, depth: usize) {
        if depth > DEPTH {
            return;
        }
        let (old, new) = (&whole(self.old, old, 0), &whole(self.new, new, 0));
        self.types(place, direction, old, new);
        self.words(place, direction, old, new);
        self.bounds(place, direction, old, new);
        self.properties(place, direction, old, new, depth);
        if let (Some(before), Some(after)) = (old.get("items"), new.get("items")) {
            self.schema(&format!("{place}[]"), direction, before, after, depth + 1);
        }
        for word in ["oneOf", "anyOf"] {
            self.variants(
                &format!("{place} {word}"),
                direction,
                (&old[word], &new[word]),
                depth,
            );
        }
    }

    fn types(&mut self, place: &str, direction: Direction, old: &Value, new: &Value) {
        let (before, after) = (types(old), types(new));
        // Whoever takes numbers takes whole ones.
        let covers = |all: &BTreeSet<String>, one: &str| {
            all.contains(one) || all.is_empty() || (one == "integer" && all.contains("number"))
        };
        let (wide, narrow, what) = match direction {
            Direction::Request => (&after, &before, "is not taken any more"),
            Direction::Response => (&before, &after, "may be answered now"),
        };
        for kind in narrow.iter().filter(|kind| !covers(wide, kind)) {
            self.found(place, &format!("{kind} {what}"));
        }
        if narrow.is_empty() && !wide.is_empty() {
            self.found(place, "was of any type on one side only");
        }
    }

    fn words(&mut self, place: &str, direction: Direction, old: &Value, new: &Value) {
        let (before, after) = (enumerated(old), enumerated(new));
        match (direction, before, after) {
            (Direction::Request, before, Some(after)) => match before {
                Some(before) => {
                    for word in before.difference(&after) {
                        self.found(place, &format!("{word} is not taken any more"));
                    }
                }
                None => self.found(place, "takes only some words now"),
            },
            (Direction::Response, Some(before), after) => match after {
                Some(after) => {
                    for word in after.difference(&before) {
                        self.found(place, &format!("{word} may be answered now"));
                    }
                }
                None => self.found(place, "may be any word now"),
            },
            _ => {}
        }
    }

    /// What a client sends must not come to be too long, too large or of the wrong form.
    fn bounds(&mut self, place: &str, direction: Direction, old: &Value, new: &Value) {
        if direction == Direction::Response {
            return;
        }
        for (word, tighter) in [
            ("maximum", f64::lt as fn(&f64, &f64) -> bool),
            ("exclusiveMaximum", f64::lt),
            ("maxLength", f64::lt),
            ("maxItems", f64::lt),
            ("minimum", f64::gt),
            ("exclusiveMinimum", f64::gt),
            ("minLength", f64::gt),
            ("minItems", f64::gt),
        ] {
            if let Some(after) = new[word].as_f64()
                && old[word].as_f64().is_none_or(|before| tighter(&after, &before))
            {
                self.found(place, &format!("{word} is {after} now"));
            }
        }
        for word in ["pattern", "format"] {
            if new.get(word).is_some() && new.get(word) != old.get(word) {
                self.found(place, &format!("{word} is {} now", text(&new[word])));
            }
        }
        if new["additionalProperties"] == false && old["additionalProperties"] != false {
            self.found(place, "takes no other fields any more");
        }
    }

    fn properties(&mut self, place: &str, direction: Direction, old: &Value, new: &Value, depth: usize) {
        let (before, after) = (&old["properties"], &new["properties"]);
        for (name, schema) in fields(before) {
            let place = format!("{place}.{name}");
            match after.get(name) {
                Some(newer) => self.schema(&place, direction, schema, newer, depth + 1),
                None => self.found(&place, "is gone"),
            }
        }
        let (required_before, required_after) = (list(&old["required"]), list(&new["required"]));
        match direction {
            Direction::Request => {
                for name in required_after.difference(&required_before) {
                    self.found(&format!("{place}.{name}"), "is required now");
                }
            }
            Direction::Response => {
                let gone = required_before.difference(&required_after);
                for name in gone.filter(|name| after.get(name.as_str()).is_some()) {
                    self.found(&format!("{place}.{name}"), "may be left out now");
                }
            }
        }
    }

    fn variants(&mut self, place: &str, direction: Direction, (old, new): (&Value, &Value), depth: usize) {
        let [before, after] = [old, new].map(|value| value.as_array().map(Vec::as_slice).unwrap_or_default());
        for (number, (old, new)) in before.iter().zip(after).enumerate() {
            self.schema(&format!("{place}[{number}]"), direction, old, new, depth + 1);
        }
        let broken = match direction {
            Direction::Request => after.len() < before.len(),
            Direction::Response => after.len() > before.len(),
        };
        if broken {
            self.found(
                place,
                &format!("has {} variants, not {}", after.len(), before.len()),
            );
        }
    }
}

/// The differences as a message.
pub fn listed<'a>(changes: impl IntoIterator<Item = &'a String>) -> String {
    changes.into_iter().fold(String::new(), |mut all, change| {
        // Writing to a text never fails.
        let _always = writeln!(all, "  {change}");
        all
    })
}

fn resolved<'a>(document: &'a Value, mut schema: &'a Value) -> &'a Value {
    for _ in 0..DEPTH {
        let Some(pointer) = schema.get("$ref").and_then(Value::as_str) else {
            break;
        };
        let found = pointer
            .strip_prefix('#')
            .and_then(|pointer| document.pointer(pointer));
        schema = found.unwrap_or(&Value::Null);
    }
    schema
}

/// A schema with all that it must match besides (`allOf`) written into it: how a schema is put together breaks nobody.
fn whole(document: &Value, schema: &Value, depth: usize) -> Value {
    let schema = resolved(document, schema);
    let Some(parts) = schema.get("allOf").and_then(Value::as_array) else {
        return schema.clone();
    };
    let mut all = schema.as_object().cloned().unwrap_or_default();
    all.remove("allOf");
    for part in parts.iter().filter(|_| depth < DEPTH) {
        if let Value::Object(part) = whole(document, part, depth + 1) {
            join(&mut all, part);
        }
    }
    Value::Object(all)
}

/// Adds to what a schema asks for what another one asks for.
fn join(all: &mut Map<String, Value>, more: Map<String, Value>) {
    for (word, more) in more {
        let joined = match all.remove(&word) {
            Some(before) => both(&word, before, more),
            None => more,
        };
        all.insert(word, joined);
    }
}

/// What matches a word of one schema and the same word of another.
fn both(word: &str, one: Value, other: Value) -> Value {
    let common = |one: &Value, other: &Value| -> Value {
        let [one, other] = [one, other].map(|words| match words {
            Value::Array(words) => words.clone(),
            single => vec![single.clone()],
        });
        one.into_iter().filter(|word| other.contains(word)).collect()
    };
    let smaller = one.as_f64() <= other.as_f64();
    match (word, one, other) {
        ("properties", Value::Object(mut one), Value::Object(other)) => {
            for (name, schema) in other {
                let known = one.remove(&name);
                one.insert(
                    name,
                    known.map_or(schema.clone(), |known| both("items", known, schema)),
                );
            }
            Value::Object(one)
        }
        ("items", one, other) => json!({"allOf": [one, other]}),
        ("required" | "oneOf" | "anyOf", Value::Array(one), Value::Array(other)) => {
            one.into_iter().chain(other).collect()
        }
        ("type" | "enum", one, other) => common(&one, &other),
        ("additionalProperties", _, Value::Bool(false)) => Value::Bool(false),
        ("maximum" | "exclusiveMaximum" | "maxLength" | "maxItems", one, other) => {
            if smaller {
                one
            } else {
                other
            }
        }
        ("minimum" | "exclusiveMinimum" | "minLength" | "minItems", one, other) => {
            if smaller {
                other
            } else {
                one
            }
        }
        (_, one, _) => one,
    }
}

fn fields(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flat_map(Map::iter)
}

fn keys(value: &Value) -> BTreeSet<String> {
    fields(value).map(|(name, _)| name.clone()).collect()
}

fn list(value: &Value) -> BTreeSet<String> {
    value.as_array().into_iter().flatten().map(text).collect()
}

fn types(schema: &Value) -> BTreeSet<String> {
    match schema.get("type") {
        Some(Value::String(one)) => BTreeSet::from([one.clone()]),
        Some(several) => list(several),
        None => BTreeSet::new(),
    }
}

fn enumerated(schema: &Value) -> Option<BTreeSet<String>> {
    schema.get("enum").map(list)
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document() -> Value {
        json!({
            "paths": {"/things/{id}": {"put": {
                "operationId": "saveThing",
                "security": [{"token": []}],
                "parameters": [
                    {"in": "path", "name": "id", "required": true, "schema": {"type": "string"}},
                    {"in": "query", "name": "limit", "schema": {"type": "integer", "maximum": 100}}
                ],
                "requestBody": {"required": true, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/New"}}}},
                "responses": {
                    "200": {"headers": {"ETag": {}}, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}},
                    "404": {"content": {"application/problem+json": {"schema": {"type": "object"}}}}
                }
            }}},
            "components": {
                "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
                "schemas": {
                    "New": {"type": "object", "required": ["name"], "properties": {
                        "name": {"type": "string", "maxLength": 200},
                        "kind": {"type": ["string", "null"], "enum": ["a", "b", null]}
                    }},
                    "Thing": {"type": "object", "required": ["id"], "properties": {
                        "id": {"type": "string"}, "state": {"type": "string", "enum": ["on", "off"]},
                        "parts": {"type": "array", "items": {"$ref": "#/components/schemas/Thing"}}
                    }}
                }
            }
        })
    }

    fn after(change: impl FnOnce(&mut Value)) -> Vec<String> {
        let old = document();
        let mut new = document();
        change(&mut new);
        breaking_changes(&old, &new)
    }

    /// The same thing, put together from two parts.
    fn in_parts(thing: &Value) -> Value {
        let mut state = json!({"type": "object", "required": [], "properties": {}});
        let mut rest = thing.clone();
        let moved = rest["properties"].as_object_mut().unwrap().remove("state");
        state["properties"]["state"] = moved.unwrap();
        json!({"allOf": [rest, state], "description": "In parts."})
    }

    #[test]
    fn how_a_schema_is_put_together_breaks_nothing_and_hides_nothing() {
        let broken = after(|new| {
            let schemas = &mut new["components"]["schemas"];
            schemas["Thing"] = in_parts(&schemas["Thing"]);
            schemas["Base"] = schemas["New"].clone();
            schemas["New"] = json!({"allOf": [{"$ref": "#/components/schemas/Base"}, {"type": "object",
                "properties": {"name": {"type": "string"}, "more": {"type": "string"}}}]});
        });
        assert_eq!(broken, Vec::<String>::new());
        let broken = after(|new| {
            let schemas = &mut new["components"]["schemas"];
            let mut parts = in_parts(&schemas["Thing"]);
            parts["allOf"][1]["properties"]["state"]["enum"] = json!(["on", "off", "new"]);
            parts["allOf"][0]["required"] = json!([]);
            schemas["Thing"] = parts;
            schemas["New"] = json!({"allOf": [schemas["New"], {"required": ["kind"],
                "properties": {"name": {"type": "string", "maxLength": 100}}}]});
        });
        for wanted in [
            "200.state: new may be answered now",
            "200.id: may be left out now",
            "request.kind: is required now",
            "request.name: maxLength is 100 now",
        ] {
            let wanted = format!("PUT /things/{{id}} {wanted}");
            assert!(broken.contains(&wanted), "{wanted}: {broken:#?}");
        }
    }

    const OPERATION: &str = "/paths/~1things~1{id}/put";

    #[test]
    fn a_document_breaks_nothing_of_its_own() {
        assert_eq!(after(|_| {}), Vec::<String>::new());
    }

    #[test]
    fn what_takes_more_and_promises_more_breaks_nothing() {
        let broken = after(|new| {
            new["paths"]["/more"] = json!({"get": {"operationId": "more", "responses": {}}});
            let operation = new.pointer_mut(OPERATION).unwrap();
            operation["responses"]["429"] = json!({});
            operation["responses"]["200"]["headers"]["RateLimit"] = json!({});
            operation["parameters"][1]["schema"]["maximum"] = json!(1000);
            operation["parameters"]
                .as_array_mut()
                .unwrap()
                .push(json!({"in": "query", "name": "more"}));
            let schemas = &mut new["components"]["schemas"];
            schemas["New"]["properties"]["more"] = json!({"type": "string"});
            schemas["New"]["properties"]["kind"]["enum"] = json!(["a", "b", "c", null]);
            schemas["New"]["required"] = json!([]);
            schemas["Thing"]["properties"]["more"] = json!({"type": "string"});
            schemas["Thing"]["properties"]["state"]["enum"] = json!(["on"]);
            schemas["Thing"]["required"] = json!(["id", "state"]);
        });
        assert_eq!(broken, Vec::<String>::new());
    }

    #[test]
    fn every_kind_of_breaking_change_is_found() {
        type Change = fn(&mut Value);
        let changes: &[(&str, Change)] = &[
            ("PUT /things/{id}: is gone", |new| new["paths"] = json!({})),
            ("PUT /things/{id}: operationId was saveThing", |new| {
                new.pointer_mut(OPERATION).unwrap()["operationId"] = json!("putThing");
            }),
            ("PUT /things/{id}: asks for another token", |new| {
                new.pointer_mut(OPERATION).unwrap()["security"] = json!([]);
            }),
            ("PUT /things/{id} query parameter limit: is required now", |new| {
                new.pointer_mut(OPERATION).unwrap()["parameters"][1]["required"] = json!(true);
            }),
            ("PUT /things/{id} query parameter limit: is gone", |new| {
                new.pointer_mut(OPERATION).unwrap()["parameters"]
                    .as_array_mut()
                    .unwrap()
                    .pop();
            }),
            (
                "PUT /things/{id} query parameter limit: maximum is 10 now",
                |new| {
                    new.pointer_mut(OPERATION).unwrap()["parameters"][1]["schema"]["maximum"] = json!(10);
                },
            ),
            ("PUT /things/{id} 404: is not answered any more", |new| {
                new.pointer_mut(OPERATION).unwrap()["responses"]
                    .as_object_mut()
                    .unwrap()
                    .remove("404");
            }),
            ("PUT /things/{id} 201: is a new success", |new| {
                new.pointer_mut(OPERATION).unwrap()["responses"]["201"] = json!({});
            }),
            ("PUT /things/{id} 200: has no header ETag any more", |new| {
                new.pointer_mut(OPERATION).unwrap()["responses"]["200"]["headers"] = json!({});
            }),
            ("PUT /things/{id} request.kind: is required now", |new| {
                new["components"]["schemas"]["New"]["required"] = json!(["name", "kind"]);
            }),
            ("PUT /things/{id} request.name: is gone", |new| {
                let properties = &mut new["components"]["schemas"]["New"]["properties"];
                properties.as_object_mut().unwrap().remove("name");
            }),
            ("PUT /things/{id} request.name: maxLength is 100 now", |new| {
                new["components"]["schemas"]["New"]["properties"]["name"]["maxLength"] = json!(100);
            }),
            ("PUT /things/{id} request.name: pattern is ^a now", |new| {
                new["components"]["schemas"]["New"]["properties"]["name"]["pattern"] = json!("^a");
            }),
            (
                "PUT /things/{id} request.kind: null is not taken any more",
                |new| {
                    new["components"]["schemas"]["New"]["properties"]["kind"]["type"] = json!("string");
                },
            ),
            ("PUT /things/{id} request.kind: b is not taken any more", |new| {
                new["components"]["schemas"]["New"]["properties"]["kind"]["enum"] = json!(["a", null]);
            }),
            ("PUT /things/{id} 200.state: is gone", |new| {
                let properties = &mut new["components"]["schemas"]["Thing"]["properties"];
                properties.as_object_mut().unwrap().remove("state");
            }),
            ("PUT /things/{id} 200.state: new may be answered now", |new| {
                new["components"]["schemas"]["Thing"]["properties"]["state"]["enum"] =
                    json!(["on", "off", "new"]);
            }),
            ("PUT /things/{id} 200.id: null may be answered now", |new| {
                new["components"]["schemas"]["Thing"]["properties"]["id"]["type"] = json!(["string", "null"]);
            }),
            ("PUT /things/{id} 200.id: may be left out now", |new| {
                new["components"]["schemas"]["Thing"]["required"] = json!([]);
            }),
        ];
        for (wanted, change) in changes {
            let broken = after(change);
            assert!(
                broken.iter().any(|found| found == wanted),
                "{wanted}: {broken:#?}"
            );
        }
    }

    #[test]
    fn a_list_declares_lines_and_says_why() {
        let list =
            "# A title: after \" # \" comes why\n\nGET /a: is gone # nobody called it\nGET /b: is gone\n";
        let wanted = ["GET /a: is gone", "GET /b: is gone"].map(str::to_owned);
        assert_eq!(declared(list), BTreeSet::from(wanted));
    }
}
