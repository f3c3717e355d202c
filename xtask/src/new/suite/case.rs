//! One operation as a fixture and a case.

use std::fmt::Write as _;

use super::operation::{Credential, Operation};
use super::toml::{Toml, inline, quoted};
use super::{Citations, Input};

/// The text of the two files.
pub(super) struct Made {
    pub(super) fixture: String,
    pub(super) case: String,
    pub(super) is_assumed: bool,
}

/// The fixture and the case of an operation.
pub(super) fn make(
    input: &Input<'_>,
    operation: &Operation<'_>,
    stem: &str,
    citations: &mut Citations<'_>,
) -> Made {
    let call = format!("{} {}", operation.method, operation.path);
    let mut cite = vec![citations.vendor(
        stem,
        &operation.spot,
        &format!("How {} is called", operation.id),
    )];
    let made_up = operation.made_up.join(", ");
    if !made_up.is_empty() {
        let says = format!("{call} is a request that the API takes");
        let note = format!("The document gives no example of {made_up}");
        cite.push(citations.assumed(stem, &says, &note));
    }
    let answered = match operation.answer.body.as_ref().map(|it| &it.spot) {
        // The same place vouches for the request.
        None => cite[0].clone(),
        Some(Some(spot)) => {
            let says = format!("An example of what {} answers", operation.id);
            citations.vendor(&format!("{stem}-answer"), spot, &says)
        }
        Some(None) => {
            let says = format!("What {} answers", operation.id);
            citations.assumed(
                &format!("{stem}-answer"),
                &says,
                "The document gives no example of the answer",
            )
        }
    };
    let is_assumed = !made_up.is_empty() || operation.credential == Credential::Open;
    Made {
        fixture: fixture(operation, &call, &cite, &answered),
        case: case(input, operation, stem, &cite, is_assumed, citations),
        is_assumed,
    }
}

fn fixture(operation: &Operation<'_>, call: &str, cite: &[String], answered: &str) -> String {
    let mut toml = Toml::default();
    toml.text("operation", &operation.id);
    toml.text("title", call);
    toml.texts("cite", cite.iter().map(String::as_str));
    toml.table("request");
    toml.text("method", &operation.method);
    toml.text("path", &operation.path);
    let mut query = operation.query.clone();
    let mut headers = Vec::new();
    match &operation.credential {
        Credential::Bearer => headers.push("authorization: Bearer ${token-1}".to_owned()),
        Credential::Header(name) => headers.push(format!("{name}: ${{api-key}}")),
        Credential::Query(name) => query.push((name.clone(), "${api-key}".to_owned())),
        Credential::Absent | Credential::Open => {}
    }
    if operation.body.is_some() {
        headers.push("content-type: application/json".to_owned());
    }
    if !query.is_empty() {
        let query: Vec<String> = query
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        toml.texts("query", query.iter().map(String::as_str));
    }
    if !headers.is_empty() {
        toml.texts("headers", headers.iter().map(String::as_str));
    }
    if let Some(body) = &operation.body {
        toml.text("body", &body.value.to_string());
    }
    toml.table("answer.ok");
    toml.texts("cite", std::iter::once(answered));
    toml.raw("status", &operation.answer.status.to_string());
    if let (Some(kind), Some(body)) = (&operation.answer.content_type, &operation.answer.body) {
        toml.texts(
            "headers",
            std::iter::once(format!("content-type: {kind}").as_str()),
        );
        toml.text("body", &body.value.to_string());
    }
    toml.finish()
}

fn case(
    input: &Input<'_>,
    operation: &Operation<'_>,
    stem: &str,
    cite: &[String],
    is_assumed: bool,
    citations: &mut Citations<'_>,
) -> String {
    let mut cite = cite.to_vec();
    if is_assumed && cite.len() == 1 {
        let says = format!(
            "Which credential {} carries is up to the client",
            operation.id
        );
        let note = "It is none that a case can name, or one of several";
        cite.push(citations.assumed(stem, &says, note));
    }
    let mut toml = Toml::default();
    toml.text("id", &format!("{}.operation.{stem}", input.name));
    toml.text(
        "title",
        &format!("{} is called as its document says", operation.id),
    );
    toml.text("provider", input.name);
    toml.text("operation", &operation.id);
    toml.text("role", "client");
    toml.text("level", if is_assumed { "probe" } else { "must" });
    toml.text("evidence", if is_assumed { "assumed" } else { "vendor" });
    toml.texts("cite", cite.iter().map(String::as_str));
    let (auth, needs) = match operation.credential {
        Credential::Bearer => ("oauth2", "given-tokens"),
        _ => ("api-key", "api-key"),
    };
    toml.texts("needs", std::iter::once(needs));
    if !is_assumed {
        let wrong =
            r#"[{ on = "call", do = { path-prefix = "/wrong" }, killed_by = "call.path" }]"#;
        toml.raw("mutants", wrong);
    }
    toml.table("given");
    toml.text("auth", auth);
    if auth == "oauth2" {
        toml.raw("tokens", r#"{ access = "token-1", expires_in = 3600 }"#);
    }
    toml.table("[step]");
    toml.text("name", "first");
    let mut call = format!(
        "method = {}, path = {}",
        quoted(&operation.method),
        quoted(&operation.target())
    );
    if let Some(body) = &operation.body {
        let _ = write!(call, ", json = {}", quoted(&body.value.to_string()));
    }
    toml.raw("do", &format!("{{ call = {{ {call} }} }}"));
    toml.raw(
        "outcome",
        &format!(
            "{{ result = \"ok\", status = {} }}",
            operation.answer.status
        ),
    );
    toml.table("[step.exchange]");
    toml.text("name", "call");
    toml.text("respond", &format!("{}/{stem}.ok", input.name));
    toml.text("method", &operation.method);
    toml.text("path", &operation.path);
    if !operation.query.is_empty() {
        let wanted: Vec<_> = operation
            .query
            .iter()
            .map(|(name, value)| (name.clone(), quoted(value)))
            .collect();
        toml.raw("query", &format!("{{ require = {} }}", inline(&wanted)));
    }
    let members = operation.members();
    if !members.is_empty() {
        toml.raw("json", &format!("{{ require = {} }}", inline(&members)));
    }
    match &operation.credential {
        Credential::Absent => toml.text("credential", "absent"),
        Credential::Bearer => toml.raw("credential", r#"{ bearer = "token-1" }"#),
        Credential::Header(name) => {
            toml.raw(
                "credential",
                &format!("{{ header = [{}, \"api-key\"] }}", quoted(name)),
            );
        }
        Credential::Query(name) => {
            toml.raw(
                "credential",
                &format!("{{ query = [{}, \"api-key\"] }}", quoted(name)),
            );
        }
        Credential::Open => {}
    }
    toml.finish()
}
