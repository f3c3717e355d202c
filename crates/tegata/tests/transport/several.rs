//! Operations that take several credentials at once, one of several, or none.

use super::*;
use tegata::provider::{Replaceable, TokenSource};

const OTHER: Scheme = Scheme {
    name: "Other",
    placement: Placement::Header("x-other"),
};
const BOTH: Scheme = Scheme {
    name: "Both",
    placement: Placement::All(&[TOKEN, OTHER]),
};
const NONE: Scheme = Scheme {
    name: "None",
    placement: Placement::All(&[]),
};

const fn operation(id: &'static str, security: &'static [Scheme]) -> Operation {
    Operation {
        id,
        method: "GET",
        path: "/things",
        security,
        token: None,
    }
}

static SEVERAL: Provider = Provider {
    name: "several",
    schemes: &[TOKEN, OTHER, BASIC],
    default_security: &[],
    operations: &[
        operation("both", &[BOTH]),
        operation("other", &[OTHER]),
        operation("both_or_other", &[BOTH, OTHER]),
        operation("other_or_both", &[OTHER, BOTH]),
        operation("key", &[KEY]),
        operation("key_or_none", &[KEY, NONE]),
        operation("open", &[]),
    ],
    ..PROVIDER
};

struct Sent {
    answer: reqwest::Response,
    /// The values of `authorization` and `x-other` in each request.
    credentials: Vec<[Option<String>; 2]>,
}

async fn sent(auth: Auth, id: &str, answers: impl IntoIterator<Item = Response<Body>>) -> Sent {
    let server = server(answers).await;
    let http = HttpClient::new().expect("a client");
    let transport = Transport::new(http, server.base.clone(), auth, &SEVERAL);
    let request = transport
        .http_client()
        .get(format!("{}/things", server.base));
    let request = request.build().expect("a request");
    let answer = execute(&transport, request, &SEVERAL, id)
        .await
        .expect("never an error");
    let credentials = server.seen().into_iter().map(|seen| {
        ["authorization", "x-other"].map(|name| {
            let value = seen.headers.get(name)?.to_str().expect("ASCII");
            Some(value.to_owned())
        })
    });
    Sent {
        answer,
        credentials: credentials.collect(),
    }
}

fn other() -> Replaceable<Credential> {
    Replaceable::new(Credential::new(OTHER, &"CANARY-other".into()).expect("valid"))
}

const MAIN: Option<&str> = Some("Bearer CANARY");
const BESIDE: Option<&str> = Some("CANARY-other");

#[rstest]
#[case("both", MAIN, BESIDE)]
#[case("other", None, BESIDE)]
#[case("both_or_other", MAIN, BESIDE)]
#[case("other_or_both", None, BESIDE)]
#[case("key_or_none", None, None)]
#[case("open", None, None)]
#[tokio::test]
async fn the_first_complete_alternative_is_sent_and_nothing_else(
    #[case] id: &str,
    #[case] main: Option<&str>,
    #[case] beside: Option<&str>,
) {
    let auth = fixed(TOKEN).beside([other()]);
    let sent = sent(auth, id, [answer(200, "{}")]).await;
    assert_eq!(sent.answer.status(), 200);
    let [[authorization, other]] = &sent.credentials[..] else {
        panic!("one request");
    };
    assert_eq!((authorization.as_deref(), other.as_deref()), (main, beside));
}

#[rstest]
#[case::one_is_missing(fixed(TOKEN), "both", "Both, and this client has Token")]
#[case::both_are_missing(Auth::none(), "both", "Both, and this client has none")]
#[case::another_is_needed(fixed(TOKEN).beside([other()]), "key", "ApiKey, and this client has Token and Other")]
#[tokio::test]
async fn an_incomplete_alternative_sends_nothing(
    #[case] auth: Auth,
    #[case] id: &str,
    #[case] why: &str,
) {
    let sent = sent(auth, id, []).await;
    let error = finish::<(), ()>(Err(UnexpectedResponse(sent.answer))).expect_err(why);
    assert!(
        error.is_configuration() && error.to_string().contains(why),
        "{error}"
    );
    assert!(sent.credentials.is_empty());
}

#[tokio::test]
async fn the_main_credential_is_renewed_and_the_others_sent_again() {
    let auth = Auth::custom(Two(TOKEN)).beside([other()]);
    let sent = sent(auth, "both", [answer(401, "{}"), answer(200, "{}")]).await;
    let expected = ["Bearer CANARY-0", "Bearer CANARY-1"];
    let expected = expected.map(|main| [Some(main.to_owned()), BESIDE.map(str::to_owned)]);
    assert_eq!(sent.credentials, expected);
}

/// No token is issued for a call that needs none.
struct Never;

impl TokenSource for Never {
    fn issue<'a>(
        &'a self,
        _: tegata::provider::Renewal<'a>,
    ) -> BoxFuture<'a, Result<tegata::provider::Issued, Error>> {
        unreachable!("no token is needed")
    }
}

#[rstest]
#[case("other")]
#[case("key_or_none")]
#[tokio::test]
async fn without_the_main_credential_nothing_is_renewed(#[case] id: &str) {
    let tokens = tegata::TokenCache::builder(TOKEN, Never)
        .build()
        .expect("valid");
    let auth = Auth::cached(tokens).beside([other()]);
    let sent = sent(auth, id, [answer(401, "{}")]).await;
    let error = finish::<(), ()>(Err(UnexpectedResponse(sent.answer))).expect_err("refused");
    assert_eq!(error.kind(), ErrorKind::CredentialRejected);
    secretless(&error);
}

#[test]
fn debug_names_all_schemes() {
    let auth = fixed(TOKEN).beside([other()]);
    assert_eq!(format!("{auth:?}"), "Auth(Token + Other)");
}

#[tokio::test]
async fn a_client_with_generated_tables_calls_generated_operations() {
    let server = server([answer(200, "{}"), answer(200, "{}"), answer(200, "{}")]).await;
    let client = tegata::Client::builder("several", server.base.as_str())
        .generated(&SEVERAL)
        .key(OTHER, "CANARY-other")
        .credential(Credential::new(TOKEN, &"CANARY".into()).expect("valid"))
        .build()
        .expect("valid");
    for id in ["both", "other", "open"] {
        let request = client.get("/things").build().expect("a request");
        let answer = execute(client.transport(), request, &SEVERAL, id).await;
        assert_eq!(answer.expect("never an error").status(), 200);
    }
    let sent = server
        .seen()
        .into_iter()
        .map(|seen| ["authorization", "x-other"].map(|name| seen.headers.contains_key(name)));
    let expected = [[true, true], [false, true], [false, false]];
    assert_eq!(sent.collect::<Vec<_>>(), expected);
}

#[tokio::test]
async fn alternatives_of_generated_tables_may_share_a_place() {
    let basic = Credential::basic(BASIC, "id", &"CANARY".into(), BasicEncoding::Raw);
    let client = tegata::Client::builder("several", "https://h")
        .generated(&SEVERAL)
        .credential(basic.expect("valid"))
        .key(TOKEN, "CANARY");
    client.build().expect("one of them is sent at a time");
}
