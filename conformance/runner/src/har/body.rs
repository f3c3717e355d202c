//! The body of a message, and how a body that is empty is distinguished from one that the tool left out.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, NO_PAD};
use serde_json::{Map, Value};

use crate::fixture::join_pairs;
use crate::record::BODY_LIMIT;

/// As tools write it: some leave out the padding.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    NO_PAD.with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// What a recording has of a body.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Body {
    /// All of it; nothing, if it is empty.
    Known(Vec<u8>),
    /// There was one, or there may have been, and it is not in the recording.
    LeftOut,
    /// It is in a file of this name.
    Beside(String),
}

/// The body of a request.
pub(super) fn posted(method: &str, request: &Value, headers: &[(String, String)]) -> Body {
    let posted = request.get("postData").filter(|posted| posted.is_object());
    if let Some(posted) = posted {
        if let Some(known) = text(posted).or_else(|| params(posted, headers)) {
            return known;
        }
        if let Some(file) = file(posted) {
            return file;
        }
    }
    let size = size(request, "bodySize");
    let length = number(header(headers, "content-length"));
    if size > Some(0) || length > Some(0) {
        return Body::LeftOut;
    }
    if size == Some(0) || length == Some(0) {
        return Body::Known(Vec::new());
    }
    // Neither tells. What says of what kind the body is, or how it is sent, says that there is one; but tools and
    // clients name a kind where there usually is none.
    let no_text = posted.is_some_and(|posted| posted.get("text").is_none_or(Value::is_null));
    let has_type = header(headers, "content-type").is_some();
    let usually_none = ["GET", "HEAD", "OPTIONS", "DELETE"]
        .iter()
        .any(|known| method.eq_ignore_ascii_case(known));
    let is_typed = (no_text || has_type) && !usually_none;
    if is_typed || header(headers, "transfer-encoding").is_some() {
        return Body::LeftOut;
    }
    Body::Known(Vec::new())
}

/// The body of an answer.
pub(super) fn answered(
    method: &str,
    status: u16,
    response: &Value,
    headers: &[(String, String)],
) -> Body {
    let nothing = || Body::Known(Vec::new());
    // These have none (RFC 9110, section 6.4.1).
    if method.eq_ignore_ascii_case("head") || matches!(status, 100..=199 | 204 | 304) {
        return nothing();
    }
    let content = response
        .get("content")
        .filter(|content| content.is_object());
    if let Some(content) = content {
        if let Some(known) = text(content) {
            return known;
        }
        if let Some(file) = file(content) {
            return file;
        }
    }
    let size = content.and_then(|content| size(content, "size"));
    let length = number(header(headers, "content-length"));
    if size > Some(0) || length > Some(0) || self::size(response, "bodySize") > Some(0) {
        return Body::LeftOut;
    }
    if length == Some(0) {
        return nothing();
    }
    // An empty text is no JSON, and an empty body needs no chunks.
    let json = header(headers, "content-type").is_some_and(is_json);
    let has_text = content.is_some_and(|content| !content.get("text").is_none_or(Value::is_null));
    if json || header(headers, "transfer-encoding").is_some() || !has_text && size.is_none() {
        return Body::LeftOut;
    }
    nothing()
}

/// The text of a body, unless it is missing or empty. One that cannot be decoded, or is too large, is unknown.
fn text(holder: &Value) -> Option<Body> {
    let text = holder.get("text").and_then(Value::as_str)?;
    if text.is_empty() {
        return None;
    }
    let encoding = holder.get("encoding").and_then(Value::as_str);
    let bytes = if encoding.is_some_and(|encoding| encoding.eq_ignore_ascii_case("base64")) {
        // Some break its lines.
        let text: String = text.split_ascii_whitespace().collect();
        BASE64.decode(text).ok()
    } else {
        Some(text.as_bytes().to_vec())
    };
    let bytes = bytes.filter(|bytes| bytes.len() <= BODY_LIMIT);
    Some(bytes.map_or(Body::LeftOut, Body::Known))
}

fn file(holder: &Value) -> Option<Body> {
    let name = holder.get("_file").and_then(Value::as_str)?;
    Some(Body::Beside(name.to_owned()))
}

/// The fields of a body, in the form that its media type has. None if there are none.
fn params(posted: &Value, headers: &[(String, String)]) -> Option<Body> {
    let params = posted.get("params").and_then(Value::as_array)?;
    let named = |param: &Value| {
        let name = param.get("name")?.as_str()?.to_owned();
        Some((name, param.get("value").cloned().unwrap_or_default()))
    };
    let fields: Vec<(String, Value)> = params.iter().filter_map(named).collect();
    if fields.is_empty() {
        return None;
    }
    let kind = posted.get("mimeType").and_then(Value::as_str);
    let kind = header(headers, "content-type").or(kind).unwrap_or_default();
    Some(if is_json(kind) {
        object(fields).map_or(Body::LeftOut, Body::Known)
    } else if media_type(kind).starts_with("multipart/") {
        // Neither the boundary nor the content of files is known.
        Body::LeftOut
    } else {
        let pairs: Vec<_> = fields
            .into_iter()
            .map(|(name, value)| (name, plain(&value)))
            .collect();
        Body::Known(join_pairs(&pairs).into_bytes())
    })
}

/// The object whose members a tool wrote as fields. A list is written as several fields of one name, and a list of
/// objects under numbers: neither can be distinguished from others.
fn object(fields: Vec<(String, Value)>) -> Option<Vec<u8>> {
    let mut members = Map::new();
    for (name, value) in fields {
        let is_index = name.bytes().all(|byte| byte.is_ascii_digit());
        if is_index || members.insert(name, value).is_some() {
            return None;
        }
    }
    serde_json::to_vec(&Value::Object(members)).ok()
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

fn header<'h>(headers: &'h [(String, String)], name: &str) -> Option<&'h str> {
    let mut named = headers
        .iter()
        .filter(|(known, _)| known.eq_ignore_ascii_case(name));
    named.next().map(|(_, value)| value.as_str())
}

fn number(text: Option<&str>) -> Option<i64> {
    text?.trim().parse().ok()
}

/// A size; none where the tool does not know it, which it writes as a negative number.
fn size(holder: &Value, name: &str) -> Option<i64> {
    let size = holder.get(name)?;
    let size = size.as_i64().or_else(|| size.as_str()?.parse().ok())?;
    (size >= 0).then_some(size)
}

fn media_type(kind: &str) -> String {
    let kind = kind.split(';').next().unwrap_or_default();
    kind.trim().to_ascii_lowercase()
}

pub(super) fn is_json(kind: &str) -> bool {
    let kind = media_type(kind);
    kind == "application/json" || kind == "text/json" || kind.ends_with("+json")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn headers(lines: &[(&str, &str)]) -> Vec<(String, String)> {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        lines.iter().map(owned).collect()
    }

    fn known(text: &str) -> Body {
        Body::Known(text.as_bytes().to_vec())
    }

    #[test]
    fn an_answer_without_text_is_empty_only_if_something_says_so() {
        let json_type = ("Content-Type", "application/json; charset=utf-8");
        let length = ("content-length", "97");
        let chunked = ("transfer-encoding", "chunked");
        for (response, lines, expected) in [
            (json!({"content": {"size": 97}}), vec![], Body::LeftOut),
            (
                json!({"content": {"size": 0, "text": ""}}),
                vec![length],
                Body::LeftOut,
            ),
            (
                json!({"content": {"size": -1, "text": ""}, "bodySize": 12}),
                vec![],
                Body::LeftOut,
            ),
            (
                json!({"content": {"size": 0, "text": ""}}),
                vec![json_type],
                Body::LeftOut,
            ),
            (
                json!({"content": {"size": 0}}),
                vec![chunked],
                Body::LeftOut,
            ),
            (
                json!({"content": {}, "bodySize": -1}),
                vec![],
                Body::LeftOut,
            ),
            (json!({}), vec![], Body::LeftOut),
            (
                json!({"content": {"text": "%%%", "encoding": "base64"}}),
                vec![],
                Body::LeftOut,
            ),
            (
                json!({"content": {"_file": "a.json", "size": 9}}),
                vec![],
                Body::Beside("a.json".to_owned()),
            ),
            (
                json!({"content": {"size": 0, "text": ""}}),
                vec![],
                known(""),
            ),
            (
                json!({"content": {"size": 0}, "bodySize": -319}),
                vec![],
                known(""),
            ),
            (json!({"content": {"text": ""}}), vec![], known("")),
            (
                json!({"content": {"size": -1}}),
                vec![("Content-Length", "0"), json_type],
                known(""),
            ),
            (
                json!({"content": {"size": "5", "text": "hello"}}),
                vec![length],
                known("hello"),
            ),
        ] {
            let found = answered("GET", 200, &response, &headers(&lines));
            assert_eq!(found, expected, "{response} {lines:?}");
        }
        for (method, status) in [("HEAD", 200), ("GET", 204), ("GET", 304)] {
            let found = answered(
                method,
                status,
                &json!({"content": {"size": 97}}),
                &headers(&[length]),
            );
            assert_eq!(found, known(""), "{method} {status}");
        }
    }

    #[test]
    fn a_request_without_text_is_empty_only_if_something_says_so() {
        let form = ("content-type", "application/x-www-form-urlencoded");
        let length = ("Content-Length", "29");
        for (request, lines, expected) in [
            (json!({"bodySize": 29}), vec![form], Body::LeftOut),
            (
                json!({"bodySize": -1, "postData": {"text": ""}}),
                vec![length],
                Body::LeftOut,
            ),
            (json!({"bodySize": 0}), vec![form, length], Body::LeftOut),
            (json!({"bodySize": -1}), vec![form], Body::LeftOut),
            (
                json!({"postData": {"mimeType": "application/json"}}),
                vec![],
                Body::LeftOut,
            ),
            (
                json!({"postData": {"_file": "a.dat", "text": ""}}),
                vec![],
                Body::Beside("a.dat".to_owned()),
            ),
            (
                json!({"bodySize": 0, "postData": {"mimeType": ""}}),
                vec![form],
                known(""),
            ),
            (
                json!({"postData": null}),
                vec![("content-length", "0"), form],
                known(""),
            ),
            (
                json!({"bodySize": 9, "postData": {"text": "", "params": [{"name": "a", "value": 1}]}}),
                vec![form],
                known("a=1"),
            ),
        ] {
            let found = posted("POST", &request, &headers(&lines));
            assert_eq!(found, expected, "{request} {lines:?}");
        }
        let typed = headers(&[("content-type", "application/json")]);
        assert_eq!(posted("GET", &json!({"bodySize": -1}), &typed), known(""));
        let kind = json!({"bodySize": -1, "postData": {"mimeType": "text/plain"}});
        assert_eq!(posted("GET", &kind, &[]), known(""));
        assert_eq!(posted("POST", &kind, &[]), Body::LeftOut);
    }

    #[test]
    fn fields_of_a_json_type_are_an_object_or_unknown() {
        let body = |kind: &str, params: Value| {
            posted(
                "POST",
                &json!({"postData": {"mimeType": kind, "params": params}}),
                &[],
            )
        };
        let two = json!([{"name": "a", "value": "b"}, {"name": "n", "value": 1}]);
        assert_eq!(
            body("application/json", two.clone()),
            known(r#"{"a":"b","n":1}"#)
        );
        assert_eq!(
            body("application/vnd.api+json;charset=UTF-8", two.clone()),
            known(r#"{"a":"b","n":1}"#)
        );
        assert_eq!(body("text/plain", two.clone()), known("a=b&n=1"));
        assert_eq!(body("multipart/form-data; boundary=x", two), Body::LeftOut);
        let list = json!([{"name": "a", "value": "b"}, {"name": "a", "value": "c"}]);
        assert_eq!(body("application/json", list), Body::LeftOut);
        assert_eq!(
            body("application/json", json!([{"name": "0", "value": {}}])),
            Body::LeftOut
        );
    }
}
