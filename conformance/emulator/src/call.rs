//! A call as it is routed: what it means, whatever way it was written.

use super::form;
use super::request::{MediaType, Seen};

/// The method, path and parameters that decide on the answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Call {
    pub(super) method: String,
    /// Without dot segments, otherwise as sent.
    pub(super) path: String,
    /// Decoded, in order, duplicates kept; those that cannot be decoded are left out.
    pub(super) parameters: Vec<(String, String)>,
}

impl Call {
    pub(super) fn of(seen: &Seen) -> Self {
        Self {
            method: seen.method.to_string(),
            path: without_dots(&seen.path),
            parameters: form::readable_pairs(seen.query_bytes()),
        }
    }

    /// Vendor, its page on leads: a query that is too long for a URL is sent as a form by POST, with
    /// `_method=GET` in the URL. Reported: a client sends that parameter in the form as well.
    pub(super) fn of_marketo(seen: &Seen) -> Self {
        let mut call = Self::of(seen);
        if call.method == "POST" {
            if seen.media_type() == MediaType::Form {
                call.parameters.extend(form::readable_pairs(&seen.body));
            }
            if call.value("_method") == Some("GET") {
                "GET".clone_into(&mut call.method);
            }
        }
        call
    }

    /// The first value of a parameter.
    pub(super) fn value(&self, name: &str) -> Option<&str> {
        self.values(name).next()
    }

    pub(super) fn values(&self, name: &str) -> impl Iterator<Item = &str> {
        self.parameters
            .iter()
            .filter(move |(candidate, _)| candidate == name)
            .map(|(_, value)| value.as_str())
    }

    /// The values of a parameter that is a list: divided by commas, repeated, or both.
    pub(super) fn list(&self, name: &str) -> Vec<&str> {
        let values = self.values(name).flat_map(|value| value.split(','));
        values
            .map(str::trim)
            .filter(|value| !value.is_empty())
            .collect()
    }
}

/// RFC 3986 section 5.2.4: a real client sends `/rest/../bulk/v1/…`.
pub(super) fn without_dots(path: &str) -> String {
    if !path.contains("/.") {
        return path.to_owned();
    }
    let mut kept: Vec<&str> = Vec::new();
    let mut segments = path.split('/').skip(1).peekable();
    while let Some(segment) = segments.next() {
        let is_last = segments.peek().is_none();
        match segment {
            "." | ".." => {
                if segment == ".." {
                    kept.pop();
                }
                if is_last {
                    kept.push("");
                }
            }
            other => kept.push(other),
        }
    }
    format!("/{}", kept.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Bytes;
    use axum::http::{HeaderMap, HeaderValue, Method};
    use rstest::rstest;

    fn seen(method: Method, query: &str, form: &'static str) -> Seen {
        let mut headers = HeaderMap::new();
        headers.insert(
            "content-type",
            HeaderValue::from_static("application/x-www-form-urlencoded; charset=utf-8"),
        );
        Seen {
            method,
            path: "/rest/v1/leads.json".to_owned(),
            query: Some(query.to_owned()),
            headers,
            body: Bytes::from_static(form.as_bytes()),
        }
    }

    #[rstest]
    #[case("/a/b", "/a/b")]
    #[case("/rest/../bulk/v1", "/bulk/v1")]
    #[case("/a/./b/.", "/a/b/")]
    #[case("/a/b/..", "/a/")]
    #[case("/../../a", "/a")]
    #[case("/a/.b/..c", "/a/.b/..c")]
    #[case("//a/.hidden", "//a/.hidden")]
    fn dot_segments_are_resolved(#[case] path: &str, #[case] expected: &str) {
        assert_eq!(without_dots(path), expected);
    }

    #[rstest]
    #[case(Method::POST, "_method=GET", "a=1", "GET", Some("1"))]
    #[case(Method::POST, "", "_method=GET&a=1", "GET", Some("1"))]
    #[case(Method::POST, "", "a=1", "POST", Some("1"))]
    #[case(Method::GET, "a=2", "a=1", "GET", Some("2"))]
    fn marketos_get_by_post_is_a_get(
        #[case] method: Method,
        #[case] query: &str,
        #[case] form: &'static str,
        #[case] expected: &str,
        #[case] value: Option<&str>,
    ) {
        let call = Call::of_marketo(&seen(method, query, form));
        assert_eq!(call.method, expected);
        assert_eq!(call.value("a"), value);
    }

    #[test]
    fn a_list_is_divided_by_commas_or_repeated() {
        let call = Call::of(&seen(Method::GET, "a=1,2&a=3&b=%zz", ""));
        assert_eq!(call.list("a"), ["1", "2", "3"]);
        assert_eq!(call.value("b"), None);
    }
}
