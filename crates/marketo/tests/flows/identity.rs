//! Tokens from the identity endpoint.

use std::time::Duration;

use rstest::rstest;
use tegata::{ErrorKind, MemoryStore};
use tegata_emulator::{Config, MarketoClient, Provider};
use tegata_marketo::{ClientBuilder, TokenRequest};

use tegata_test_support::loopback::{HOUR, Loopback, MARKETO_ID, MARKETO_SECRET};
use tegata_test_support::wire::{credential, form, header, query, statuses};
use tegata_test_support::{Flow, Subject, facts};

const MARKETO: Provider = Provider::Marketo;
const LEADS: &str = "/rest/v1/leads.json";

fn built(builder: ClientBuilder) -> Subject {
    Subject::Marketo(builder.build().expect("valid settings"))
}

#[rstest]
#[case(Flow::MarketoGet)]
#[case(Flow::MarketoForm)]
#[tokio::test]
async fn a_token_is_issued_used_and_issued_again_when_it_expires(#[case] flow: Flow) {
    let loopback = Loopback::start();
    let client = flow.cold(&loopback).await;
    for age in [0, 1, HOUR - 2, 1] {
        loopback.advance(age);
        assert_eq!(client.get(LEADS).await.expect("accepted"), 200);
    }
    let tokens = loopback.token_requests(MARKETO);
    assert_eq!(statuses(&tokens), [200, 200]);
    for request in &tokens {
        assert_eq!(request.path, "/identity/oauth/token");
        assert_eq!(request.header("authorization"), [""; 0]);
        assert_eq!(header(request, "accept"), "application/json");
        let fields = if flow == Flow::MarketoGet {
            assert_eq!((&*request.method, &*request.body), ("GET", ""));
            query(request)
        } else {
            assert_eq!((&*request.method, &request.query), ("POST", &None));
            let content_type = header(request, "content-type");
            assert_eq!(content_type, "application/x-www-form-urlencoded");
            let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
            form(request).into_iter().map(owned).collect()
        };
        let mut fields: Vec<_> = fields.iter().map(|(n, v)| (&**n, &**v)).collect();
        fields.sort_unstable();
        let expected = [
            ("client_id", MARKETO_ID),
            ("client_secret", MARKETO_SECRET),
            ("grant_type", "client_credentials"),
        ];
        assert_eq!(fields, expected);
    }
    let calls = loopback.calls(MARKETO);
    assert_eq!(statuses(&calls), [200; 4]);
    let used: Vec<_> = calls.iter().map(credential).collect();
    assert!(used[0].starts_with("authorization: Bearer CANARY-marketo-access"));
    assert!(used[0].ends_with(":int"), "the token is sent whole");
    // One second before its expiry the token still serves; an earlier renewal would only return it.
    assert_eq!((&used[0], &used[0]), (&used[1], &used[2]));
    assert_ne!(used[2], used[3]);
    assert_eq!(loopback.counts(MARKETO).tokens_issued, 2);
}

#[tokio::test]
async fn the_same_token_with_its_remaining_life_is_used_for_that_long() {
    let loopback = Loopback::start();
    let early = Flow::MarketoGet.warm(&loopback).await;
    loopback.advance(HOUR - 60);
    let late = Flow::MarketoGet.cold(&loopback).await;
    assert_eq!(late.get(LEADS).await.expect("accepted"), 200);
    assert_eq!(early.get(LEADS).await.expect("accepted"), 200);
    let calls: Vec<_> = loopback.calls(MARKETO).iter().map(credential).collect();
    assert_eq!(calls[0], calls[1]);
    assert_eq!(loopback.counts(MARKETO).tokens_issued, 1);

    loopback.advance(59);
    assert_eq!(late.get(LEADS).await.expect("accepted"), 200);
    assert_eq!(loopback.token_requests(MARKETO).len(), 1);
    loopback.advance(1);
    for client in [&late, &early] {
        assert_eq!(client.get(LEADS).await.expect("accepted"), 200);
    }
    let calls = loopback.calls(MARKETO);
    assert_eq!(statuses(&calls), [200; 5]);
    assert_eq!(credential(&calls[3]), credential(&calls[4]));
    assert_eq!(loopback.counts(MARKETO).tokens_issued, 2);
}

/// An answer of the identity endpoint with this remaining lifetime.
fn with_life(seconds: i64) -> String {
    format!(
        r#"{{"access_token":"CANARY-dying:int","token_type":"bearer","expires_in":{seconds},"scope":"a+b@example.com"}}"#
    )
}

#[rstest]
#[tokio::test]
async fn a_token_with_no_second_left_is_asked_for_again(#[values(1, 2)] dead: usize) {
    let loopback = Loopback::start();
    let client = Flow::MarketoGet.cold(&loopback).await;
    for _ in 0..dead {
        loopback.next_token(MARKETO, with_life(0));
    }
    assert_eq!(client.get(LEADS).await.expect("accepted"), 200);
    assert_eq!(loopback.token_requests(MARKETO).len(), dead + 1);
    let calls = loopback.calls(MARKETO);
    assert_eq!(statuses(&calls), [200]);
    assert!(!credential(&calls[0]).contains("dying"));
}

#[rstest]
#[case::zero(0)]
#[case::negative(-5)]
#[tokio::test]
async fn a_call_fails_after_three_token_answers_that_have_expired(#[case] seconds: i64) {
    let loopback = Loopback::start();
    let client = Flow::MarketoGet.cold(&loopback).await;
    for _ in 0..3 {
        loopback.next_token(MARKETO, with_life(seconds));
    }
    let error = client.get(LEADS).await.expect_err("no token");
    assert_eq!(facts(&error), (ErrorKind::ExpiredToken, None, None));
    let counts = loopback.counts(MARKETO);
    assert_eq!((counts.token_requests, counts.resource_requests), (3, 0));
    assert_eq!(client.get(LEADS).await.expect("the next call is fine"), 200);
}

#[tokio::test]
async fn the_seconds_that_remain_are_those_of_each_answer() {
    let loopback = Loopback::start();
    let store = MemoryStore::default();
    let builder = loopback.marketo(MARKETO_ID, MARKETO_SECRET);
    let client = built(builder.store(std::sync::Arc::new(store.clone())));
    for seconds in [2, 60, 3599] {
        let answer = format!(
            r#"{{"access_token":"CANARY-{seconds}:int","token_type":"bearer","expires_in":{seconds}}}"#
        );
        loopback.next_token(MARKETO, answer);
        client.warm_up().await.expect("a token");
        let token = store.token().expect("a token");
        let expiry = token.issued_at() + Duration::from_secs(seconds);
        assert_eq!(token.expires_at(), Some(expiry));
        loopback.advance(seconds - 1);
        client.warm_up().await.expect("the same token");
        assert_eq!(store.token(), Some(token));
        loopback.advance(1);
    }
    assert_eq!(loopback.token_requests(MARKETO).len(), 3);
}

#[rstest]
#[case::get(TokenRequest::Get)]
#[case::form(TokenRequest::PostForm)]
#[tokio::test]
async fn a_partner_id_goes_with_every_token_request(#[case] request: TokenRequest) {
    let loopback = Loopback::start();
    let partner = "CANARYpartner+ &=é";
    let builder = loopback.marketo(MARKETO_ID, MARKETO_SECRET);
    let client = built(builder.partner_id(partner).token_request(request));
    client.get(LEADS).await.expect("accepted");
    loopback.advance(HOUR);
    client.get(LEADS).await.expect("accepted");
    let tokens = loopback.token_requests(MARKETO);
    assert_eq!(tokens.len(), 2);
    for token in &tokens {
        let sent = match request {
            TokenRequest::Get => query(token),
            _ => token.form.clone().expect("a form"),
        };
        let partners: Vec<_> = sent.iter().filter(|(n, _)| n == "partner_id").collect();
        assert_eq!(partners, [&("partner_id".to_owned(), partner.to_owned())]);
    }
}

#[rstest]
#[case::secret(MARKETO_ID, "CANARY-wrong", "invalid_client")]
#[case::id("CANARY-nobody", MARKETO_SECRET, "unauthorized")]
#[tokio::test]
async fn wrong_client_credentials_give_a_clear_error_and_no_call(
    #[case] id: &str,
    #[case] secret: &str,
    #[case] code: &str,
    #[values(TokenRequest::Get, TokenRequest::PostForm)] request: TokenRequest,
) {
    let loopback = Loopback::start();
    let client = built(loopback.marketo(id, secret).token_request(request));
    let error = client.get(LEADS).await.expect_err("refused");
    assert_eq!(
        facts(&error),
        (ErrorKind::TokenDenied, Some(401), Some(code))
    );
    assert!(
        error.is_credential_rejected() && !error.is_transient(),
        "{error:?}"
    );
    let counts = loopback.counts(MARKETO);
    assert_eq!((counts.token_requests, counts.resource_requests), (1, 0));
}

#[rstest]
#[tokio::test]
async fn any_characters_work_in_query_and_form(
    #[values(TokenRequest::Get, TokenRequest::PostForm)] request: TokenRequest,
) {
    let texts = [
        "a b",
        "a+b%20",
        "a:b&c=d;e",
        "\"\\",
        "café手形",
        "*-._~!'()",
        "100%",
        "#?/",
    ];
    let clients =
        texts.map(|text| MarketoClient::new(format!("id{text}"), format!("CANARY{text}")));
    let known = |config: &mut Config| config.marketo.clients = clients.to_vec();
    let loopback = Loopback::with(known);
    for known in &clients {
        let client = built(
            loopback
                .marketo(&known.id, &known.secret)
                .token_request(request),
        );
        assert_eq!(
            client.get(LEADS).await.expect(&known.id),
            200,
            "{}",
            known.id
        );
    }
    assert_eq!(loopback.counts(MARKETO).tokens_issued, 8);
}

#[tokio::test]
async fn the_identity_operations_can_be_called_by_hand() {
    use tegata_marketo::api::types::{GrantType, TokenRequest};
    let loopback = Loopback::start();
    let client = loopback.marketo("-", "-").build().expect("valid settings");
    let grant = GrantType::ClientCredentials;
    let secret = MARKETO_SECRET.into();
    let identity = client.tokens();
    let got = identity.issue_token(MARKETO_ID, &secret, grant, None).await;
    let got = got.expect("a token");
    let form = TokenRequest {
        client_id: MARKETO_ID.to_owned(),
        client_secret: secret,
        grant_type: grant,
        partner_id: Some("CANARY-partner".into()),
    };
    loopback.advance(1000);
    let posted = identity.issue_token_by_form(&form).await.expect("a token");
    assert_eq!(got.access_token, posted.access_token);
    assert_eq!(got.scope.as_deref(), Some("apis@acmeinc.com"));
    let lives = [&got, &posted].map(|token| token.expires_in.map(tegata::provider::Seconds::get));
    assert_eq!(lives, [Some(3600), Some(2600)]);
}

#[tokio::test]
async fn a_client_can_use_the_emulators_clock() {
    let loopback = Loopback::start();
    let builder = loopback.marketo(MARKETO_ID, MARKETO_SECRET);
    let client = built(builder.clock(loopback.emulator.clock()));
    for age in [0, HOUR + 1] {
        loopback.emulator.advance(Duration::from_secs(age));
        assert_eq!(client.get(LEADS).await.expect("accepted"), 200);
    }
    // Not one call was refused: the client knew by itself that its token had expired.
    assert_eq!(statuses(&loopback.calls(MARKETO)), [200, 200]);
    assert_eq!(loopback.token_requests(MARKETO).len(), 2);
}

#[tokio::test]
async fn a_new_secret_ends_the_refusal_of_the_former() {
    let loopback = Loopback::start();
    let builder = loopback.marketo(MARKETO_ID, "CANARY-former");
    let client = builder.build().expect("valid settings");
    let calls = Subject::Marketo(client.clone());
    for _ in 0..2 {
        let error = calls.get(LEADS).await.expect_err("a wrong secret");
        assert!(error.is_credential_rejected(), "{:?}", facts(&error));
    }
    let asked = loopback.token_requests(MARKETO).len();
    let error = client
        .replace_client_secret("CANARY\n")
        .expect_err("no secret");
    assert!(error.is_configuration() && !format!("{error:?}").contains("CANARY"));
    client
        .replace_client_secret(MARKETO_SECRET)
        .expect("a secret");
    assert_eq!(calls.get(LEADS).await.expect("accepted"), 200);
    assert_eq!(loopback.token_requests(MARKETO).len(), asked + 1);
}
