//! What is said of parameters beyond their type.

use utoipa::openapi::{
    RefOr,
    path::{Operation, Parameter, ParameterIn},
    schema::{ObjectBuilder, Schema, Type},
};

/// `*`, or entity tags (RFC 9110, 13.1.1).
const ENTITY_TAGS: &str = r#"^(\*|(W/)?"[!#-~]*"( *, *(W/)?"[!#-~]*")*)$"#;

/// The form of each header that clients send.
const HEADERS: &[(&str, &str)] = &[("If-Match", ENTITY_TAGS)];

/// A header is there or not, but never null, and has the form of the table.
pub(super) fn settle(operation: &mut Operation) {
    let all = operation.parameters.iter_mut().flatten();
    for parameter in all {
        if let RefOr::T(parameter) = parameter
            && parameter.parameter_in == ParameterIn::Header
            && let Some((_, form)) = HEADERS.iter().find(|(name, _)| *name == parameter.name)
        {
            has_form(parameter, form);
        }
    }
}

fn has_form(parameter: &mut Parameter, form: &str) {
    let text = ObjectBuilder::new()
        .schema_type(Type::String)
        .pattern(Some(form))
        .build();
    parameter.schema = Some(RefOr::T(Schema::Object(text)));
}
