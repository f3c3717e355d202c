//! What a document gives as examples: of parameters, of bodies and of answers. What it does not give is made up, and
//! says so.

use serde_json::{Value as Json, json};
use tegata_gen::node::Node;

use super::document::Spot;

/// A value, and where the document has it; nowhere if it is assumed.
pub(crate) struct Example<'a, T> {
    pub(crate) value: T,
    pub(crate) spot: Option<Spot<'a>>,
}

/// An answer of success.
pub(crate) struct Answer<'a> {
    pub(crate) status: u16,
    pub(crate) content_type: Option<String>,
    /// The body, as JSON; none if it has none, or is no JSON.
    pub(crate) body: Option<Example<'a, Json>>,
}

/// A text for a parameter.
pub(crate) fn parameter<'a>(parameter: &Spot<'a>) -> Example<'a, String> {
    let schema = parameter.get("schema");
    let of_schema = schema.iter().flat_map(candidates);
    let all = candidates(parameter).into_iter().chain(of_schema);
    // Of a list one item is enough.
    let items = schema.as_ref().unwrap_or(parameter).get("items");
    let all = all.chain(items.iter().flat_map(candidates));
    for spot in all {
        let first = spot.items().next();
        let Some(spot) = first.or((!spot.is_compound()).then_some(spot)) else {
            continue;
        };
        if let Some(value) = spot.node().scalar_text().filter(|it| is_usable(it)) {
            return Example {
                value,
                spot: Some(spot),
            };
        }
    }
    let kind = schema.as_ref().unwrap_or(parameter);
    Example {
        value: made_up(kind).to_owned(),
        spot: None,
    }
}

/// Control characters and blanks at the ends do not travel in paths.
fn is_usable(text: &str) -> bool {
    !text.is_empty() && text.trim() == text && !text.contains(char::is_control) && !text.contains("${")
        // A segment of dots leads elsewhere, and clients refuse it.
        && text != "." && text != ".."
}

fn made_up(schema: &Spot<'_>) -> &'static str {
    let kind = schema.get("type").and_then(|it| kind_of(it.node()));
    match (kind.as_deref(), schema.text_of("format")) {
        (Some("integer" | "number"), _) => "1",
        (Some("boolean"), _) => "true",
        (_, Some("uuid")) => "00000000-0000-4000-8000-000000000000",
        (_, Some("date")) => "2026-01-02",
        (_, Some("date-time")) => "2026-01-02T03:04:05Z",
        _ => "example",
    }
}

/// A type, also one of OpenAPI 3.1 that is a list.
fn kind_of(node: &Node) -> Option<String> {
    let list = node.as_list().unwrap_or_default().iter();
    let mut texts = list.filter_map(Node::as_text).filter(|it| *it != "null");
    node.as_text().or_else(|| texts.next()).map(str::to_owned)
}

/// What a parameter, schema or media type gives as its example, the most telling first.
fn candidates<'a>(of: &Spot<'a>) -> Vec<Spot<'a>> {
    let mut found = Vec::new();
    found.extend(of.get("example"));
    if let Some(examples) = of.get("examples") {
        // By name, as OpenAPI has them, or in a list, as JSON Schema has.
        found.extend(examples.members().filter_map(|(_, it)| it.get("value")));
        found.extend(examples.items());
    }
    found.extend(of.get("x-example"));
    found.extend(of.get("default"));
    found.extend(of.get("enum").and_then(|it| it.items().next()));
    found.retain(|it| it.node().value != tegata_gen::node::Value::Null);
    found
}

/// The JSON body of a request; none if the operation takes none, and an error if it takes another kind only.
pub(crate) fn body<'a>(
    operation: &Spot<'a>,
    item: &Spot<'a>,
) -> Result<Option<Example<'a, Json>>, &'static str> {
    const OTHER: &str = "its body is no JSON";
    if let Some(body) = operation.get("requestBody") {
        let content = body.get("content").ok_or(OTHER)?;
        let mut json = content.members().filter(|(kind, _)| is_json(kind));
        let (_, media) = json.next().ok_or(OTHER)?;
        return Ok(Some(of_media(&media)));
    }
    // OpenAPI 2.0 has it among the parameters.
    let mut found = None;
    for parameter in [operation, item]
        .into_iter()
        .filter_map(|it| it.get("parameters"))
    {
        for it in parameter.items() {
            match it.text_of("in") {
                Some("formData") => return Err(OTHER),
                Some("body") if found.is_none() => found = Some(it),
                _ => {}
            }
        }
    }
    Ok(found.map(|it| of_media(&it)))
}

/// The first answer of success.
pub(crate) fn answer<'a>(operation: &Spot<'a>) -> Answer<'a> {
    let responses = operation.get("responses");
    let all = responses
        .iter()
        .flat_map(|it| it.members().collect::<Vec<_>>());
    let found = all.filter_map(|(status, it)| Some((success(status)?, it)));
    let Some(((_, status), response)) = found.min_by_key(|(status, _)| *status) else {
        return Answer {
            status: 200,
            content_type: None,
            body: None,
        };
    };
    if let Some(content) = response.get("content") {
        let json = content.members().find(|(kind, _)| is_json(kind));
        return match json {
            Some((kind, media)) => Answer {
                status,
                content_type: Some(named(kind)),
                body: Some(of_media(&media)),
            },
            None => Answer {
                status,
                content_type: None,
                body: None,
            },
        };
    }
    // OpenAPI 2.0 has a schema in the response, and examples by media type.
    let examples = response.get("examples");
    let given = examples
        .iter()
        .flat_map(|it| it.members().collect::<Vec<_>>());
    let given = given.into_iter().find(|(kind, _)| is_json(kind));
    let body = match (given, response.get("schema")) {
        (Some((_, spot)), schema) => Some(fitting(&spot, schema.as_ref())),
        (None, Some(_)) => Some(of_media(&response)),
        (None, None) => None,
    };
    let content_type = body.is_some().then(|| "application/json".to_owned());
    Answer {
        status,
        content_type,
        body,
    }
}

/// A status of success; what is said of all of them, and of any answer, counts last.
fn success(status: &str) -> Option<(u8, u16)> {
    match status {
        "2XX" | "2xx" => Some((1, 200)),
        "default" => Some((2, 200)),
        _ => Some((0, status.parse().ok().filter(|it| (200..300).contains(it))?)),
    }
}

/// Media types of JSON, also those of vendors.
fn is_json(kind: &str) -> bool {
    let kind = plain(kind);
    kind == "application/json" || kind.ends_with("+json") || kind == "*/*"
}

/// The media type of an answer: that of any kind is JSON here.
fn named(kind: &str) -> String {
    let kind = plain(kind);
    if kind == "*/*" {
        "application/json".to_owned()
    } else {
        kind
    }
}

fn plain(kind: &str) -> String {
    kind.split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase()
}

/// The example of something with a `schema`.
fn of_media<'a>(media: &Spot<'a>) -> Example<'a, Json> {
    let schema = media.get("schema");
    let of_schema = schema.iter().flat_map(candidates);
    let first = candidates(media).into_iter().chain(of_schema).next();
    match first {
        Some(spot) => fitting(&spot, schema.as_ref()),
        None => Example {
            value: empty(schema.as_ref()),
            spot: None,
        },
    }
}

/// Some vendors write an example as the text of its JSON.
fn fitting<'a>(spot: &Spot<'a>, schema: Option<&Spot<'_>>) -> Example<'a, Json> {
    let value = spot.node().to_json();
    let kind = schema
        .and_then(|it| it.get("type"))
        .and_then(|it| kind_of(it.node()));
    let is_text = kind.as_deref() == Some("string");
    let inside = value
        .as_str()
        .filter(|_| !is_text)
        .and_then(|it| serde_json::from_str(it).ok());
    Example {
        value: inside.unwrap_or(value),
        spot: Some(spot.clone()),
    }
}

fn empty(schema: Option<&Spot<'_>>) -> Json {
    let kind = schema
        .and_then(|it| it.get("type"))
        .and_then(|it| kind_of(it.node()));
    match kind.as_deref() {
        Some("array") => json!([]),
        Some("string") => json!(""),
        Some("integer" | "number") => json!(0),
        Some("boolean") => json!(false),
        _ => json!({}),
    }
}
