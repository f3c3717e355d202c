//! The search must be able to find something.

use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE_NO_PAD};
use rstest::rstest;
use tegata::Error;
use tegata::provider::ErrorExt as _;

use tegata_test_support::shown::{CANARY, Shown, found};

#[rstest]
#[case::plain("x CANARY-secret x")]
#[case::other_case("canary-secret")]
#[case::within_a_url("https://h/?client_secret=CANARY%20s")]
#[case::hex("43414e415259")]
#[case::escaped("%43%41%4E%41%52%59")]
#[case::bytes(&format!("{:?}", b"CANARY-secret"))]
#[case::lines_of_bytes(&format!("{:#?}", vec![b"CANARY-secret".to_vec()]).replace("        ", "    "))]
#[case::basic(&BASE64_STANDARD_NO_PAD.encode("id:CANARY-secret"))]
#[case::basic_with_a_longer_id(&BASE64_STANDARD_NO_PAD.encode("id1:CANARY-secret"))]
#[case::basic_with_an_even_longer_id(&BASE64_STANDARD_NO_PAD.encode("id12:CANARY-secret"))]
#[case::url_safe(&BASE64_URL_SAFE_NO_PAD.encode("\u{3ff}CANARY\u{3ff}"))]
fn the_search_finds_a_canary_in_every_disguise(#[case] text: &str) {
    assert!(found(text, &[]).is_some(), "{text}");
    let mut shown = Shown::default();
    shown.text("the test", text);
    assert!(shown.leak(&[]).is_some(), "{text}");
}

#[test]
fn the_search_finds_further_secrets_and_no_false_ones() {
    assert_eq!(
        found("[redacted] Can a ryan carry?", &["0123456789abcdef"]),
        None
    );
    let state = "abcdefgh01234567";
    assert!(found("x abcdefgh01234567 x", &[state]).is_some());
    let mut shown = Shown::default();
    shown.debug("a secret", &tegata::Secret::from(CANARY));
    shown.assert_clean(&[]);
}

#[test]
fn the_search_looks_into_the_causes_of_an_error() {
    let error = Error::store("a store failed", "its cause, CANARY");
    let mut shown = Shown::default();
    shown.error("a store's own error", &error);
    let cause = "a store's own error, its cause";
    assert_eq!(
        shown.by(),
        ["a store's own error", "a store's own error", cause, cause]
    );
    assert!(shown.leak(&[]).is_some());
}
