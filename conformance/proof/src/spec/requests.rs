//! Requests: what clients are expected to send.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::Differences;
use super::said::{Request, Said};
use super::schema::{Presence, declared};
use super::tree::{Op, View, items, members};

pub(super) fn check(said: &Said, view: &View<'_>, all: &mut Differences) {
    let of_files = said
        .requests
        .iter()
        .filter_map(|one| one.operation.as_ref());
    let known: BTreeSet<&String> = of_files.chain(&said.operations).collect();
    for id in known {
        let missing = view.operation(id).is_none();
        all.add_if(
            missing,
            "paths",
            format!("the operation `{id}` is not there"),
        );
    }
    alike(view, all);
    for operation in &view.operations {
        let here: Vec<&Request> = said
            .requests
            .iter()
            .filter(|request| request.operation.as_deref() == Some(operation.id))
            .collect();
        let place = format!(
            "paths.{}.{}",
            operation.path,
            operation.method.to_ascii_lowercase()
        );
        all.add_if(here.is_empty(), &place, "no case has a client send it");
        for request in &here {
            line(view, operation, request, &place, all);
        }
        let endpoint_requests = said.endpoint_requests.iter();
        for request in
            endpoint_requests.filter(|one| one.operation.as_deref() == Some(operation.id))
        {
            line(view, operation, request, &place, all);
        }
        queries(view, operation, &here, &place, all);
        bodies(view, operation, &here, &place, all);
        let browser = here
            .iter()
            .any(|request| request.literal.contains("response_type"));
        let declared = operation.node["x-tegata-browser-only"] == true;
        all.add_if(
            browser != declared,
            &place,
            "a browser opens it, or the client sends it: the fixtures say otherwise",
        );
    }
}

/// A field goes by the same schema in the query of one operation and in the body of another.
fn alike(view: &View<'_>, all: &mut Differences) {
    let mut known: BTreeMap<&str, (&Value, &Value)> = BTreeMap::new();
    let mut fields: Vec<(&str, &Value)> = Vec::new();
    for operation in &view.operations {
        for parameter in parameters(view, operation, "query") {
            let name = parameter["name"].as_str().unwrap_or_default();
            fields.push((name, &parameter["schema"]));
        }
        for media in members(&operation.node["requestBody"]["content"]).values() {
            let schema = view.resolve(&media["schema"]);
            let shapes = items(&schema["oneOf"]).iter().chain([schema]);
            let properties = shapes.flat_map(|shape| members(&shape["properties"]));
            // What has one value is another in each grant.
            let fields_of = properties.filter(|(_, one)| !one["enum"].is_array());
            fields.extend(fields_of.map(|(name, schema)| (name.as_str(), schema)));
        }
    }
    // The one number that there is, that of an organization, is as wide here as there.
    let numbers = view.operations.iter().flat_map(|operation| {
        ["query", "path"]
            .into_iter()
            .flat_map(|place| parameters(view, operation, place))
    });
    let numbers = numbers.map(|parameter| view.resolve(&parameter["schema"]));
    let widths = numbers.filter(|schema| schema["type"] == "integer");
    let widths: BTreeSet<Option<&str>> = widths.map(|schema| schema["format"].as_str()).collect();
    all.add_if(
        widths.len() > 1,
        "paths",
        format!("a number has several widths: {widths:?}"),
    );
    for (name, schema) in fields {
        let says = (&schema["$ref"], &schema["type"]);
        let before = *known.entry(name).or_insert(says);
        all.add_if(
            before != says,
            "paths",
            format!("`{name}` is one thing here and another there"),
        );
    }
}

/// Method and path.
fn line(
    view: &View<'_>,
    operation: &Op<'_>,
    request: &Request,
    place: &str,
    all: &mut Differences,
) {
    all.add_if(
        request.seen.method != operation.method,
        place,
        format!("{}: another method", request.fixture),
    );
    let prefix = super::servers::prefix(operation.server);
    let path = request.seen.path();
    let short = path.strip_prefix(prefix).filter(|_| !prefix.is_empty());
    let parameters = parameters(view, operation, "path");
    let fits = |path: &str| {
        let (wanted, has): (Vec<&str>, Vec<&str>) = (
            operation.path.split('/').collect(),
            path.split('/').collect(),
        );
        wanted.len() == has.len()
            && wanted.iter().zip(&has).all(|(wanted, has)| {
                match wanted
                    .strip_prefix('{')
                    .and_then(|name| name.strip_suffix('}'))
                {
                    Some(name) => parameters.iter().any(|parameter| {
                        parameter["name"] == name
                            && parameter["required"] == true
                            && as_text(view, &parameter["schema"], has)
                    }),
                    None => wanted == has,
                }
            })
    };
    all.add_if(
        !fits(path) && !short.is_some_and(fits),
        place,
        format!("{}: another path", request.fixture),
    );
}

fn parameters<'s>(view: &View<'s>, operation: &Op<'s>, place: &str) -> Vec<&'s Value> {
    let own = items(&operation.node["parameters"]).iter();
    own.map(|parameter| view.resolve(parameter))
        .filter(|parameter| parameter["in"] == place)
        .collect()
}

fn queries(
    view: &View<'_>,
    operation: &Op<'_>,
    here: &[&Request],
    place: &str,
    all: &mut Differences,
) {
    let declared = parameters(view, operation, "query");
    let known = ["query", "path"];
    let others = items(&operation.node["parameters"]).iter();
    let others = others.filter(|one| {
        !one["in"]
            .as_str()
            .is_some_and(|place| known.contains(&place))
    });
    for other in others {
        all.add(place, format!("{}: no fixture has it there", other["name"]));
    }
    let credentials = super::security::query_names(view);
    let mut presence = Presence::default();
    for request in here {
        let query = request.seen.query();
        presence.saw(query.iter().map(|(name, _)| name.as_str()));
        for (name, value) in &query {
            let parameter = declared
                .iter()
                .find(|parameter| parameter["name"] == name.as_str());
            match parameter {
                Some(parameter) => {
                    let schema = &parameter["schema"];
                    field(view, schema, (name, value), request, place, all);
                    // A URL that is opened in a browser is seen there.
                    if operation.node["x-tegata-browser-only"] != true {
                        secret(view, schema, (name, value), request, place, all);
                    }
                }
                None => all.add_if(
                    !credentials.contains(name.as_str()),
                    place,
                    format!(
                        "{}: the query parameter `{name}` is not there",
                        request.fixture
                    ),
                ),
            }
        }
    }
    let names = declared.iter().map(|parameter| {
        let name = parameter["name"].as_str().unwrap_or_default();
        (name, parameter["required"] == true)
    });
    presence.check(place, names, all);
}

fn bodies(
    view: &View<'_>,
    operation: &Op<'_>,
    here: &[&Request],
    place: &str,
    all: &mut Differences,
) {
    let body = &operation.node["requestBody"];
    let content = members(&body["content"]);
    let schema = content
        .values()
        .next()
        .map(|media| view.resolve(&media["schema"]));
    let mut fitting: BTreeMap<usize, Presence> = BTreeMap::new();
    for media in content.values() {
        let schema = view.resolve(&media["schema"]);
        let shapes = schema["oneOf"]
            .as_array()
            .map_or(std::slice::from_ref(schema), Vec::as_slice);
        let object = shapes.iter().all(|shape| shape["type"] == "object");
        all.add_if(!object, place, "a body is no object");
    }
    let replaceable = schema.is_some_and(|schema| schema["x-tegata-names"] == true);
    let assumed = here.iter().any(|request| request.assumed);
    all.add_if(
        replaceable != assumed,
        place,
        "names that are assumed can be replaced, and no others",
    );
    let variants: Vec<&Value> = match schema {
        None => Vec::new(),
        Some(schema) => match schema["oneOf"].as_array() {
            Some(variants) => variants.iter().collect(),
            None => vec![schema],
        },
    };
    for request in here {
        let media = request.seen.media_type();
        all.add_if(
            media.as_ref() != content.keys().next()
                || (media.is_some() && body["required"] != true),
            place,
            format!("{}: another kind of body", request.fixture),
        );
        let fields: Vec<(String, String)> = match request.seen.json() {
            Some(Value::Object(fields)) => fields
                .into_iter()
                .map(|(name, value)| (name, value.as_str().unwrap_or_default().to_owned()))
                .collect(),
            _ if media.is_some() => request.seen.form(),
            _ => continue,
        };
        let variant = variants.iter().position(|variant| {
            members(&variant["properties"])
                .iter()
                .all(|(name, property)| {
                    let values = view.resolve(property)["enum"].as_array();
                    values.is_none_or(|values| {
                        fields.iter().any(|(known, value)| {
                            known == name && values.contains(&Value::from(value.as_str()))
                        })
                    })
                })
        });
        let Some(variant) = variant else {
            all.add(place, format!("{}: none of the bodies", request.fixture));
            continue;
        };
        let presence = fitting.entry(variant).or_default();
        presence.saw(fields.iter().map(|(name, _)| name.as_str()));
        let properties = members(&variants[variant]["properties"]);
        for (name, value) in &fields {
            match properties.get(name) {
                Some(property) => {
                    field(view, property, (name, value), request, place, all);
                    secret(view, property, (name, value), request, place, all);
                }
                None => all.add(
                    place,
                    format!("{}: the field `{name}` is not there", request.fixture),
                ),
            }
        }
    }
    for (index, variant) in variants.iter().enumerate() {
        match fitting.get(&index) {
            None => all.add(place, format!("no fixture has body {index}")),
            Some(presence) => presence.check(place, declared(variant), all),
        }
    }
}

/// One field: its type, and whether it has the same value for all clients.
fn field(
    view: &View<'_>,
    schema: &Value,
    (name, value): (&String, &String),
    request: &Request,
    place: &str,
    all: &mut Differences,
) {
    let schema = view.resolve(schema);
    all.add_if(
        !as_text(view, schema, value),
        place,
        format!("{}: `{name}` is not of this type", request.fixture),
    );
    let fixed = schema["enum"].as_array();
    if request.literal.contains(name) {
        let right =
            fixed.is_some_and(|values| matches!(&values[..], [one] if one == value.as_str()));
        all.add_if(!right, place, format!("`{name}` is always `{value}`"));
    } else {
        all.add_if(fixed.is_some(), place, format!("`{name}` has many values"));
    }
}

/// What must never be shown is known as such.
fn secret(
    view: &View<'_>,
    schema: &Value,
    (name, value): (&String, &String),
    request: &Request,
    place: &str,
    all: &mut Differences,
) {
    let known = view.resolve(schema)["format"] == "password";
    let is = all.is_secret(value);
    all.add_if(
        known != is,
        place,
        format!(
            "{}: `{name}` is a secret in the one and not in the other",
            request.fixture
        ),
    );
}

/// Whether a text is of the type, in a query, a path or a form; a number only where it is one.
fn as_text(view: &View<'_>, schema: &Value, text: &str) -> bool {
    let number = text.parse::<i64>().is_ok();
    match view.resolve(schema)["type"].as_str() {
        Some("string") => !number,
        Some("integer") => number,
        _ => false,
    }
}
