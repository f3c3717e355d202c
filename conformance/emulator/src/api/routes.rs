//! Which operation a request is for.

use std::cmp::Reverse;
use std::collections::HashMap;

use axum::http::Method;

use super::profile::Profile;

/// The paths of a profile's operations.
pub(super) struct Routes {
    /// Operations by paths without parameters.
    exact: HashMap<String, Vec<usize>>,
    templates: Vec<(Vec<Segment>, Vec<usize>)>,
}

/// A segment as the texts around its parameters: one text if it has none.
struct Segment(Vec<String>);

/// What a path leads to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Route {
    /// The number of an operation.
    Operation(usize),
    /// The path is there, with these methods.
    Methods(Vec<Method>),
    Unknown,
}

impl Routes {
    pub(super) fn of(profile: &Profile) -> Self {
        let mut exact: HashMap<String, Vec<usize>> = HashMap::new();
        let mut known: HashMap<&str, usize> = HashMap::new();
        let mut templates: Vec<(Vec<Segment>, Vec<usize>)> = Vec::new();
        for (index, operation) in profile.operations.iter().enumerate() {
            let path = operation.path.as_str();
            if !path.contains('{') {
                exact.entry(path.to_owned()).or_default().push(index);
                continue;
            }
            let at = *known.entry(path).or_insert_with(|| {
                templates.push((path.split('/').map(Segment::of).collect(), Vec::new()));
                templates.len() - 1
            });
            templates[at].1.push(index);
        }
        // OpenAPI: concrete paths come first. Of templates, the one whose earlier segments are more so.
        templates.sort_by_cached_key(|(segments, _)| {
            let weights = segments.iter().map(Segment::weight);
            weights.collect::<Vec<_>>()
        });
        Self { exact, templates }
    }

    pub(super) fn find(&self, profile: &Profile, method: &Method, path: &str) -> Route {
        let mut methods = Vec::new();
        for operations in self.at(path) {
            for &index in operations {
                let known = &profile.operations[index].method;
                if known == method {
                    return Route::Operation(index);
                }
                methods.push(known.clone());
            }
        }
        if methods.is_empty() {
            Route::Unknown
        } else {
            Route::Methods(methods)
        }
    }

    pub(super) fn know(&self, path: &str) -> bool {
        self.at(path).next().is_some()
    }

    fn at<'a>(&'a self, path: &'a str) -> impl Iterator<Item = &'a Vec<usize>> {
        let fits = move |segments: &[Segment]| {
            let mut sent = path.split('/');
            segments
                .iter()
                .all(|it| sent.next().is_some_and(|sent| it.fits(sent)))
                && sent.next().is_none()
        };
        let templates = self.templates.iter();
        let templates = templates.filter(move |(segments, _)| fits(segments));
        let exact = self.exact.get(path).into_iter();
        exact.chain(templates.map(|(_, operations)| operations))
    }
}

impl Segment {
    fn of(text: &str) -> Self {
        let mut texts = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            texts.push(before.to_owned());
            rest = after.split_once('}').map_or("", |(_, after)| after);
        }
        texts.push(rest.to_owned());
        Self(texts)
    }

    /// Less for a segment that fits fewer texts.
    fn weight(&self) -> (bool, Reverse<usize>) {
        let fixed = self.0.iter().map(String::len).sum();
        (self.0.len() > 1, Reverse(fixed))
    }

    /// Each parameter takes at least one character, and as few as it can.
    fn fits(&self, sent: &str) -> bool {
        let [first, rest @ ..] = self.0.as_slice() else {
            return false;
        };
        let Some(mut sent) = sent.strip_prefix(first.as_str()) else {
            return false;
        };
        let Some((last, between)) = rest.split_last() else {
            return sent.is_empty();
        };
        for text in between {
            let start = sent.chars().next().map_or(0, char::len_utf8);
            let Some(at) = sent.get(start..).and_then(|it| it.find(text.as_str())) else {
                return false;
            };
            if start == 0 {
                return false;
            }
            sent = &sent[start + at + text.len()..];
        }
        sent.len() > last.len() && sent.ends_with(last.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    fn profile(paths: &[(&str, &str)]) -> Profile {
        let operations: Vec<_> = paths
            .iter()
            .map(|(method, path)| serde_json::json!({"id": path, "method": method, "path": path}))
            .collect();
        let json = serde_json::json!({"tegata-profile": 1, "name": "a", "operations": operations});
        Profile::from_json("a.json", &json.to_string()).unwrap()
    }

    #[rstest]
    #[case("GET", "/items", Some("/items"))]
    #[case("GET", "/items/7", Some("/items/{id}"))]
    #[case("GET", "/items/mine", Some("/items/mine"))]
    #[case("DELETE", "/items/mine", Some("/items/{id}"))]
    #[case("GET", "/items/", None)]
    #[case("GET", "/items/7/", None)]
    #[case("GET", "/items/7.json", Some("/items/{id}.json"))]
    #[case("GET", "/items/.json", Some("/items/{id}"))]
    #[case("GET", "/files/a:b", Some("/files/{a}:{b}"))]
    #[case("GET", "/files/:b", None)]
    #[case("GET", "/files/é:b", Some("/files/{a}:{b}"))]
    #[case("GET", "/x/fixed", Some("/x/{b}"))]
    fn the_most_concrete_path_answers(
        #[case] method: &str,
        #[case] path: &str,
        #[case] expected: Option<&str>,
    ) {
        let profile = profile(&[
            ("GET", "/{a}/fixed"),
            ("GET", "/items/{id}"),
            ("GET", "/items/{id}.json"),
            ("DELETE", "/items/{id}"),
            ("GET", "/items"),
            ("GET", "/items/mine"),
            ("GET", "/files/{a}:{b}"),
            ("GET", "/x/{b}"),
        ]);
        let routes = Routes::of(&profile);
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let found = match routes.find(&profile, &method, path) {
            Route::Operation(index) => Some(profile.operations[index].path.as_str()),
            Route::Methods(_) | Route::Unknown => None,
        };
        assert_eq!(found, expected, "{path}");
    }

    proptest! {
        #[test]
        fn no_template_and_no_path_make_a_route_panic(template in "[{}a./é]{0,12}", path in "[{}a./é]{0,12}") {
            let segments: Vec<_> = template.split('/').map(Segment::of).collect();
            for (segment, sent) in segments.iter().zip(path.split('/')) {
                let _ = segment.fits(sent);
            }
            // A text fits itself.
            let plain = path.replace(['{', '}', '/'], "");
            prop_assert!(Segment::of(&plain).fits(&plain));
        }
    }

    #[test]
    fn a_path_without_the_method_names_those_that_it_has() {
        let profile = profile(&[("GET", "/a"), ("PUT", "/a"), ("POST", "/{b}")]);
        let found = Routes::of(&profile).find(&profile, &Method::PATCH, "/a");
        assert_eq!(
            found,
            Route::Methods(vec![Method::GET, Method::PUT, Method::POST])
        );
    }
}
