//! A JSON Schema of our keys, by which editors complete them in documents and overlays.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json, json};

use crate::keys::{self, Key, Kind, Place};

/// The JSON Schema (2020-12) of the `x-tegata-*` keys in OpenAPI documents and in overlays. It says nothing about the rest.
///
/// ```
/// assert!(tegata_gen::extension_schema().contains("x-tegata-client-auth"));
/// ```
pub fn extension_schema() -> String {
    let schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "x-tegata-* in OpenAPI documents and overlays",
        "description": "Written by `tegata-gen schema` from the keys that tegata-gen reads.",
        "if": {"type": "object", "required": ["overlay"]},
        "then": {"$ref": "#/$defs/overlay"},
        "else": {"$ref": "#/$defs/document"},
        "$defs": {
            "overlay": overlay(),
            "document": of_place(&[Place::Document]),
            "value": value(),
            "plain": plain(),
            "named": named(),
            "marked": of_place(&[Place::Marked]),
            "scheme": scheme(),
            "isScheme": is_scheme(),
        },
    });
    serde_json::to_string_pretty(&sorted(schema)).unwrap_or_default() + "\n"
}

/// Features of the JSON library that another crate turns on may keep the order in which members were added.
fn sorted(json: Json) -> Json {
    match json {
        Json::Object(members) => {
            let members: BTreeMap<String, Json> = members.into_iter().collect();
            let members = members.into_iter();
            Json::Object(members.map(|(name, it)| (name, sorted(it))).collect())
        }
        Json::Array(items) => items.into_iter().map(sorted).collect(),
        other => other,
    }
}

/// An action may add to anything: what its target is, no schema can know.
fn overlay() -> Json {
    let update = ["document", "scheme", "marked", "value"].map(reference);
    json!({
        "properties": {"actions": {"items": {"properties": {"update": {"anyOf": update}}}}},
    })
}

fn reference(name: &str) -> Json {
    json!({"$ref": format!("#/$defs/{name}")})
}

/// A value with the keys that are read in these places.
fn of_place(places: &[Place]) -> Json {
    let names: Vec<&str> = places.iter().flat_map(|it| keys::read_in(*it)).collect();
    let mut schema = json!({
        "properties": {},
        "patternProperties": patterns(),
        "additionalProperties": reference("value"),
        "items": reference("value"),
        "propertyNames": only(&names),
    });
    let ours = keys::ALL
        .into_iter()
        .filter(|it| places.contains(&it.place));
    for key in ours {
        schema["properties"][key.name] = of_key(key);
    }
    schema
}

/// Which of our keys may stand in a value.
fn only(names: &[&str]) -> Json {
    let mut names = [names, &keys::NOTES].concat();
    names.sort_unstable();
    json!({"if": {"pattern": "^x-tegata-"}, "then": {"enum": names}})
}

/// Any value that is not known by its place.
fn value() -> Json {
    json!({"if": reference("isScheme"), "then": reference("scheme"), "else": reference("plain")})
}

fn plain() -> Json {
    let mut schema = of_place(&[]);
    if let Some(names) = schema
        .as_object_mut()
        .and_then(|it| it.remove("propertyNames"))
    {
        // The schema of a token answer may name its members itself.
        schema["if"] = json!({"type": "object", "required": ["properties"]});
        schema["then"] = json!({"propertyNames": only(&[keys::TOKEN_ANSWER.name])});
        schema["else"] = json!({"propertyNames": names});
    }
    schema
}

/// Members that change what the values below them are. As patterns, they are no proposals of an editor.
fn patterns() -> Json {
    let one_of = |names: &[&str]| format!("^({})$", names.join("|").replace('$', "\\$"));
    let marked = json!({
        "additionalProperties": reference("marked"), "items": reference("marked"),
    });
    let data = [&keys::DATA[..], &keys::NOTES].concat();
    let schemes = json!({"additionalProperties": reference("scheme")});
    let patterns = [
        (one_of(&keys::NAMED), reference("named")),
        (one_of(&data), json!(true)),
        (one_of(&["parameters"]), marked),
        (
            one_of(&["properties"]),
            json!({"additionalProperties": reference("marked")}),
        ),
        (one_of(&["securitySchemes", "securityDefinitions"]), schemes),
    ];
    Json::Object(patterns.into_iter().collect())
}

/// A map whose keys are names, or a list of those.
fn named() -> Json {
    let values = json!({"additionalProperties": reference("value")});
    json!({"additionalProperties": reference("value"), "items": values})
}

fn is_scheme() -> Json {
    let of = |types: &[&str], more: &[&str]| {
        let required = [&["type"], more].concat();
        json!({"properties": {"type": {"enum": types}}, "required": required})
    };
    json!({"type": "object", "anyOf": [
        of(&["oauth2", "openIdConnect", "mutualTLS"], &[]),
        of(&["apiKey"], &["in"]),
        of(&["http"], &["scheme"]),
    ]})
}

/// Without a type, as in an overlay, it may be any scheme that takes most.
fn scheme() -> Json {
    let of =
        |types: &[&str]| json!({"properties": {"type": {"enum": types}}, "required": ["type"]});
    json!({
        "if": {"anyOf": [{"required": ["$ref"]}, of(&["basic", "http", "mutualTLS"])]},
        "then": of_place(&[]),
        "else": {
            "if": of(&["apiKey"]),
            "then": of_place(&[Place::ApiKey]),
            "else": {
                "if": {"required": ["type"]},
                "then": of_place(&[Place::Tokens]),
                "else": of_place(&[Place::ApiKey, Place::Tokens]),
            },
        },
    })
}

fn of_key(key: &Key) -> Json {
    let mut schema = match key.kind {
        Kind::YesOrNo => json!({"type": "boolean"}),
        Kind::Text => json!({"type": "string", "minLength": 1}),
        Kind::Seconds => json!({"type": "integer", "minimum": 0}),
        Kind::OneOf(values) => json!({"enum": values}),
        Kind::Parameters => {
            let scalar = json!({"type": ["string", "number", "boolean"]});
            let steps = keys::STEPS.map(|step| {
                let sent = keys::SENT_ANYWAY.iter().copied();
                let sent: Vec<&str> = sent.chain((step != "refresh").then_some("scope")).collect();
                let names = json!({"not": {"enum": sent}});
                let step_schema = json!({
                    "type": "object", "propertyNames": names, "additionalProperties": scalar,
                });
                (step.to_owned(), step_schema)
            });
            map(steps)
        }
        Kind::Answer => {
            let name = json!({"type": "string", "minLength": 1});
            map(keys::ANSWER.map(|member| (member.to_owned(), name.clone())))
        }
        Kind::Refusal => {
            let codes = json!({"type": "array", "items": {"type": ["string", "number"]}});
            let status = json!({"type": "integer", "minimum": 400, "maximum": 599});
            let member = |name: &str| match name {
                "statuses" => json!({"type": "array", "items": status}),
                "body" => map([("codes".to_owned(), codes.clone())]),
                _ => codes.clone(),
            };
            let mut schema = map(keys::REFUSAL.map(|name| (name.to_owned(), member(name))));
            for name in keys::NOTES {
                schema["properties"][name] = json!(true);
            }
            schema
        }
    };
    schema["description"] = json!(key.about);
    schema
}

fn map<const N: usize>(members: [(String, Json); N]) -> Json {
    let members: Map<String, Json> = members.into_iter().collect();
    json!({"type": "object", "properties": members, "additionalProperties": false})
}
