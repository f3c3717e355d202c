use std::time::Duration;

use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
use http_body_util::BodyExt as _;
use rstest::rstest;

use super::*;
use crate::request::body::{Limits, whole};
use crate::request::scripted::{coded, frames, pieces};

const LIMITS: Limits = Limits {
    bytes: 1 << 20,
    time: Duration::from_secs(1),
};

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text).expect("in memory");
    encoder.finish().expect("in memory")
}

fn zlib(text: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text).expect("in memory");
    encoder.finish().expect("in memory")
}

fn raw_deflate(text: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text).expect("in memory");
    encoder.finish().expect("in memory")
}

#[test]
fn the_only_header_there_is_counts() {
    let only = HeaderMap::from_iter([(CONTENT_ENCODING, "gzip".parse().expect("a value"))]);
    assert_eq!(of(&only), Some(Coding::Gzip));
    assert_eq!(of(&HeaderMap::new()), None);
}

type Encoder = fn(&[u8]) -> Vec<u8>;

#[rstest]
#[case("gzip", gzip)]
#[case("GZIP", gzip)]
#[case("x-gzip", gzip)]
#[case("gzip, identity", gzip)]
#[case(" identity ,, Gzip ", gzip)]
#[case("deflate", zlib)]
#[case("deflate", raw_deflate)]
#[tokio::test]
async fn a_coding_is_taken_off_and_its_header_with_it(
    #[case] name: &str,
    #[case] encode: Encoder,
    #[values(1, 7, 1 << 20)] piece: usize,
    #[values(0, 1, 100_000)] length: usize,
) {
    let text: Vec<u8> = (0..=250).cycle().take(length).collect();
    let body = pieces(encode(&text).chunks(piece).map(<[u8]>::to_vec));
    let answer = decoded(coded(name, body));
    assert!(!answer.headers().contains_key(CONTENT_ENCODING));
    assert_eq!(answer.bytes().await.expect("whole"), text);
}

#[tokio::test]
async fn an_answer_says_no_length_that_it_does_not_have_any_more() {
    let mut answer = coded("gzip", gzip(b"text"));
    answer.headers_mut().insert(CONTENT_LENGTH, 24.into());
    let answer = decoded(answer);
    assert!(!answer.headers().contains_key(CONTENT_LENGTH));
    assert_eq!(answer.content_length(), None);
}

/// Proxies decompress and leave the header, and servers write a charset there.
#[rstest]
#[tokio::test]
async fn an_uncompressed_answer_is_read_whatever_its_header(
    #[values("gzip", "deflate", "UTF-8", "none", "CANARY")] name: &str,
    #[values("{\"a\":1}", "[-1]", "{}", "[ ]", "\u{feff}{}", "7", "")] text: &'static str,
    #[values(1, 1 << 20)] piece: usize,
) {
    let body = pieces(text.as_bytes().chunks(piece).map(<[u8]>::to_vec));
    let answer = decoded(coded(name, body));
    assert_eq!(answer.bytes().await.expect("whole"), text.as_bytes());
}

#[tokio::test]
async fn deflate_that_begins_like_json_is_deflate() {
    // A byte order mark before a short text, compressed without a zlib header, begins with a brace.
    let text = "\u{feff}{\"access_token\":\"a\",\"refresh_token\":\"r\"}";
    let body = raw_deflate(text.as_bytes());
    assert_eq!(body[0], b'{');
    let answer = decoded(coded("deflate", body));
    assert_eq!(answer.bytes().await.expect("whole"), text.as_bytes());
}

#[tokio::test]
async fn members_of_gzip_follow_one_another() {
    let both = [gzip(b"one "), gzip(b"two")].concat();
    let answer = decoded(coded("gzip", both));
    assert_eq!(answer.text().await.expect("whole"), "one two");
}

#[rstest]
#[case("br")]
#[case("zstd")]
#[case("gzip, br")]
#[tokio::test]
async fn an_answer_in_another_coding_stays_as_it_is_and_names_it(#[case] name: &str) {
    let answer = decoded(coded(name, "CANARY"));
    assert_eq!(answer.headers()[CONTENT_ENCODING], name);
    let Some(Coding::Unreadable(said)) = of(answer.headers()) else {
        panic!("{name}");
    };
    let error = unreadable(said).to_string();
    assert!(error.contains(said) && !error.contains("CANARY"), "{error}");
    assert_eq!(answer.text().await.expect("whole"), "CANARY");
}

#[tokio::test]
async fn an_answer_without_a_body_keeps_its_headers() {
    let answer = decoded(coded("gzip", ""));
    assert_eq!(answer.headers()[CONTENT_ENCODING], "gzip");
    assert_eq!(answer.text().await.expect("whole"), "");
    let answer = decoded(coded("gzip", pieces::<Bytes>([])));
    assert_eq!(answer.text().await.expect("whole"), "");
}

#[rstest]
#[case::gzip_for_deflate("deflate", gzip(b"CANARY"))]
#[case::cut("gzip", cut(gzip(b"CANARY")))]
#[case::cut("deflate", cut(zlib(b"CANARY")))]
#[case::cut("deflate", cut(raw_deflate(b"CANARY")))]
#[tokio::test]
async fn a_wrong_content_encoding_is_named(#[case] name: &str, #[case] body: Vec<u8>) {
    let answer = decoded(coded(name, body));
    let error = whole(&HeaderMap::new(), answer.into(), &LIMITS)
        .await
        .expect_err("not that");
    assert_eq!(error.kind(), ErrorKind::InvalidResponse, "{error:?}");
    let shown = format!("{error} {error:?}");
    assert!(shown.contains(name) && !shown.contains("CANARY"), "{shown}");
}

fn cut(mut bytes: Vec<u8>) -> Vec<u8> {
    bytes.truncate(bytes.len() - 1);
    bytes
}

#[rstest]
#[case("gzip", gzip)]
#[case("deflate", zlib)]
#[tokio::test]
async fn an_endless_body_is_read_only_to_the_limit(#[case] name: &str, #[case] encode: Encoder) {
    let bomb = encode(&vec![0; 64 << 20]);
    assert!(bomb.len() < LIMITS.bytes);
    let answer = decoded(coded(name, bomb.clone()));
    let error = whole(&HeaderMap::new(), answer.into(), &LIMITS).await;
    let error = error.expect_err("too long");
    assert!(error.to_string().contains("longer than 1 MiB"), "{error}");

    let mut body = Body::from(decoded(coded(name, bomb)));
    let mut largest = 0;
    while let Some(frame) = body.frame().await {
        let data = frame.expect("readable").into_data().expect("data");
        largest = largest.max(data.len());
    }
    assert!(largest <= 8 << 20, "{largest} bytes at once");
}

#[tokio::test]
async fn a_connection_error_keeps_its_kind() {
    let data = Frame::data(Bytes::from(cut(gzip(b"text"))));
    let body = frames([Ok(data), Err(io::Error::other("cut"))]);
    let error = whole(
        &HeaderMap::new(),
        decoded(coded("gzip", body)).into(),
        &LIMITS,
    )
    .await;
    assert_eq!(error.expect_err("cut").kind(), ErrorKind::Connection);
}
