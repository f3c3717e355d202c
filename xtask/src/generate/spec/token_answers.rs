//! Answers that issue a token: read so leniently that no flaw costs the refresh token in them.

use super::super::document::Document;
use super::super::findings::Findings;
use super::super::names::did_you_mean;
use super::super::node::Node;
use super::api::TokenAnswer;
use super::known_keys::known_keys;
use super::walk::{Site, each_schema, schema_name, sites};

const MARK: &str = "x-tegata-token-answer";

const ACCESS_TOKEN: &str = "access-token";
const TOKEN_TYPE: &str = "token-type";
const EXPIRES_IN: &str = "expires-in";
const REFRESH_TOKEN: &str = "refresh-token";

/// The keys of the mark, and what the property that each names is.
const KEYS: [(&str, Kind); 4] = [
    (ACCESS_TOKEN, Kind::House("Secret")),
    (TOKEN_TYPE, Kind::Text),
    (EXPIRES_IN, Kind::House("Seconds")),
    (REFRESH_TOKEN, Kind::House("Secret")),
];

/// What an answer need not have to be read: these are filled in.
const FILLED_IN: [&str; 2] = [ACCESS_TOKEN, TOKEN_TYPE];

#[derive(Clone, Copy)]
enum Kind {
    /// A reference to this component.
    House(&'static str),
    Text,
}

pub(super) fn check(document: &Document, findings: &mut Findings<'_>) {
    let section = document.root().at(&["components", "schemas"]);
    for (name, schema) in section.map(|node| node.members()).unwrap_or_default() {
        each_schema(&schema, &mut |part| {
            let Some(mark) = part.get(MARK) else { return };
            if part.place == schema.place && !part.members_of("properties").is_empty() {
                check_mark(part, &mark, findings);
                check_use(document, &name, &mark, findings);
            } else {
                findings.at(
                    &mark,
                    format!("`{MARK}` is for a component with properties of its own"),
                    "write it on such a component, or leave it out",
                );
            }
        });
    }
    for site in sites(document) {
        if is_token_endpoint(document, &site)
            && success(document, &site).is_some_and(|(_, schema)| schema.get(MARK).is_none())
        {
            findings.at(
                &site.node,
                "a flow has this as its token URL, and the schema of the answer does not say where the \
                 token is",
                format!("write `{MARK}: {{{ACCESS_TOKEN}: <property>}}` on that schema, with \
                    `{REFRESH_TOKEN}`, `{EXPIRES_IN}` and `{TOKEN_TYPE}` where there are such properties"),
            );
        }
    }
}

/// The token answer of an operation, if it has one.
pub(super) fn of_operation(document: &Document, site: &Site<'_>) -> Option<TokenAnswer> {
    if site.is_browser_only() {
        return None;
    }
    let (status, schema) = success(document, site)?;
    let mark = schema.get(MARK)?;
    let name = |key| mark.text_of(key).map(str::to_owned);
    let named = named(&mark);
    let others = schema.members_of("properties").into_iter();
    let texts = others.filter(|(name, node)| !named.contains(&name.as_str()) && is_text(node));
    Some(TokenAnswer {
        status,
        access_token: name(ACCESS_TOKEN)?,
        token_type: name(TOKEN_TYPE),
        expires_in: name(EXPIRES_IN),
        refresh_token: name(REFRESH_TOKEN),
        texts: texts.map(|(name, _)| name).collect(),
    })
}

fn check_mark(schema: &Node<'_>, mark: &Node<'_>, findings: &mut Findings<'_>) {
    known_keys(mark, &KEYS.map(|(key, _)| key), "a token answer", findings);
    if mark.get(ACCESS_TOKEN).is_none() {
        findings.at(
            mark,
            format!("`{ACCESS_TOKEN}` is missing"),
            "name the property that holds the access token",
        );
    }
    let properties = schema.members_of("properties");
    for (key, kind) in KEYS {
        let Some(given) = mark.get(key) else { continue };
        let name = given.text().unwrap_or_default();
        let Some((_, property)) = properties.iter().find(|(property, _)| property == name) else {
            let names = properties.iter().map(|(name, _)| name);
            findings.at(
                &given,
                format!("`{name}` is no property"),
                format!(
                    "{}name one of the properties beside it",
                    did_you_mean(name, names)
                ),
            );
            continue;
        };
        if KEYS
            .iter()
            .any(|(other, _)| *other < key && mark.text_of(other) == Some(name))
        {
            findings.at(
                &given,
                format!("`{name}` is named twice"),
                "name each property once",
            );
        }
        let (fits, wanted) = match kind {
            Kind::House(house) => (
                schema_name(property) == Some(house),
                format!("write `$ref: '#/components/schemas/{house}'`"),
            ),
            Kind::Text => (
                property.text_of("type") == Some("string"),
                "write `type: string`".to_owned(),
            ),
        };
        if !fits {
            findings.at(
                property,
                format!("`{name}` is not what `{key}` takes"),
                wanted,
            );
        }
    }
    check_rest(schema, mark, findings);
}

/// What could still keep an answer from being read.
fn check_rest(schema: &Node<'_>, mark: &Node<'_>, findings: &mut Findings<'_>) {
    let filled_in = FILLED_IN.map(|key| mark.text_of(key));
    let named = named(mark);
    let properties = schema.members_of("properties");
    for required in schema.items_of("required") {
        let name = required.text().unwrap_or_default();
        let is_property = properties.iter().any(|(property, _)| property == name);
        if is_property && !filled_in.contains(&Some(name)) {
            findings.at(
                &required,
                format!("a token that comes without `{name}` would be lost"),
                format!("require nothing but what `{ACCESS_TOKEN}` and `{TOKEN_TYPE}` name"),
            );
        }
    }
    for (name, property) in &properties {
        if !named.contains(&name.as_str()) && !is_text(property) && !is_anything(property) {
            findings.at(
                property,
                format!("a token that comes with another kind of `{name}` would be lost"),
                "describe it as a text or a `Secret`, or leave it out",
            );
        }
    }
    for key in ["allOf", "oneOf", "anyOf", "additionalProperties"] {
        if let Some(node) = schema.get(key) {
            findings.at(
                &node,
                format!("`{key}` in a token answer is not supported"),
                "write all properties into the schema itself",
            );
        }
    }
}

fn check_use(document: &Document, name: &str, mark: &Node<'_>, findings: &mut Findings<'_>) {
    let is_answer = |site: &Site<'_>| {
        let schema = success(document, site);
        schema.is_some_and(|(_, schema)| schema.place.last() == name)
    };
    if !sites(document).iter().any(is_answer) {
        findings.at(
            mark,
            format!("no operation answers with `{name}`"),
            "write the mark on the schema of an answer, or leave it out",
        );
    }
}

/// The properties that a mark names.
fn named<'a>(mark: &Node<'a>) -> Vec<&'a str> {
    KEYS.iter()
        .filter_map(|(key, _)| mark.text_of(key))
        .collect()
}

fn is_text(property: &Node<'_>) -> bool {
    schema_name(property) == Some("Secret")
        || property.text_of("type") == Some("string") && property.get("enum").is_none()
}

fn is_anything(property: &Node<'_>) -> bool {
    [
        "$ref",
        "type",
        "enum",
        "allOf",
        "oneOf",
        "anyOf",
        "not",
        "properties",
        "items",
    ]
    .iter()
    .all(|key| property.get(key).is_none())
}

/// The status of success of an operation, and the component that its JSON answer is.
fn success<'a>(document: &'a Document, site: &Site<'a>) -> Option<(u16, Node<'a>)> {
    let responses = site.node.members_of("responses");
    let (status, response) = responses
        .iter()
        .find(|(status, _)| status.starts_with('2'))?;
    let response = document.resolve(response)?;
    let schema = response.at(&["content", "application/json", "schema"])?;
    let name = schema_name(&schema)?;
    let component = document.root().at(&["components", "schemas", name])?;
    // Of a range, any will do.
    Some((status.parse().unwrap_or(200), component))
}

/// Whether a flow of a scheme gets its tokens from there.
fn is_token_endpoint(document: &Document, site: &Site<'_>) -> bool {
    let Some(url) = url(document, site) else {
        return false;
    };
    let schemes = document
        .root()
        .members_of_path(&["components", "securitySchemes"]);
    let mut flows = schemes
        .iter()
        .flat_map(|(_, scheme)| scheme.members_of("flows"));
    flows.any(|(_, flow)| {
        let urls = ["tokenUrl", "refreshUrl"].map(|key| flow.text_of(key));
        urls.contains(&Some(url.as_str()))
    })
}

/// Where an operation lies, with the variables of its server as they are by default.
pub(super) fn url(document: &Document, site: &Site<'_>) -> Option<String> {
    let root = document.root();
    let server = [&site.node, &site.item, &root]
        .into_iter()
        .find_map(|level| level.items_of("servers").into_iter().next())?;
    let mut url = server.text_of("url")?.to_owned();
    for (name, variable) in server.members_of("variables") {
        let default = variable.text_of("default").unwrap_or_default();
        url = url.replace(&format!("{{{name}}}"), default);
    }
    Some(url + &site.path)
}
