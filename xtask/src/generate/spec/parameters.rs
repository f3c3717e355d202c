//! Parameters: what the generator cannot express, or would get wrong.

use std::collections::BTreeMap;

use super::super::document::Document;
use super::super::findings::Findings;
use super::super::names::{is_argument, snake};
use super::walk::{Parameter, Site, sites};

pub(super) fn check(document: &Document, findings: &mut Findings<'_>) {
    for site in sites(document) {
        let parameters = site.parameters(document);
        check_path(&site, &parameters, findings);
        check_names(&site, &parameters, findings);
        for one in &parameters {
            check_one(document, one, findings);
        }
    }
}

/// The names between the braces of a path.
fn template(path: &str) -> Vec<&str> {
    path.split('{')
        .skip(1)
        .filter_map(|part| part.split_once('}').map(|(name, _)| name))
        .collect()
}

fn check_path(site: &Site<'_>, parameters: &[Parameter<'_>], findings: &mut Findings<'_>) {
    let names = template(&site.path);
    let declared: Vec<_> = parameters
        .iter()
        .filter(|one| one.place_in == "path")
        .collect();
    for name in &names {
        if !declared.iter().any(|one| one.name == *name) {
            findings.at(
                &site.node,
                format!("the path parameter `{name}` is not declared"),
                format!("declare it: `{{name: {name}, in: path, required: true, schema: …}}`"),
            );
        }
    }
    for one in declared {
        if !names.contains(&one.name) {
            findings.at(
                &one.node,
                format!(
                    "the path parameter `{}` is not in the path `{}`",
                    one.name, site.path
                ),
                "put it into the path between braces, or remove it",
            );
        }
        if !one.node.is("required") {
            findings.at(
                &one.node,
                format!("the path parameter `{}` is not required", one.name),
                "write `required: true`",
            );
        }
    }
}

fn check_names(site: &Site<'_>, parameters: &[Parameter<'_>], findings: &mut Findings<'_>) {
    let mut seen = BTreeMap::new();
    for one in parameters {
        let name = snake(one.name);
        let has_body = site.node.get("requestBody").is_some();
        if name == "header_map" || name == "self" || has_body && name == "body" {
            findings.at(
                &one.node,
                format!("the parameter `{}` collides with a name in the generated method", one.name),
                "the generator cannot express it; leave it out, or describe the call in another way",
            );
        } else if !is_argument(one.name) {
            findings.at(
                &one.node,
                format!(
                    "no argument can be named after the parameter `{}`",
                    one.name
                ),
                "use a name of letters, digits and `_`",
            );
        }
        if let Some(first) = seen.insert(name.clone(), one.name) {
            findings.at(
                &one.node,
                format!(
                    "the parameters `{first}` and `{}` become the same argument, `{name}`",
                    one.name
                ),
                "the generator cannot distinguish them; leave one of them out",
            );
        }
    }
}

fn check_one(document: &Document, one: &Parameter<'_>, findings: &mut Findings<'_>) {
    let mut refuse = |what: String, fix: &str| findings.at(&one.node, what, fix);
    let default_style = match one.place_in {
        "query" => "form",
        "path" | "header" => "simple",
        "cookie" => {
            refuse(
                "cookie parameters are not supported".to_owned(),
                "leave it out",
            );
            return;
        }
        other => {
            refuse(
                format!("`in: {other}` is no place of a parameter"),
                "write query, path or header",
            );
            return;
        }
    };
    if let Some(style) = one.node.text_of("style")
        && style != default_style
    {
        refuse(
            format!("`style: {style}` is not supported"),
            "leave it out: the generator knows only the default style",
        );
    }
    let schema = one
        .node
        .get("schema")
        .and_then(|schema| document.resolve(&schema));
    let kind = schema.as_ref().and_then(|schema| schema.text_of("type"));
    if kind == Some("object") {
        refuse(
            "an object as a parameter is not supported".to_owned(),
            "describe each of its members as a parameter",
        );
    }
    if kind == Some("array") && one.place_in != "query" {
        refuse(
            "a list as a path or header parameter is not supported".to_owned(),
            "describe it as a string, and say in the description how its items are joined",
        );
    }
    if kind == Some("array") && one.node.is_not("explode") {
        refuse(
            "the generator ignores `explode: false`".to_owned(),
            "describe it as a string, and say in the description how its items are joined",
        );
    }
    if one.place_in == "header" && is_reserved(document, one.name) {
        refuse(
            format!("the header `{}` is set elsewhere", one.name),
            "leave it out: content types come from the bodies, credentials from the security schemes",
        );
    }
}

fn is_reserved(document: &Document, header: &str) -> bool {
    let schemes = document.root().at(&["components", "securitySchemes"]);
    ["accept", "content-type", "authorization"].contains(&header.to_ascii_lowercase().as_str())
        || schemes
            .map(|node| node.members())
            .unwrap_or_default()
            .iter()
            .any(|(_, scheme)| {
                scheme.text_of("in") == Some("header")
                    && scheme
                        .text_of("name")
                        .is_some_and(|name| name.eq_ignore_ascii_case(header))
            })
}
