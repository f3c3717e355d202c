//! A redirect carries the credential, or the body of the token request, to another origin.
//!
//! golang/oauth2#500, golang/oauth2#805, spiceai/spiceai#12495 (reqwest, `X-API-Key`), Gitlawb/zero#729

use tegata::reqwest::Method;
use tegata_emulator::{Endpoint, Fault};

use crate::support::{PAUSE, Scene};
use tegata_test_support::Flow;
use tegata_test_support::raw::RawServer;

const STATUSES: [u16; 5] = [301, 302, 303, 307, 308];

#[tokio::test(start_paused = true)]
async fn no_redirect_carries_a_token_request_anywhere() {
    for flow in Flow::TOKENS {
        let scene = Scene::begin();
        let client = scene.cold(flow).await;
        let elsewhere = RawServer::silent().await;
        let same = scene.loopback.url(flow.provider());
        let origins = [elsewhere.origin(), &same];
        let mut asked = 0;
        for (status, origin) in STATUSES
            .iter()
            .flat_map(|s| origins.map(|origin| (*s, origin)))
        {
            let redirect = Fault::on(Endpoint::Token).status(status).empty();
            let redirect = redirect.header("location", &format!("{origin}/v2/tokens"));
            scene.loopback.fault(flow.provider(), redirect);
            let error = client.get(flow.path()).await.expect_err("no token");
            assert_eq!(error.status().map(u16::from), Some(status), "{flow:?}");
            asked += 1;
            assert_eq!(scene.asked(flow), asked, "{flow:?}: {status} was followed");
            scene.pass(60 * PAUSE).await;
        }
        assert_eq!(elsewhere.seen(), [""; 0], "{flow:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn no_redirect_carries_the_credential_of_a_call_anywhere() {
    for flow in Flow::ALL {
        let scene = Scene::begin();
        let client = scene.warm(flow).await;
        let elsewhere = RawServer::silent().await;
        for status in STATUSES {
            let redirect = Fault::on(Endpoint::Resource).status(status).empty();
            let redirect = redirect.header("location", &format!("{}/v1", elsewhere.origin()));
            scene.loopback.fault(flow.provider(), redirect);
            let answer = client.send(client.request(Method::GET, flow.path())).await;
            assert_eq!(
                answer.expect("the redirect itself").status(),
                status,
                "{flow:?}"
            );
        }
        assert_eq!(scene.carried(flow).len(), STATUSES.len(), "{flow:?}");
        assert_eq!(elsewhere.seen(), [""; 0], "{flow:?}");
    }
}

#[test]
fn no_credential_is_sent_in_the_open() {
    let open = "http://api.example.com";
    let aispf =
        || tegata_fujitsu_aispf::Client::builder(tegata_fujitsu_aispf::OAuth2::new("id", "CANARY"));
    let builds = [
        tegata_fujitsu_aispf::Client::builder(tegata_fujitsu_aispf::ApiKey::new("CANARY"))
            .base_url(open)
            .build()
            .map(drop),
        aispf().base_url(open).build().map(drop),
        aispf().auth_url(open).build().map(drop),
        tegata_jooto::Client::builder("CANARY")
            .base_url(open)
            .build()
            .map(drop),
        tegata_jooto::App::builder("id", "CANARY", "https://c.example/")
            .oauth_url(open)
            .build()
            .map(drop),
        tegata_marketo::Client::builder("id", "CANARY")
            .base_url(open)
            .build()
            .map(drop),
    ];
    for (number, built) in builds.into_iter().enumerate() {
        let error = built.expect_err("in the open");
        assert!(
            error.is_configuration() && error.to_string().contains("https"),
            "{number}: {error}"
        );
    }
}
