//! An entry as tools write it: missing members and known variations are accepted.

use serde_json::Value;

use super::body::{self, Body};
use super::entry::{Entry, Headers, LeftOut, Tool, Unread};
use super::time::Times;
use crate::fixture::{Answer, MAIN, Recorded};
use crate::record::inflate;

/// Reads one entry.
pub(super) fn entry(index: usize, value: &Value) -> Result<Entry, Unread> {
    let fail = |place: &str, problem| Unread {
        place: format!("log.entries[{index}]{place}"),
        problem,
    };
    let request = value.get("request").filter(|request| request.is_object());
    let request = request.ok_or_else(|| fail(".request", "it is missing or no object"))?;
    let text = |name: &str| request.get(name).and_then(Value::as_str);
    let method = text("method").filter(|method| !method.is_empty());
    let method = method.ok_or_else(|| fail(".request.method", "it is missing or no text"))?;
    let url = text("url").filter(|url| !url.is_empty());
    let url = url.ok_or_else(|| fail(".request.url", "it is missing or no text"))?;
    let mut left_out = LeftOut::default();
    let headers = request_headers(request, &mut left_out);
    let posted = body::posted(method, request, &headers);
    let body = take(
        posted,
        &mut left_out.request_body,
        &mut left_out.request_file,
    );
    let answer = answer(method, value, &mut left_out);
    Ok(Entry {
        index,
        url: url.to_owned(),
        request: Recorded {
            origin: MAIN.to_owned(),
            method: method.to_owned(),
            target: String::new(),
            headers,
            body,
        },
        answer,
        times: Times::of(value),
        left_out,
        resource_type: value
            .get("_resourceType")
            .and_then(Value::as_str)
            .map(str::to_owned),
        tool: Tool::default(),
    })
}

fn take(body: Body, is_left_out: &mut bool, file: &mut Option<String>) -> Vec<u8> {
    match body {
        Body::Known(bytes) => bytes,
        Body::LeftOut => {
            *is_left_out = true;
            Vec::new()
        }
        Body::Beside(name) => {
            *is_left_out = true;
            *file = Some(name);
            Vec::new()
        }
    }
}

fn request_headers(request: &Value, left_out: &mut LeftOut) -> Vec<(String, String)> {
    let mut headers = headers(request);
    for (name, value) in &headers {
        if value.is_none() {
            // A tool that cannot write a value leaves it out; nothing sends a credential without one.
            left_out
                .masked
                .insert(format!("header.{}", name.to_ascii_lowercase()));
        }
    }
    if headers.is_empty() {
        left_out.headers = Headers::LeftOut;
        // Where a tool writes no headers at all, this is all that is known of them. Some write the type of unknown
        // bytes for everything.
        let kind = request
            .pointer("/postData/mimeType")
            .and_then(Value::as_str);
        let known = |kind: &&str| !kind.is_empty() && *kind != "application/octet-stream";
        if let Some(kind) = kind.filter(known) {
            headers.push(("content-type".to_owned(), Some(kind.to_owned())));
        }
    }
    plain(headers)
}

/// The headers of a message, without the pseudo-headers of HTTP/2, which say what method and URL say.
fn headers(message: &Value) -> Vec<(String, Option<String>)> {
    let pair = |header: &Value| {
        let name = header.get("name")?.as_str()?;
        let value = header.get("value").and_then(text_of);
        (!name.starts_with(':')).then(|| (name.to_owned(), value))
    };
    let all = message.get("headers").and_then(Value::as_array);
    all.map(|all| all.iter().filter_map(pair).collect())
        .unwrap_or_default()
}

fn plain(headers: Vec<(String, Option<String>)>) -> Vec<(String, String)> {
    let headers = headers.into_iter();
    headers
        .map(|(name, value)| (name, value.unwrap_or_default()))
        .collect()
}

fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// The answer; none if the request was never answered. Where nothing says so, the tool may have left the answer out.
fn answer(method: &str, entry: &Value, left_out: &mut LeftOut) -> Option<Answer> {
    let response = entry.get("response").unwrap_or(&Value::Null);
    let Some(status) = response.get("status").and_then(status) else {
        left_out.answer_body = !has_failed(entry) && !has_failed(response);
        return None;
    };
    let mut headers = plain(headers(response));
    let content = body::answered(method, status, response, &headers);
    let body = take(
        content,
        &mut left_out.answer_body,
        &mut left_out.answer_file,
    );
    let body = decoded(body, &headers).unwrap_or_else(|| {
        left_out.answer_body = true;
        Vec::new()
    });
    // A HAR holds the body after the content coding is removed.
    headers.retain(|(name, _)| !name.eq_ignore_ascii_case("content-encoding"));
    Some(Answer {
        status,
        reason: None,
        headers,
        body,
        cut_after: None,
        raw: None,
    })
}

/// A body without its content coding, which some tools leave in: then it is no text. None if it ought to be JSON, and
/// the coding cannot be undone.
fn decoded(body: Vec<u8>, headers: &[(String, String)]) -> Option<Vec<u8>> {
    let lines = |wanted: &str| {
        let lines = headers.iter();
        let lines = lines.filter(|(name, _)| name.eq_ignore_ascii_case(wanted));
        let lines: Vec<&str> = lines.map(|(_, value)| value.as_str()).collect();
        lines.join(",")
    };
    let codings = lines("content-encoding");
    if codings.is_empty() || std::str::from_utf8(&body).is_ok() {
        return Some(body);
    }
    let is_json = body::is_json(&lines("content-type"));
    inflate(&codings, &body).or((!is_json).then_some(body))
}

fn status(value: &Value) -> Option<u16> {
    let number = match value {
        Value::String(text) => text.trim().parse().ok(),
        other => other.as_f64(),
    };
    // Some tools write every number with a fraction.
    (100..=999).find(|status| number == Some(f64::from(*status)))
}

/// Whether a tool says that a request failed or was aborted, as Chromium and mitmproxy do in `_error` and Playwright
/// in `_failureText`.
fn has_failed(holder: &Value) -> bool {
    let members = holder.as_object().into_iter().flatten();
    let mut said = members.filter(|(name, _)| {
        let name = name.to_ascii_lowercase();
        name.starts_with('_')
            && ["error", "fail", "abort"]
                .iter()
                .any(|part| name.contains(part))
    });
    said.any(|(_, value)| match value {
        Value::String(text) => !text.trim().is_empty(),
        Value::Bool(failed) => *failed,
        Value::Object(members) => !members.is_empty(),
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(value: &Value) -> Entry {
        entry(0, value).unwrap_or_else(|problem| panic!("{problem}"))
    }

    #[test]
    fn an_aborted_request_has_no_answer() {
        for status in [
            json!(-1),
            json!(0),
            json!(null),
            json!("-1"),
            json!(99),
            json!(1e9),
        ] {
            let response = json!({"status": status, "_failureText": "net::ERR_ABORTED"});
            let value =
                json!({"request": {"method": "GET", "url": "https://x/"}, "response": response});
            let entry = read(&value);
            assert_eq!(entry.answer, None, "{value}");
            assert!(!entry.left_out.answer_body, "{value}");
        }
    }

    #[test]
    fn an_answer_without_a_status_is_left_out() {
        for response in [
            json!(null),
            json!({}),
            json!({"status": 0, "_error": ""}),
            json!({"status": -1, "_error": null}),
            json!({"status": 99999}),
            json!({"status": "x"}),
        ] {
            let request = json!({"method": "GET", "url": "https://x/"});
            let entry = read(&json!({"request": request, "response": response}));
            assert_eq!(entry.answer, None, "{response}");
            assert!(entry.left_out.answer_body, "{response}");
        }
        let entry = read(&json!({"request": {"method": "GET", "url": "https://x/"}}));
        assert!(entry.left_out.answer_body);
    }

    #[test]
    fn a_status_may_have_a_fraction_of_zero() {
        for status in [json!(200), json!(200.0), json!("200"), json!("200.0")] {
            let response = json!({"status": status, "content": {"text": "a"}});
            let request = json!({"method": "GET", "url": "https://x/"});
            let entry = read(&json!({"request": request, "response": response}));
            assert_eq!(
                entry.answer.map(|answer| answer.status),
                Some(200),
                "{status}"
            );
        }
    }

    #[test]
    fn a_body_that_is_still_compressed_is_read() {
        use base64::Engine as _;
        use std::io::Read as _;

        let (text, mut gzip) = ("{\"a\":1}", Vec::new());
        let mut encoder =
            flate2::read::GzEncoder::new(text.as_bytes(), flate2::Compression::fast());
        encoder.read_to_end(&mut gzip).unwrap();
        let of = |bytes: &[u8], coding: &str| {
            let bytes = base64::engine::general_purpose::STANDARD.encode(bytes);
            let response = json!({
                "status": 200,
                "headers": [{"name": "Content-Encoding", "value": coding}],
                "content": {"text": bytes, "encoding": "base64"},
            });
            let request = json!({"method": "GET", "url": "https://x/"});
            let entry = read(&json!({"request": request, "response": response}));
            entry.answer.map(|answer| answer.body).unwrap_or_default()
        };
        assert_eq!(of(&gzip, "gzip"), text.as_bytes());
        // As most tools write it, and what cannot be decoded.
        assert_eq!(of(text.as_bytes(), "gzip"), text.as_bytes());
        assert_eq!(of(&gzip[..12], "gzip"), &gzip[..12]);
        assert_eq!(of(&gzip, "x-unknown"), gzip);
        let response = json!({
            "status": 200,
            "headers": [
                {"name": "Content-Encoding", "value": "gzip"},
                {"name": "Content-Type", "value": "application/json"},
            ],
            "content": {"text": "H4sI/w==", "encoding": "base64"},
        });
        let request = json!({"method": "GET", "url": "https://x/"});
        let broken = read(&json!({"request": request, "response": response}));
        assert!(broken.left_out.answer_body);
    }

    #[test]
    fn a_header_without_a_value_has_a_hidden_one() {
        let headers = json!([{"name": "Authorization"}, {"name": "b", "value": 7}, {"value": "c"}, 5, {"name": ":path", "value": "/"}]);
        let value = json!({"request": {"method": "GET", "url": "https://x/", "headers": headers}});
        let entry = read(&value);
        let expected =
            [("Authorization", ""), ("b", "7")].map(|(n, v)| (n.to_owned(), v.to_owned()));
        assert_eq!(entry.request.headers, expected);
        assert!(entry.left_out.masked.contains("header.authorization"));
        assert_eq!(entry.left_out.headers, Headers::Kept);
    }

    #[test]
    fn the_type_of_unknown_bytes_says_nothing_of_a_body() {
        let with = |kind: &str| {
            let posted = json!({"mimeType": kind, "text": "a=b"});
            read(&json!({"request": {"method": "POST", "url": "https://x/", "postData": posted}}))
        };
        assert_eq!(with("application/octet-stream").request.headers, []);
        assert_eq!(with("").request.headers, []);
        assert_eq!(
            with("text/plain").request.media_type().as_deref(),
            Some("text/plain")
        );
        assert_eq!(with("text/plain").left_out.headers, Headers::LeftOut);
    }
}
