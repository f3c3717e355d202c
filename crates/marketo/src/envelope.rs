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
mod tests;
