//! What stands around the result of a call.

use serde::Deserialize;
use serde_json::Value;

/// The answer to a call that is in no spec, with its records: `client.get(path).send_json::<Envelope<Lead>>()`. One
/// that says `"success": false` is an error before it is read.
///
/// Evidence: vendor (`AdobeDocs/marketo-developer.en:help/rest-api/error-codes.md` for `requestId`, `success` and
/// `result`; `paging-tokens.md` beside it for `nextPageToken` and `moreResult`;
/// `AdobeDocs/marketo-apis:static/swagger-mapi.json` for `warnings`). The vendor's examples leave each of these out
/// somewhere, so none is required.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Envelope<T> {
    /// The id of the request, for a report to the vendor.
    pub request_id: Option<String>,
    /// The records; none if the answer has none.
    #[serde(default = "Vec::new")]
    pub result: Vec<T>,
    /// What the next call is to hand over as `nextPageToken` to go on behind these records.
    pub next_page_token: Option<String>,
    /// Whether there are more records. Absent where the call has no pages.
    pub more_result: Option<bool>,
    /// Remarks of the server: objects, or texts for assets.
    #[serde(default)]
    pub warnings: Vec<Value>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case::a_page(
        r#"{"requestId":"a#1","success":true,"result":[7],"nextPageToken":"N","moreResult":true}"#,
        (Some("a#1"), vec![7], Some("N"), Some(true), 0),
    )]
    #[case::no_result(r#"{"requestId":"a#1","success":true}"#, (Some("a#1"), vec![], None, None, 0))]
    #[case::an_asset(
        r#"{"success":true,"errors":[],"warnings":["w"],"result":[7]}"#,
        (None, vec![7], None, None, 1),
    )]
    fn every_envelope_of_the_vendors_examples_is_read(
        #[case] text: &str,
        #[case] expected: (Option<&str>, Vec<u8>, Option<&str>, Option<bool>, usize),
    ) {
        let read: Envelope<u8> = serde_json::from_str(text).expect("an envelope");
        let read = (
            read.request_id.as_deref(),
            read.result.clone(),
            read.next_page_token.as_deref(),
            read.more_result,
            read.warnings.len(),
        );
        assert_eq!(read, expected);
    }
}
