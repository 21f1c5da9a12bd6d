//! The schemas as clients are generated from them: named to be read, and exact about what may be null or left out.

use std::collections::BTreeSet;

use utoipa::openapi::{
    Content, OpenApi, Ref, RefOr, Schema,
    path::Operation,
    schema::{AdditionalProperties, ArrayItems, Object, SchemaType, Type},
};

use super::operations;

const PREFIX: &str = "#/components/schemas/";

/// What the derived names become.
pub(super) const NAMES: &[(&str, &str)] = &[
    ("EditRequest", "QuestionSetEdit"),
    ("Fault", "ProblemField"),
    ("Flag", "AnswerFlag"),
    ("Link", "WordLink"),
    ("List_Answer", "AnswerList"),
    ("List_QuestionSetSummary", "QuestionSetList"),
    ("List_Session", "SessionList"),
    ("List_VersionSummary", "QuestionSetVersionList"),
    ("PasswordRequest", "PasswordChange"),
    ("PreviewRequest", "GradePreviewRequest"),
    ("Report", "SessionReport"),
    ("Result", "CandidateResult"),
    ("TokenRequest", "InviteCodeRequest"),
    ("VersionSummary", "QuestionSetVersionSummary"),
];

/// The fields of answers that are left out where there is nothing to say. All others are there, and null instead.
pub(super) const LEFT_OUT: &[(&str, &str)] = &[
    ("Answer", "grade"),
    ("CandidateSession", "questions"),
    ("CreatedSession", "invite_code"),
    ("CandidateResult", "points"),
    ("CandidateResult", "max_points"),
    ("CandidateResult", "questions"),
    ("Evidence", "phrase"),
    ("Evidence", "phrase_kind"),
    ("Evidence", "well_known"),
    ("GradePreview", "trace"),
    ("ProblemField", "pointer"),
    ("ProblemField", "parameter"),
    ("ProblemField", "header"),
    ("ReportedQuestion", "first"),
];

/// Tidies the schemas, and every reference to them.
pub(super) fn tidy(document: &mut OpenApi) {
    refer_from_lists(document);
    rename(document);
    settle_presence(document);
}

/// The schema's name in a reference.
pub(super) fn name(reference: &str) -> &str {
    reference.strip_prefix(PREFIX).unwrap_or(reference)
}

/// What a schema says of itself.
pub(super) fn description(schema: &RefOr<Schema>) -> Option<String> {
    match schema {
        RefOr::T(Schema::Object(object)) => object.description.clone(),
        RefOr::T(Schema::AllOf(all)) => all.description.clone(),
        RefOr::T(Schema::OneOf(one)) => one.description.clone(),
        _ => None,
    }
}

/// Lists hold a copy of their rows' schema: a reference serves better.
fn refer_from_lists(document: &mut OpenApi) {
    let Some(components) = &mut document.components else {
        return;
    };
    for (name, schema) in &mut components.schemas {
        if let Some(row) = name.strip_prefix("List_")
            && let RefOr::T(Schema::Object(list)) = schema
            && let Some(RefOr::T(Schema::Array(data))) = list.properties.get_mut("data")
        {
            data.items = ArrayItems::RefOrSchema(Box::new(Ref::from_schema_name(row).into()));
        }
    }
}

fn rename(document: &mut OpenApi) {
    each_schema(document, &mut |schema| {
        each_reference(schema, &mut |reference| {
            reference.ref_location = format!("{PREFIX}{}", renamed(name(&reference.ref_location)));
        });
    });
    if let Some(components) = &mut document.components {
        let schemas = std::mem::take(&mut components.schemas);
        components.schemas = schemas
            .into_iter()
            .map(|(name, schema)| (renamed(&name).to_owned(), schema))
            .collect();
    }
}

fn renamed(name: &str) -> &str {
    let found = NAMES.iter().find(|(derived, _)| *derived == name);
    found.map_or(name, |(_, better)| better)
}

/// Makes the fields of answers either required or never null.
fn settle_presence(document: &mut OpenApi) {
    let requests = names_in_requests(document);
    let Some(components) = &mut document.components else {
        return;
    };
    for (name, schema) in &mut components.schemas {
        if !requests.contains(name) {
            each_object(schema, &mut |object| settle_fields(name, object));
        }
    }
}

fn settle_fields(schema: &str, object: &mut Object) {
    for (field, value) in &mut object.properties {
        if LEFT_OUT.contains(&(schema, field)) {
            forbid_null(value);
        } else if allows_null(value) && !object.required.contains(field) {
            object.required.push(field.clone());
        }
    }
}

/// The schemas that requests are made of.
fn names_in_requests(document: &mut OpenApi) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut ahead = Vec::new();
    for item in document.paths.paths.values_mut() {
        for (_, operation) in operations(item) {
            each_schema_of_request(operation, &mut |schema| ahead.extend(references(schema)));
        }
    }
    let components = document.components.clone().unwrap_or_default();
    while let Some(name) = ahead.pop() {
        if let Some(schema) = components.schemas.get(&name)
            && found.insert(name)
        {
            ahead.extend(references(&mut schema.clone()));
        }
    }
    found
}

fn references(schema: &mut RefOr<Schema>) -> Vec<String> {
    let mut names = Vec::new();
    each_reference(schema, &mut |reference| {
        names.push(name(&reference.ref_location).to_owned());
    });
    names
}

fn each_schema(document: &mut OpenApi, visit: &mut impl FnMut(&mut RefOr<Schema>)) {
    for item in document.paths.paths.values_mut() {
        for (_, operation) in operations(item) {
            each_schema_of_request(operation, visit);
            for response in operation.responses.responses.values_mut() {
                if let RefOr::T(response) = response {
                    response
                        .content
                        .values_mut()
                        .for_each(|content| in_content(content, visit));
                }
            }
        }
    }
    if let Some(components) = &mut document.components {
        components.schemas.values_mut().for_each(visit);
    }
}

fn each_schema_of_request(operation: &mut Operation, visit: &mut impl FnMut(&mut RefOr<Schema>)) {
    if let Some(RefOr::T(body)) = &mut operation.request_body {
        body.content
            .values_mut()
            .for_each(|content| in_content(content, visit));
    }
}

fn in_content(content: &mut RefOr<Content>, visit: &mut impl FnMut(&mut RefOr<Schema>)) {
    if let RefOr::T(content) = content
        && let Some(schema) = &mut content.schema
    {
        visit(schema);
    }
}

fn each_reference(schema: &mut RefOr<Schema>, visit: &mut dyn FnMut(&mut Ref)) {
    match schema {
        RefOr::Ref(reference) => visit(reference),
        RefOr::T(schema) => parts(schema)
            .into_iter()
            .for_each(|part| each_reference(part, visit)),
    }
}

fn each_object(schema: &mut RefOr<Schema>, visit: &mut dyn FnMut(&mut Object)) {
    if let RefOr::T(schema) = schema {
        if let Schema::Object(object) = schema {
            visit(object);
        }
        parts(schema)
            .into_iter()
            .for_each(|part| each_object(part, visit));
    }
}

/// The schemas that a schema is made of.
fn parts(schema: &mut Schema) -> Vec<&mut RefOr<Schema>> {
    match schema {
        Schema::Array(array) => match &mut array.items {
            ArrayItems::RefOrSchema(items) => vec![items],
            ArrayItems::False => Vec::new(),
        },
        Schema::Object(object) => {
            let more = match object.additional_properties.as_deref_mut() {
                Some(AdditionalProperties::RefOr(more)) => Some(more),
                _ => None,
            };
            object.properties.values_mut().chain(more).collect()
        }
        Schema::OneOf(one) => one.items.iter_mut().collect(),
        Schema::AllOf(all) => all.items.iter_mut().collect(),
        Schema::AnyOf(any) => any.items.iter_mut().collect(),
        _ => Vec::new(),
    }
}

fn allows_null(schema: &RefOr<Schema>) -> bool {
    match schema {
        RefOr::T(Schema::Object(object)) => has_null(&object.schema_type),
        RefOr::T(Schema::Array(array)) => has_null(&array.schema_type),
        RefOr::T(Schema::OneOf(one)) => one.items.iter().any(allows_null),
        _ => false,
    }
}

fn has_null(kind: &SchemaType) -> bool {
    match kind {
        SchemaType::Type(kind) => *kind == Type::Null,
        SchemaType::Array(kinds) => kinds.contains(&Type::Null),
        SchemaType::AnyValue => false,
    }
}

fn forbid_null(schema: &mut RefOr<Schema>) {
    match schema {
        RefOr::T(Schema::Object(object)) => drop_null(&mut object.schema_type),
        RefOr::T(Schema::Array(array)) => drop_null(&mut array.schema_type),
        RefOr::T(Schema::OneOf(one)) => {
            one.items.retain(|item| !allows_null(item));
            if let [only] = one.items.as_slice() {
                *schema = only.clone();
            }
        }
        _ => {}
    }
}

fn drop_null(kind: &mut SchemaType) {
    if let SchemaType::Array(kinds) = kind {
        kinds.retain(|kind| *kind != Type::Null);
        if let [only] = kinds.as_slice() {
            *kind = SchemaType::Type(only.clone());
        }
    }
}
