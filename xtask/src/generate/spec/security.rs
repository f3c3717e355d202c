//! Security schemes and requirements.

use super::super::document::Document;
use super::super::findings::Findings;
use super::super::names::{constant, did_you_mean};
use super::super::node::Node;
use super::api::{Placement, Scheme};
use super::cited::Cited;
use super::evidence;
use super::walk::Site;

const KINDS: &str = "write `type: apiKey` with `in: header` or `in: query`, `type: http` with \
    `scheme: basic` or `scheme: bearer`, or `type: oauth2`";

/// The schemes of a document.
pub(super) fn schemes(
    document: &Document,
    cited: &Cited,
    findings: &mut Findings<'_>,
) -> Vec<Scheme> {
    let section = document.root().at(&["components", "securitySchemes"]);
    let members = section.map(|node| node.members()).unwrap_or_default();
    members
        .into_iter()
        .filter_map(|(name, node)| {
            let node = document.resolve(&node)?;
            Some(Scheme {
                constant: constant(&name),
                name,
                placement: placement(&node, findings)?,
                deprecated: deprecated(&node, findings),
                evidence: evidence::own(&node, cited, findings),
            })
        })
        .collect()
}

fn placement(node: &Node<'_>, findings: &mut Findings<'_>) -> Option<Placement> {
    let word = |key| node.text_of(key).unwrap_or_default();
    // RFC 9110, 11.1: the names of schemes have no case.
    let scheme = word("scheme").to_ascii_lowercase();
    match (word("type"), word("in"), scheme.as_str()) {
        ("apiKey", "header", _) if is_header_name(word("name")) => {
            Some(Placement::Header(word("name").to_ascii_lowercase()))
        }
        ("apiKey", "query", _) if !word("name").is_empty() => {
            Some(Placement::Query(word("name").to_owned()))
        }
        ("apiKey", "header" | "query", _) => {
            findings.at(
                node,
                format!("`{}` is no name of a header or parameter", word("name")),
                "write the name that the provider documents under `name`",
            );
            None
        }
        ("http", _, "basic") => Some(Placement::Basic),
        ("http", _, "bearer") | ("oauth2", _, _) => Some(Placement::Bearer),
        ("", _, _) => None,
        _ => {
            findings.at(node, "this kind of security scheme is not supported", KINDS);
            None
        }
    }
}

fn is_header_name(name: &str) -> bool {
    !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}

fn deprecated(node: &Node<'_>, findings: &mut Findings<'_>) -> Option<String> {
    let mark = node.get("x-tegata-deprecated")?;
    if !mark.is_true() {
        findings.at(&mark, "must be `true`", "write `true`, or leave it out");
    }
    let description = node.text_of("description").unwrap_or_default();
    let note = description.split_whitespace().collect::<Vec<_>>().join(" ");
    Some(if note.is_empty() {
        "the provider gives this placement up".to_owned()
    } else {
        note
    })
}

/// The requirements that hold where an operation names none.
pub(super) fn default(
    document: &Document,
    schemes: &[Scheme],
    findings: &mut Findings<'_>,
) -> Vec<String> {
    document
        .root()
        .get("security")
        .map(|node| requirements(document, &node, schemes, findings))
        .unwrap_or_default()
}

/// The requirements of an operation, its own or the document's.
pub(super) fn of_operation(
    document: &Document,
    site: &Site<'_>,
    schemes: &[Scheme],
    findings: &mut Findings<'_>,
) -> Vec<String> {
    if let Some(own) = site.node.get("security") {
        return requirements(document, &own, schemes, findings);
    }
    if document.root().get("security").is_none() {
        findings.at(
            &site.node,
            "neither the operation nor the document has `security`",
            "name the schemes, or write `security: []` when it takes no credential",
        );
    }
    default(document, schemes, findings)
}

fn requirements(
    document: &Document,
    node: &Node<'_>,
    schemes: &[Scheme],
    findings: &mut Findings<'_>,
) -> Vec<String> {
    node.items()
        .iter()
        .filter_map(|requirement| one(document, requirement, schemes, findings))
        .collect()
}

fn one(
    document: &Document,
    requirement: &Node<'_>,
    schemes: &[Scheme],
    findings: &mut Findings<'_>,
) -> Option<String> {
    let members = requirement.members();
    let [(name, scopes)] = members.as_slice() else {
        let what = if members.is_empty() {
            "an empty requirement, which makes the credential optional, is not supported"
        } else {
            "a combination of schemes is not supported: a request carries exactly one credential"
        };
        findings.at(
            requirement,
            what,
            "write one scheme an item; `security: []` says that no credential is taken",
        );
        return None;
    };
    let section = document.root().at(&["components", "securitySchemes"]);
    let present = section.map(|node| node.members()).unwrap_or_default();
    let Some((_, scheme)) = present.iter().find(|(present, _)| present == name) else {
        let names = present.iter().map(|(name, _)| name);
        findings.at(
            requirement,
            format!("the security scheme `{name}` does not exist"),
            format!(
                "{}define it under components.securitySchemes",
                did_you_mean(name, names)
            ),
        );
        return None;
    };
    check_scopes(scheme, scopes, findings);
    let scheme = schemes.iter().find(|scheme| scheme.name == *name)?;
    Some(scheme.constant.clone())
}

fn check_scopes(scheme: &Node<'_>, scopes: &Node<'_>, findings: &mut Findings<'_>) {
    let flows = scheme.members_of("flows");
    for scope in scopes.items() {
        let name = scope.text().unwrap_or_default();
        let known = flows
            .iter()
            .any(|(_, flow)| flow.at(&["scopes", name]).is_some());
        if !known {
            findings.at(
                &scope,
                format!("the scheme has no scope `{name}`"),
                "define it in a flow of the scheme, or leave it out",
            );
        }
    }
}
