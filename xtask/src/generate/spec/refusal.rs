//! Which answers mean that a credential is no longer good.

use tegata_gen::node::Value;

use super::super::document::Document;
use super::super::findings::Findings;
use super::super::node::Node;
use super::api::Refusal;
use super::cited::Cited;
use super::evidence;
use super::known_keys::known_keys;

const REFUSAL: &str = "x-tegata-refusal";

pub(super) fn read(document: &Document, cited: &Cited, findings: &mut Findings<'_>) -> Refusal {
    let root = document.root();
    let Some(node) = root.get(REFUSAL) else {
        findings.at(
            &root,
            format!("`{REFUSAL}` is missing"),
            "say which answers mean that a credential is no longer good: `{statuses: [401], x-tegata-evidence: …}`",
        );
        return Refusal::default();
    };
    let keys = [
        "x-tegata-evidence",
        "statuses",
        "body",
        "transient-codes",
        "denied-codes",
    ];
    known_keys(&node, &keys, "the refusal", findings);
    let body = node.get("body");
    if let Some(body) = &body {
        known_keys(body, &["codes"], "the body of the refusal", findings);
    }
    let refusal = Refusal {
        statuses: statuses(&node, findings),
        body_codes: body
            .map(|body| codes(&body, "codes", findings))
            .unwrap_or_default(),
        transient_codes: codes(&node, "transient-codes", findings),
        denied_codes: codes(&node, "denied-codes", findings),
        evidence: evidence::own(&node, cited, findings),
    };
    if let Some(both) = refusal
        .body_codes
        .iter()
        .chain(&refusal.denied_codes)
        .find(|code| refusal.transient_codes.contains(code))
    {
        findings.at(
            &node,
            format!("the code {both} both refuses a credential and asks to try again later"),
            "keep it in one of the two lists",
        );
    }
    if node.get("statuses").is_none() && node.get("body").is_none() {
        findings.at(
            &node,
            "neither statuses nor body codes",
            "write `statuses: [401]`, `body: {codes: [\"601\"]}` or both",
        );
    }
    refusal
}

fn statuses(node: &Node<'_>, findings: &mut Findings<'_>) -> Vec<u16> {
    list(
        node,
        "statuses",
        "a status from 400 to 599",
        findings,
        |item| {
            let status = item.whole().and_then(|status| u16::try_from(status).ok())?;
            (400..600).contains(&status).then_some(status)
        },
    )
}

fn codes(node: &Node<'_>, key: &str, findings: &mut Findings<'_>) -> Vec<String> {
    list(node, key, "a code in quotes", findings, |item| {
        item.text()
            .filter(|code| !code.is_empty())
            .map(str::to_owned)
    })
}

fn list<T>(
    node: &Node<'_>,
    key: &str,
    wanted: &str,
    findings: &mut Findings<'_>,
    read: impl Fn(&Node<'_>) -> Option<T>,
) -> Vec<T> {
    let Some(list) = node.get(key) else {
        return Vec::new();
    };
    if !matches!(list.value, Value::List(_)) {
        findings.at(
            &list,
            "must be a list",
            format!("write `[…]`, each item {wanted}"),
        );
    }
    let mut values = Vec::new();
    for item in list.items() {
        match read(&item) {
            Some(value) => values.push(value),
            None => findings.at(
                &item,
                format!("must be {wanted}"),
                "write it so, or remove it",
            ),
        }
    }
    values
}
