//! A recording is data of the suite: it can be read, has no findings, and can be sent
//! once more.

use std::io;
use std::time::Duration;

use tegata_conformance::case::Suite;
use tegata_conformance::fixture::check_fixtures;
use tegata_conformance::record::find_leak;
use tegata_conformance::report::Verdict;
use tegata_conformance::script::{Endpoint, run_endpoint_case};
use tegata_emulator::{ClockMode, Config, Emulator, MarketoClient};

use crate::support::{
    AISPF_SECRET, KEY, MARKETO_SECRET, before, emulator, files, folder, request, send, server_named,
};

const TOKEN: &str = "/identity/oauth/token?grant_type=client_credentials&client_id=marketo-client\
                     &client_secret=CANARY-marketo-secret";

struct Emulated(Emulator);

impl Endpoint for Emulated {
    fn origin(&self) -> &str {
        self.0.base_url()
    }

    fn prefix(&self) -> &'static str {
        "/marketo"
    }

    async fn advance(&self, seconds: u64) -> io::Result<()> {
        self.0.advance(Duration::from_secs(seconds));
        Ok(())
    }
}

/// An emulator that knows one client of Marketo.
fn knowing(id: &str, secret: &str) -> Emulated {
    let mut config = Config::default();
    config.emulator.clock = ClockMode::Frozen;
    let mut client = MarketoClient::new(id, secret);
    client.user = String::from("someone@example.com");
    config.marketo.clients = vec![client];
    Emulated(Emulator::start(config).unwrap_or_else(|error| panic!("{error}")))
}

#[tokio::test]
async fn a_recording_is_read_as_a_suite_and_sent_once_more() {
    let (emulator, place) = (emulator(), folder());
    let recorder = before(&emulator, "marketo", place.path()).await;
    let issued = send(
        &recorder,
        server_named("identity"),
        &request("GET", TOKEN, &[], ""),
    )
    .await;
    let token: serde_json::Value = serde_json::from_slice(&issued.body).unwrap();
    let token = token["access_token"].as_str().unwrap().to_owned();
    let bearer = format!("Bearer {token}");
    let call = request(
        "GET",
        "/rest/v1/leads/describe.json",
        &[("Authorization", &bearer)],
        "",
    );
    for _ in 0..2 {
        let answered = send(&recorder, server_named("rest"), &call).await;
        assert_eq!(answered.status, 200, "{answered:?}");
    }
    let summary = recorder.stop().unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(summary.dropped, Vec::<String>::new());
    assert_eq!(
        summary.fixtures,
        [
            "marketo/get-identity-oauth-token.s200",
            "marketo/get-rest-v1-leads-describejson.s200",
            "marketo/get-rest-v1-leads-describejson.s200-2"
        ]
    );

    let recorded = Suite::from_folder(place.path()).unwrap_or_else(|error| panic!("{error}"));
    let findings = check_fixtures(&recorded.fixtures, &recorded.registry, &recorded.providers);
    assert!(findings.is_empty(), "{findings:?}");
    let case = recorded.case("marketo.recorded").unwrap();
    let endpoint = knowing("another-client", "CANARY-recorded-client-secret-end");
    let values = recorded.fixtures.values("marketo".parse().unwrap());
    let id = values.get("client-id").unwrap();
    let same = knowing(id, values.get("client-secret").unwrap());
    let report = run_endpoint_case(&recorded, case, &same).await.unwrap();
    assert_eq!(report.verdict, Verdict::Pass, "{report:?}");
    // The replay can fail: an endpoint with other credentials answers something else.
    let report = run_endpoint_case(&recorded, case, &endpoint).await.unwrap();
    assert_eq!(report.verdict, Verdict::Info, "{report:?}");

    for (name, bytes) in files(place.path()) {
        let secrets = [
            MARKETO_SECRET,
            token.as_str(),
            "marketo-client",
            "apis@acmeinc.com",
        ];
        assert_eq!(find_leak(&bytes, secrets), None, "{name}");
    }
}

#[tokio::test]
async fn every_credential_of_aispf_is_recorded_by_name() {
    use base64::Engine as _;
    let (emulator, place) = (emulator(), folder());
    let recorder = before(&emulator, "fujitsu-aispf", place.path()).await;
    let pair = base64::engine::general_purpose::STANDARD.encode("aispf-client:CANARY-aispf-secret");
    let form = ("content-type", "application/x-www-form-urlencoded");
    let basic = format!("Basic {pair}");
    let grant = "grant_type=client_credentials";
    let issue = request(
        "POST",
        "/v2/tokens",
        &[("authorization", &basic), form],
        grant,
    );
    let issued = send(&recorder, server_named("auth"), &issue).await;
    assert_eq!(issued.status, 200, "{issued:?}");
    let json = ("content-type", "application/json");
    let body = "{\"clientId\":\"aispf-client\",\"clientSecret\":\"CANARY-aispf-secret\"}";
    send(
        &recorder,
        server_named("auth"),
        &request("POST", "/v1/tokens", &[json], body),
    )
    .await;
    let call = request("GET", "/da/v1/jobs/4711", &[("X-Api-Key", KEY)], "");
    send(&recorder, server_named("services"), &call).await;
    recorder.stop().unwrap_or_else(|error| panic!("{error}"));

    let all = files(place.path());
    let text = |part: &str| {
        let names: Vec<&String> = all.iter().map(|(name, _)| name).collect();
        let file = all.iter().find(|(name, _)| name.contains(part));
        let file = file.unwrap_or_else(|| panic!("no {part} among {names:?}"));
        String::from_utf8(file.1.clone()).unwrap()
    };
    let fixture = text("post-v2-tokens.toml");
    assert!(
        fixture.contains("authorization: Basic ${basic:client-id:client-secret}"),
        "{fixture}"
    );
    assert!(
        fixture.contains("grant_type=client_credentials"),
        "{fixture}"
    );
    assert!(text("post-v1-tokens.toml").contains("clientSecret = \"${client-secret}\""));
    let fixture = text("get-da-v1-path");
    assert!(fixture.contains("x-api-key: ${api-key}") || fixture.contains("X-Api-Key: ${api-key}"));
    for (name, bytes) in &all {
        let secrets = [KEY, AISPF_SECRET, "aispf-client", "4711", pair.as_str()];
        assert_eq!(find_leak(bytes, secrets), None, "{name}");
    }
}
