//! Why we believe a fact.

use tegata_gen::node::Value;
use tegata_gen::parts::one_line;

use super::super::findings::Findings;
use super::super::names::did_you_mean;
use super::super::node::Node;
use super::cited::Cited;
use super::known_keys::known_keys;

/// The extension that carries it.
pub(super) const EVIDENCE: &str = "x-tegata-evidence";

const CLASSES: [&str; 5] = ["documented", "vendor", "reported", "rfc", "assumed"];

const HOW: &str = "write `{class: documented, source: <source id>, lines: \"12-14\"}`, \
    `{class: vendor|reported|rfc, source: <where>}` or `{class: assumed, note: <why>}`";

/// One witness of a fact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Evidence {
    class: String,
    source: Option<String>,
    lines: Option<String>,
    note: Option<String>,
}

impl Evidence {
    /// Where it stands, as harmless Markdown on one line.
    fn origin(&self) -> String {
        let source = self.source.as_deref().unwrap_or_default();
        match &self.lines {
            Some(lines) if lines.contains('-') => format!("`{source}`, lines {lines}"),
            Some(lines) => format!("`{source}`, line {lines}"),
            None => one_line(source),
        }
    }

    /// The same, with what the witness adds.
    fn origin_and_note(&self) -> String {
        let origin = self.origin();
        match &self.note {
            Some(note) if origin.is_empty() => one_line(note),
            Some(note) => format!("{origin} ({})", one_line(note)),
            None => origin,
        }
    }

    /// The classes of the witnesses, each once.
    pub(crate) fn classes(witnesses: &[Self]) -> String {
        let classes: Vec<&str> = by_class(witnesses)
            .iter()
            .map(|(class, _)| *class)
            .collect();
        classes.join(", ")
    }

    /// All that the witnesses say; their classes only where they differ.
    pub(crate) fn origins(witnesses: &[Self]) -> String {
        let groups = by_class(witnesses);
        let parts: Vec<String> = groups
            .iter()
            .map(|(class, members)| {
                let origins: Vec<String> =
                    members.iter().map(|one| one.origin_and_note()).collect();
                let origins = origins.join("; ");
                if groups.len() == 1 {
                    origins
                } else {
                    format!("{class}: {origins}")
                }
            })
            .collect();
        parts.join("; ")
    }

    /// All witnesses in one sentence; what each adds stands in the table of evidence.
    pub(crate) fn sentence(witnesses: &[Self]) -> String {
        let groups: Vec<String> = by_class(witnesses)
            .iter()
            .map(|(class, members)| {
                let origins: Vec<String> = members
                    .iter()
                    .map(|one| match one.class.as_str() {
                        "assumed" => one.origin_and_note(),
                        _ => one.origin(),
                    })
                    .collect();
                format!("{class} ({})", origins.join("; "))
            })
            .collect();
        format!("Evidence: {}.", groups.join(", "))
    }
}

/// The witnesses by class, in the order of their first appearance.
fn by_class(witnesses: &[Evidence]) -> Vec<(&str, Vec<&Evidence>)> {
    let mut groups: Vec<(&str, Vec<&Evidence>)> = Vec::new();
    for one in witnesses {
        match groups.iter_mut().find(|(class, _)| *class == one.class) {
            Some((_, members)) => members.push(one),
            None => groups.push((&one.class, vec![one])),
        }
    }
    groups
}

/// The evidence that a thing must carry itself.
pub(super) fn own(node: &Node<'_>, cited: &Cited, findings: &mut Findings<'_>) -> Vec<Evidence> {
    required(node, EVIDENCE, cited, findings)
}

/// The evidence that must stand under a key.
pub(super) fn required(
    node: &Node<'_>,
    key: &str,
    cited: &Cited,
    findings: &mut Findings<'_>,
) -> Vec<Evidence> {
    if let Some(evidence) = node.get(key) {
        return parse(&evidence, cited, findings);
    }
    findings.at(node, format!("no evidence: `{key}` is missing"), HOW);
    Vec::new()
}

/// The evidence that a thing carries itself, if it does not inherit it.
pub(super) fn optional(
    node: &Node<'_>,
    cited: &Cited,
    findings: &mut Findings<'_>,
) -> Option<Vec<Evidence>> {
    let evidence = node.get(EVIDENCE)?;
    Some(parse(&evidence, cited, findings))
}

/// One witness, or a list of them.
pub(super) fn parse(node: &Node<'_>, cited: &Cited, findings: &mut Findings<'_>) -> Vec<Evidence> {
    let witnesses = match node.value {
        Value::Map(_) => vec![node.clone()],
        Value::List(_) => node.items(),
        _ => Vec::new(),
    };
    if witnesses.is_empty() {
        findings.at(
            node,
            "malformed evidence: neither a mapping nor a list of mappings",
            HOW,
        );
    }
    witnesses
        .iter()
        .filter_map(|witness| parse_one(witness, cited, findings))
        .collect()
}

fn parse_one(node: &Node<'_>, cited: &Cited, findings: &mut Findings<'_>) -> Option<Evidence> {
    known_keys(
        node,
        &["class", "source", "lines", "note"],
        "evidence",
        findings,
    );
    let Some(class) = node
        .text_of("class")
        .filter(|class| CLASSES.contains(class))
    else {
        let class = node.text_of("class").unwrap_or_default();
        findings.at(
            node,
            format!("unknown evidence class `{class}`"),
            format!(
                "{}the classes are {}",
                did_you_mean(class, CLASSES),
                CLASSES.join(", ")
            ),
        );
        return None;
    };
    let source = filled(node, "source");
    let note = filled(node, "note");
    let lines = node.get("lines");
    let mut refuse = |what: &str| findings.at(node, format!("malformed evidence: {what}"), HOW);
    match (class, &source, &note, &lines) {
        ("documented", None, _, _) => refuse("`documented` without `source`"),
        ("documented", _, _, None) => refuse("`documented` without `lines`"),
        ("vendor" | "reported" | "rfc", None, _, _) => {
            refuse(&format!("`{class}` without `source`"));
        }
        ("vendor" | "reported" | "rfc" | "assumed", _, _, Some(_)) => {
            refuse(&format!(
                "`lines` with `{class}`: only sources of this document have them"
            ));
        }
        ("assumed", _, None, _) => refuse("`assumed` without `note`"),
        _ => {}
    }
    let range = match &lines {
        Some(lines) => Some(range(lines, findings)?),
        None => None,
    };
    if let (Some(id), Some(range), "documented") = (node.get("source"), range, class) {
        cited.check(&id, range, findings);
    }
    Some(Evidence {
        class: class.to_owned(),
        source,
        lines: range.map(|(first, last)| {
            if first == last {
                first.to_string()
            } else {
                format!("{first}-{last}")
            }
        }),
        note,
    })
}

fn filled(node: &Node<'_>, key: &str) -> Option<String> {
    node.text_of(key)
        .filter(|text| !text.trim().is_empty())
        .map(str::to_owned)
}

/// `12` or `12-14`.
fn range(node: &Node<'_>, findings: &mut Findings<'_>) -> Option<(usize, usize)> {
    let text = match node.value {
        Value::Number(number) => number.clone(),
        _ => node.text().unwrap_or_default().to_owned(),
    };
    let (first, last) = text.split_once('-').unwrap_or((&text, &text));
    match (first.parse(), last.parse()) {
        (Ok(first), Ok(last)) if 1 <= first && first <= last => Some((first, last)),
        _ => {
            findings.at(
                node,
                format!("`{text}` is no range of lines"),
                "write \"12\" or \"12-14\", counted from 1",
            );
            None
        }
    }
}
