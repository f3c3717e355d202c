//! Whatever a server says, at whatever endpoint: it may repeat the request, secrets and all.

use tegata::Error;
use tegata_emulator::{Endpoint, Fault};

use crate::log;
use tegata_test_support::loopback::Loopback;
use tegata_test_support::shown::Shown;
use tegata_test_support::{Flow, Subject};

const STATUSES: [u16; 12] = [200, 204, 302, 400, 401, 403, 404, 418, 429, 500, 502, 599];

/// Bodies that repeat secrets where servers write codes, messages and tokens.
const BODIES: [(&str, &str); 14] = [
    (
        "application/json",
        r#"{"error":"CANARY","error_description":"CANARY"}"#,
    ),
    (
        "application/json",
        r#"{"error":"invalid_grant","error_description":"CANARY"}"#,
    ),
    (
        "application/json",
        r#"{"error":{"code":"CANARY","title":"CANARY","message":"CANARY"}}"#,
    ),
    (
        "application/json",
        r#"{"error":{"code":401,"message":"CANARY"}}"#,
    ),
    (
        "application/json",
        r#"{"errors":[{"message":"CANARY","resource":"CANARY"}]}"#,
    ),
    (
        "application/json",
        r#"{"success":false,"errors":[{"code":"CANARY","message":"CANARY"}]}"#,
    ),
    (
        "application/json",
        r#"{"success":false,"errors":[{"code":"606","message":"CANARY"}]}"#,
    ),
    (
        "application/json",
        r#"{"access_token":"CANARY","accessToken":"CANARY"}"#,
    ),
    (
        "application/json",
        r#"{"access_token":["CANARY"],"accessToken":{"CANARY":"CANARY"},"token_type":"CANARY"}"#,
    ),
    (
        "application/json",
        r#"{"access_token":"CANARY","accessToken":"CANARY","expires_in":"CANARY","expiresIn":"CANARY","token_type":"CANARY"}"#,
    ),
    ("application/json", r#""CANARY"#),
    ("text/html", "<html>CANARY</html>"),
    ("CANARY/CANARY", "CANARY"),
    ("application/json", ""),
];

fn faults(endpoint: Endpoint) -> impl Iterator<Item = (String, Fault)> {
    STATUSES.into_iter().flat_map(move |status| {
        BODIES.into_iter().map(move |(content_type, body)| {
            let fault = Fault::on(endpoint)
                .body(content_type, body)
                .status(status)
                .header("location", "https://CANARY.example/?code=CANARY")
                .header("retry-after", "CANARY")
                .header("www-authenticate", "Bearer error=\"CANARY\"")
                .header("x-request-id", "CANARY");
            (format!("{status} {body}"), fault)
        })
    })
}

fn look(shown: &mut Shown, by: &str, outcome: Result<(), Error>) {
    if let Err(error) = outcome {
        shown.error(by, &error);
    }
}

#[tokio::test]
async fn no_answer_of_a_token_endpoint_is_shown() {
    log::begin();
    let mut shown = Shown::default();
    for flow in Flow::TOKENS {
        let loopback = Loopback::start();
        for (by, fault) in faults(Endpoint::Token) {
            // A permanent rejection is remembered, so each answer gets a client of its own.
            let client = flow.cold(&loopback).await;
            loopback.fault(flow.provider(), fault);
            let by = format!("{flow:?}: {by}").replace("CANARY", "…");
            look(&mut shown, &by, client.warm_up().await);
            shown.debug(&*by, &client);
        }
    }
    assert!(shown.count() > 1000, "{}", shown.count());
    shown.assert_clean(&[]);
    log::assert_clean(&[]);
}

#[tokio::test]
async fn no_answer_of_a_service_is_shown() {
    log::begin();
    let mut shown = Shown::default();
    for flow in Flow::ALL {
        let loopback = Loopback::start();
        let client = flow.warm(&loopback).await;
        for (by, fault) in faults(Endpoint::Resource) {
            let by = format!("{flow:?}: {by}").replace("CANARY", "…");
            loopback.fault(flow.provider(), fault.clone());
            let request = client.post(flow.path(), "CANARY");
            let raw = match client.send(request).await {
                Ok(response) => {
                    shown.debug(&*by, &response);
                    response.error_for_status().await
                }
                Err(error) => Err(error),
            };
            let raw = raw.map(|response| {
                // A URL with a query is gone.
                let url = response.into_reqwest().url().clone();
                assert!(url.query().is_none(), "{url}");
            });
            look(&mut shown, &by, raw);
            loopback.fault(flow.provider(), fault);
            match &client {
                Subject::Aispf(_) => drop(client.get(flow.path()).await),
                Subject::Jooto(client) => {
                    let typed = client.api().get_organization(1).await;
                    shown.debug(&*by, &typed);
                    look(&mut shown, &by, typed.map(drop));
                }
                Subject::Marketo(client) => {
                    let typed = client.api().describe_lead().await;
                    shown.debug(&*by, &typed);
                    look(&mut shown, &by, typed.map(drop));
                }
            }
        }
        shown.debug(format!("{flow:?}"), &client);
    }
    assert!(shown.count() > 1000, "{}", shown.count());
    shown.assert_clean(&[]);
    log::assert_clean(&[]);
}
