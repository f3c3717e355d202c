//! Any text in ids, secrets, codes and tokens reaches the server as the standards say.

use proptest::prelude::*;
use serde_json::json;
use tegata::BasicEncoding;
use tegata_emulator::{Endpoint, Fault, LogEntry, Provider};
use tegata_fujitsu_aispf::OAuth2;
use tegata_jooto::App;
use tegata_marketo::TokenRequest;

use crate::encoder::{base64, fields, form};
use crate::{cases, credential_text, runtime, text};
use tegata_test_support::loopback::{JOOTO_CALLBACK, Loopback};
use tegata_test_support::wire::{credential, header};
use tegata_test_support::{Flow, Subject};

const FORM: &str = "application/x-www-form-urlencoded";

/// The one token request that the client makes, whether or not it is granted.
async fn asked(loopback: &Loopback, provider: Provider, client: Subject) -> LogEntry {
    loopback.emulator.clear_log();
    drop(client.warm_up().await);
    let mut requests = loopback.token_requests(provider);
    assert_eq!(requests.len(), 1, "one request");
    requests.remove(0)
}

proptest! {
    #![proptest_config(cases(128))]

    #[test]
    fn marketos_credentials_stand_in_the_query(
        id in credential_text(),
        secret in credential_text(),
        partner in prop::option::of(credential_text()),
    ) {
        let runtime = runtime();
        let _guard = runtime.enter();
        let loopback = Loopback::start();
        let mut builder = loopback.marketo(&id, &secret);
        let mut expected = vec![
            ("grant_type", "client_credentials"),
            ("client_id", &*id),
            ("client_secret", &*secret),
        ];
        if let Some(partner) = &partner {
            builder = builder.partner_id(partner.as_str());
            expected.push(("partner_id", partner));
        }
        let client = Subject::Marketo(builder.build().expect("valid settings"));
        let request = runtime.block_on(asked(&loopback, Provider::Marketo, client));
        let query = request.query.as_deref();
        prop_assert_eq!(query, Some(&*fields(&expected)));
        prop_assert_eq!(request.body, "");
    }

    #[test]
    fn marketos_credentials_stand_in_the_form(
        id in credential_text(),
        secret in credential_text(),
        partner in prop::option::of(credential_text()),
    ) {
        let runtime = runtime();
        let _guard = runtime.enter();
        let loopback = Loopback::start();
        let mut builder = loopback.marketo(&id, &secret).token_request(TokenRequest::PostForm);
        let mut expected = vec![
            ("grant_type", "client_credentials"),
            ("client_id", &*id),
            ("client_secret", &*secret),
        ];
        if let Some(partner) = &partner {
            builder = builder.partner_id(partner.as_str());
            expected.push(("partner_id", partner));
        }
        let client = Subject::Marketo(builder.build().expect("valid settings"));
        let request = runtime.block_on(asked(&loopback, Provider::Marketo, client));
        prop_assert_eq!(&request.body, &fields(&expected));
        prop_assert_eq!(header(&request, "content-type"), FORM);
        prop_assert_eq!(request.query, None);
    }

    #[test]
    fn aispfs_credentials_stand_in_basic_as_they_are(id in credential_text(), secret in credential_text()) {
        prop_assume!(!id.contains(':'));
        let runtime = runtime();
        let _guard = runtime.enter();
        let loopback = Loopback::start();
        let client = loopback.aispf_oauth2(&id, &secret).build();
        let client = Subject::Aispf(client.expect("valid settings"));
        let request = runtime.block_on(asked(&loopback, Provider::FujitsuAispf, client));
        let pair = format!("{id}:{secret}");
        let expected = format!("Basic {}", base64(pair.as_bytes()));
        prop_assert_eq!(header(&request, "authorization"), expected);
        prop_assert_eq!(request.body, "grant_type=client_credentials");
    }

    #[test]
    fn aispfs_credentials_stand_in_basic_form_encoded(id in credential_text(), secret in credential_text()) {
        let runtime = runtime();
        let _guard = runtime.enter();
        let loopback = Loopback::start();
        let credentials = OAuth2::new(&*id, &*secret).basic_encoding(BasicEncoding::Form);
        let client = loopback.aispf(credentials).build();
        let client = Subject::Aispf(client.expect("valid settings"));
        let request = runtime.block_on(asked(&loopback, Provider::FujitsuAispf, client));
        let pair = format!("{}:{}", form(&id), form(&secret));
        let expected = format!("Basic {}", base64(pair.as_bytes()));
        prop_assert_eq!(header(&request, "authorization"), expected);
    }

    #[test]
    fn aispfs_conventional_credentials_stand_in_json(id in credential_text(), secret in credential_text()) {
        let runtime = runtime();
        let _guard = runtime.enter();
        let loopback = Loopback::start();
        let client = loopback.aispf_legacy(&id, &secret).build();
        let client = Subject::Aispf(client.expect("valid settings"));
        let request = runtime.block_on(asked(&loopback, Provider::FujitsuAispf, client));
        let sent: serde_json::Value = serde_json::from_str(&request.body).expect("JSON");
        prop_assert_eq!(sent, json!({"clientId": id, "clientSecret": secret}));
    }

    #[test]
    fn jootos_code_and_credentials_stand_in_the_form(
        id in credential_text(),
        secret in credential_text(),
        code in text(),
    ) {
        let runtime = runtime();
        let _guard = runtime.enter();
        let loopback = Loopback::start();
        let app = loopback.jooto_app(&id, &secret).build().expect("valid settings");
        let started = app.authorize(1).expect("random numbers");
        let state = started.state().expose();
        let back = fields(&[("code", &code), ("state", state)]);
        let returned = started.callback(&format!("{JOOTO_CALLBACK}?{back}"));
        let returned = returned.expect("a code");
        runtime.block_on(app.exchange(&returned)).expect_err("it was never issued");
        let request = loopback.token_requests(Provider::Jooto).remove(0);
        let expected = [
            ("grant_type", "authorization_code"),
            ("client_id", &*id),
            ("client_secret", &*secret),
            ("code", &*code),
            ("redirect_uri", JOOTO_CALLBACK),
        ];
        prop_assert_eq!(&request.body, &fields(&expected));
        prop_assert_eq!(header(&request, "content-type"), FORM);
        prop_assert_eq!(request.query, None);
    }

    #[test]
    fn jootos_authorization_url_holds_any_id_and_redirect_uri(
        id in credential_text(),
        rest in text(),
        organization in 1_i64..,
    ) {
        let callback = format!("https://app.example.com/back?{}", form(&rest));
        let app = App::builder(&*id, "secret", &*callback).build().expect("valid settings");
        let started = app.authorize(organization).expect("random numbers");
        let organization = organization.to_string();
        let expected = fields(&[
            ("client_id", &id),
            ("redirect_uri", &callback),
            ("response_type", "code"),
            ("state", started.state().expose()),
            ("organization_id", &organization),
        ]);
        prop_assert_eq!(started.url().query(), Some(&*expected));
    }

    #[test]
    fn any_token_is_sent_as_it_is(
        token in "[!-~\u{a1}-\u{ff}手][ -~\u{a1}-\u{ff}手]{0,30}[!-~]",
        flow in prop::sample::select(&Flow::TOKENS[..]),
    ) {
        let runtime = runtime();
        let _guard = runtime.enter();
        let loopback = Loopback::start();
        let client = runtime.block_on(flow.cold(&loopback));
        let answer = json!({
            "access_token": token, "accessToken": token, "token_type": "Bearer",
        });
        loopback.next_token(flow.provider(), answer.to_string());
        runtime.block_on(client.get(flow.path())).expect("renewed and accepted");
        let call = &loopback.calls(flow.provider())[0];
        prop_assert_eq!(credential(call), flow.on_the_wire(&token));
    }

    #[test]
    fn a_token_in_the_query_is_form_encoded(
        token in "[!-~\u{a1}-\u{ff}手][ -~\u{a1}-\u{ff}手]{0,30}[!-~]",
        name in "[a-z]{1,8}",
        value in text(),
    ) {
        let runtime = runtime();
        let _guard = runtime.enter();
        let loopback = Loopback::start();
        let client = runtime.block_on(Flow::MarketoQuery.cold(&loopback));
        let answer = json!({"access_token": token, "token_type": "bearer"});
        let answer = Fault::on(Endpoint::Token).body("application/json", answer.to_string());
        loopback.fault(Provider::Marketo, answer);
        let path = format!("/rest/v1/x.json?{name}={}", form(&value));
        runtime.block_on(client.get(&path)).expect("renewed and accepted");
        let query = loopback.calls(Provider::Marketo)[0].query.clone();
        let expected = fields(&[(&name, &value), ("access_token", &token)]);
        prop_assert_eq!(query, Some(expected));
    }
}
