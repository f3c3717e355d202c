//! What a case must be so that it may be run against a vendor: it reads, or asks for a token, and
//! does nothing that could lock an account or take away a token in use.

use super::super::{Case, Suite, after_login, named};
use crate::finding::Finding;
use crate::provider::Server;

/// What is wrong with a case that is marked `live`.
pub fn check_live(suite: &Suite, case: &Case) -> Vec<Finding> {
    if !case.live {
        return Vec::new();
    }
    let path = format!("cases/{}/{}.toml", case.provider.name(), case.file_stem());
    let mut findings = Vec::new();
    let mut report = |place: &str, problem: String, fix: &str| {
        findings.push(Finding::new(&path, place, problem, fix));
    };
    if !case.role.judges_servers() {
        report(
            "live",
            "it judges no endpoint".to_owned(),
            "drop `live`, or make the role `server` or `both`",
        );
    }
    let given = &case.given;
    if !given.values.is_empty() || !given.accounts.is_empty() {
        report(
            "live",
            "it chooses credentials, which a vendor does not know".to_owned(),
            "drop `live`",
        );
    }
    // A user logs in before the run, for one code.
    let (rest, mut captured) = after_login(suite, case);
    if rest.exchanges().next().is_none() {
        report(
            "live",
            "nothing is left of it without the login, which a person makes before".to_owned(),
            "drop `live`",
        );
    }
    let mut is_spent = false;
    for step in &rest.step {
        if step.advance > 0 || step.reopen.is_some() || step.url.is_some() {
            report(
                &step.name,
                "a vendor's clock cannot be set, and no user is there to log in".to_owned(),
                "drop `live`",
            );
        }
        for exchange in &step.exchange {
            let Some((file, _)) = suite.fixtures.get(&exchange.respond) else {
                continue;
            };
            let request = &file.request;
            let server = Server::of(case.provider, &request.path);
            let names = named(file, &exchange.with);
            let own = |name: &&String| name.starts_with("refresh-") && captured.contains(*name);
            if names.contains("code") && std::mem::replace(&mut is_spent, true) {
                report(
                    &exchange.name,
                    "it sends a code twice".to_owned(),
                    "drop `live`: a code is good once, and sending it again may end a session",
                );
            }
            let harmless = match request.method.as_str() {
                "GET" | "HEAD" => true,
                "POST" => server.issues_tokens(),
                // A refresh token that this very case was issued is used nowhere else.
                "PATCH" => server.issues_tokens() && names.iter().any(|name| own(&name)),
                _ => false,
            };
            if !harmless {
                report(
                    &exchange.name,
                    format!(
                        "{} {} is neither a read nor a token call",
                        request.method, request.path
                    ),
                    "drop `live`: a vendor's data is not to be changed, nor a person asked",
                );
            }
            // Whether a token is wrong shows by reading; a wrong secret may lock the
            // account.
            let wrong = names.iter().find(|name| {
                let odd = ["wrong-", "old-", "other-"];
                *name != "wrong-token" && odd.iter().any(|odd| name.starts_with(odd))
            });
            if let Some(name) = wrong {
                report(
                    &exchange.name,
                    format!("it sends `{name}`"),
                    "drop `live`: wrong credentials may lock an account",
                );
            }
            let taken = names.iter().find(|name| {
                (name.starts_with("refresh-") || name.starts_with("token-") || *name == "code")
                    && !captured.contains(*name)
            });
            if let Some(name) = taken {
                report(
                    &exchange.name,
                    format!("it sends `{name}`, which nothing before has captured"),
                    "capture it from an answer of the same case",
                );
            }
            if let Some(answer) = &exchange.answer {
                captured.extend(answer.capture.keys().cloned());
            }
        }
    }
    findings
}
