//! Reading bodies within a limit of bytes and time.

use std::borrow::Cow;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Collected, LengthLimitError, Limited};
use reqwest::header::HeaderMap;
use reqwest::{Body, StatusCode};
use tokio::time::timeout;

use crate::request::coding::{self, Coding};
use crate::{Error, ErrorKind};

/// How much of a body is read, after decompression, and for how long.
pub(crate) struct Limits {
    pub(crate) bytes: usize,
    pub(crate) time: Duration,
}

/// Reads a body to its end.
///
/// # Errors
/// * [`ErrorKind::InvalidResponse`] if it is longer than that, or it cannot be decompressed.
/// * [`ErrorKind::Timeout`] if it takes longer.
/// * Connection errors and timeouts of the HTTP client.
pub(crate) async fn whole(
    headers: &HeaderMap,
    body: Body,
    limits: &Limits,
) -> Result<Bytes, Error> {
    let body = match coding::of(headers) {
        Some(Coding::Unreadable(name)) => return Err(coding::unreadable(name)),
        Some(coding) => coding::decode(body, coding),
        None => body,
    };
    let body = Limited::new(body, limits.bytes).collect();
    match timeout(limits.time, body).await {
        Ok(body) => body.map(Collected::to_bytes).map_err(|e| failed(e, limits)),
        Err(_) => Err(Error::new(
            ErrorKind::Timeout,
            format!(
                "the answer began, but did not end within {} s",
                limits.time.as_secs()
            ),
        )),
    }
}

/// Adds the status to an error about the content of an answer. For a failed connection it would be misleading.
pub(crate) fn with_status(error: Error, status: StatusCode) -> Error {
    match error.kind() {
        ErrorKind::InvalidResponse => error.with_status(status.as_u16()),
        _ => error,
    }
}

fn failed(error: Box<dyn std::error::Error + Send + Sync>, limits: &Limits) -> Error {
    if error.is::<LengthLimitError>() {
        let (length, unit) = match limits.bytes >> 20 {
            0 => (limits.bytes >> 10, "KiB"),
            mebibytes => (mebibytes, "MiB"),
        };
        return Error::new(
            ErrorKind::InvalidResponse,
            format!("the answer is longer than {length} {unit}"),
        );
    }
    if let Some(error) = coding::undecodable(&*error) {
        return error;
    }
    match error.downcast::<reqwest::Error>() {
        Ok(error) => Error::from_reqwest(*error),
        Err(_) => Error::new(
            ErrorKind::Connection,
            "the connection failed before the answer was complete",
        ),
    }
}

/// JSON in UTF-8 without leading byte order marks and blanks.
///
/// IIS and some gateways write a mark, which RFC 8259 (8.1) lets a reader skip. Some of them can be configured
/// to write UTF-16, which is recognized as in RFC 4627 (3).
pub(crate) fn json(bytes: &[u8]) -> Cow<'_, [u8]> {
    let read: fn([u8; 2]) -> u16 = match bytes {
        [0xff, 0xfe, ..] | [1..=u8::MAX, 0, ..] => u16::from_le_bytes,
        [0xfe, 0xff, ..] | [0, 1..=u8::MAX, ..] => u16::from_be_bytes,
        _ => return Cow::Borrowed(trimmed(bytes)),
    };
    let (pairs, _) = bytes.as_chunks::<2>();
    let units = char::decode_utf16(pairs.iter().map(|pair| read(*pair)));
    let text: String = units
        .map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect();
    Cow::Owned(trimmed(text.as_bytes()).to_vec())
}

fn trimmed(mut bytes: &[u8]) -> &[u8] {
    loop {
        bytes = bytes.trim_ascii_start();
        match bytes.strip_prefix(b"\xef\xbb\xbf") {
            Some(rest) => bytes = rest,
            None => return bytes,
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(65_536, "64 KiB")]
    #[case(2_097_152, "2 MiB")]
    #[tokio::test]
    async fn a_body_that_is_too_long_is_an_error_with_the_limit(
        #[case] bytes: usize,
        #[case] limit: &str,
    ) {
        let time = Duration::from_secs(9);
        let body = Body::from(vec![b'x'; bytes + 1]);
        let error = whole(&HeaderMap::new(), body, &Limits { bytes, time }).await;
        let said = error.expect_err("too long").to_string();
        assert_eq!(said, format!("the answer is longer than {limit}"));
    }

    #[rstest]
    #[case::plain(b"{}", b"{}")]
    #[case::mark(b"\xef\xbb\xbf{}", b"{}")]
    #[case::marks_and_blanks(b" \r\n\xef\xbb\xbf\t\xef\xbb\xbf {} ", b"{} ")]
    #[case::utf16_with_a_mark(b"\xff\xfe{\0}\0", b"{}")]
    #[case::utf16_the_other_way(b"\xfe\xff\0{\0}", b"{}")]
    #[case::utf16_without_a_mark(b"{\0}\0", b"{}")]
    #[case::utf16_the_other_way_without_a_mark(b"\0{\0}", b"{}")]
    #[case::utf16_cut_in_a_character(b"\xff\xfe{\0\x0d\xd8}\0x", "{\u{fffd}}".as_bytes())]
    #[case::half_a_mark(b"\xef\xbb{}", b"\xef\xbb{}")]
    #[case::one_byte(b"7", b"7")]
    #[case::nothing(b"", b"")]
    fn json_begins_behind_marks_and_blanks(#[case] bytes: &[u8], #[case] expected: &[u8]) {
        assert_eq!(*json(bytes), *expected);
    }
}
