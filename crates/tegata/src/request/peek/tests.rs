use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use rstest::rstest;
use tokio::time::Instant;

use super::*;
use crate::request::scripted::{answer, drip, frames, pieces};

const LIMIT: usize = 10;

async fn peeked(body: Body) -> Peeked {
    peek(answer("application/json", body), LIMIT)
        .await
        .expect("readable")
}

/// There is no timer outside of a runtime.
#[test]
fn an_answer_that_is_there_in_one_piece_takes_no_timer() {
    let mut peeked = std::pin::pin!(peek(answer("application/json", "{}"), LIMIT));
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    let Poll::Ready(peeked) = peeked.as_mut().poll(&mut context) else {
        panic!("it waits");
    };
    assert_eq!(peeked.expect("readable").whole.as_deref(), Some(&b"{}"[..]));
}

#[rstest]
#[case::nothing(&[], Some(""))]
#[case::one_piece(&["0123456789"], Some("0123456789"))]
#[case::pieces(&["01", "", "23456", "789"], Some("0123456789"))]
#[case::one_piece_too_long(&["0123456789a"], None)]
#[case::pieces_too_long(&["01234", "56789", "a", "b"], None)]
#[tokio::test]
async fn a_body_is_read_up_to_a_limit_and_stays_complete(
    #[case] texts: &[&'static str],
    #[case] whole: Option<&str>,
) {
    let read = peeked(pieces(texts.iter().copied())).await;
    assert_eq!(read.whole.as_deref(), whole.map(str::as_bytes));
    assert_eq!(read.response.text().await.expect("whole"), texts.concat());
}

#[tokio::test(start_paused = true)]
async fn a_body_that_drips_is_handed_on_after_a_while() {
    let began = Instant::now();
    let mut response = peeked(drip("0123456", Duration::from_secs(7)))
        .await
        .response;
    assert_eq!(began.elapsed(), LONGEST_WAIT);
    // No piece is lost: at 0, 7, 14, 21, 28 seconds, and then 35.
    for expected in ["0", "1", "2", "3", "4", "5", "6"] {
        let piece = response.chunk().await.expect("data");
        assert_eq!(piece.as_deref(), Some(expected.as_bytes()));
    }
    assert_eq!(began.elapsed(), Duration::from_secs(42));
}

#[tokio::test]
async fn a_broken_body_breaks_at_the_same_place_for_its_reader() {
    let data = Frame::data(Bytes::from_static(b"{\"a\":"));
    let body = frames([Ok(data), Err(std::io::Error::other("cut"))]);
    let read = peeked(body).await;
    assert_eq!(read.whole, None);
    let mut response = read.response;
    let first = response.chunk().await.expect("the first piece");
    assert_eq!(first.as_deref(), Some(&b"{\"a\":"[..]));
    response.chunk().await.expect_err("then the error");
}

#[tokio::test]
async fn trailers_are_passed_on() {
    let trailers: HeaderMap = [(CONTENT_TYPE, HeaderValue::from_static("x/y"))]
        .into_iter()
        .collect();
    let data = Frame::data(Bytes::from_static(b"{}"));
    let read = peeked(frames([Ok(data), Ok(Frame::trailers(trailers.clone()))])).await;
    assert_eq!(read.whole.as_deref(), Some(&b"{}"[..]));
    let read = Body::from(read.response).collect().await.expect("whole");
    assert_eq!(read.trailers(), Some(&trailers));
}

#[test]
fn a_partly_read_body_knows_its_length_and_whether_it_has_ended() {
    use http_body::Body as _;
    let begun = |texts: &[&'static str], rest: &'static str| {
        let frame = |text: &&'static str| Frame::data(Bytes::from_static(text.as_bytes()));
        let start = Start {
            frames: texts.iter().map(frame).collect(),
            ..Start::default()
        };
        Resumed {
            start,
            rest: Body::from(rest),
        }
    };
    assert_eq!(begun(&["abc", "de"], "fgh").size_hint().exact(), Some(8));
    assert!(begun(&[], "").is_end_stream());
    assert!(!begun(&["abc"], "").is_end_stream());
    assert!(!begun(&[], "fgh").is_end_stream());
}
