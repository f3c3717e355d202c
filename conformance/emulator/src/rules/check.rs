//! What a rule cannot say, and how to fix it.

use std::collections::HashSet;
use std::time::Duration;

use axum::http::{Method, StatusCode};

use super::rule::{Reply, Rule};
use crate::Provider;
use crate::answer::is_without_body;
use crate::call::without_dots;
use crate::delivery::{Delivery, LONGEST};
use crate::header;

/// Says what is wrong with a rule; `place` is where it stands.
pub(crate) fn check(provider: Provider, place: &str, rule: &Rule) -> Result<(), String> {
    if let Some(method) = &rule.method
        && Method::from_bytes(method.as_bytes()).is_err()
    {
        return Err(format!(
            "{place}.method is {method:?}: write an HTTP method such as GET, or leave it out for any"
        ));
    }
    path(provider, place, &rule.path)?;
    if rule.name.as_deref() == Some("") {
        return Err(format!(
            "{place}.name is empty: write a name, or leave it out"
        ));
    }
    if let Some((name, _)) = rule.query.iter().find(|(name, _)| name.is_empty()) {
        return Err(format!(
            "{place}.query has the name {name:?}: write the name of a parameter"
        ));
    }
    for (index, one) in rule.replies.iter().enumerate() {
        match index.checked_sub(1) {
            None => reply(place, one)?,
            Some(index) => reply(&format!("{place}.then[{index}]"), one)?,
        }
    }
    Ok(())
}

/// Says what of a rule a file cannot hold: there, each name of a table stands once.
pub(crate) fn check_for_file(place: &str, rule: &Rule) -> Result<(), String> {
    names_differ(&format!("{place}.query"), &rule.query)?;
    for (index, one) in rule.replies.iter().enumerate() {
        let place = match index.checked_sub(1) {
            None => format!("{place}.headers"),
            Some(index) => format!("{place}.then[{index}].headers"),
        };
        names_differ(&place, &one.headers)?;
    }
    Ok(())
}

fn names_differ(place: &str, pairs: &[(String, String)]) -> Result<(), String> {
    let mut names = HashSet::new();
    match pairs.iter().find(|(name, _)| !names.insert(name)) {
        Some((name, _)) => Err(format!(
            "{place} has {name:?} twice, which a file cannot say: leave one out, or add the rule with \
             Emulator::answer"
        )),
        None => Ok(()),
    }
}

fn path(provider: Provider, place: &str, path: &str) -> Result<(), String> {
    let place = format!("{place}.path");
    let Some(rest) = path.strip_prefix('/') else {
        return Err(format!(
            "{place} is {path:?}: begin it with a slash, as it stands below the base URL of {provider}"
        ));
    };
    let own = format!("{provider}/");
    if rest.starts_with(&own) {
        return Err(format!(
            "{place} is {path:?}: leave out /{provider}, which is part of the base URL"
        ));
    }
    if path.contains('?') {
        return Err(format!(
            "{place} is {path:?}: write what follows the question mark as `query`"
        ));
    }
    if !path.bytes().all(|byte| byte.is_ascii_graphic()) || path.contains('#') {
        return Err(format!(
            "{place} is {path:?}: write it as it is sent, with other characters percent-encoded"
        ));
    }
    let resolved = without_dots(path);
    if resolved != path {
        return Err(format!(
            "{place} is {path:?}: write it without dot segments, as {resolved:?}; those of a call are resolved \
             before it is compared"
        ));
    }
    let misplaced = |segment: &str| segment.contains("**") && segment != "**";
    if path.split('/').any(misplaced) {
        return Err(format!(
            "{place} is {path:?}: `**` stands for whole segments, use `*` within one"
        ));
    }
    if provider.paths_without_credential().contains(&path) {
        return Err(format!(
            "{place} is {path:?}, which wants no credential: rules answer calls that do; set a fault for it \
             instead"
        ));
    }
    Ok(())
}

fn reply(place: &str, reply: &Reply) -> Result<(), String> {
    if !(200..=599).contains(&reply.status) {
        return Err(format!(
            "{place}.status is {}: use 200 to 599",
            reply.status
        ));
    }
    for (name, value) in &reply.headers {
        header::check(name, value).map_err(|problem| format!("{place}.headers: {problem}"))?;
    }
    let has_body = reply.body.as_deref().is_some_and(|text| !text.is_empty());
    let sends_body = has_body || reply.body_file.is_some() || reply.delivery.is_about_body();
    if sends_body && StatusCode::from_u16(reply.status).is_ok_and(is_without_body) {
        return Err(format!(
            "{place}.status is {}, which has no body: leave out body, body_file, slow_ms and cut_after_bytes, or \
             use another status",
            reply.status
        ));
    }
    if reply.body.is_some() && reply.body_file.is_some() {
        return Err(format!(
            "{place} has both body and body_file: leave one of them out"
        ));
    }
    let Delivery { delay, slow, .. } = reply.delivery;
    for (key, time) in [("delay_ms", delay), ("slow_ms", slow)] {
        if time > LONGEST {
            return Err(format!(
                "{place}.{key} is {}: at most {}",
                time.as_millis(),
                Duration::as_millis(&LONGEST),
            ));
        }
    }
    if reply.times == Some(0) {
        return Err(format!(
            "{place}.times is 0, so it never answers: write at least 1, or remove it"
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case(Rule::on("G T", "/rest/a"), &["method", "G T", "GET"])]
    #[case(Rule::get("rest/a"), &["path", "rest/a", "slash"])]
    #[case(Rule::get("/marketo/rest/a"), &["path", "leave out /marketo"])]
    #[case(Rule::get("/rest/a?b=c"), &["path", "`query`"])]
    #[case(Rule::get("/rest/é"), &["path", "percent-encoded"])]
    #[case(Rule::get("/rest/a**"), &["path", "`**`", "`*`"])]
    #[case(Rule::get("/rest/../bulk/v1/x.json"), &["path", "dot segments", "\"/bulk/v1/x.json\""])]
    #[case(Rule::get("/rest/./a/.."), &["path", "dot segments", "\"/rest/\""])]
    #[case(Rule::get("/identity/oauth/token"), &["path", "no credential", "fault"])]
    #[case(Rule::get("/rest/a").named(""), &["name is empty"])]
    #[case(Rule::get("/rest/a").query("", "x"), &["query"])]
    #[case(Rule::get("/rest/a").reply(Reply::status(199)), &["r.status is 199", "599"])]
    #[case(
        Rule::get("/rest/a").reply(Reply::status(200)).then(Reply::status(600)),
        &["r.then[0].status is 600"],
    )]
    #[case(Rule::get("/rest/a").reply(Reply::status(200).header("a b", "c")), &["headers", "a b"])]
    #[case(
        Rule::get("/rest/a").reply(Reply::status(200).header("Content-Length", "5")),
        &["r.headers", "Content-Length", "cut_after_bytes"],
    )]
    #[case(
        Rule::get("/rest/a").reply(Reply::json("{}")).then(
            Reply::json("{}").header("Transfer-Encoding", "chunked"),
        ),
        &["r.then[0].headers", "Transfer-Encoding", "cut_after_bytes"],
    )]
    #[case(Rule::get("/rest/a").reply(Reply::file("x").body("a/b", "y")), &["body", "body_file"])]
    #[case(
        Rule::get("/rest/a").reply(Reply::status(200).delay(Duration::from_millis(600_001))),
        &["delay_ms is 600001", "600000"],
    )]
    #[case(
        Rule::get("/rest/a").reply(Reply::status(200).slow(Duration::from_secs(601))),
        &["slow_ms is 601000"],
    )]
    #[case(Rule::get("/rest/a").reply(Reply::json("{}").with_status(204)), &["r.status is 204", "body"])]
    #[case(Rule::get("/rest/a").reply(Reply::file("x").with_status(304)), &["r.status is 304"])]
    #[case(Rule::get("/rest/a").reply(Reply::status(205).cut_after(0)), &["r.status is 205"])]
    #[case(Rule::get("/rest/a").reply(Reply::status(200).times(0)), &["times is 0"])]
    fn an_unusable_rule_is_named_with_the_fix(#[case] rule: Rule, #[case] parts: &[&str]) {
        let problem = check(Provider::Marketo, "r", &rule)
            .err()
            .unwrap_or_default();
        assert!(problem.starts_with('r'), "{problem:?}");
        for part in parts {
            assert!(problem.contains(part), "{part:?} is not in {problem:?}");
        }
    }

    #[test]
    fn a_usable_rule_is_taken() {
        let rule = Rule::on("patch", "/rest/**/.x/..y/*.json")
            .query("a", "*")
            .reply(Reply::json("{}").times(2))
            .then(Reply::file("x"))
            .then(Reply::status(204));
        assert_eq!(check(Provider::Marketo, "r", &rule), Ok(()));
    }
}
