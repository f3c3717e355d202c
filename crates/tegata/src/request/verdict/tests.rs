use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use reqwest::header::{CONTENT_ENCODING, CONTENT_TYPE};
use rstest::rstest;

use super::*;
use crate::ErrorKind;
use crate::request::scripted::{answer, coded, pieces};

const MARKETO: Refusal = Refusal {
    statuses: &[],
    body_codes: &["601", "602"],
    transient_codes: &["606"],
    denied_codes: &[],
};

const ENVELOPE: &str = r#"{"success":false,"errors":[{"code":"601","message":"CANARY"}]}"#;

fn refused(code: &str) -> Verdict {
    Verdict::Refused(Some(code.into()))
}

async fn judged(response: Response) -> (Verdict, Response) {
    judge(response, &MARKETO).await.expect("readable")
}

#[rstest]
#[case(
    r#"{"success":false,"errors":[{"code":"601","message":"m"}]}"#,
    refused("601")
)]
#[case(r#"{"success":false,"errors":[{"code":602}]}"#, refused("602"))]
#[case(
    r#"{"errors":[{"code":"1"},{"code":"602"}],"requestId":"r"}"#,
    refused("602")
)]
#[case(r#"{"success":true,"errors":[],"result":[]}"#, Verdict::Accepted)]
#[case(
    r#"{"success":true,"result":[{"success":false,"errors":[{"code":"601"}]}]}"#,
    Verdict::Accepted
)]
#[case(r#"{"result":"\"errors\":[{\"code\":\"601\"}]"}"#, Verdict::Accepted)]
#[case(r#"[{"errors":[{"code":"601"}]}]"#, Verdict::Accepted)]
#[case(r#"{"errors":"601"}"#, Verdict::Accepted)]
#[case(r#"{"errors":[{"code":"601"}"#, Verdict::Accepted)]
#[case("", Verdict::Accepted)]
#[case(
    r#"{"success":false,"errors":[{"code":"606","message":"slow"}]}"#,
    Verdict::Failed(Failed { code: Some("606".into()), message: Some("slow".into()), request_id: None, transient: true })
)]
#[case(
    r#"{"success":false,"errors":[{"code":"603","message":"no"}]}"#,
    Verdict::Failed(Failed { code: Some("603".into()), message: Some("no".into()), request_id: None, transient: false })
)]
#[case(r#"{"success":false}"#, Verdict::Failed(Failed { code: None, message: None, request_id: None, transient: false }))]
#[case(r#"{"\u0065rr\u006Frs":[{"code":"601"}]}"#, refused("601"))]
#[case(r#"{"\u0073uccess":false}"#, Verdict::Failed(Failed { code: None, message: None, request_id: None, transient: false }))]
#[tokio::test]
async fn only_the_top_level_of_the_envelope_is_judged(
    #[case] body: &'static str,
    #[case] expected: Verdict,
) {
    let (verdict, answer) = judged(answer("application/json;charset=UTF-8", body)).await;
    assert_eq!(verdict, expected, "{body}");
    assert_eq!(answer.text().await.expect("whole"), body);
}

#[rstest]
#[case::a_mark(b"\xef\xbb\xbf".to_vec(), Vec::new())]
#[case::blanks(b" \r\n\t".to_vec(), Vec::new())]
#[case::blanks_and_marks(b"\n\xef\xbb\xbf \xef\xbb\xbf".to_vec(), b"\n".to_vec())]
#[tokio::test]
async fn marks_and_blanks_before_an_envelope_hide_no_code(
    #[case] before: Vec<u8>,
    #[case] after: Vec<u8>,
    #[values(false, true)] in_pieces: bool,
) {
    let text = [&before, ENVELOPE.as_bytes(), &after].concat();
    let body = if in_pieces {
        pieces(text.chunks(1).map(<[u8]>::to_vec))
    } else {
        Body::from(text.clone())
    };
    let (verdict, answer) = judged(answer("application/json", body)).await;
    assert_eq!(verdict, refused("601"), "{text:?}");
    assert_eq!(answer.bytes().await.expect("whole"), text);
}

#[rstest]
#[case::with_a_mark(true)]
#[case::without(false)]
#[tokio::test]
async fn an_envelope_in_utf16_is_judged(#[case] marked: bool) {
    let mark = marked.then_some('\u{feff}');
    let text: String = mark.into_iter().chain(ENVELOPE.chars()).collect();
    for convert in [u16::to_le_bytes, u16::to_be_bytes] {
        let bytes: Vec<u8> = text.encode_utf16().flat_map(convert).collect();
        let (verdict, answer) = judged(answer("application/json", bytes.clone())).await;
        assert_eq!(verdict, refused("601"));
        assert_eq!(answer.bytes().await.expect("whole"), bytes);
    }
}

#[tokio::test]
async fn letters_that_are_no_utf8_hide_nothing() {
    let mut bytes = ENVELOPE.replace("CANARY", "x").into_bytes();
    let at = bytes.iter().position(|byte| *byte == b'x').expect("an x");
    bytes[at] = 0xff;
    let (verdict, _) = judged(answer("application/json", bytes)).await;
    assert_eq!(verdict, refused("601"));
}

#[rstest]
#[case("application/json", true)]
#[case("Application/JSON ; charset=utf-8", true)]
#[case("application/problem+json", true)]
#[case("text/csv", false)]
#[case("text/plain", false)]
#[case("application/jsonp", false)]
#[tokio::test]
async fn only_json_is_looked_into(#[case] content_type: &str, #[case] looks: bool) {
    let expected = if looks {
        refused("601")
    } else {
        Verdict::Accepted
    };
    let (verdict, answer) = judged(answer(content_type, ENVELOPE)).await;
    assert_eq!(verdict, expected, "{content_type}");
    assert_eq!(answer.text().await.expect("whole"), ENVELOPE);
}

#[tokio::test]
async fn an_envelope_in_many_chunks_is_read_as_one() {
    let body = pieces([r#"{"errors":[{"co"#, r#"de":"6"#, r#"02"}]}"#]);
    let (verdict, answer) = judged(answer("application/json", body)).await;
    assert_eq!(verdict, refused("602"));
    assert_eq!(
        answer.text().await.expect("whole"),
        r#"{"errors":[{"code":"602"}]}"#
    );
}

#[tokio::test]
async fn a_status_refuses_without_a_look_at_the_body() {
    let by_status = Refusal {
        statuses: &[401],
        body_codes: &[],
        transient_codes: &[],
        denied_codes: &[],
    };
    let response = http::Response::builder().status(401).body("x");
    let (verdict, answer) = judge(response.expect("an answer").into(), &by_status)
        .await
        .expect("readable");
    assert_eq!(verdict, Verdict::Refused(None));
    assert_eq!(answer.text().await.expect("whole"), "x");
}

/// An envelope that refuses, of exactly this length.
fn envelope_of(length: usize) -> String {
    let (start, end) = (r#"{"result":""#, r#"","errors":[{"code":"601"}]}"#);
    let filler = "x".repeat(length - start.len() - end.len());
    format!("{start}{filler}{end}")
}

#[rstest]
#[case(16_384, refused("601"))]
#[case(16_385, Verdict::Accepted)]
#[tokio::test]
async fn an_envelope_is_read_up_to_a_limit_with_or_without_a_length(
    #[case] length: usize,
    #[case] expected: Verdict,
    #[values(None, Some(1000), Some(20_000))] piece: Option<usize>,
) {
    let text = envelope_of(length);
    let body = match piece {
        None => Body::from(text.clone()),
        Some(piece) => pieces(text.as_bytes().chunks(piece).map(<[u8]>::to_vec)),
    };
    let response = answer("application/json", body);
    assert_eq!(response.content_length().is_some(), piece.is_none());
    let looks = piece.is_some() || length <= PREFIX;
    assert_eq!(judge_head(&response, &MARKETO).is_none(), looks);
    let (verdict, answer) = judged(response).await;
    assert_eq!(verdict, expected, "{length} {piece:?}");
    assert_eq!(answer.text().await.expect("whole"), text);
}

#[tokio::test]
async fn only_a_successful_answer_is_looked_into() {
    let response = http::Response::builder()
        .status(400)
        .header(CONTENT_TYPE, "application/json")
        .body(ENVELOPE)
        .expect("an answer");
    let (verdict, _) = judged(response.into()).await;
    assert_eq!(verdict, Verdict::Accepted);
}

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text.as_bytes()).expect("in memory");
    encoder.finish().expect("in memory")
}

#[tokio::test]
async fn a_requested_compressed_answer_is_judged_and_left_as_sent() {
    let bytes = gzip(ENVELOPE);
    let (verdict, answer) = judged(coded("gzip", bytes.clone())).await;
    assert_eq!(verdict, refused("601"));
    assert_eq!(answer.headers()[CONTENT_ENCODING], "gzip");
    assert_eq!(answer.bytes().await.expect("whole"), bytes);
}

#[rstest]
#[case(16_384, refused("601"))]
#[case(16_385, Verdict::Accepted)]
#[case(16 << 20, Verdict::Accepted)]
#[tokio::test]
async fn the_decompressed_length_counts(
    #[case] length: usize,
    #[case] expected: Verdict,
    #[values(false, true)] decoded: bool,
) {
    let response = coded("gzip", gzip(&envelope_of(length)));
    let response = if decoded {
        coding::decoded(response)
    } else {
        response
    };
    assert_eq!(judged(response).await.0, expected, "{length}");
}

#[rstest]
#[case::another_coding("br", "(br)")]
#[case::several("gzip, gzip", "(several codings)")]
#[tokio::test]
async fn an_answer_that_cannot_be_judged_is_no_success(#[case] name: &str, #[case] says: &str) {
    let error = judge(coded(name, "CANARY"), &MARKETO)
        .await
        .expect_err(name);
    assert_eq!(error.kind(), ErrorKind::InvalidResponse);
    let shown = format!("{error} {error:?}");
    assert!(shown.contains(says) && !shown.contains("CANARY"), "{shown}");
}

#[rstest]
#[tokio::test]
async fn plain_json_is_judged_whatever_coding_the_header_names(
    #[values("gzip", "deflate", "UTF-8")] name: &str,
    #[values(false, true)] decoded: bool,
) {
    let response = coded(name, ENVELOPE);
    let response = if decoded {
        coding::decoded(response)
    } else {
        response
    };
    let (verdict, answer) = judge(response, &MARKETO).await.expect("readable");
    assert!(matches!(verdict, Verdict::Refused(_)), "{verdict:?}");
    assert_eq!(answer.text().await.expect("whole"), ENVELOPE);
}
