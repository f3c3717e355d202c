//! Forms of several parts: what is sent, and sent again.

use rstest::rstest;
use tegata::oauth::App;
use tegata::{Bytes, multipart::Part};

use crate::credentials_on_the_wire::{all, serve};
use crate::uploads::api::types::{ImportForm, Refused};
use crate::uploads::{Client, api::security};
use crate::wire::answer;

fn token(text: &str) -> String {
    let body = format!("{{\"access_token\":{text:?}}}");
    answer("200 OK", "application/json", &body)
}

fn client(url: &str) -> Client {
    let server = security::login_server().token_url(format!("{url}/token"));
    let app = App::builder(server, "client", "secret")
        .build()
        .expect("valid");
    let client = Client::builder()
        .base_url(url)
        .login(app.client_credentials());
    client.build().expect("valid")
}

/// The body is made anew, also that of a stream.
#[rstest]
#[case(Part::bytes("one,two").file_name("rows.csv"), "filename=\"rows.csv\"")]
#[case(Part::from("one,two"), "filename=\"file\"")]
#[case(Part::stream_with(async || Ok(Bytes::from("one,two"))).file_name("rows.csv"), "filename=\"rows.csv\"")]
#[tokio::test]
async fn a_form_is_sent_again_with_a_new_credential(#[case] file: Part, #[case] name: &str) {
    let refused = answer("401 Unauthorized", "application/json", "{}");
    let done = answer("200 OK", "application/json", "{\"rows\": 2}");
    let (url, requests) = serve(vec![token("FIRST"), refused, token("SECOND"), done]).await;
    let form = ImportForm {
        file,
        name: Some("a b".to_owned()),
    };
    let got = client(&url).api().import(form).await.expect("imported");
    assert_eq!(got.into_inner().rows, 2);
    let requests = all(requests).await;
    for (at, credential) in [(1, "bearer first"), (3, "bearer second")] {
        let it = &requests[at];
        assert_eq!(it.line, "POST /import HTTP/1.1");
        assert!(
            it.head
                .contains(&format!("authorization: {credential}\r\n")),
            "{}",
            it.head
        );
        assert_eq!(it.head.matches("content-type: ").count(), 1, "{}", it.head);
        assert!(
            it.head
                .contains("content-type: multipart/form-data; boundary="),
            "{}",
            it.head
        );
        for part in ["name=\"name\"\r\n\r\na b\r\n", "one,two\r\n", name] {
            assert!(it.body.contains(part), "{}", it.body);
        }
    }
}

#[tokio::test]
async fn what_a_failure_answers_is_read_as_its_type_and_not_printed() {
    let body = r#"{"row": 77001, "token": "CANARY", "more": "CANARY"}"#;
    let failed = answer("422 Unprocessable Content", "application/json", body);
    let (url, requests) = serve(vec![token("FIRST"), failed]).await;
    let form = ImportForm {
        file: "x".into(),
        name: None,
    };
    let error = client(&url).api().import(form).await.expect_err("refused");
    let refused: Refused = error.answer().expect("its type");
    assert_eq!(
        (
            refused.row,
            refused.token.as_ref().map(tegata::Secret::expose)
        ),
        (77_001, Some("CANARY"))
    );
    let shown = format!("{error} {error:?} {error:#?} {refused:?}");
    assert!(
        !shown.contains("CANARY") && !format!("{error:?}").contains("77001"),
        "{shown}"
    );
    all(requests).await;
}
