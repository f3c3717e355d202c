//! The envelope around the result of a call.

use serde::{Deserialize, Deserializer};

/// The answer to a call that is in no spec, with its records: `client.get(path).send_json::<Envelope<Lead>>()`.
/// With `send_json`, an answer with `"success": false` is an error.
///
/// Evidence: vendor (`AdobeDocs/marketo-developer.en:help/rest-api/error-codes.md` for `requestId` and `result`;
/// `paging-tokens.md` beside it for `nextPageToken` and `moreResult`). The vendor's examples leave each of these out
/// somewhere, so none is required.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", bound = "T: Deserialize<'de>")]
#[non_exhaustive]
pub struct Envelope<T> {
    /// The id of the request, for a report to the vendor.
    pub request_id: Option<String>,
    /// The records; none if the answer has none.
    #[serde(default = "Vec::new", deserialize_with = "list")]
    pub result: Vec<T>,
    /// The `nextPageToken` for the next call, to get the records after these.
    pub next_page_token: Option<String>,
    /// Whether there are more records. Absent where the call has no pages.
    pub more_result: Option<bool>,
}

/// `null` counts as no records.
fn list<'de, D: Deserializer<'de>, T: Deserialize<'de>>(from: D) -> Result<Vec<T>, D::Error> {
    Option::deserialize(from).map(Option::unwrap_or_default)
}

#[cfg(test)]
mod tests {
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
}
