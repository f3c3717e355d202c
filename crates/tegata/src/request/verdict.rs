//! Whether an answer means that the credential is no longer good.

use std::collections::VecDeque;
use std::fmt;
use std::pin::Pin;
use std::sync::LazyLock;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Frame, SizeHint};
use http_body_util::BodyExt as _;
use memchr::memchr;
use memchr::memmem::Finder;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::{Body, Response, ResponseBuilderExt as _};
use serde::Deserialize;
use serde::de::{Deserializer as _, IgnoredAny, MapAccess, Visitor};
use serde_json::Value;
use url::Url;

use crate::ErrorCode;
use crate::provider::spec::Refusal;

/// How much of a JSON answer is read to look for a code. Error envelopes are a few hundred bytes; an
/// answer that is longer than this is a result.
const PREFIX: usize = 16 * 1024;

/// What an answer says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Accepted,
    /// The credential is no longer good.
    Refused(Option<ErrorCode>),
    /// The call failed for another reason, though the HTTP status says success.
    Failed {
        code: Option<ErrorCode>,
        message: Option<String>,
        transient: bool,
    },
}

/// Judges an answer and gives it back complete: at most [`PREFIX`] bytes of it are read ahead, and only
/// of JSON from a provider that puts codes into successful answers.
pub(crate) async fn judge(response: Response, refusal: &Refusal) -> (Verdict, Response) {
    match judge_head(&response, refusal) {
        Some(verdict) => (verdict, response),
        None => judge_body(response, refusal).await,
    }
}

/// What status and headers say, unless it takes a look into the body.
pub(crate) fn judge_head(response: &Response, refusal: &Refusal) -> Option<Verdict> {
    let status = response.status();
    if refusal.statuses.contains(&status.as_u16()) {
        return Some(Verdict::Refused(None));
    }
    let looks = !refusal.body_codes.is_empty() && status.is_success();
    let looks = looks && !is_long(response) && is_json(response.headers());
    (!looks).then_some(Verdict::Accepted)
}

/// What the body says, which comes back complete.
pub(crate) async fn judge_body(response: Response, refusal: &Refusal) -> (Verdict, Response) {
    let url = response.url().clone();
    let mut response = http::Response::<Body>::from(response);
    let (start, whole) = read_prefix(response.body_mut()).await;
    let (verdict, body) = if whole {
        let bytes = start.bytes();
        let verdict = judge_json(&bytes, refusal);
        (verdict, start.plain.then(|| Body::from(bytes)))
    } else {
        (Verdict::Accepted, None)
    };
    let rest = response.body_mut();
    *rest = body.unwrap_or_else(|| start.before(std::mem::take(rest)));
    (verdict, with_url(response, url))
}

/// An answer without its URL, whose query may hold a secret, and which `Debug` and every later error of
/// reqwest would print.
pub(crate) fn without_url(response: Response) -> Response {
    static NOWHERE: LazyLock<Option<Url>> =
        LazyLock::new(|| Url::parse("http://removed.invalid/").ok());
    let response = http::Response::<Body>::from(response);
    match &*NOWHERE {
        Some(url) => with_url(response, url.clone()),
        None => response.into(),
    }
}

/// Without a URL, reqwest would parse a made-up one, which takes longer than everything else here.
fn with_url(mut response: http::Response<Body>, url: Url) -> Response {
    // Only a builder can say what it is, and it says so in an extension.
    let mut builder = http::Response::builder();
    if let Some(extensions) = builder.extensions_mut() {
        std::mem::swap(extensions, response.extensions_mut());
    }
    builder = builder.url(url);
    if let Some(extensions) = builder.extensions_mut() {
        std::mem::swap(extensions, response.extensions_mut());
    }
    response.into()
}

fn is_json(headers: &HeaderMap) -> bool {
    let content_type = headers
        .get(CONTENT_TYPE)
        .map_or(&b""[..], HeaderValue::as_bytes);
    let end = content_type.iter().position(|byte| *byte == b';');
    let essence = content_type[..end.unwrap_or(content_type.len())].trim_ascii();
    let ends_with = |suffix: &[u8]| {
        let start = essence.len().checked_sub(suffix.len());
        start.is_some_and(|start| essence[start..].eq_ignore_ascii_case(suffix))
    };
    essence.eq_ignore_ascii_case(b"application/json") || ends_with(b"+json")
}

/// Whether it says that it is. The body knows what the header said, and has read it already.
fn is_long(response: &Response) -> bool {
    response
        .content_length()
        .is_some_and(|length| length > PREFIX as u64)
}

fn judge_json(body: &[u8], refusal: &Refusal) -> Verdict {
    if may_say_no(body) {
        judge_envelope(body, refusal)
    } else {
        Verdict::Accepted
    }
}

/// Whether there can be a no in it at all, found out without reading it. A no is an `errors`, which may be
/// written with escapes, or a `false`, which may not.
fn may_say_no(body: &[u8]) -> bool {
    static ERRORS: LazyLock<Finder<'_>> = LazyLock::new(|| Finder::new("errors"));
    static FALSE: LazyLock<Finder<'_>> = LazyLock::new(|| Finder::new("false"));
    let is_there = |finder: &Finder<'_>| finder.find(body).is_some();
    is_there(&ERRORS) || is_there(&FALSE) || memchr(b'\\', body).is_some()
}

/// Only the top level counts: a record deep in a result may well say `"success": false`.
fn judge_envelope(body: &[u8], refusal: &Refusal) -> Verdict {
    let Some(Envelope { errors, success }) = Envelope::read(body) else {
        return Verdict::Accepted;
    };
    let errors = errors.as_array().map_or(&[][..], Vec::as_slice);
    let codes = || {
        errors
            .iter()
            .filter_map(|error| code_of(error.get("code")?))
    };
    if let Some(code) = codes().find(|code| refusal.body_codes.contains(&code.as_str())) {
        return Verdict::Refused(Some(code));
    }
    // Successful answers of some resources carry an empty `errors`, so its presence says nothing.
    if success != Value::Bool(false) {
        return Verdict::Accepted;
    }
    let transient = codes().any(|code| refusal.transient_codes.contains(&code.as_str()));
    let message = errors
        .first()
        .and_then(|error| error.get("message")?.as_str());
    Verdict::Failed {
        code: codes().next(),
        message: message.map(str::to_owned),
        transient,
    }
}

/// What the top level of an answer says of the call. The rest, which may be large, is passed over.
#[derive(Default)]
struct Envelope {
    errors: Value,
    success: Value,
}

#[derive(Deserialize)]
#[serde(field_identifier, rename_all = "lowercase")]
enum Key {
    Errors,
    Success,
    #[serde(other)]
    Other,
}

impl Envelope {
    /// Of a JSON object, and of nothing else.
    fn read(body: &[u8]) -> Option<Self> {
        let mut json = serde_json::Deserializer::from_slice(body);
        let envelope = json.deserialize_map(EnvelopeVisitor).ok()?;
        json.end().ok().map(|()| envelope)
    }
}

struct EnvelopeVisitor;

impl<'de> Visitor<'de> for EnvelopeVisitor {
    type Value = Envelope;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Envelope, A::Error> {
        let mut envelope = Envelope::default();
        while let Some(key) = map.next_key()? {
            match key {
                Key::Errors => envelope.errors = map.next_value()?,
                Key::Success => envelope.success = map.next_value()?,
                Key::Other => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(envelope)
    }
}

pub(crate) fn code_of(value: &Value) -> Option<ErrorCode> {
    match value {
        Value::String(code) => Some(code.as_str().into()),
        Value::Number(code) => Some(code.to_string().as_str().into()),
        _ => None,
    }
}

/// What has been read of a body.
struct Start {
    frames: Frames,
    error: Option<reqwest::Error>,
    /// Nothing but data was read.
    plain: bool,
}

/// Frames in the order in which they came. Nearly always there is one, and it takes no allocation.
#[derive(Default)]
struct Frames {
    first: Option<Frame<Bytes>>,
    others: VecDeque<Frame<Bytes>>,
}

impl Frames {
    fn push(&mut self, frame: Frame<Bytes>) {
        match self.first {
            None if self.others.is_empty() => self.first = Some(frame),
            _ => self.others.push_back(frame),
        }
    }

    fn pop(&mut self) -> Option<Frame<Bytes>> {
        self.first.take().or_else(|| self.others.pop_front())
    }

    fn is_empty(&self) -> bool {
        self.first.is_none() && self.others.is_empty()
    }

    fn data(&self) -> impl Iterator<Item = &Bytes> {
        self.first
            .iter()
            .chain(&self.others)
            .filter_map(Frame::data_ref)
    }
}

/// Reads until the body ends or the prefix is full; says whether it ended well.
async fn read_prefix(body: &mut Body) -> (Start, bool) {
    let mut start = Start {
        frames: Frames::default(),
        error: None,
        plain: true,
    };
    let mut length = 0;
    loop {
        match body.frame().await {
            None => return (start, true),
            Some(Ok(frame)) => {
                length += frame.data_ref().map_or(0, Bytes::len);
                start.plain &= frame.is_data();
                start.frames.push(frame);
            }
            Some(Err(error)) => {
                // The reader of the answer is to meet the same error at the same place.
                start.error = Some(error.without_url());
                return (start, false);
            }
        }
        if length > PREFIX {
            return (start, false);
        }
    }
}

impl Start {
    fn bytes(&self) -> Bytes {
        let mut data = self.frames.data();
        match (data.next(), data.next()) {
            (None, _) => Bytes::new(),
            (Some(only), None) => only.clone(),
            (Some(first), Some(second)) => {
                let rest = data.flatten();
                first.iter().chain(second).chain(rest).copied().collect()
            }
        }
    }

    fn before(self, rest: Body) -> Body {
        Body::wrap(Resumed {
            frames: self.frames,
            error: self.error,
            rest,
        })
    }
}

/// A body whose beginning has been read already.
struct Resumed {
    frames: Frames,
    error: Option<reqwest::Error>,
    rest: Body,
}

impl http_body::Body for Resumed {
    type Data = Bytes;
    type Error = reqwest::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, reqwest::Error>>> {
        if let Some(frame) = self.frames.pop() {
            return Poll::Ready(Some(Ok(frame)));
        }
        if let Some(error) = self.error.take() {
            return Poll::Ready(Some(Err(error)));
        }
        Pin::new(&mut self.rest).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.frames.is_empty() && self.error.is_none() && self.rest.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let read: usize = self.frames.data().map(Bytes::len).sum();
        let read = read as u64;
        let rest = self.rest.size_hint();
        let mut hint = SizeHint::new();
        hint.set_lower(rest.lower().saturating_add(read));
        if let Some(upper) = rest.upper().and_then(|upper| upper.checked_add(read)) {
            hint.set_upper(upper);
        }
        hint
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    const MARKETO: Refusal = Refusal {
        statuses: &[],
        body_codes: &["601", "602"],
        transient_codes: &["606"],
        denied_codes: &[],
    };

    fn answer(content_type: &str, body: impl Into<Body>) -> Response {
        let builder = http::Response::builder()
            .status(200)
            .header(CONTENT_TYPE, content_type);
        builder.body(body.into()).expect("an answer").into()
    }

    fn chunked(chunks: Vec<Result<&'static str, std::io::Error>>) -> Body {
        struct Chunks(VecDeque<Result<&'static str, std::io::Error>>);
        impl http_body::Body for Chunks {
            type Data = Bytes;
            type Error = std::io::Error;
            fn poll_frame(
                mut self: Pin<&mut Self>,
                _: &mut Context<'_>,
            ) -> Poll<Option<Result<Frame<Bytes>, std::io::Error>>> {
                let next = self.0.pop_front();
                Poll::Ready(
                    next.map(|chunk| Ok(Frame::data(Bytes::from_static(chunk?.as_bytes())))),
                )
            }
        }
        Body::wrap(Chunks(chunks.into()))
    }

    fn refused(code: &str) -> Verdict {
        Verdict::Refused(Some(code.into()))
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
        Verdict::Failed { code: Some("606".into()), message: Some("slow".into()), transient: true }
    )]
    #[case(
        r#"{"success":false,"errors":[{"code":"603","message":"no"}]}"#,
        Verdict::Failed { code: Some("603".into()), message: Some("no".into()), transient: false }
    )]
    #[case(r#"{"success":false}"#, Verdict::Failed { code: None, message: None, transient: false })]
    #[case(r#"{"\u0065rr\u006Frs":[{"code":"601"}]}"#, refused("601"))]
    #[case(r#"{"\u0073uccess":false}"#, Verdict::Failed { code: None, message: None, transient: false })]
    #[tokio::test]
    async fn only_the_top_level_of_the_envelope_is_judged(
        #[case] body: &'static str,
        #[case] expected: Verdict,
    ) {
        let (verdict, answer) =
            judge(answer("application/json;charset=UTF-8", body), &MARKETO).await;
        assert_eq!(verdict, expected, "{body}");
        assert_eq!(answer.text().await.expect("whole"), body);
    }

    /// Bits of envelopes, and of what only looks like one.
    const BITS: &[&str] = &[
        "{",
        "}",
        "[",
        "]",
        ":",
        ",",
        "\"",
        "\\",
        "errors",
        "\\u0065rrors",
        "err",
        "ors",
        "success",
        "code",
        "false",
        "fal",
        "se",
        "true",
        "601",
        "606",
        "\"errors\":[{\"code\":\"601\"}]",
        "\"success\":false",
        "\"\\u0073uccess\":false",
        "\"result\":[]",
        "\"\\u0065rrors\":[{\"code\":602}]",
    ];

    proptest! {
        #[test]
        fn what_is_passed_over_unread_says_no_nowhere(
            bits in prop::collection::vec(prop::sample::select(BITS), 0..8),
            whole in any::<bool>(),
        ) {
            let text = if whole {
                let members: Vec<_> = bits.into_iter().filter(|bit| bit.contains("\":")).collect();
                format!("{{{}}}", members.join(","))
            } else {
                bits.concat()
            };
            let read = judge_envelope(text.as_bytes(), &MARKETO);
            prop_assert_eq!(judge_json(text.as_bytes(), &MARKETO), read, "{}", text);
        }
    }

    #[test]
    fn a_result_is_passed_over_unread() {
        assert!(!may_say_no(
            br#"{"requestId":"1#2","success":true,"result":[{"id":1}]}"#
        ));
    }

    #[tokio::test]
    async fn what_is_not_json_is_not_looked_at() {
        let envelope = r#"{"errors":[{"code":"601"}]}"#;
        let (verdict, _) = judge(answer("text/csv", envelope), &MARKETO).await;
        assert_eq!(verdict, Verdict::Accepted);
    }

    #[tokio::test]
    async fn an_envelope_in_many_chunks_is_read_as_one() {
        let chunks = vec![Ok(r#"{"errors":[{"co"#), Ok(r#"de":"6"#), Ok(r#"02"}]}"#)];
        let (verdict, answer) = judge(answer("application/json", chunked(chunks)), &MARKETO).await;
        assert_eq!(verdict, refused("602"));
        assert_eq!(
            answer.text().await.expect("whole"),
            r#"{"errors":[{"code":"602"}]}"#
        );
    }

    #[tokio::test]
    async fn a_long_answer_is_handed_on_complete_and_unjudged() {
        let text = format!(
            r#"{{"result":"{}","errors":[{{"code":"601"}}]}}"#,
            "x".repeat(PREFIX)
        );
        let leaked: &'static str = Box::leak(text.into_boxed_str());
        let chunks = leaked
            .as_bytes()
            .chunks(1000)
            .map(|c| Ok(std::str::from_utf8(c).expect("ASCII")));
        let (verdict, answer) = judge(
            answer("application/json", chunked(chunks.collect())),
            &MARKETO,
        )
        .await;
        assert_eq!(verdict, Verdict::Accepted);
        assert_eq!(answer.text().await.expect("whole"), leaked);
    }

    #[rstest]
    #[case(16_384, true)]
    #[case(16_385, false)]
    fn an_answer_that_says_it_is_long_is_not_looked_into(
        #[case] length: usize,
        #[case] looks: bool,
    ) {
        let answer = answer("application/json", "x".repeat(length));
        assert_eq!(judge_head(&answer, &MARKETO).is_none(), looks, "{length}");
    }

    #[tokio::test]
    async fn a_broken_answer_breaks_at_the_same_place_for_its_reader() {
        let chunks = vec![Ok("{\"a\":"), Err(std::io::Error::other("cut"))];
        let (verdict, mut answer) =
            judge(answer("application/json", chunked(chunks)), &MARKETO).await;
        assert_eq!(verdict, Verdict::Accepted);
        assert_eq!(
            answer.chunk().await.expect("the first chunk").as_deref(),
            Some(&b"{\"a\":"[..])
        );
        answer.chunk().await.expect_err("then the error");
    }

    #[tokio::test]
    async fn a_status_refuses_without_a_look_at_the_body() {
        let by_status = Refusal {
            statuses: &[401],
            body_codes: &[],
            transient_codes: &[],
            denied_codes: &[],
        };
        let response = http::Response::builder()
            .status(401)
            .body(Body::from("x"))
            .expect("an answer");
        let (verdict, answer) = judge(response.into(), &by_status).await;
        assert_eq!(verdict, Verdict::Refused(None));
        assert_eq!(answer.text().await.expect("whole"), "x");
    }

    /// An envelope that refuses, of exactly this length.
    fn envelope_of(length: usize) -> String {
        let (start, end) = (r#"{"result":""#, r#"","errors":[{"code":"601"}]}"#);
        format!(
            "{start}{}{end}",
            "x".repeat(length - start.len() - end.len())
        )
    }

    #[rstest]
    #[case(16_384, refused("601"))]
    #[case(16_385, Verdict::Accepted)]
    #[tokio::test]
    async fn an_envelope_is_looked_at_up_to_a_length_whether_it_is_announced_or_not(
        #[case] length: usize,
        #[case] expected: Verdict,
        #[values(false, true)] announced: bool,
    ) {
        let text: &'static str = Box::leak(envelope_of(length).into_boxed_str());
        let body = if announced {
            Body::from(text)
        } else {
            chunked(vec![Ok(text)])
        };
        let response = answer("application/json", body);
        assert_eq!(response.content_length().is_some(), announced);
        let (verdict, answer) = judge(response, &MARKETO).await;
        assert_eq!(verdict, expected, "{length} {announced}");
        assert_eq!(answer.text().await.expect("whole").len(), length);
    }

    #[tokio::test]
    async fn only_a_successful_answer_is_looked_into() {
        let envelope = r#"{"errors":[{"code":"601"}]}"#;
        let response = http::Response::builder()
            .status(400)
            .header(CONTENT_TYPE, "application/json")
            .body(Body::from(envelope))
            .expect("an answer");
        let (verdict, _) = judge(response.into(), &MARKETO).await;
        assert_eq!(verdict, Verdict::Accepted);
    }

    #[tokio::test]
    async fn what_is_no_data_comes_back_as_well() {
        struct Ends(VecDeque<Frame<Bytes>>);
        impl http_body::Body for Ends {
            type Data = Bytes;
            type Error = std::io::Error;
            fn poll_frame(
                mut self: Pin<&mut Self>,
                _: &mut Context<'_>,
            ) -> Poll<Option<Result<Frame<Bytes>, std::io::Error>>> {
                Poll::Ready(self.0.pop_front().map(Ok))
            }
        }
        let trailers: HeaderMap = [(CONTENT_TYPE, HeaderValue::from_static("x/y"))]
            .into_iter()
            .collect();
        let frames = [
            Frame::data(Bytes::from_static(b"{}")),
            Frame::trailers(trailers.clone()),
        ];
        let body = Body::wrap(Ends(frames.into()));
        let (_, response) = judge(answer("application/json", body), &MARKETO).await;
        let read = Body::from(response).collect().await.expect("whole");
        assert_eq!(read.trailers(), Some(&trailers));
    }

    #[test]
    fn frames_come_out_in_the_order_in_which_they_went_in() {
        let frame = |text: &'static str| Frame::data(Bytes::from_static(text.as_bytes()));
        let mut frames = Frames::default();
        let popped = |frames: &mut Frames| frames.pop().and_then(|one| one.into_data().ok());
        frames.push(frame("a"));
        assert_eq!(frames.others.capacity(), 0, "one takes no allocation");
        frames.push(frame("b"));
        assert_eq!(popped(&mut frames).as_deref(), Some(&b"a"[..]));
        frames.push(frame("c"));
        assert_eq!(popped(&mut frames).as_deref(), Some(&b"b"[..]));
        assert_eq!(popped(&mut frames).as_deref(), Some(&b"c"[..]));
        assert!(frames.is_empty() && popped(&mut frames).is_none());
    }

    #[test]
    fn a_body_that_was_begun_knows_how_long_it_is_and_whether_it_has_ended() {
        use http_body::Body as _;
        let begun = |texts: &[&'static str], rest: &'static str| {
            let mut frames = Frames::default();
            for text in texts {
                frames.push(Frame::data(Bytes::from_static(text.as_bytes())));
            }
            Resumed {
                frames,
                error: None,
                rest: Body::from(rest),
            }
        };
        assert_eq!(begun(&["abc", "de"], "fgh").size_hint().exact(), Some(8));
        assert!(begun(&[], "").is_end_stream());
        assert!(!begun(&["abc"], "").is_end_stream());
        assert!(!begun(&[], "fgh").is_end_stream());
    }
}
