//! The emulator, judged by the cases that judge endpoints: fixtures, judge and emulator were
//! written from the same documents and must agree.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::io;

use tegata_conformance::case::{Case, Provider, Suite};
use tegata_conformance::emulator::{
    ClockMode, Config, Emulator, FujitsuAispfClient, JootoClient, MarketoClient,
};
use tegata_conformance::fixture::Values;
use tegata_conformance::report::Verdict;
use tegata_conformance::script::{Endpoint, knock};

struct Emulated {
    emulator: Emulator,
    prefix: String,
}

impl Endpoint for Emulated {
    fn origin(&self) -> &str {
        self.emulator.base_url()
    }

    fn prefix(&self) -> &str {
        &self.prefix
    }

    async fn advance(&self, seconds: u64) -> io::Result<()> {
        self.emulator
            .advance(std::time::Duration::from_secs(seconds));
        Ok(())
    }
}

/// An emulator that knows the credentials of the fixtures.
fn emulated(suite: &Suite, provider: Provider) -> Emulated {
    let values = |provider| suite.fixtures.values(provider);
    let get = |values: &Values, name: &str| values.get(name).unwrap().to_owned();
    let fujitsu = values(Provider::FujitsuAispf);
    let jooto = values(Provider::Jooto);
    let marketo = values(Provider::Marketo);
    let mut config = Config::default();
    config.emulator.clock = ClockMode::Frozen;
    config.fujitsu_aispf.api_keys = vec![get(&fujitsu, "api-key"), get(&fujitsu, "api-key-2")];
    config.fujitsu_aispf.clients = vec![FujitsuAispfClient {
        id: get(&fujitsu, "client-id"),
        secret: get(&fujitsu, "client-secret"),
    }];
    config.jooto.api_keys = vec![get(&jooto, "api-key")];
    config.jooto.clients = vec![JootoClient {
        id: get(&jooto, "client-id"),
        secret: get(&jooto, "client-secret"),
        redirect_uris: vec![
            get(&jooto, "redirect-uri"),
            get(&jooto, "other-redirect-uri"),
        ],
        organization_ids: vec![1, get(&jooto, "organization").parse().unwrap()],
    }];
    config.marketo.clients = [
        ("client-id", "client-secret"),
        ("client-id-b", "client-secret-b"),
    ]
    .map(|(id, secret)| MarketoClient {
        id: get(&marketo, id),
        secret: get(&marketo, secret),
        user: get(&marketo, "user"),
    })
    .to_vec();
    Emulated {
        emulator: Emulator::start(config).unwrap_or_else(|error| panic!("{error}")),
        prefix: format!("/{}", provider.name()),
    }
}

fn for_servers(suite: &Suite) -> impl Iterator<Item = &Case> {
    suite.cases.iter().filter(|case| case.role.judges_servers())
}

#[tokio::test]
async fn the_emulator_passes_every_case_for_endpoints() {
    let suite = Suite::embedded().unwrap_or_else(|error| panic!("{error}"));
    let mut failed = Vec::new();
    let mut count = 0;
    for case in for_servers(&suite) {
        count += 1;
        let endpoint = emulated(&suite, case.provider);
        let report = knock(&suite, case, &endpoint)
            .await
            .unwrap_or_else(|error| panic!("{error}"));
        if report.verdict != Verdict::Pass {
            failed.extend(report.failures().map(ToString::to_string));
        }
    }
    println!("{count} cases for endpoints");
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

/// An endpoint that knows nobody.
#[tokio::test]
async fn an_endpoint_with_other_credentials_fails() {
    let suite = Suite::embedded().unwrap_or_else(|error| panic!("{error}"));
    for id in [
        "fujitsu-aispf.v2.use",
        "jooto.key.header",
        "marketo.use.header",
    ] {
        let case = suite.case(id).unwrap();
        let endpoint = Emulated {
            emulator: Emulator::start(Config {
                fujitsu_aispf: tegata_conformance::emulator::FujitsuAispfConfig {
                    clients: Vec::new(),
                    ..Default::default()
                },
                jooto: tegata_conformance::emulator::JootoConfig {
                    api_keys: Vec::new(),
                    ..Default::default()
                },
                marketo: tegata_conformance::emulator::MarketoConfig {
                    clients: Vec::new(),
                    ..Default::default()
                },
                ..Default::default()
            })
            .unwrap_or_else(|error| panic!("{error}")),
            prefix: format!("/{}", case.provider.name()),
        };
        let report = knock(&suite, case, &endpoint).await.unwrap();
        assert_eq!(report.verdict, Verdict::Fail, "{id}");
    }
}
