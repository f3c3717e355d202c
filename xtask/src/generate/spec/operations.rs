//! Operations: their paths and ids, and the queries of those that only a browser calls.

use std::collections::BTreeMap;

use super::super::document::Document;
use super::super::findings::Findings;
use super::super::names::{constant, fits, snake};
use super::api::{Argument, Kind, Operation, Scheme};
use super::cited::Cited;
use super::walk::{Parameter, Site, sites};
use super::{evidence, security, servers, token_answers};

/// Names that the generated client has already.
const RESERVED: [&str; 11] = [
    "api_version",
    "baseurl",
    "client",
    "clone",
    "exec",
    "inner",
    "new",
    "new_with_client",
    "post",
    "pre",
    "transport",
];

pub(super) fn all(
    document: &Document,
    schemes: &[Scheme],
    cited: &Cited,
    findings: &mut Findings<'_>,
) -> Vec<Operation> {
    check_paths(document, findings);
    let mut ids = BTreeMap::new();
    sites(document)
        .iter()
        .filter_map(|site| {
            let security = security::of_operation(document, site, schemes, findings);
            let server = servers::of_operation(document, site, findings);
            let evidence = evidence::own(&site.node, cited, findings);
            let browser_query = browser_query(document, site, findings);
            let id = id(site, &mut ids, findings)?;
            Some(Operation {
                constant: constant(&id),
                id,
                method: site.method.to_ascii_uppercase(),
                path: site.path.clone(),
                summary: site.node.text_of("summary").map(str::to_owned),
                description: site.node.text_of("description").map(str::to_owned),
                server: server?,
                security,
                browser_query,
                token: token_answers::of_operation(document, site),
                evidence,
            })
        })
        .collect()
}

fn check_paths(document: &Document, findings: &mut Findings<'_>) {
    for (path, item) in document.root().members_of("paths") {
        if !path.starts_with('/') {
            findings.at(
                &item,
                format!("the path `{path}` does not start with a slash"),
                format!("write `/{path}`: its operations would vanish"),
            );
        }
        if path.contains(['?', '#', ' ']) || path.contains("//") {
            findings.at(
                &item,
                format!("the path `{path}` is no plain path"),
                "leave out queries, fragments, blanks and doubled slashes",
            );
        }
        let mut open = false;
        let balanced = path.chars().all(|c| match c {
            '{' => !std::mem::replace(&mut open, true),
            '}' => std::mem::replace(&mut open, false),
            _ => true,
        });
        if !balanced || open || path.contains("{}") {
            findings.at(
                &item,
                format!("the braces of the path `{path}` do not match"),
                "write each parameter as `{name}`",
            );
        }
    }
}

fn id(
    site: &Site<'_>,
    ids: &mut BTreeMap<String, String>,
    findings: &mut Findings<'_>,
) -> Option<String> {
    // A missing one is found with the other missing keys.
    let node = site.node.get("operationId")?;
    let given = node.text()?;
    let id = snake(given);
    let is_plain = given
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte));
    if RESERVED.contains(&id.as_str()) || !is_plain || !fits(given) {
        findings.at(
            &node,
            format!("the operationId `{given}` is reserved, or no name of a method"),
            "choose another, such as `get_thing`; it is ours to choose, no server sees it",
        );
        return None;
    }
    if let Some(first) = ids.insert(id.clone(), given.to_owned()) {
        let what = if first == given {
            format!("the operationId `{given}` is used twice")
        } else {
            format!("the operationIds `{first}` and `{given}` become the same method, `{id}`")
        };
        findings.at(
            &node,
            what,
            "choose another; it is ours to choose, no server sees it",
        );
        return None;
    }
    Some(id)
}

fn browser_query(
    document: &Document,
    site: &Site<'_>,
    findings: &mut Findings<'_>,
) -> Option<Vec<Argument>> {
    let mark = site.node.get(super::super::strip::BROWSER_ONLY)?;
    if !mark.is_true() {
        findings.at(&mark, "must be `true`", "write `true`, or leave it out");
        return None;
    }
    if site.method != "get" {
        findings.at(
            &site.node,
            format!(
                "a browser does not follow a link with {}",
                site.method.to_ascii_uppercase()
            ),
            "only a GET operation can be browser-only",
        );
    }
    let arguments = site
        .parameters(document)
        .iter()
        .filter_map(|one| argument(document, one, findings))
        .collect();
    Some(arguments)
}

fn argument(
    document: &Document,
    one: &Parameter<'_>,
    findings: &mut Findings<'_>,
) -> Option<Argument> {
    let mut refuse = |what: String, fix: &str| {
        findings.at(&one.node, what, fix);
        None
    };
    if one.place_in != "query" {
        return refuse(
            format!(
                "the parameter `{}` of a browser-only operation is not in the query",
                one.name
            ),
            "describe it with `in: query`: a link has nothing else",
        );
    }
    let field = snake(one.name);
    if !fits(one.name) {
        return refuse(
            format!("no field can be named after the parameter `{}`", one.name),
            "use a name of letters, digits and `_` that is no word of Rust",
        );
    }
    let schema = document.resolve(&one.node.get("schema")?)?;
    let required = one.node.is("required");
    let kind = match (schema.text_of("type"), schema.items_of("enum").as_slice()) {
        (Some("string"), [only]) if required => Kind::Constant(only.text()?.to_owned()),
        (Some("string"), _) => Kind::Text,
        (Some("integer"), _) => Kind::Integer,
        (Some("boolean"), _) => Kind::Flag,
        _ => {
            return refuse(
                format!(
                    "the parameter `{}` of a browser-only operation is no scalar",
                    one.name
                ),
                "describe it as a string, an integer or a boolean",
            );
        }
    };
    Some(Argument {
        name: one.name.to_owned(),
        field,
        kind,
        required,
        description: one.node.text_of("description").map(str::to_owned),
    })
}
