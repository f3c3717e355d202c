//! Security schemes and which operation takes which.

use super::{Lowering, kinds, references::resolved};
use crate::node::Node;
use crate::read::Files;
use crate::report::Way;

/// A scheme whose credential can be attached.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Scheme {
    pub(crate) name: String,
    pub(crate) placement: Placement,
}

/// Where a credential travels.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Placement {
    Header(String),
    Bearer,
    Basic,
    Query(String),
}

/// The schemes that are usable, and all as the document has them.
pub(super) fn schemes(files: &Files) -> (Vec<Scheme>, Vec<Way>) {
    let (mut schemes, mut ways) = (Vec::new(), Vec::new());
    let components = files.main().get("components");
    for (name, node) in components
        .into_iter()
        .flat_map(|it| it.members_of("securitySchemes"))
    {
        let node = resolved(files, node).unwrap_or(node);
        let placement = placement(node);
        ways.push(Way {
            name: name.clone(),
            kind: kind(node),
            usable: placement.is_some(),
        });
        if let Some(placement) = placement {
            schemes.push(Scheme {
                name: name.clone(),
                placement,
            });
        }
    }
    (schemes, ways)
}

fn placement(scheme: &Node) -> Option<Placement> {
    let name = scheme.text_of("name").map(str::to_owned);
    match (scheme.text_of("type")?, scheme.text_of("in")) {
        ("apiKey", Some("header")) => Some(Placement::Header(name?.to_lowercase())),
        ("apiKey", Some("query")) => Some(Placement::Query(name?)),
        ("http", _) => match scheme.text_of("scheme")?.to_lowercase().as_str() {
            "basic" => Some(Placement::Basic),
            "bearer" => Some(Placement::Bearer),
            _ => None,
        },
        ("oauth2" | "openIdConnect", _) => Some(Placement::Bearer),
        _ => None,
    }
}

/// The type in words, with all flows, also those of OpenAPI 3.2.
fn kind(scheme: &Node) -> String {
    let detail = match scheme.text_of("type").unwrap_or("unknown") {
        "oauth2" => {
            let mut flows: Vec<&str> = scheme
                .members_of("flows")
                .map(|(flow, _)| flow.as_str())
                .collect();
            flows.extend(scheme.text_of("oauth2MetadataUrl").map(|_| "metadata"));
            format!("oauth2: {}", flows.join(", "))
        }
        "http" => format!("http {}", scheme.text_of("scheme").unwrap_or_default()),
        "apiKey" => format!(
            "apiKey in {} `{}`",
            scheme.text_of("in").unwrap_or_default(),
            scheme.text_of("name").unwrap_or_default()
        ),
        other => other.to_owned(),
    };
    crate::report::one_line(&detail)
}

impl<'a> Lowering<'a> {
    /// The schemes of which one authenticates the operation; none if it takes no credential.
    pub(super) fn security(&mut self, operation: &'a Node) -> Vec<usize> {
        let root = self.files.main();
        let Some(security) = operation.get("security").or(root.get("security")) else {
            return Vec::new();
        };
        let mut found = Vec::new();
        for alternative in security.as_list().unwrap_or_default() {
            let names: Vec<&String> = alternative
                .as_map()
                .into_iter()
                .flat_map(|it| it.keys())
                .collect();
            match names.len() {
                0 => self.schemas.remark(kinds::SECURITY_OPTIONAL, operation, ""),
                1 => {}
                _ => self
                    .schemas
                    .remark(kinds::SECURITY_AND, operation, &format!("{names:?}")),
            }
            for name in names {
                match self.schemes.iter().position(|it| it.name == *name) {
                    Some(index) if !found.contains(&index) => found.push(index),
                    Some(_) => {}
                    None => self
                        .schemas
                        .remark(kinds::SECURITY_UNKNOWN, operation, name),
                }
            }
        }
        found
    }
}
