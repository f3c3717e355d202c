//! Whatever a server answers: no panic, no second try without need, and nothing of it shown.

use proptest::prelude::*;
use serde_json::{Map, Value, json};
use tegata_emulator::{Endpoint, Fault};

use crate::types::{any_json, any_object};
use crate::{cases, runtime};
use tegata_test_support::loopback::Loopback;
use tegata_test_support::shown::Shown;
use tegata_test_support::{Flow, Subject};

/// The members in which our clients look for something.
const KNOWN: [&str; 18] = [
    "access_token",
    "accessToken",
    "token_type",
    "expires_in",
    "expiresIn",
    "refresh_token",
    "refreshToken",
    "scope",
    "error",
    "error_description",
    "error_code",
    "errors",
    "code",
    "message",
    "success",
    "result",
    "warnings",
    "requestId",
];

/// Puts the canary into every text and every unknown name.
fn marked(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(format!("CANARY{text}")),
        Value::Array(items) => items.into_iter().map(marked).collect(),
        Value::Object(members) => members
            .into_iter()
            .map(|(name, value)| (format!("CANARY{name}"), marked(value)))
            .collect(),
        other => other,
    }
}

/// An answer in which known members hold anything.
fn body() -> impl Strategy<Value = String> {
    let known = prop::collection::vec((prop::sample::select(&KNOWN[..]), any_json()), 0..5);
    let listed = prop::collection::vec((prop::sample::select(&KNOWN[..]), any_json()), 1..3);
    let object =
        (any_object(), known, prop::option::of(listed)).prop_map(|(more, known, listed)| {
            let Value::Object(mut members) = marked(Value::Object(more)) else {
                return String::new();
            };
            members.extend(known.into_iter().map(|(n, v)| (n.to_owned(), marked(v))));
            if let Some(listed) = listed {
                let error: Map<_, _> = listed
                    .into_iter()
                    .map(|(n, v)| (n.to_owned(), marked(v)))
                    .collect();
                members.insert("errors".to_owned(), json!([error]));
            }
            Value::Object(members).to_string()
        });
    prop_oneof![
        4 => object,
        1 => any_json().prop_map(|value| marked(value).to_string()),
        1 => ".{0,40}".prop_map(|text| format!("CANARY{text}")),
    ]
}

fn fault(endpoint: Endpoint, status: u16, content_type: &str, body: String) -> Fault {
    Fault::on(endpoint).body(content_type, body).status(status)
}

fn statuses() -> impl Strategy<Value = u16> {
    prop_oneof![3 => Just(200), 1 => Just(400), 2 => Just(401), 2 => 200..600_u16]
}

fn content_types() -> impl Strategy<Value = &'static str> {
    prop::sample::select(
        &[
            "application/json",
            "application/json;charset=UTF-8",
            "application/problem+json",
            "text/html",
            "CANARY/CANARY",
        ][..],
    )
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn no_answer_of_a_token_endpoint_is_shown(
        flow in prop::sample::select(&Flow::TOKENS[..]),
        status in statuses(),
        content_type in content_types(),
        body in body(),
    ) {
        let runtime = runtime();
        let _guard = runtime.enter();
        let loopback = Loopback::start();
        let client = runtime.block_on(flow.cold(&loopback));
        let before = loopback.counts(flow.provider()).token_requests;
        loopback.fault(flow.provider(), fault(Endpoint::Token, status, content_type, body));
        let outcome = runtime.block_on(client.warm_up());
        let asked = loopback.counts(flow.provider()).token_requests - before;
        // Only of Marketo a dead token is asked for again.
        prop_assert!((1..=3).contains(&asked), "{asked} requests");
        let mut shown = Shown::default();
        shown.debug("the client", &client);
        if let Err(error) = outcome {
            shown.error("the error", &error);
        }
        prop_assert_eq!(shown.leak(&[]), None);
    }

    #[test]
    fn no_answer_of_a_service_is_shown(
        flow in prop::sample::select(&[Flow::JootoKey, Flow::JootoOAuth2, Flow::MarketoGet][..]),
        status in statuses(),
        content_type in content_types(),
        body in body(),
    ) {
        let runtime = runtime();
        let _guard = runtime.enter();
        let loopback = Loopback::start();
        let client = runtime.block_on(flow.warm(&loopback));
        loopback.fault(flow.provider(), fault(Endpoint::Resource, status, content_type, body));
        let mut shown = Shown::default();
        let error = runtime.block_on(async {
            match &client {
                Subject::Jooto(client) => {
                    let reply = client.api().get_organization(1).await;
                    shown.debug("the reply", &reply);
                    reply.err()
                }
                Subject::Marketo(client) => {
                    let reply = client.api().describe_lead().await;
                    shown.debug("the reply", &reply);
                    reply.err()
                }
                Subject::Aispf(_) => None,
            }
        });
        if let Some(error) = error {
            shown.error("the error", &error);
        }
        prop_assert_eq!(shown.leak(&[]), None);
        let calls = loopback.calls(flow.provider());
        prop_assert!(calls.len() <= 2, "{} calls", calls.len());
        prop_assert!(loopback.token_requests(flow.provider()).len() <= 1);
    }
}
