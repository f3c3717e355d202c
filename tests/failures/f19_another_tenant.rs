//! Another tenant's token is served; or one key's pause delays another's.
//!
//! AzureAD/microsoft-authentication-library-for-dotnet#5743, lelylan/simple-oauth2#88, aws/aws-sdk-js-v3#8267

use std::collections::HashMap;

use tegata::Registry;
use tegata_emulator::{Endpoint, Fault, MarketoClient, Provider};
use tegata_marketo::Client;

use crate::support::Scene;
use tegata_test_support::loopback::HOUR;
use tegata_test_support::wire::{credential, query};
use tegata_test_support::{Flow, Subject};

/// More than there are places for copies of tokens on a thread, so that accounts get in each other's way.
const TENANTS: usize = 40;

fn scene() -> Scene {
    Scene::with(|config| {
        config.marketo.clients = (0..TENANTS)
            .map(|number| {
                MarketoClient::new(
                    format!("tenant-{number}"),
                    format!("CANARY-secret-{number}"),
                )
            })
            .collect();
    })
}

fn client(scene: &Scene, clients: &Registry<String, Client>, number: usize) -> Subject {
    let made = clients.get_or_try_insert_with(format!("tenant-{number}").as_str(), |id| {
        let secret = format!("CANARY-secret-{number}");
        scene
            .loopback
            .marketo(id, &secret)
            .settings(scene.settings())
            .build()
    });
    Subject::Marketo(made.expect("valid"))
}

#[tokio::test(start_paused = true)]
async fn no_tenant_is_ever_served_with_the_token_of_another() {
    let (scene, clients) = (scene(), Registry::new());
    let flow = Flow::MarketoGet;
    for round in 0_usize..12 {
        // In another order each time, all at once.
        let calls: Vec<_> = (0..TENANTS)
            .map(|place| (place * (2 * round + 1) + round) % TENANTS)
            .map(|number| {
                let client = client(&scene, &clients, number);
                tokio::spawn(async move {
                    // The path says whose call it is.
                    let path = format!("/rest/v1/leads.json?tenant={number}");
                    client.get(&path).await.expect("served")
                })
            })
            .collect();
        for call in calls {
            assert_eq!(call.await.expect("no panic"), 200);
        }
        if round % 3 == 2 {
            scene.loopback.advance(HOUR);
        }
    }
    // At the server: which tokens came with whose calls.
    let mut owner_of = HashMap::new();
    let calls = scene.loopback.calls(Provider::Marketo);
    assert_eq!(calls.len(), 12 * TENANTS);
    for call in &calls {
        let (_, tenant) = query(call)
            .into_iter()
            .find(|(name, _)| name == "tenant")
            .expect("there");
        let owner = owner_of
            .entry(credential(call))
            .or_insert_with(|| tenant.clone());
        assert_eq!(*owner, tenant, "two tenants carry one token");
    }
    // Each got one at first, and one after each of three expiries.
    assert_eq!(owner_of.len(), 4 * TENANTS);
    assert_eq!(scene.asked(flow), 4 * TENANTS);
}

#[tokio::test(start_paused = true)]
async fn the_pause_of_one_tenant_delays_no_other() {
    let (scene, clients) = (scene(), Registry::new());
    let busy = Fault::on(Endpoint::Token).status(429).retry_after(200);
    scene.loopback.fault(Provider::Marketo, busy);
    let path = Flow::MarketoGet.path();
    let paused = client(&scene, &clients, 0);
    paused.get(path).await.expect_err("paused");
    for number in 1..TENANTS {
        let other = client(&scene, &clients, number);
        assert_eq!(
            other.get(path).await.expect("served at once"),
            200,
            "tenant {number}"
        );
    }
    assert_eq!(scene.time.passed(), std::time::Duration::ZERO);
    let error = paused.get(path).await.expect_err("still paused");
    assert_eq!(error.status().map(u16::from), Some(429), "{error:?}");
    assert_eq!(scene.asked(Flow::MarketoGet), TENANTS);
    scene.pass(std::time::Duration::from_secs(200)).await;
    assert_eq!(paused.get(path).await.expect("its time has come"), 200);
}
