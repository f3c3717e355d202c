use super::*;
use rstest::rstest;

#[rstest]
#[case::a_page(
    r#"{"requestId":"a#1","success":true,"result":[7],"nextPageToken":"N","moreResult":true}"#,
    (Some("a#1"), vec![7], Some("N"), Some(true)),
)]
#[case::no_result(r#"{"requestId":"a#1","success":true}"#, (Some("a#1"), vec![], None, None))]
#[case::null(
    r#"{"requestId":null,"success":true,"result":null,"nextPageToken":null,"moreResult":null}"#,
    (None, vec![], None, None),
)]
#[case::an_asset(
    r#"{"success":true,"errors":[],"warnings":["w"],"result":[7]}"#,
    (None, vec![7], None, None),
)]
fn every_envelope_of_the_vendors_examples_is_read(
    #[case] text: &str,
    #[case] expected: (Option<&str>, Vec<u8>, Option<&str>, Option<bool>),
) {
    let read: Envelope<u8> = serde_json::from_str(text).expect("an envelope");
    let read = (
        read.request_id.as_deref(),
        read.result.clone(),
        read.next_page_token.as_deref(),
        read.more_result,
    );
    assert_eq!(read, expected);
}
