//! Requests as the document has them, where the encoder writes them differently.
use reqwest::{Method, Request, Response};
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderName, HeaderValue};
use serde_json::Value;
/// What has to be changed in a request.
pub(super) struct Wire {
    /// A method that the encoder does not know.
    pub(super) method: Option<&'static str>,
    pub(super) content_type: Option<&'static str>,
    pub(super) accept: Option<&'static str>,
    /// A success without content is `null`.
    pub(super) may_be_empty: bool,
    /// The body becomes a form; these members are written with brackets.
    pub(super) form: Option<&'static [&'static str]>,
    /// Query parameters of which one joins all values, and by what.
    pub(super) joined: &'static [(&'static str, &'static str)],
    /// Names of parameters, and what they are called in requests.
    pub(super) renamed: &'static [(&'static str, &'static str)],
}
impl Wire {
    pub(super) const NOTHING: Self = Self {
        method: None,
        content_type: None,
        accept: None,
        may_be_empty: false,
        form: None,
        joined: &[],
        renamed: &[],
    };
    pub(super) fn prepare(&self, request: &mut Request) {
        if let Some(method) = self
            .method
            .and_then(|it| Method::from_bytes(it.as_bytes()).ok())
        {
            *request.method_mut() = method;
        }
        if let Some(deep) = self.form {
            to_form(request, deep);
        }
        let headers = request.headers_mut();
        for (name, value) in [(CONTENT_TYPE, self.content_type), (ACCEPT, self.accept)] {
            if let Some(value) = value.and_then(|it| HeaderValue::from_str(it).ok()) {
                headers.insert(name, value);
            }
        }
        for (from, to) in self.renamed {
            if let Some(value) = headers.remove(*from)
                && let Ok(name) = HeaderName::from_bytes(to.as_bytes())
            {
                headers.insert(name, value);
            }
        }
        if self.may_be_empty {
            headers.remove(ACCEPT);
        }
        if !self.joined.is_empty() || !self.renamed.is_empty() {
            self.write_query(request);
        }
    }
    pub(super) async fn finish(&self, answer: Response) -> reqwest::Result<Response> {
        if !self.may_be_empty || !answer.status().is_success() {
            return Ok(answer);
        }
        let (head, body) = http::Response::<reqwest::Body>::from(answer).into_parts();
        let body = Response::from(http::Response::new(body)).bytes().await?;
        let body = if body.is_empty() { "null".into() } else { body };
        Ok(http::Response::from_parts(head, body).into())
    }
    fn write_query(&self, request: &mut Request) {
        let mut pairs: Vec<(String, String)> = Vec::new();
        for (name, value) in request.url().query_pairs() {
            let value = encoded(&value);
            let joined = self.joined.iter().find(|(joined, _)| *joined == name);
            let former = joined
                .and_then(|_| pairs.iter_mut().find(|(other, _)| *other == name));
            match (joined, former) {
                (Some((_, by)), Some((_, former))) => {
                    former.push_str(if *by == "," { "," } else { "%20" });
                    if *by == "|" {
                        former.truncate(former.len() - 3);
                        former.push_str("%7C");
                    }
                    former.push_str(&value);
                }
                _ => pairs.push((name.into_owned(), value)),
            }
        }
        let named = |name: &str| {
            let other = self.renamed.iter().find(|(from, _)| *from == name);
            encoded(other.map_or(name, |(_, to)| to))
        };
        let pairs: Vec<String> = pairs
            .iter()
            .map(|(name, value)| format!("{}={value}", named(name)))
            .collect();
        let query = pairs.join("&");
        request.url_mut().set_query((!query.is_empty()).then_some(query.as_str()));
    }
}
fn to_form(request: &mut Request, deep: &[&str]) {
    let body = request.body().and_then(reqwest::Body::as_bytes).unwrap_or_default();
    let Ok(Value::Object(members)) = serde_json::from_slice::<Value>(body) else {
        return;
    };
    let mut pairs = Vec::new();
    for (name, value) in &members {
        let brackets = deep.contains(&name.as_str());
        add(name, value, brackets, &mut pairs);
    }
    let pairs: Vec<String> = pairs
        .iter()
        .map(|(name, value)| format!("{}={}", encoded(name), encoded(value)))
        .collect();
    *request.body_mut() = Some(pairs.join("&").into());
    let form = HeaderValue::from_static("application/x-www-form-urlencoded");
    request.headers_mut().insert(CONTENT_TYPE, form);
}
/// Lists repeat their name. Objects have brackets where the document says so, and are JSON otherwise.
fn add(name: &str, value: &Value, brackets: bool, pairs: &mut Vec<(String, String)>) {
    match value {
        Value::Null => {}
        Value::String(text) => pairs.push((name.to_owned(), text.clone())),
        Value::Array(list) => {
            for (index, item) in list.iter().enumerate() {
                match brackets {
                    true => add(&format!("{name}[{index}]"), item, true, pairs),
                    false => add(name, item, false, pairs),
                }
            }
        }
        Value::Object(members) if brackets => {
            for (member, value) in members {
                add(&format!("{name}[{member}]"), value, true, pairs);
            }
        }
        other => pairs.push((name.to_owned(), other.to_string())),
    }
}
fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}
