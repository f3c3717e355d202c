//! Responses: one success of one type, errors raw, no default.

use super::super::document::Document;
use super::super::findings::Findings;
use super::super::node::Node;
use super::bodies::{essence, named_schema, several};
use super::walk::{Site, sites};

const RAW: &str = "write `content: {'*/*': {}}`: errors are read leniently by the shared crate, and a \
    typed one that does not decode would hide its status";

pub(super) fn check(document: &Document, findings: &mut Findings<'_>) {
    for site in sites(document) {
        if let Some(responses) = site.node.get("responses") {
            check_all(document, &site, &responses, findings);
        }
    }
}

fn check_all(
    document: &Document,
    site: &Site<'_>,
    responses: &Node<'_>,
    findings: &mut Findings<'_>,
) {
    let mut successes = Vec::new();
    let all = responses.members();
    for (status, response) in &all {
        let range = format!("{}XX", status.chars().next().unwrap_or_default());
        if *status != range && all.iter().any(|(other, _)| *other == range) {
            findings.at(
                response,
                format!("`{status}` is one of `{range}`, which stands beside it"),
                "keep the range, or name every status",
            );
        }
    }
    for (status, response) in all {
        let resolved = document.resolve(&response);
        match class(&status) {
            Some('2') => {
                successes.push(status);
                if let Some(response) = resolved {
                    check_success(&response, findings);
                }
            }
            Some('4' | '5') => {
                if let Some(response) = resolved {
                    check_error(&response, findings);
                }
            }
            Some('3') => {}
            Some(_) => findings.at(
                &response,
                format!("the status {status} is not supported"),
                "leave it out",
            ),
            None if status == "default" => findings.at(
                &response,
                "a `default` response is not supported",
                "name the statuses, such as `200`, `4XX` and `5XX`",
            ),
            None => findings.at(
                &response,
                format!("`{status}` is no status"),
                "write three digits, or a range such as `4XX`",
            ),
        }
    }
    if successes.len() > 1 {
        findings.at(
            responses,
            format!(
                "{} success statuses: {}",
                successes.len(),
                successes.join(", ")
            ),
            "keep one, or write `2XX`: the generator makes one type of all successes",
        );
    }
    if successes.is_empty() && !site.is_browser_only() {
        findings.at(
            responses,
            "no success status",
            "add it, or write `x-tegata-browser-only: true` when only a browser calls this operation",
        );
    }
}

/// The first digit of a status or of a range of them.
fn class(status: &str) -> Option<char> {
    let mut chars = status.chars();
    let first = chars.next().filter(|first| ('1'..='5').contains(first))?;
    let rest = chars.as_str();
    let two_digits = rest.len() == 2 && rest.bytes().all(|byte| byte.is_ascii_digit());
    (two_digits || rest == "XX").then_some(first)
}

fn check_success(response: &Node<'_>, findings: &mut Findings<'_>) {
    let Some(content) = response.get("content") else {
        return;
    };
    let types = content.members();
    let [(name, media)] = types.as_slice() else {
        several(&content, types.len(), findings);
        return;
    };
    match essence(name) {
        "application/json" => {
            named_schema(media, findings);
        }
        other if other.contains("json") => findings.at(
            media,
            format!("an answer of type `{other}` would be handed out raw"),
            "write application/json when it is to be read as JSON",
        ),
        _ => {}
    }
}

fn check_error(response: &Node<'_>, findings: &mut Findings<'_>) {
    let Some(content) = response.get("content") else {
        findings.at(
            response,
            "the error has no content, so its body would be dropped",
            RAW,
        );
        return;
    };
    let types = content.members();
    let [(name, media)] = types.as_slice() else {
        several(&content, types.len(), findings);
        return;
    };
    if media.get("schema").is_some() || essence(name) == "application/json" {
        findings.at(media, "the body of an error is typed", RAW);
    }
}
