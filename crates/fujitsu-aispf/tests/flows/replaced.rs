//! Credentials that are replaced while a client is in use.

use std::time::Duration;

use tegata::{Error, ErrorKind, RenewalPolicy};
use tegata_emulator::{Config, FujitsuAispfClient, Provider};
use tegata_fujitsu_aispf::{
    ApiKey, BasicEncoding, Client, ClientBuilder, LegacyFields, LegacyOAuth, OAuth2,
};
use tegata_test_support::loopback::{AISPF_ID, AISPF_PRIMARY, AISPF_SECONDARY, Loopback};
use tegata_test_support::{Subject, facts};

const JOBS: &str = "/da/v2/async/jobs";
const AISPF: Provider = Provider::FujitsuAispf;

fn built(builder: ClientBuilder) -> (Client, Subject) {
    let client = builder.build().expect("valid settings");
    (client.clone(), Subject::Aispf(client))
}

/// An emulator whose client has another secret than before.
fn with_new_secret() -> Loopback {
    Loopback::with(|config: &mut Config| {
        config.fujitsu_aispf.clients = vec![FujitsuAispfClient::new(AISPF_ID, "CANARY-new")];
    })
}

#[tokio::test]
async fn a_new_key_goes_out_with_the_next_request() {
    let loopback = Loopback::start();
    let (client, calls) = built(loopback.aispf_key("CANARY-former"));
    let error = calls.get(JOBS).await.expect_err("no such key");
    assert_eq!(error.kind(), ErrorKind::CredentialRejected);
    let new = client.replace_credentials(ApiKey::new(AISPF_PRIMARY));
    new.expect("one key for one");
    assert_eq!(calls.get(JOBS).await.expect("accepted"), 200);
}

#[tokio::test]
async fn new_keys_are_tried_in_their_own_order() {
    let loopback = Loopback::start();
    let (client, calls) = built(loopback.aispf_keys("CANARY-a", AISPF_SECONDARY));
    assert_eq!(calls.get(JOBS).await.expect("by the second"), 200);
    let keys = ApiKey::new(AISPF_PRIMARY).secondary("CANARY-b");
    client.replace_credentials(keys).expect("two keys for two");
    let before = loopback.calls(AISPF).len();
    assert_eq!(calls.get(JOBS).await.expect("by the first"), 200);
    assert_eq!(loopback.calls(AISPF).len(), before + 1);
    // From here on the second of the new pair is the one to fall back on.
    let keys = ApiKey::new("CANARY-c").secondary(AISPF_PRIMARY);
    client.replace_credentials(keys).expect("two keys for two");
    assert_eq!(calls.get(JOBS).await.expect("by the second"), 200);
}

#[tokio::test]
async fn a_new_secret_ends_the_refusal_of_the_former() {
    for is_legacy in [false, true] {
        let loopback = with_new_secret();
        let builder = if is_legacy {
            loopback.aispf_legacy(AISPF_ID, "CANARY-former")
        } else {
            loopback.aispf_oauth2(AISPF_ID, "CANARY-former")
        };
        let (client, calls) =
            built(builder.renewal(RenewalPolicy::new().retry_interval(Duration::from_secs(3600))));
        for _ in 0..2 {
            let error = calls.get(JOBS).await.expect_err("a wrong secret");
            assert_eq!(error.kind(), ErrorKind::TokenDenied, "{:?}", facts(&error));
        }
        let asked = loopback.token_requests(AISPF).len();
        let new: Result<(), Error> = if is_legacy {
            client.replace_credentials(LegacyOAuth::new(AISPF_ID, "CANARY-new"))
        } else {
            client.replace_credentials(OAuth2::new(AISPF_ID, "CANARY-new"))
        };
        new.expect("the same client id");
        assert_eq!(calls.get(JOBS).await.expect("accepted"), 200);
        assert_eq!(loopback.token_requests(AISPF).len(), asked + 1);
    }
}

#[tokio::test]
async fn credentials_of_another_kind_are_refused_and_change_nothing() {
    let loopback = Loopback::start();
    let (client, calls) = built(loopback.aispf_key(AISPF_PRIMARY));
    for (new, why) in [
        (
            client.replace_credentials(OAuth2::new("id", "CANARY")),
            "build another client",
        ),
        (
            client.replace_credentials(ApiKey::new("CANARY\n")),
            "control character",
        ),
        (
            client.replace_credentials(ApiKey::new("CANARY").secondary("CANARY-2")),
            "give one",
        ),
    ] {
        let error = new.expect_err(why);
        assert!(
            error.is_configuration() && error.to_string().contains(why),
            "{error}"
        );
        assert!(!format!("{error:?}").contains("CANARY"), "{error:?}");
    }
    assert_eq!(calls.get(JOBS).await.expect("the former key"), 200);
    let (client, _) = built(loopback.aispf_oauth2(AISPF_ID, "CANARY"));
    let other = client.replace_credentials(OAuth2::new("other", "CANARY"));
    assert!(other.expect_err("another client id").is_configuration());
    let form = OAuth2::new(AISPF_ID, "CANARY").basic_encoding(BasicEncoding::Form);
    let error = client
        .replace_credentials(form)
        .expect_err("another encoding");
    assert!(error.to_string().contains("the encoding"), "{error}");
    let (client, _) = built(loopback.aispf_legacy(AISPF_ID, "CANARY"));
    let fields = LegacyFields {
        client_id: "clientID".to_owned(),
        ..LegacyFields::default()
    };
    let other = LegacyOAuth::new(AISPF_ID, "CANARY-2").fields(fields);
    let error = client.replace_credentials(other).expect_err("other fields");
    assert!(error.to_string().contains("names of the fields"), "{error}");
}

/// A new secret says nothing of what is not replaced, or says the same.
#[tokio::test]
async fn encoding_and_names_of_fields_stay_unless_others_are_given() {
    let loopback = Loopback::start();
    let form = |secret: &str| OAuth2::new(AISPF_ID, secret).basic_encoding(BasicEncoding::Form);
    let (client, _) = built(loopback.aispf(form("CANARY")));
    for new in [OAuth2::new(AISPF_ID, "CANARY-2"), form("CANARY-3")] {
        client.replace_credentials(new).expect("the same encoding");
    }
    let fields = LegacyFields {
        client_id: "clientID".to_owned(),
        ..LegacyFields::default()
    };
    let named = |secret: &str| LegacyOAuth::new(AISPF_ID, secret).fields(fields.clone());
    let (client, _) = built(loopback.aispf(named("CANARY")));
    for new in [LegacyOAuth::new(AISPF_ID, "CANARY-2"), named("CANARY-3")] {
        client.replace_credentials(new).expect("the same names");
    }
}

#[test]
fn credentials_show_their_method_and_no_secret() {
    for (credentials, method) in [
        (format!("{:?}", ApiKey::new("CANARY")), "ApiKey"),
        (format!("{:?}", OAuth2::new("id", "CANARY")), "OAuth2"),
        (
            format!("{:?}", LegacyOAuth::new("id", "CANARY")),
            "LegacyOAuth",
        ),
    ] {
        assert!(credentials.contains(method), "{credentials}");
        assert!(!credentials.contains("CANARY"), "{credentials}");
    }
}
