//! What generated methods send, and what they make of answers.

use std::time::Duration;

use rstest::rstest;
use tegata::multipart::Part;
use tegata::provider::spec::{Placement, Provider, Scheme};
use tegata::provider::{Auth, BaseUrl, Credential, Transport};
use tegata::{ErrorKind, Settings};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use crate::{answers, bodies, parameters, swagger};

pub(crate) const DONE: &str = "HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n";

/// A request as it was received.
pub(crate) struct Received {
    pub(crate) line: String,
    pub(crate) head: String,
    pub(crate) body: String,
}

pub(crate) fn answer(status: &str, kind: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
    )
}

/// A transport to a server that gives this answer once, and the request that it gets.
async fn server(provider: &'static Provider, answer: &str) -> (Transport, JoinHandle<Received>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let answer = answer.to_owned();
    let received = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.expect("a connection");
        receive(stream, &answer).await
    });
    let http = Settings::default().to_http_client().expect("a client");
    let of_one_text =
        |it: &&Scheme| matches!(it.placement, Placement::Header(_) | Placement::Query(_));
    let auth = match provider.schemes.iter().find(of_one_text) {
        Some(scheme) => {
            Auth::fixed(Credential::new(*scheme, &"CANARY".into()).expect("a credential"))
        }
        None => Auth::none(),
    };
    let base = BaseUrl::parse(&url).expect("a URL");
    (Transport::new(http, base, auth, provider), received)
}

pub(crate) async fn receive(mut stream: TcpStream, answer: &str) -> Received {
    let (mut got, mut part) = (Vec::new(), [0; 4096]);
    loop {
        let length = stream.read(&mut part).await.expect("bytes");
        got.extend_from_slice(&part[..length]);
        let text = String::from_utf8_lossy(&got).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            continue;
        };
        let wanted = head.to_lowercase();
        let wanted = wanted
            .split("content-length: ")
            .nth(1)
            .and_then(|it| it.lines().next());
        if head.to_lowercase().contains("transfer-encoding: chunked")
            && !body.ends_with("\r\n0\r\n\r\n")
        {
            continue;
        }
        if body.len() >= wanted.map_or(0, |it| it.parse().expect("a length")) {
            stream.write_all(answer.as_bytes()).await.expect("sent");
            let line = head.lines().next().unwrap_or_default().to_owned();
            let (head, body) = (head.to_lowercase(), body.to_owned());
            return Received { line, head, body };
        }
    }
}

/// A request that is never sent would wait forever.
async fn request(received: JoinHandle<Received>) -> Received {
    let limit = Duration::from_secs(20);
    tokio::time::timeout(limit, received)
        .await
        .expect("no request was sent")
        .expect("received")
}

fn list(items: &[&str]) -> Vec<String> {
    items.iter().map(|it| (*it).to_owned()).collect()
}

#[tokio::test]
async fn lists_are_joined_as_their_style_says() {
    let (transport, received) = server(&parameters::api::security::PROVIDER, DONE).await;
    let (joined, repeated, spaced) = (list(&["a", "b,c"]), list(&["x", "y"]), list(&["d", "e"]));
    let api = parameters::api::Operations::new(transport);
    let done = api
        .lists(
            Some(&joined),
            None,
            Some(&vec![1, 2]),
            Some(&repeated),
            Some(&spaced),
        )
        .await;
    done.expect("sent");
    let line = request(received).await.line;
    for part in [
        "joined=a,b%2Cc",
        "piped=1%7C2",
        "repeated=x&repeated=y",
        "spaced=d%20e",
    ] {
        assert!(line.contains(part), "{line}");
    }
}

#[tokio::test]
async fn parameters_of_one_name_go_to_their_places() {
    let (transport, received) = server(&parameters::api::security::PROVIDER, DONE).await;
    let api = parameters::api::Operations::new(transport);
    api.same("in path", "in query", Some(1), Some(2), Some(3))
        .await
        .expect("sent");
    let got = request(received).await;
    assert!(got.line.starts_with("GET /same/in%20path?"), "{}", got.line);
    for part in ["id=in%20query", "page%5Bsize%5D=1", "page_size=2"] {
        assert!(got.line.contains(part), "{}", got.line);
    }
    assert!(got.head.contains("\r\npage-size: 3\r\n"), "{}", got.head);
}

#[tokio::test]
async fn members_of_an_object_are_parameters_of_their_own() {
    let (transport, received) = server(&parameters::api::security::PROVIDER, DONE).await;
    let api = parameters::api::Operations::new(transport);
    api.objects(Some("red"), Some(1), Some(2), None)
        .await
        .expect("sent");
    let line = request(received).await.line;
    for part in ["colour=red", "created%5Bgt%5D=1", "created%5Blt%5D=2"] {
        assert!(line.contains(part), "{line}");
    }
}

#[tokio::test]
async fn a_credential_is_sent_once_where_the_document_says() {
    let (transport, received) = server(&parameters::api::security::PROVIDER, DONE).await;
    let api = parameters::api::Operations::new(transport);
    let trace = parameters::api::types::HeadersXTrace::On;
    let own = "Own 1".into();
    api.headers("a,b", Some("x"), None, &own, trace, "text")
        .await
        .expect("sent");
    let got = request(received).await;
    assert_eq!(got.head.matches("x-key: canary").count(), 1, "{}", got.head);
    assert!(
        got.head.contains("authorization: own 1\r\n") && got.head.contains("x-trace: on"),
        "{}",
        got.head
    );
    assert!(
        got.line.starts_with("POST /headers/a%2Cb?body=x ")
            || got.line.starts_with("POST /headers/a,b?body=x "),
        "{}",
        got.line
    );
}

#[rstest]
#[case("/item#first")]
#[case("/item#second")]
#[tokio::test]
async fn a_fragment_that_tells_operations_apart_is_not_sent(#[case] path: &str) {
    let (transport, received) = server(&parameters::api::security::PROVIDER, DONE).await;
    let api = parameters::api::Operations::new(transport);
    let done = if path.ends_with("first") {
        api.first_of_two().await
    } else {
        api.second_of_two().await
    };
    done.expect("sent");
    assert_eq!(request(received).await.line, "GET /item HTTP/1.1");
}

#[tokio::test]
async fn a_form_has_lists_brackets_and_json_as_documented() {
    let (transport, received) = server(&bodies::api::security::PROVIDER, DONE).await;
    let body = serde_json::from_value(serde_json::json!({
        "title": "a b&c", "tags": ["x", "y"], "meta": {"k": "v"}, "place": {"x": 1},
    }));
    bodies::api::Operations::new(transport)
        .form(&body.expect("a form"))
        .await
        .expect("sent");
    let got = request(received).await;
    assert!(
        got.head
            .contains("content-type: application/x-www-form-urlencoded"),
        "{}",
        got.head
    );
    for part in [
        "title=a%20b%26c",
        "tags=x&tags=y",
        "meta%5Bk%5D=v",
        "place=%7B%22x%22%3A1%7D",
    ] {
        assert!(got.body.contains(part), "{}", got.body);
    }
}

#[tokio::test]
async fn bodies_of_bytes_have_the_type_that_is_given_or_documented() {
    let of = async |kind: &'static str| {
        let (transport, received) = server(&bodies::api::security::PROVIDER, DONE).await;
        let api = bodies::api::Operations::new(transport);
        let done = match kind {
            "image/jpeg" => api.picture("bytes").await,
            "application/merge-patch+json" => {
                api.patch(&serde_json::from_str("{}").expect("a card"))
                    .await
            }
            "multipart/related; boundary=b" => api.mixed(kind, "bytes").await,
            _ => api.anything(kind, "bytes").await,
        };
        done.expect("sent");
        request(received).await.head
    };
    for kind in [
        "image/jpeg",
        "application/merge-patch+json",
        "multipart/related; boundary=b",
        "text/plain",
    ] {
        let head = of(kind).await;
        assert_eq!(head.matches("content-type: ").count(), 1, "{head}");
        assert!(
            head.contains(&format!("content-type: {kind}\r\n")),
            "{head}"
        );
    }
}

#[rstest]
#[case(DONE, None)]
#[case(&answer("200 OK", "application/json", r#"{"id": 7, "name": null}"#), Some(7))]
#[tokio::test]
async fn a_success_may_come_without_content(#[case] answer: &str, #[case] id: Option<i64>) {
    let (transport, received) = server(&answers::api::security::PROVIDER, answer).await;
    let got = answers::api::Operations::new(transport)
        .maybe()
        .await
        .expect("a success");
    assert_eq!(got.into_inner().map(|it| it.id), id);
    request(received).await;
}

#[rstest]
#[case(r#"{"id": 7}"#, "Item")]
#[case(r#"{"job": "j"}"#, "Job")]
#[tokio::test]
async fn several_types_of_success_are_told_apart(#[case] body: &str, #[case] kind: &str) {
    let (transport, received) = server(
        &answers::api::security::PROVIDER,
        &answer("202 Accepted", "application/json", body),
    )
    .await;
    let got = answers::api::Operations::new(transport)
        .either()
        .await
        .expect("a success")
        .into_inner();
    assert!(format!("{got:?}").starts_with(kind), "{got:?}");
    request(received).await;
}

#[tokio::test]
async fn json_of_another_name_is_asked_for_by_it() {
    let (transport, received) = server(
        &answers::api::security::PROVIDER,
        &answer("200 OK", "application/json", "[]"),
    )
    .await;
    let got = answers::api::Operations::new(transport)
        .vendor()
        .await
        .expect("a success");
    assert!(got.into_inner().is_empty());
    let head = request(received).await.head;
    assert!(
        head.contains("accept: application/vnd.example.v2+json\r\n"),
        "{head}"
    );
}

#[tokio::test]
async fn a_version_in_a_parameter_for_accept_is_sent() {
    let said = answer("200 OK", "application/json", "\"text\"");
    let (transport, received) = server(&parameters::api::security::PROVIDER, &said).await;
    let got = parameters::api::Operations::new(transport)
        .versioned()
        .await
        .expect("a success");
    assert_eq!(got.into_inner(), "text");
    let head = request(received).await.head;
    assert!(
        head.contains("accept: application/vnd.example.v3+json\r\n"),
        "{head}"
    );
}

#[rstest]
#[case("image", "image/png")]
#[case("files", "text/csv, application/json")]
#[case("maybe", "application/json")]
#[tokio::test]
async fn an_answer_is_asked_for_by_its_type(#[case] operation: &str, #[case] accept: &str) {
    let (transport, received) = server(
        &answers::api::security::PROVIDER,
        &answer("200 OK", "image/png", "null"),
    )
    .await;
    let api = answers::api::Operations::new(transport);
    match operation {
        "image" => drop(api.image().await.expect("bytes")),
        "files" => drop(api.files().await.expect("bytes")),
        _ => drop(api.maybe().await.expect("nothing")),
    }
    let head = request(received).await.head;
    assert_eq!(head.matches("accept: ").count(), 1, "{head}");
    assert!(head.contains(&format!("accept: {accept}\r\n")), "{head}");
}

#[tokio::test]
async fn the_parts_of_a_form_are_as_documented() {
    use bodies::api::types::{Card, PartsForm, PartsFormState};
    let (transport, received) = server(&bodies::api::security::PROVIDER, DONE).await;
    let extra = serde_json::json!({"other": "x"});
    let form = PartsForm {
        api_key: "CANARY".into(),
        card: Some(Card {
            title: Some("t".to_owned()),
            password: None,
        }),
        checksum: None,
        count: Some(7),
        icon: Some("icon".into()),
        more: Some(vec!["one".into(), "two".into()]),
        note: "*n*".to_owned(),
        picture: Part::bytes("picture").content_type("image/jpeg"),
        rows: Some(vec![1, 2]),
        state: Some(PartsFormState::Open),
        tags: Some(list(&["x", "y"])),
        extra: extra.as_object().expect("an object").clone(),
    };
    assert!(!format!("{form:?}").contains("CANARY"), "{form:?}");
    let api = bodies::api::Operations::new(transport);
    api.parts("a b", Some("q"), form).await.expect("sent");
    let got = request(received).await;
    assert!(
        got.line.starts_with("POST /parts/a%20b?body=q "),
        "{}",
        got.line
    );
    let part = |head: &str, body: &str| format!("form-data; name=\"{head}\r\n\r\n{body}\r\n");
    for it in [
        part("api_key\"", "CANARY"),
        part(
            "card\"\r\nContent-Type: application/json",
            "{\"title\":\"t\"}",
        ),
        part("count\"", "7"),
        part(
            "icon\"; filename=\"icon\"\r\nContent-Type: image/png",
            "icon",
        ),
        part(
            "more\"; filename=\"more\"\r\nContent-Type: application/octet-stream",
            "one",
        ),
        part(
            "more\"; filename=\"more\"\r\nContent-Type: application/octet-stream",
            "two",
        ),
        part("note\"\r\nContent-Type: text/markdown", "*n*"),
        part(
            "picture\"; filename=\"picture\"\r\nContent-Type: image/jpeg",
            "picture",
        ),
        part("rows\"\r\nContent-Type: application/json", "[1,2]"),
        part("state\"", "open"),
        part("tags\"", "x"),
        part("tags\"", "y"),
        part("other\"", "x"),
    ] {
        assert!(got.body.contains(&it), "{it} of {}", got.body);
    }
    assert!(!got.body.contains("checksum"), "{}", got.body);
}

#[rstest]
#[case("OPTIONS")]
#[case("TRACE")]
#[case("HEAD")]
#[case("PATCH")]
#[tokio::test]
async fn every_method_is_sent(#[case] method: &str) {
    let (transport, received) = server(&answers::api::security::PROVIDER, DONE).await;
    let api = answers::api::Operations::new(transport);
    let done = match method {
        "OPTIONS" => api.options().await,
        "TRACE" => api.trace().await,
        "HEAD" => api.head().await,
        _ => api.patch().await,
    };
    done.expect("sent");
    assert_eq!(
        request(received).await.line,
        format!("{method} /methods HTTP/1.1")
    );
}

#[tokio::test]
async fn an_error_keeps_its_status_and_shows_no_body() {
    let (transport, received) = server(
        &answers::api::security::PROVIDER,
        &answer("404 Not Found", "application/json", "CANARY"),
    )
    .await;
    let error = answers::api::Operations::new(transport)
        .get_plain()
        .await
        .expect_err("an error");
    assert_eq!(error.status().map(u16::from), Some(404));
    assert!(error.kind() != ErrorKind::InvalidResponse, "{error:?}");
    assert!(
        !format!("{error} {error:?}").contains("CANARY"),
        "{error:?}"
    );
    request(received).await;
}

#[tokio::test]
async fn swagger_sends_what_it_describes() {
    let (transport, received) = server(
        &swagger::api::security::PROVIDER,
        &answer("201 Created", "application/json", ""),
    )
    .await;
    let (ids, twice) = (list(&["a", "b"]), vec![1, 2]);
    let api = swagger::api::Operations::new(transport);
    let got = api
        .merge_leads(5, Some(&ids), Some(&twice), Some(10))
        .await
        .expect("a success");
    assert!(got.into_inner().is_none());
    let line = request(received).await.line;
    assert!(line.starts_with("POST /leads/5/merge.json?"), "{line}");
    for part in ["leadId=1%2C2", "ids=a&ids=b", "limit=10"] {
        assert!(line.contains(part), "{line}");
    }
}

#[tokio::test]
async fn lists_in_a_form_are_joined_as_the_document_says() {
    let (transport, received) = server(&swagger::api::security::PROVIDER, DONE).await;
    let body = serde_json::json!({"email": "e", "tags": ["a b", "c"], "pages": [1, 2], "many": ["x", "y"]});
    let body: swagger::api::types::AddLeadBody = serde_json::from_value(body).expect("a form");
    let api = swagger::api::Operations::new(transport);
    api.add_lead(&body).await.expect("sent");
    let got = request(received).await.body;
    let mut pairs: Vec<&str> = got.split('&').collect();
    pairs.sort_unstable();
    let expected = [
        "email=e",
        "many=x",
        "many=y",
        "pages=1%7C2",
        "tags=a%20b%2Cc",
    ];
    assert_eq!(pairs, expected);
}

#[tokio::test]
async fn an_empty_list_in_a_form_is_not_sent() {
    let (transport, received) = server(&swagger::api::security::PROVIDER, DONE).await;
    let body = serde_json::json!({"email": "e", "tags": [], "many": []});
    let body: swagger::api::types::AddLeadBody = serde_json::from_value(body).expect("a form");
    let api = swagger::api::Operations::new(transport);
    api.add_lead(&body).await.expect("sent");
    assert_eq!(request(received).await.body, "email=e");
}
