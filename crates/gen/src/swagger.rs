//! Swagger 2.0 as OpenAPI 3.0. Schemas and shared parts stay where they are, so that references still lead to them.

use crate::node::{Map, Node, Place, Value};
use crate::overlay::merge;

const METHODS: [&str; 7] = ["get", "put", "post", "delete", "options", "head", "patch"];

/// Whether it is Swagger 2.0.
pub(crate) fn is_swagger(document: &Node) -> bool {
    document
        .get("swagger")
        .and_then(Node::scalar_text)
        .is_some_and(|it| it.starts_with('2'))
}

/// Converts the document in place.
pub(crate) fn convert(document: &mut Node) {
    let consumes = media_types(document, "consumes");
    let produces = media_types(document, "produces");
    let shared = document.clone();
    let place = document.place;
    let servers = servers(document);
    let schemes = security_schemes(document);
    let Some(root) = document.as_map_mut() else {
        return;
    };
    root.insert("openapi".into(), Node::text_at(place, "3.0.3"));
    if let Some(servers) = servers {
        root.insert("servers".into(), servers);
    }
    if let Some(schemes) = schemes {
        // An overlay may have added some as OpenAPI 3 has them.
        let components = root.entry("components".into());
        let components = components.or_insert_with(|| Node::new(place, Value::Map(Map::new())));
        if let Some(components) = components.as_map_mut() {
            let all = components.entry("securitySchemes".to_owned());
            let all = all.or_insert_with(|| Node::new(place, Value::Map(Map::new())));
            if let (Some(all), Value::Map(schemes)) = (all.as_map_mut(), schemes.value) {
                for (name, mut scheme) in schemes {
                    if let Some(added) = all.get(&name) {
                        merge(&mut scheme, added);
                    }
                    all.insert(name, scheme);
                }
            }
        }
    }
    if let Some(responses) = root.get_mut("responses").and_then(Node::as_map_mut) {
        responses
            .values_mut()
            .for_each(|it| response(it, &produces));
    }
    let Some(paths) = root.get_mut("paths").and_then(Node::as_map_mut) else {
        return;
    };
    for item in paths.values_mut().filter_map(Node::as_map_mut) {
        // Body and form parameters of the path are each operation's.
        let inherited: Vec<Node> = match item.get_mut("parameters") {
            Some(Node {
                value: Value::List(list),
                ..
            }) => {
                let of_body = |it: &Node| is_body(resolved(it, &shared));
                let (body, rest): (Vec<_>, Vec<_>) = list.drain(..).partition(of_body);
                *list = rest.into_iter().map(|it| parameter(&it, &shared)).collect();
                body
            }
            _ => Vec::new(),
        };
        for method in METHODS {
            if let Some(operation) = item.get_mut(method) {
                convert_operation(operation, &inherited, &shared, &consumes, &produces);
            }
        }
    }
}

fn media_types(node: &Node, key: &str) -> Vec<String> {
    node.items_of(key)
        .iter()
        .filter_map(|it| it.as_text().map(str::to_owned))
        .collect()
}

fn convert_operation(
    operation: &mut Node,
    inherited: &[Node],
    shared: &Node,
    consumes: &[String],
    produces: &[String],
) {
    let place = operation.place;
    let own = |key: &str, other: &[String]| match operation.get(key) {
        Some(_) => media_types(operation, key),
        None => other.to_vec(),
    };
    let consumes = own("consumes", consumes);
    let produces = own("produces", produces);
    let Some(map) = operation.as_map_mut() else {
        return;
    };
    let declared = match map
        .get_mut("parameters")
        .map(|it| std::mem::take(&mut it.value))
    {
        Some(Value::List(list)) => list,
        _ => Vec::new(),
    };
    let (mut body, mut parameters) = (Vec::new(), Vec::new());
    for it in &declared {
        match resolved(it, shared) {
            found if is_body(found) => body.push(found),
            _ => parameters.push(parameter(it, shared)),
        }
    }
    if body.is_empty() {
        body.extend(inherited.iter().map(|it| resolved(it, shared)));
    }
    map.insert(
        "parameters".into(),
        Node::new(place, Value::List(parameters)),
    );
    if let Some(body) = request_body(&body, &consumes) {
        map.insert("requestBody".into(), body);
    }
    if let Some(responses) = map.get_mut("responses").and_then(Node::as_map_mut) {
        for it in responses.values_mut() {
            response(it, &produces);
        }
    }
}

fn resolved<'a>(parameter: &'a Node, shared: &'a Node) -> &'a Node {
    let target = parameter
        .text_of("$ref")
        .and_then(|it| it.strip_prefix('#'));
    target
        .and_then(|it| shared.pointer(it))
        .unwrap_or(parameter)
}

fn is_body(parameter: &Node) -> bool {
    matches!(parameter.text_of("in"), Some("body" | "formData"))
}

/// The words of a schema that stand in a parameter itself.
const OF_PARAMETER: [&str; 8] = [
    "name",
    "in",
    "required",
    "description",
    "collectionFormat",
    "allowEmptyValue",
    "schema",
    "example",
];

fn parameter(node: &Node, shared: &Node) -> Node {
    let node = resolved(node, shared);
    let Some(map) = node.as_map().filter(|_| node.get("schema").is_none()) else {
        return node.clone();
    };
    let mut out = Map::new();
    for key in ["name", "in", "required", "description"] {
        if let Some(value) = map.get(key) {
            out.insert(key.into(), value.clone());
        }
    }
    out.extend(list_style(node));
    out.insert("schema".into(), schema_of(node));
    Node::new(node.place, Value::Map(out))
}

/// How the values of a list are written: joined by commas, if nothing is said.
fn list_style(node: &Node) -> Vec<(String, Node)> {
    if node.text_of("type") != Some("array") {
        return Vec::new();
    }
    let (style, explode) = match node.text_of("collectionFormat") {
        Some("multi") => ("form", true),
        Some("ssv") => ("spaceDelimited", false),
        Some("pipes") => ("pipeDelimited", false),
        _ if matches!(node.text_of("in"), Some("path" | "header")) => ("simple", false),
        _ => ("form", false),
    };
    let explode = Node::new(node.place, Value::Bool(explode));
    vec![
        ("style".into(), Node::text_at(node.place, style)),
        ("explode".into(), explode),
    ]
}

fn schema_of(parameter: &Node) -> Node {
    let members = parameter.as_map().into_iter().flatten();
    let is_schema = |key: &str| !OF_PARAMETER.contains(&key) && !key.starts_with("x-");
    let members = members.filter(|(key, _)| is_schema(key) || *key == crate::keys::SECRET.name);
    let schema = members.map(|(key, it)| (key.clone(), it.clone())).collect();
    Node::new(parameter.place, Value::Map(schema))
}

fn request_body(parameters: &[&Node], consumes: &[String]) -> Option<Node> {
    let first = parameters.first()?;
    let (place, mut body) = (first.place, Map::new());
    let list = |it: &[&str]| it.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>();
    let whole = parameters
        .iter()
        .find(|it| it.text_of("in") == Some("body"));
    let (schema, kinds) = if let Some(whole) = whole {
        if let Some(required) = whole.get("required") {
            body.insert("required".into(), required.clone());
        }
        if let Some(description) = whole.get("description") {
            body.insert("description".into(), description.clone());
        }
        let kinds = if consumes.is_empty() {
            list(&["application/json"])
        } else {
            consumes.to_vec()
        };
        (whole.get("schema").cloned(), kinds)
    } else {
        let is_file = |it: &&Node| it.text_of("type") == Some("file");
        let forms: Vec<String> = consumes
            .iter()
            .filter(|it| it.contains("form"))
            .cloned()
            .collect();
        let kinds = match forms {
            _ if parameters.iter().any(is_file) => list(&["multipart/form-data"]),
            forms if forms.is_empty() => list(&["application/x-www-form-urlencoded"]),
            forms => forms,
        };
        let required = parameters.iter().any(|it| it.is_true("required"));
        body.insert("required".into(), Node::new(place, Value::Bool(required)));
        (Some(form_schema(parameters, place)), kinds)
    };
    let mut media = Map::new();
    if let Some(schema) = schema {
        media.insert("schema".into(), schema);
    }
    let lists = parameters.iter().filter_map(|it| {
        let style: Map = list_style(it).into_iter().collect();
        let is_of_form = it.text_of("in") == Some("formData") && !style.is_empty();
        is_of_form.then(|| {
            Some((
                it.text_of("name")?.to_owned(),
                Node::new(it.place, Value::Map(style)),
            ))
        })?
    });
    let encoding: Map = lists.collect();
    if !encoding.is_empty() {
        media.insert("encoding".into(), Node::new(place, Value::Map(encoding)));
    }
    let media = Node::new(place, Value::Map(media));
    let content = kinds
        .into_iter()
        .map(|kind| (kind, media.clone()))
        .collect();
    body.insert("content".into(), Node::new(place, Value::Map(content)));
    Some(Node::new(place, Value::Map(body)))
}

fn form_schema(parameters: &[&Node], place: Place) -> Node {
    let (mut properties, mut required) = (Map::new(), Vec::new());
    for it in parameters {
        let Some(name) = it.text_of("name") else {
            continue;
        };
        let mut schema = schema_of(it);
        if let (Some(map), Some(description)) = (schema.as_map_mut(), it.get("description")) {
            map.insert("description".into(), description.clone());
        }
        properties.insert(name.to_owned(), schema);
        if it.is_true("required") {
            required.push(Node::text_at(it.place, name));
        }
    }
    let mut schema = Map::new();
    schema.insert("type".into(), Node::text_at(place, "object"));
    schema.insert(
        "properties".into(),
        Node::new(place, Value::Map(properties)),
    );
    schema.insert("required".into(), Node::new(place, Value::List(required)));
    Node::new(place, Value::Map(schema))
}

fn response(node: &mut Node, produces: &[String]) {
    let place = node.place;
    let Some(map) = node.as_map_mut() else { return };
    let Some(schema) = map.shift_remove("schema") else {
        return;
    };
    let is_file = schema.text_of("type") == Some("file");
    let kinds = match produces {
        [] if is_file => vec!["application/octet-stream".to_owned()],
        [] => vec!["application/json".to_owned()],
        kinds => kinds.to_vec(),
    };
    let media = Map::from([("schema".to_owned(), schema)]);
    let media = Node::new(place, Value::Map(media));
    let content = kinds
        .into_iter()
        .map(|kind| (kind, media.clone()))
        .collect();
    map.insert("content".into(), Node::new(place, Value::Map(content)));
}

fn servers(document: &Node) -> Option<Node> {
    let place = document.get("host").or(document.get("basePath"))?.place;
    let base = document
        .text_of("basePath")
        .unwrap_or_default()
        .trim_end_matches('/');
    let url = match document.text_of("host") {
        Some(host) => {
            let schemes = document.items_of("schemes");
            let is_https =
                schemes.is_empty() || schemes.iter().any(|it| it.as_text() == Some("https"));
            format!("{}://{host}{base}", if is_https { "https" } else { "http" })
        }
        None => base.to_owned(),
    };
    let server = Map::from([("url".to_owned(), Node::text_at(place, url))]);
    Some(Node::new(
        place,
        Value::List(vec![Node::new(place, Value::Map(server))]),
    ))
}

fn security_schemes(document: &Node) -> Option<Node> {
    let definitions = document.get("securityDefinitions")?;
    let mut schemes = Map::new();
    for (name, scheme) in definitions.as_map()? {
        schemes.insert(name.clone(), security_scheme(scheme));
    }
    Some(Node::new(definitions.place, Value::Map(schemes)))
}

fn security_scheme(scheme: &Node) -> Node {
    let text = |it: &str| Node::text_at(scheme.place, it);
    let mut map = match scheme.text_of("type") {
        Some("basic") => Map::from([
            ("type".to_owned(), text("http")),
            ("scheme".to_owned(), text("basic")),
        ]),
        Some("oauth2") => {
            let flow = match scheme.text_of("flow") {
                Some("application") => "clientCredentials",
                Some("accessCode") | None => "authorizationCode",
                Some(other) => other,
            };
            let parts = scheme.as_map().into_iter().flatten();
            let parts = parts.filter(|(key, _)| {
                matches!(key.as_str(), "authorizationUrl" | "tokenUrl" | "scopes")
            });
            let parts = parts.map(|(key, it)| (key.clone(), it.clone())).collect();
            let flows = Map::from([(flow.to_owned(), Node::new(scheme.place, Value::Map(parts)))]);
            let flows = Node::new(scheme.place, Value::Map(flows));
            Map::from([
                ("type".to_owned(), text("oauth2")),
                ("flows".to_owned(), flows),
            ])
        }
        _ => return scheme.clone(),
    };
    let kept = scheme.as_map().into_iter().flatten();
    let kept = kept.filter(|(key, _)| key.starts_with("x-") || *key == "description");
    map.extend(kept.map(|(key, it)| (key.clone(), it.clone())));
    Node::new(scheme.place, Value::Map(map))
}
