//! The exact bytes of token requests.

use rstest::rstest;
use serde_json::{Value, json};
use tegata::BasicEncoding::{Form, Raw};
use tegata::oauth::{App, ClientAuth, RequestFormat, Server, Step};
use tegata::reqwest;

use crate::provider::{ID, Provider, SECRET, Seen};

const FORM: &str = "application/x-www-form-urlencoded";
/// `my id` and the secret, form-encoded and joined (RFC 6749, section 2.3.1), and as they are.
const ENCODED: &str = "Basic bXkraWQ6Q0FOQVJZJTNBcyUyQiUyNWMlMjYlM0QlQzMlQTk=";
const PLAIN: &str = "Basic bXkgaWQ6Q0FOQVJZOnMrJWMmPcOp";
const POSTED: &str = "client_id=my+id&client_secret=CANARY%3As%2B%25c%26%3D%C3%A9";

struct Wire<'a> {
    method: &'a str,
    uri: String,
    authorization: Option<&'a str>,
    content_type: Option<&'a str>,
    body: String,
}

impl Wire<'_> {
    fn check(&self, seen: &Seen) {
        let header = |name: &str| {
            seen.headers
                .get(name)
                .map(|value| value.to_str().expect("ASCII"))
        };
        assert_eq!(seen.method.as_str(), self.method);
        assert_eq!(seen.uri.to_string(), self.uri);
        assert_eq!(header("authorization"), self.authorization);
        assert_eq!(header("content-type"), self.content_type);
        assert_eq!(header("accept"), Some("application/json"));
        assert_eq!(header("accept-encoding"), Some("identity"));
        match serde_json::from_str::<Value>(&seen.body) {
            Ok(body) => assert_eq!(body.to_string(), self.body),
            Err(_) => assert_eq!(seen.body, self.body),
        }
    }
}

async fn sent(provider: &Provider, server: Server) -> Seen {
    let app = provider.app(server).build().expect("valid");
    let client = provider.client().oauth(app.client_credentials()).build();
    client.expect("valid").warm_up().await.expect("a token");
    provider.seen("/token").remove(0)
}

#[rstest]
#[case::form_encoded_basic(ClientAuth::Basic(Form), Some(ENCODED), "")]
#[case::raw_basic(ClientAuth::Basic(Raw), Some(PLAIN), "")]
#[case::post(ClientAuth::Post, None, POSTED)]
#[tokio::test]
async fn a_client_authenticates_in_one_way(
    #[case] method: ClientAuth,
    #[case] authorization: Option<&str>,
    #[case] posted: &str,
    #[values(RequestFormat::Form, RequestFormat::GetQuery, RequestFormat::PostQuery)]
    format: RequestFormat,
) {
    let provider = Provider::start().await;
    let server = provider
        .server()
        .client_auth(method)
        .request_format(format)
        .scopes(["a", "b"])
        .parameter(Step::Token, "audience", "https://h/?é")
        .parameter(Step::Refresh, "other", "x");
    let seen = sent(&provider, server).await;
    let mut all = vec!["grant_type=client_credentials"];
    all.extend((!posted.is_empty()).then_some(posted));
    all.extend(["scope=a+b", "audience=https%3A%2F%2Fh%2F%3F%C3%A9"]);
    let all = all.join("&");
    let is_form = format == RequestFormat::Form;
    Wire {
        method: if format == RequestFormat::GetQuery {
            "GET"
        } else {
            "POST"
        },
        uri: if is_form {
            "/token".into()
        } else {
            format!("/token?{all}")
        },
        authorization,
        content_type: is_form.then_some(FORM),
        body: if is_form { all } else { String::new() },
    }
    .check(&seen);
    let length = seen.headers.get("content-length");
    assert_eq!(
        length.is_some(),
        format != RequestFormat::GetQuery,
        "also of an empty body"
    );
}

#[tokio::test]
async fn parameters_can_be_a_json_object() {
    let provider = Provider::start().await;
    let server = provider.server().client_auth(ClientAuth::Post);
    let server = server
        .request_format(RequestFormat::Json)
        .scopes(["a", "b"])
        .scope_separator(",");
    let seen = sent(&provider, server).await;
    let body = json!({
        "grant_type": "client_credentials", "scope": "a,b", "client_id": ID, "client_secret": SECRET
    });
    Wire {
        method: "POST",
        uri: "/token".into(),
        authorization: None,
        content_type: Some("application/json"),
        body: body.to_string(),
    }
    .check(&seen);
}

#[tokio::test]
async fn a_query_of_the_token_url_stays() {
    let provider = Provider::start().await;
    let server = Server::new(format!("{}/token?tenant=a", provider.url));
    let server = server
        .request_format(RequestFormat::GetQuery)
        .client_auth(ClientAuth::Post);
    let seen = sent(&provider, server).await;
    let expected = format!("/token?tenant=a&grant_type=client_credentials&{POSTED}");
    assert_eq!(seen.uri.to_string(), expected);
}

#[tokio::test]
async fn a_refresh_goes_to_its_own_url_with_its_own_parameters() {
    let provider = Provider::start().await;
    provider.state().refresh = Some("CANARY-r&1".into());
    let server = provider
        .server()
        .refresh_url("/refresh?v=2")
        .scopes(["a"])
        .parameter(Step::Token, "audience", "x")
        .parameter(Step::Refresh, "resource", "b")
        .parameter(Step::Refresh, "resource", "c");
    let app = App::public(server, "public id").settings(provider.settings());
    let app = app.build().expect("valid");
    let token = crate::lifecycle::token("", "CANARY-r&1");
    let client = provider.client().oauth(app.refresh_tokens()).token(token);
    client
        .build()
        .expect("valid")
        .warm_up()
        .await
        .expect("a token");
    Wire {
        method: "POST",
        uri: "/refresh?v=2".into(),
        authorization: None,
        content_type: Some(FORM),
        body: "grant_type=refresh_token&client_id=public+id&refresh_token=CANARY-r%261&resource=b&resource=c".into(),
    }
    .check(&provider.seen("/refresh")[0]);
}

#[tokio::test]
async fn no_compression_is_asked_for_whatever_the_http_client_wants() {
    let provider = Provider::start().await;
    let gzip = [(
        reqwest::header::ACCEPT_ENCODING,
        "gzip".parse().expect("a value"),
    )];
    let http = reqwest::Client::builder().default_headers(gzip.into_iter().collect());
    let app = provider.app(provider.server()).http_client(http);
    let app = app.build().expect("valid");
    let client = provider.client().oauth(app.client_credentials()).build();
    client.expect("valid").warm_up().await.expect("a token");
    assert_eq!(
        provider.seen("/token")[0].headers["accept-encoding"],
        "identity"
    );
}
