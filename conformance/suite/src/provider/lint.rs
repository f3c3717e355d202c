//! Rules for a provider's file beyond the names of its keys. A fault names the key and the fix.

use std::collections::BTreeSet;

use super::facts::{Facts, Paths, ServerFacts};

/// The first fault of a file of this name.
pub(super) fn one(stem: &str, facts: &Facts) -> Result<(), String> {
    texts(stem, facts)?;
    let mut seen = BTreeSet::new();
    for server in &facts.server {
        let place = format!("server.{}", server.name);
        must(
            is_name(&server.name),
            "server.name",
            &server.name,
            "a name has lower-case letters, digits and dashes",
        )?;
        must(
            seen.insert(&server.name),
            &place,
            &server.name,
            "give each server a name of its own",
        )?;
        self::server(&place, server)?;
    }
    let rest = facts.server.iter().filter(|server| server.paths.is_none());
    must(
        rest.count() == 1,
        "server",
        &facts.name,
        "give `paths` to each server but one, at which all other paths lie",
    )
}

/// What two providers must not share. The second one is at fault.
pub(super) fn pair(first: &Facts, second: &Facts) -> Result<(), String> {
    for (key, one, other) in [
        ("environment", &first.environment, &second.environment),
        ("citations", &first.citations, &second.citations),
    ] {
        let fix = format!("{} has it already: choose another", first.name);
        must(one != other, key, other, &fix)?;
    }
    for server in &second.server {
        let taken = first.server.iter().any(|other| other.name == server.name);
        let fix = format!("{} has a server of this name: choose another", first.name);
        must(!taken, "server.name", &server.name, &fix)?;
    }
    Ok(())
}

fn texts(stem: &str, facts: &Facts) -> Result<(), String> {
    let fix = format!("name it as its file: `{stem}`");
    must(facts.name == stem, "name", &facts.name, &fix)?;
    let fix = "a name has lower-case letters, digits and dashes";
    must(is_name(&facts.name), "name", &facts.name, fix)?;
    for (key, text) in [("title", &facts.title), ("short", &facts.short)] {
        must(
            !text.trim().is_empty(),
            key,
            text,
            "give it a name for people",
        )?;
    }
    must(
        is_upper(&facts.environment.replace('_', "")),
        "environment",
        &facts.environment,
        "use upper-case letters, digits and underscores",
    )?;
    let initials = facts.citations.strip_suffix('-').unwrap_or_default();
    must(
        is_upper(initials) && !["A", "W"].contains(&initials) && !initials.starts_with("RFC"),
        "citations",
        &facts.citations,
        "use upper-case letters, digits and a dash at the end, such as `FJ-`; `A-`, `W-` and `RFC` are taken",
    )?;
    for (key, headers) in [
        ("key_headers", &facts.key_headers),
        ("token_headers", &facts.token_headers),
    ] {
        for header in headers {
            let fix = "write a header's name, in lower case";
            must(is_name(header), key, header, fix)?;
        }
    }
    if let Some(path) = &facts.legacy_paths {
        must(path.starts_with('/'), "legacy_paths", path, BEGIN)?;
    }
    for path in &facts.example_paths {
        must(path.starts_with('/'), "example_paths", path, BEGIN)?;
    }
    if let Some(hosts) = &facts.customer_hosts {
        let fits = hosts.starts_with('.') && hosts.len() > 1 && !hosts.contains('/');
        must(fits, "customer_hosts", hosts, "write `.` and a domain")?;
    }
    Ok(())
}

const BEGIN: &str = "begin it with `/`";

fn server(place: &str, facts: &ServerFacts) -> Result<(), String> {
    let key = |name: &str| format!("{place}.{name}");
    if let Some(Paths::Begin(path) | Paths::End(path)) = &facts.paths {
        must(path.starts_with('/'), &key("paths"), path, BEGIN)?;
    }
    if let Some(login) = &facts.login {
        must(login.starts_with('/'), &key("login"), login, BEGIN)?;
        must(
            facts.issues_tokens,
            &key("login"),
            login,
            "a browser logs in where tokens are issued: set `issues_tokens`, or drop it",
        )?;
    }
    let printed = &facts.printed;
    let fits = printed.is_empty() || printed.starts_with('/') && !printed.ends_with('/');
    let fix = "begin it with `/`, and end it without";
    must(fits, &key("printed"), printed, fix)?;
    let rest = facts.given.strip_prefix("${origin}");
    let fits = rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    let fix = "begin it with `${origin}`, then a path";
    must(fits, &key("given"), &facts.given, fix)?;
    for url in &facts.usual {
        let fits = url.starts_with("https://") && !url.ends_with('/');
        let fix = "write an https URL without `/` at its end";
        must(fits, &key("usual"), url, fix)?;
    }
    Ok(())
}

fn must(holds: bool, key: &str, value: &str, fix: &str) -> Result<(), String> {
    if holds {
        return Ok(());
    }
    Err(format!("{key}: `{value}` cannot be used; {fix}"))
}

fn is_name(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    !text.is_empty() && text.bytes().all(fits)
}

fn is_upper(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
    !text.is_empty() && text.bytes().all(fits)
}
