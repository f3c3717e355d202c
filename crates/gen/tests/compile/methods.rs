//! Methods that OpenAPI has since 3.2: they are sent as they are called.

use rstest::rstest;

use crate::credentials_on_the_wire::{all, serve_at};
use crate::next::Client;
use crate::next::api::types::Search;
use crate::wire::{DONE, answer};

#[tokio::test]
async fn a_query_has_a_typed_body_and_answer() {
    let found = answer("200 OK", "application/json", r#"{"count": 3}"#);
    let (url, requests) = serve_at(|_| vec![found]).await;
    let client = Client::builder()
        .base_url(url)
        .device_access_token("CANARY");
    let client = client.build().expect("valid");
    let search = Search {
        text: "a".to_owned(),
    };
    let found = client.api().search(Some(2), &search).await.expect("sent");
    assert_eq!(found.into_inner().count, Some(3));
    let request = &all(requests).await[0];
    assert_eq!(request.line, "QUERY /next?page=2 HTTP/1.1");
    assert_eq!(request.body, r#"{"text":"a"}"#);
    assert!(request.head.contains("authorization: bearer canary"));
    assert!(request.head.contains("content-type: application/json"));
}

#[rstest]
#[case("get", "GET /next HTTP/1.1", true)]
#[case("post", "POST /next HTTP/1.1", true)]
#[case("m-search", "M-SEARCH /next HTTP/1.1", true)]
#[case("link", "link /next HTTP/1.1", false)]
#[tokio::test]
async fn operations_of_one_path_have_their_own_methods(
    #[case] method: &str,
    #[case] line: &str,
    #[case] has_credential: bool,
) {
    let (url, requests) = serve_at(|_| vec![DONE.to_owned()]).await;
    let client = Client::builder()
        .base_url(url)
        .device_access_token("CANARY");
    let client = client.build().expect("valid");
    let api = client.api();
    let sent = match method {
        "get" => api.next().await,
        "post" => api.make().await,
        "m-search" => api.m_search_next().await,
        _ => api.joins().await,
    };
    sent.expect("sent");
    let request = &all(requests).await[0];
    assert_eq!(request.line, line);
    assert_eq!(request.head.contains("authorization: "), has_credential);
}
