//! What the specs allow and forbid, against the generated types, the emulator and our clients.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tegata_emulator::{Endpoint, Fault, Provider};
use tegata_fujitsu_aispf::api::types as aispf;
use tegata_jooto::api::types as jooto;
use tegata_marketo::api::types as marketo;
use tegata_suite::case;

use crate::schema::{Negated, Spec};
use crate::types::round_trip;
use crate::{cases, runtime};
use tegata_test_support::Flow;
use tegata_test_support::loopback::{AISPF_ID, AISPF_SECRET, Loopback, MARKETO_ID, MARKETO_SECRET};
use tegata_test_support::shown::Shown;

/// The value after reading and writing it by a generated type.
struct Type {
    provider: &'static str,
    schema: &'static str,
    alike: fn(&Value) -> Result<(), TestCaseError>,
    reads: fn(&Value) -> bool,
}

fn reads<T: DeserializeOwned>(json: &Value) -> bool {
    serde_json::from_value::<T>(json.clone()).is_ok()
}

const fn of<T: Serialize + DeserializeOwned>(provider: &'static str, schema: &'static str) -> Type {
    Type {
        provider,
        schema,
        alike: round_trip::<T>,
        reads: reads::<T>,
    }
}

/// One row for each schema that is an object: a new one needs its type here, and nothing else.
const TYPES: [Type; 11] = [
    of::<aispf::TokenRequest>("fujitsu-aispf", "TokenRequest"),
    of::<aispf::Token>("fujitsu-aispf", "Token"),
    of::<aispf::LegacyTokenRequest>("fujitsu-aispf", "LegacyTokenRequest"),
    of::<aispf::LegacyRefreshRequest>("fujitsu-aispf", "LegacyRefreshRequest"),
    of::<aispf::LegacyToken>("fujitsu-aispf", "LegacyToken"),
    of::<jooto::TokenRequest>("jooto", "TokenRequest"),
    of::<jooto::Token>("jooto", "Token"),
    of::<jooto::Organization>("jooto", "Organization"),
    of::<marketo::TokenRequest>("marketo", "TokenRequest"),
    of::<marketo::Token>("marketo", "Token"),
    of::<marketo::DescribeLeadResponse>("marketo", "DescribeLeadResponse"),
];

#[test]
fn every_object_of_the_specs_has_a_type_here() {
    // It comes inside of an answer, and is reached there.
    let inner = [("marketo", "ApiError")];
    for provider in case::Provider::all().iter().map(|one| one.name()) {
        let here = TYPES.iter().filter(|row| row.provider == provider);
        let inner = inner.iter().filter(|(of, _)| *of == provider);
        let here: BTreeSet<&str> = here
            .map(|row| row.schema)
            .chain(inner.map(|(_, schema)| *schema))
            .collect();
        let spec = Spec::of(provider);
        assert_eq!(here, spec.objects().into_iter().collect(), "{provider}");
    }
}

/// So many values of a strategy, always the same ones.
fn some<T: std::fmt::Debug>(strategy: &BoxedStrategy<T>) -> Vec<T> {
    let mut runner = TestRunner::deterministic();
    let values = (0..200).map(|_| strategy.new_tree(&mut runner).expect("a value").current());
    values.collect()
}

#[test]
fn values_that_a_spec_allows_are_read_and_written_alike() {
    for row in &TYPES {
        for value in some(&Spec::of(row.provider).positive(row.schema)) {
            let result = (row.alike)(&value);
            assert!(
                result.is_ok(),
                "{} {}: {result:?}",
                row.provider,
                row.schema
            );
        }
    }
}

#[test]
fn values_that_a_spec_forbids_are_not_read() {
    for row in &TYPES {
        // Anything is one.
        if row.schema == "Organization" {
            continue;
        }
        let mut ways = BTreeSet::new();
        for (why, value) in some(&Spec::of(row.provider).negated(row.schema)) {
            ways.insert(why);
            let read = (row.reads)(&value);
            assert!(!read, "{} {}: {why}: {value}", row.provider, row.schema);
        }
        assert!(
            ways.contains("missing") && ways.contains("type"),
            "{ways:?}"
        );
    }
}

#[test]
fn a_changed_spec_changes_what_is_generated() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../specs/marketo.yaml");
    let spec = std::fs::read_to_string(path).expect("the spec");
    let folder = tempfile::tempdir().expect("a folder");
    let changed = folder.path().join("changed.yaml");
    let text = spec
        .replace("access_token", "another_name")
        .replace("enum: [client_credentials]", "enum: [another_grant]");
    std::fs::write(&changed, text).expect("written");
    let changed = Spec::load(&changed);
    for value in some(&changed.positive("Token")) {
        assert!(value["another_name"].is_string(), "{value}");
        assert!(value["access_token"].is_null(), "{value}");
        assert!(
            !reads::<marketo::Token>(&value),
            "the type is that of before"
        );
    }
    for value in some(&changed.positive("TokenRequest")) {
        assert_eq!(value["grant_type"], "another_grant");
    }
    let without = some(&changed.negated("Token"));
    let missing = without.iter().filter(|(why, _)| *why == "missing");
    assert!(
        missing
            .clone()
            .any(|(_, value)| value["another_name"].is_null()),
        "the new name goes missing, too"
    );
}

/// Answers that a flow's token endpoint may not give.
fn answers(flow: Flow) -> BoxedStrategy<Negated> {
    let schema = match flow {
        Flow::AispfLegacy => "LegacyToken",
        _ => "Token",
    };
    Spec::of(flow.provider().name()).negated(schema)
}

/// A canary in every text.
fn marked(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(format!("CANARY{text}")),
        Value::Array(items) => items.into_iter().map(marked).collect(),
        Value::Object(members) => {
            let members = members.into_iter();
            Value::Object(members.map(|(name, one)| (name, marked(one))).collect())
        }
        other => other,
    }
}

/// A request of the kind that the spec describes, with credentials that the emulator knows.
fn known(mut request: Value, id: (&str, &str), secret: (&str, &str)) -> Value {
    for (name, value) in [id, secret] {
        if request[name].is_string() {
            request[name] = value.into();
        }
    }
    request
}

/// The status that the emulator answers a token request with.
async fn asked(loopback: &Loopback, provider: Provider, path: &str, request: &Value) -> u16 {
    let url = format!("{}{path}", loopback.url(provider));
    let http = tegata::reqwest::Client::builder().no_proxy().build();
    let http = http.expect("a client");
    let request = match provider {
        Provider::Marketo => http.post(url).form(request),
        _ => http.post(url).json(request),
    };
    let answer = request.send().await.expect("an answer");
    answer.status().as_u16()
}

#[tokio::test]
async fn the_emulator_accepts_exactly_what_a_spec_allows() {
    let loopback = Loopback::start();
    let marketo = (
        Provider::Marketo,
        "/identity/oauth/token",
        "TokenRequest",
        ("client_id", MARKETO_ID),
        ("client_secret", MARKETO_SECRET),
    );
    let legacy = (
        Provider::FujitsuAispf,
        "/v1/tokens",
        "LegacyTokenRequest",
        ("clientId", AISPF_ID),
        ("clientSecret", AISPF_SECRET),
    );
    for (provider, path, schema, id, secret) in [marketo, legacy] {
        let spec = Spec::of(provider.name());
        for request in some(&spec.positive(schema)).into_iter().take(40) {
            let request = known(request, id, secret);
            let status = asked(&loopback, provider, path, &request).await;
            assert_eq!(status, 200, "{provider:?}: {request}");
        }
        for (why, request) in some(&spec.negated(schema)).into_iter().take(80) {
            let request = known(request, id, secret);
            // A form has texts only, and no member that is null or an object.
            let form = provider == Provider::Marketo;
            if form && !matches!(why, "missing" | "enum") {
                continue;
            }
            let status = asked(&loopback, provider, path, &request).await;
            assert!(
                (400..500).contains(&status),
                "{provider:?}: {why}: {status}: {request}"
            );
        }
    }
}

proptest! {
    #![proptest_config(cases(96))]

    #[test]
    fn invalid_answers_cause_no_panic_hang_or_leak(
        (flow, (why, value)) in prop::sample::select(&Flow::TOKENS[..])
            .prop_flat_map(|flow| (Just(flow), answers(flow))),
        oversized in any::<bool>(),
    ) {
        let runtime = runtime();
        let _guard = runtime.enter();
        let loopback = Loopback::start();
        let client = runtime.block_on(flow.cold(&loopback));
        let mut value = marked(value);
        if oversized && let Some(members) = value.as_object_mut() {
            members.insert("x-more".to_owned(), "CANARY".repeat(20_000).into());
        }
        let fault = Fault::on(Endpoint::Token).body("application/json", value.to_string());
        loopback.fault(flow.provider(), fault.status(200));
        let outcome = runtime.block_on(client.warm_up());
        let mut shown = Shown::default();
        shown.debug("the client", &client);
        if let Err(error) = outcome {
            shown.error("the error", &error);
        }
        prop_assert_eq!(shown.leak(&[]), None, "{}", why);
        let asked = loopback.token_requests(flow.provider()).len();
        // Of Marketo a dead token is asked for again, and a refresh is followed by an issue.
        prop_assert!(asked <= 4, "{}: {} requests", why, asked);
    }
}
