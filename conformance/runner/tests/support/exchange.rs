//! Requests and answers put together for a test.

use tegata_conformance::fixture::{Answer, Recorded};

pub(crate) fn request(
    method: &str,
    target: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Recorded {
    Recorded {
        origin: "main".to_owned(),
        method: method.to_owned(),
        target: target.to_owned(),
        headers: owned(headers),
        body: body.as_bytes().to_vec(),
    }
}

pub(crate) fn answer(status: u16, headers: &[(&str, &str)], body: &str) -> Answer {
    Answer {
        status,
        reason: None,
        headers: owned(headers),
        body: body.as_bytes().to_vec(),
        cut_after: None,
        raw: None,
    }
}

fn owned(headers: &[(&str, &str)]) -> Vec<(String, String)> {
    let headers = headers.iter();
    headers
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}
