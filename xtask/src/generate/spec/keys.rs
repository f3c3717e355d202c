//! Every key is defined by OpenAPI or by us, and holds a value of the right kind.
//!
//! The readers behind us ignore keys that they do not know, so a misspelt one would be lost.

use tegata_gen::node::Value;

use super::super::document::Document;
use super::super::findings::Findings;
use super::super::names::did_you_mean;
use super::super::node::Node;
use super::cited::Cited;
use super::evidence::{self, EVIDENCE};
use super::model::{Object, ROOT, Shape};

/// Our extensions, wherever they belong.
const EXTENSIONS: [&str; 12] = [
    "x-tegata-browser-only",
    "x-tegata-deprecated",
    "x-tegata-evidence",
    "x-tegata-issued-by",
    "x-tegata-lifetimes",
    "x-tegata-name",
    "x-tegata-names",
    "x-tegata-property-evidence",
    "x-tegata-refusal",
    "x-tegata-security-evidence",
    "x-tegata-sources",
    "x-tegata-token-answer",
];

/// Those that are mappings.
const MAPPINGS: [&str; 5] = [
    "x-tegata-lifetimes",
    "x-tegata-property-evidence",
    "x-tegata-refusal",
    "x-tegata-sources",
    "x-tegata-token-answer",
];

pub(super) fn check(document: &Document, cited: &Cited, findings: &mut Findings<'_>) {
    let root = document.root();
    Check {
        document,
        cited,
        findings,
    }
    .object(&root, &ROOT);
}

struct Check<'a, 'f, 'd> {
    document: &'a Document,
    cited: &'a Cited,
    findings: &'f mut Findings<'d>,
}

impl Check<'_, '_, '_> {
    fn shape(&mut self, node: &Node<'_>, shape: &'static Shape) {
        let value = node.value;
        match shape {
            Shape::Any => {}
            Shape::Text => self.expect(
                node,
                matches!(value, Value::Text(_)),
                "a text",
                "put it in quotes",
            ),
            Shape::Flag => self.expect(
                node,
                matches!(value, Value::Bool(_)),
                "`true` or `false`",
                "write one of them, without quotes",
            ),
            Shape::Number => self.expect(
                node,
                matches!(value, Value::Number(_)),
                "a number",
                "write it without quotes",
            ),
            Shape::Whole => self.expect(
                node,
                node.whole().is_some(),
                "a whole number",
                "write one that is not negative, without quotes",
            ),
            Shape::List(item) => {
                self.expect(
                    node,
                    matches!(value, Value::List(_)),
                    "a list",
                    "write its items as `- …`",
                );
                for child in node.items() {
                    self.shape(&child, item);
                }
            }
            Shape::Map(member) => {
                if self.is_mapping(node) {
                    for (_, child) in node.members() {
                        self.shape(&child, member);
                    }
                }
            }
            Shape::Object(object) => self.object(node, object),
            Shape::Ref(object) => match node.get("$ref") {
                Some(reference) => self.reference(node, &reference, object),
                None => self.object(node, object),
            },
            Shape::FlagOr(object) => {
                if !matches!(value, Value::Bool(_)) {
                    self.shape_ref(node, object);
                }
            }
            Shape::Refused(fix) => {
                let what = format!("`{}` is not supported", last_key(node));
                self.findings.at(node, what, *fix);
            }
        }
    }

    fn shape_ref(&mut self, node: &Node<'_>, object: &'static Object) {
        match node.get("$ref") {
            Some(reference) => self.reference(node, &reference, object),
            None => self.object(node, object),
        }
    }

    fn object(&mut self, node: &Node<'_>, object: &'static Object) {
        if !self.is_mapping(node) {
            return;
        }
        for (key, child) in node.members() {
            if let Some((_, shape)) = object.keys.iter().find(|(name, _)| *name == key) {
                self.shape(&child, shape);
            } else if object.ours.contains(&key.as_str()) {
                self.ours(&key, &child);
            } else {
                self.unknown(&key, &child, object);
            }
        }
        for key in object.required {
            if node.get(key).is_none() {
                self.findings.at(
                    node,
                    format!("`{key}` is missing"),
                    format!("add it: {} cannot be without", object.name),
                );
            }
        }
    }

    /// One of our extensions; its reader checks the rest.
    fn ours(&mut self, key: &str, child: &Node<'_>) {
        if MAPPINGS.contains(&key) {
            self.is_mapping(child);
        } else if key == EVIDENCE {
            evidence::parse(child, self.cited, self.findings);
        }
    }

    fn unknown(&mut self, key: &str, child: &Node<'_>, object: &Object) {
        let keys = || object.keys.iter().map(|(name, _)| *name);
        let (what, near, known) = if key.starts_with("x-") {
            let near = did_you_mean(key, object.ours);
            ("extensions", near, object.ours.join(", "))
        } else {
            let near = did_you_mean(key, keys());
            ("keys", near, keys().collect::<Vec<_>>().join(", "))
        };
        let fix = if EXTENSIONS.contains(&key) || near.is_empty() {
            let known = if known.is_empty() { "none" } else { &known };
            format!("remove it; the {what} of {} are: {known}", object.name)
        } else {
            near.trim_end().to_owned()
        };
        let what = format!("unknown key `{key}` in {}", object.name);
        self.findings.at(child, what, fix);
    }

    fn reference(&mut self, node: &Node<'_>, reference: &Node<'_>, object: &'static Object) {
        for (key, child) in node.members() {
            if key != "$ref" {
                self.findings.at(
                    &child,
                    format!("`{key}` beside a `$ref` is ignored"),
                    "move it to the component, or, for evidence, to the `x-tegata-property-evidence` of the schema around it",
                );
            }
        }
        let home = format!("#/components/{}/", object.section);
        let Some(target) = reference.text() else {
            self.expect(reference, false, "a text", "put it in quotes");
            return;
        };
        let Some(name) = target.strip_prefix(&home) else {
            self.findings.at(
                reference,
                format!(
                    "`{target}` leads out of this document or to something else than {}",
                    object.name
                ),
                format!(
                    "write it under components.{} and refer to it as `{home}…`",
                    object.section
                ),
            );
            return;
        };
        let section = self.document.root().at(&["components", object.section]);
        let present: Vec<String> = section
            .map(|section| section.members())
            .unwrap_or_default()
            .into_iter()
            .map(|(name, _)| name)
            .collect();
        if !present.iter().any(|one| one == name) {
            self.findings.at(
                reference,
                format!("`{target}` does not exist"),
                format!(
                    "{}define it under components.{}",
                    did_you_mean(name, &present),
                    object.section
                ),
            );
        }
    }

    fn is_mapping(&mut self, node: &Node<'_>) -> bool {
        let is_mapping = matches!(node.value, Value::Map(_));
        self.expect(
            node,
            is_mapping,
            "a mapping",
            "write its members as `key: value`, or `{}` when it has none",
        );
        is_mapping
    }

    fn expect(&mut self, node: &Node<'_>, fine: bool, wanted: &str, fix: &str) {
        if !fine {
            let what = format!("must be {wanted}, not `{}`", printed(node.value));
            self.findings.at(node, what, fix);
        }
    }
}

fn last_key(node: &Node<'_>) -> String {
    node.place.last().to_owned()
}

fn printed(value: &Value) -> String {
    match value {
        Value::Map(_) => "{…}".to_owned(),
        Value::List(_) => "[…]".to_owned(),
        Value::Null => "null".to_owned(),
        Value::Bool(it) => it.to_string(),
        Value::Number(digits) => digits.clone(),
        // In quotes, since `"true"` is not `true`.
        Value::Text(text) => format!("{text:?}"),
    }
}
