//! Lists every fact of a spec with its evidence. A fact without evidence inherits it from its parent.

use super::super::document::Document;
use super::super::findings::Findings;
use super::super::node::Node;
use super::cited::Cited;
use super::evidence::{self, EVIDENCE, Evidence};
use super::walk::{Site, sites};

const PROPERTIES: &str = "x-tegata-property-evidence";

/// Something that we believe, and why.
pub(crate) struct Fact {
    /// Its subject, as Markdown.
    pub(crate) label: String,
    /// Its parts that have the same evidence.
    pub(crate) members: Vec<String>,
    pub(crate) evidence: Vec<Evidence>,
}

pub(super) fn all(document: &Document, cited: &Cited, findings: &mut Findings<'_>) -> Vec<Fact> {
    let mut facts = Facts {
        cited,
        findings,
        list: Vec::new(),
    };
    let root = document.root();
    facts.servers(&root);
    for (_, item) in root.members_of("paths") {
        facts.servers(&item);
    }
    if root.get("security").is_some() {
        let key = "x-tegata-security-evidence";
        let evidence = evidence::required(&root, key, cited, facts.findings);
        facts.push("security of the API".to_owned(), evidence);
    }
    facts.components(&root, "securitySchemes", "security scheme");
    for (path, item) in root.members_of("paths") {
        facts.shared_parameters(&path, &item);
    }
    for site in sites(document) {
        facts.operation(&site);
    }
    facts.components(&root, "parameters", "parameter");
    facts.components(&root, "requestBodies", "request body");
    facts.components(&root, "responses", "response");
    for (name, schema) in components(&root, "schemas") {
        let fact = facts.own(format!("schema `{name}`"), &schema);
        facts.parts(fact, &name, "", &schema);
    }
    if let Some(refusal) = root.get("x-tegata-refusal") {
        facts.own("refusal".to_owned(), &refusal);
    }
    for (name, lifetime) in root.members_of("x-tegata-lifetimes") {
        facts.own(format!("lifetime `{name}`"), &lifetime);
    }
    facts.list
}

struct Facts<'c, 'f, 'd> {
    cited: &'c Cited,
    findings: &'f mut Findings<'d>,
    list: Vec<Fact>,
}

impl Facts<'_, '_, '_> {
    fn push(&mut self, label: String, evidence: Vec<Evidence>) -> usize {
        self.list.push(Fact {
            label,
            members: Vec::new(),
            evidence,
        });
        self.list.len() - 1
    }

    /// A fact that must carry its own evidence.
    fn own(&mut self, label: String, node: &Node<'_>) -> usize {
        let evidence = evidence::own(node, self.cited, self.findings);
        self.push(label, evidence)
    }

    /// A part of a fact: one of its own when it has evidence of its own.
    fn part(
        &mut self,
        fact: usize,
        member: String,
        label: String,
        own: Option<Vec<Evidence>>,
    ) -> usize {
        if let Some(evidence) = own {
            return self.push(label, evidence);
        }
        let members = &mut self.list[fact].members;
        if !members.contains(&member) {
            members.push(member);
        }
        fact
    }

    fn servers(&mut self, level: &Node<'_>) {
        for server in level.items_of("servers") {
            let name = server.text_of("x-tegata-name").unwrap_or_default();
            let label = format!("server `{name}`");
            if self.list.iter().any(|fact| fact.label == label) {
                // The same server below another path, said once in the table.
                evidence::own(&server, self.cited, self.findings);
            } else {
                self.own(label, &server);
            }
        }
    }

    fn components(&mut self, root: &Node<'_>, section: &str, word: &str) {
        for (name, node) in components(root, section) {
            self.own(format!("{word} `{name}`"), &node);
        }
    }

    fn shared_parameters(&mut self, path: &str, item: &Node<'_>) {
        for node in inline(item.items_of("parameters")) {
            let name = node.text_of("name").unwrap_or_default();
            self.own(format!("parameter `{name}` of `{path}`"), &node);
        }
    }

    fn operation(&mut self, site: &Site<'_>) {
        let node = &site.node;
        self.servers(node);
        let id = node.text_of("operationId").unwrap_or_default().to_owned();
        let fact = self.own(format!("operation `{id}`"), node);
        let mut parts = Vec::new();
        for parameter in inline(node.items_of("parameters")) {
            let name = parameter.text_of("name").unwrap_or_default();
            parts.push((format!("parameter `{name}`"), parameter));
        }
        for body in inline(node.get("requestBody")) {
            parts.push(("request body".to_owned(), body));
        }
        for (status, response) in node.members_of("responses") {
            for response in inline([response]) {
                parts.push((format!("response `{status}`"), response));
            }
        }
        for (member, part) in parts {
            let own = evidence::optional(&part, self.cited, self.findings);
            let label = format!("{member} of `{id}`");
            self.part(fact, member, label, own);
        }
    }

    /// The properties of a schema, of its variants and of what is written inside it.
    fn parts(&mut self, fact: usize, path: &str, within: &str, schema: &Node<'_>) {
        let listed = schema.get(PROPERTIES);
        let properties = schema.members_of("properties");
        for (name, given) in schema.members_of(PROPERTIES) {
            if !properties.iter().any(|(property, _)| *property == name) {
                let names = properties.iter().map(|(name, _)| name.as_str());
                self.findings.at(
                    &given,
                    format!("evidence for `{name}`, which is no property"),
                    format!(
                        "{}name one of the properties beside it",
                        super::super::names::did_you_mean(&name, names)
                    ),
                );
            }
        }
        for (name, property) in properties {
            let given = listed.as_ref().and_then(|listed| listed.get(&name));
            if let (Some(_), Some(twice)) = (&given, property.get(EVIDENCE)) {
                self.findings.at(
                    &twice,
                    format!("evidence for `{name}` is given twice"),
                    format!("keep this one or the one in {PROPERTIES}"),
                );
            }
            let own = match given {
                Some(given) => Some(evidence::parse(&given, self.cited, self.findings)),
                None => evidence::optional(&property, self.cited, self.findings),
            };
            let path = format!("{path}.{name}");
            let part = self.part(fact, format!("`{within}{name}`"), format!("`{path}`"), own);
            let within = if part == fact {
                format!("{within}{name}.")
            } else {
                String::new()
            };
            self.parts(part, &path, &within, &property);
        }
        for key in ["items", "additionalProperties"] {
            if let Some(inner) = schema.get(key) {
                let path = format!("{path}[]");
                let part = self.inner(fact, &path, &inner);
                let within = format!("{}[].", within.trim_end_matches('.'));
                self.parts(part, &path, &within, &inner);
            }
        }
        for key in ["allOf", "oneOf", "anyOf"] {
            for variant in schema.items_of(key) {
                let path = match tag(&variant) {
                    Some(tag) => format!("{path}({tag})"),
                    None => path.to_owned(),
                };
                let part = self.inner(fact, &path, &variant);
                self.parts(part, &path, within, &variant);
            }
        }
    }

    /// A nameless part: no member of its fact, a fact when it has evidence of its own.
    fn inner(&mut self, fact: usize, path: &str, schema: &Node<'_>) -> usize {
        match evidence::optional(schema, self.cited, self.findings) {
            Some(evidence) => self.push(format!("`{path}`"), evidence),
            None => fact,
        }
    }
}

/// The value of the property that distinguishes a variant from the others.
fn tag<'a>(variant: &Node<'a>) -> Option<&'a str> {
    variant
        .members_of("properties")
        .iter()
        .find_map(|(_, property)| match property.items_of("enum").as_slice() {
            [only] => only.text(),
            _ => None,
        })
}

fn components<'a>(root: &Node<'a>, section: &str) -> Vec<(String, Node<'a>)> {
    let members = root.at(&["components", section]).map(|node| node.members());
    let mut members = members.unwrap_or_default();
    members.retain(|(_, node)| node.get("$ref").is_none());
    members
}

fn inline<'a>(nodes: impl IntoIterator<Item = Node<'a>>) -> Vec<Node<'a>> {
    nodes
        .into_iter()
        .filter(|node| node.get("$ref").is_none())
        .collect()
}
