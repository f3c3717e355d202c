//! The types of answers that are no success, as the documentation of an operation names them.

use serde_json::Value as Json;

use super::docs::code;
use crate::lower::Failure;

/// How a program reads them, for those that have types.
pub(super) fn documentation(failures: &[Failure]) -> Option<String> {
    let mut types: Vec<(String, Vec<&str>)> = Vec::new();
    for it in failures {
        let kind = rust_type(&it.schema);
        match types.iter_mut().find(|(known, _)| *known == kind) {
            Some((_, statuses)) => statuses.push(&it.status),
            None => types.push((kind, vec![&it.status])),
        }
    }
    if types.is_empty() {
        return None;
    }
    let parts = types.iter().map(|(kind, statuses)| {
        let statuses: Vec<String> = statuses.iter().map(|it| status(it)).collect();
        format!("{} with {}", code(kind), statuses.join(", "))
    });
    let parts: Vec<String> = parts.collect();
    Some(format!(
        "What the server then answers is `error.answer()`: {}.",
        parts.join("; ")
    ))
}

fn status(text: &str) -> String {
    match text {
        "default" => "any other status".to_owned(),
        text => code(text),
    }
}

/// The type that the encoder makes of a schema.
pub(super) fn rust_type(schema: &Json) -> String {
    if let Some(name) = name(schema) {
        return format!("types::{name}");
    }
    match schema["type"].as_str() {
        Some("string") if schema["format"] == "password" => "tegata::Secret".to_owned(),
        Some("string") => "String".to_owned(),
        Some("boolean") => "bool".to_owned(),
        Some("number") => "f64".to_owned(),
        Some("integer") => match schema["format"].as_str() {
            Some("int32") => "i32".to_owned(),
            Some("uint64") => "u64".to_owned(),
            _ => "i64".to_owned(),
        },
        Some("array") => format!("Vec<{}>", rust_type(&schema["items"])),
        Some("object") if schema["additionalProperties"].is_object() => {
            let of = rust_type(&schema["additionalProperties"]);
            format!("BTreeMap<String, {of}>")
        }
        Some("object") => "serde_json::Map<String, serde_json::Value>".to_owned(),
        _ => "serde_json::Value".to_owned(),
    }
}

/// The name of the type that a schema is, or wraps for null.
fn name(schema: &Json) -> Option<&str> {
    let reference = schema["$ref"]
        .as_str()
        .or_else(|| schema["allOf"][0]["$ref"].as_str());
    reference?.rsplit('/').next()
}

/// All names of types in a schema.
pub(super) fn names<'a>(schema: &'a Json, found: &mut Vec<&'a str>) {
    found.extend(name(schema));
    for key in ["items", "additionalProperties"] {
        if schema[key].is_object() {
            names(&schema[key], found);
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::json;

    use super::*;

    #[rstest]
    #[case(json!({"$ref": "#/components/schemas/A"}), "types::A")]
    #[case(json!({"type": "array", "items": {"allOf": [{"$ref": "#/components/schemas/A"}], "nullable": true}}), "Vec<types::A>")]
    #[case(json!({"type": "object", "additionalProperties": {"type": "string"}}), "BTreeMap<String, String>")]
    #[case(json!({}), "serde_json::Value")]
    fn a_schema_is_named_as_its_type_is(#[case] schema: Json, #[case] expected: &str) {
        assert_eq!(rust_type(&schema), expected);
    }

    #[test]
    fn statuses_of_one_type_are_named_together() {
        let of = |status: &str, name: &str| Failure {
            status: status.to_owned(),
            schema: json!({"$ref": format!("#/components/schemas/{name}")}),
        };
        let all = [of("404", "A"), of("default", "B"), of("4XX", "A")];
        let text = documentation(&all).expect("types");
        assert!(
            text.ends_with(": `types::A` with `404`, `4XX`; `types::B` with any other status."),
            "{text}"
        );
        assert_eq!(documentation(&[]), None);
    }
}
