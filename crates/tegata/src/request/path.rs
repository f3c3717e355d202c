//! Checks that the path of a request leads to the resource that was written.
//!
//! A URL parser resolves `.` and `..`, `%2e%2e` too, takes a backslash for a slash and drops line breaks. So an
//! untrusted parameter could lead a request, with its credential, to another resource than the intended one.

use std::borrow::Cow;

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use url::Url;

use crate::provider::BaseUrl;
use crate::request::written::has_dot_segment;
use crate::{Error, ErrorKind};

/// Characters that are encoded in a segment (<https://url.spec.whatwg.org/#url-path-segment-string>), and the
/// backslash, which parsers take for a slash.
#[rustfmt::skip]
const SEGMENT: &AsciiSet = &CONTROLS
    .add(b' ').add(b'"').add(b'#').add(b'%').add(b'/').add(b'<').add(b'>').add(b'?').add(b'\\').add(b'`').add(b'{')
    .add(b'}');

/// No text encodes to this, since it is not UTF-8.
const REFUSED: &str = "%FF";

/// The path of a request below the base URL: as text, such as `"/v1/jobs?limit=10"`, or as segments, such as
/// `["v1", "jobs", id]`. Segments are encoded, so that each stays one; text is sent as it is.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no path",
    note = "a path is a text, or segments that are texts: `\"/v1/jobs\"`, `[\"v1\", \"jobs\", &id]`"
)]
pub trait IntoPath: sealed::Sealed {}

impl<P: sealed::Sealed> IntoPath for P {}

pub(crate) mod sealed {
    use super::{BaseUrl, Cow, Error, Url, join_segments, join_text};

    pub trait Sealed {
        fn url_below(self, base: &BaseUrl) -> Result<Url, Error>;
    }

    macro_rules! paths {
        ($([$($generics:tt)*] $path:ty: $join:ident;)*) => {
            $(impl<$($generics)*> Sealed for $path {
                fn url_below(self, base: &BaseUrl) -> Result<Url, Error> {
                    $join(base, self.as_ref())
                }
            })*
        };
    }

    paths! {
        [] &str: join_text;
        [] &&str: join_text;
        [] String: join_text;
        [] &String: join_text;
        [] Cow<'_, str>: join_text;
        [S: AsRef<str>, const N: usize] [S; N]: join_segments;
        [S: AsRef<str>, const N: usize] &[S; N]: join_segments;
        [S: AsRef<str>] &[S]: join_segments;
        [S: AsRef<str>] Vec<S>: join_segments;
        [S: AsRef<str>] &Vec<S>: join_segments;
    }
}

fn join_text(base: &BaseUrl, path: &str) -> Result<Url, Error> {
    base.join(path)
}

fn join_segments<S: AsRef<str>>(base: &BaseUrl, segments: &[S]) -> Result<Url, Error> {
    let mut path = String::new();
    if segments.is_empty() {
        return Err(Error::new(
            ErrorKind::OutOfScope,
            "the path has no segments; the request was not sent",
        ));
    }
    for segment in segments {
        let segment = encode_path(segment.as_ref());
        if segment == REFUSED {
            return Err(Error::new(
                ErrorKind::OutOfScope,
                "a segment of the path is empty, `.` or `..`, or holds one of these two between slashes, which would \
                 lead to another resource; the request was not sent",
            ));
        }
        path.extend(["/", &segment]);
    }
    base.join(&path)
}

/// Encodes a path parameter as one segment, for generated code. Since generated code cannot fail here, a
/// parameter that could lead to another resource becomes a mark that
/// [`execute`](crate::provider::generated::execute) refuses.
pub fn encode_path(value: &str) -> String {
    if is_empty(value) || has_dot_segment(value) {
        return REFUSED.to_owned();
    }
    utf8_percent_encode(value, SEGMENT).to_string()
}

/// Checks a URL that was built of a path with `{parameters}` and of what [`encode_path`] gave for each.
///
/// # Errors
/// [`ErrorKind::OutOfScope`] with the name of the parameter, but without its value.
pub(crate) fn check_built(url: &Url, template: &str) -> Result<(), Error> {
    let path = url.path();
    if !path.contains(REFUSED) {
        return Ok(());
    }
    // Compared from the end, since the path of the base URL comes before the template.
    let mut segments = path.rsplit('/').zip(template.rsplit('/'));
    let refused = segments.find_map(|(segment, pattern)| {
        let name = pattern.split_once('{')?.1.split('}').next()?;
        segment.contains(REFUSED).then_some(name)
    });
    let Some(name) = refused else { return Ok(()) };
    Err(Error::new(
        ErrorKind::OutOfScope,
        format!(
            "the path parameter `{name}` is empty, `.` or `..`, or holds one of these two between slashes, which \
             would lead to another resource; the request was not sent"
        ),
    ))
}

/// Whether a server could take this segment for an empty one: some cut it off at a semicolon, or drop blanks.
fn is_empty(segment: &str) -> bool {
    let name = segment.split(';').next().unwrap_or_default();
    name.chars().all(|c| c.is_control() || c.is_whitespace())
}

#[cfg(test)]
mod tests {
    use percent_encoding::percent_decode_str;

    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;
    use crate::provider::BaseUrl;

    const TEMPLATE: &str = "/organizations/{id}/labels/{name}.json";

    fn base() -> BaseUrl {
        BaseUrl::parse("https://h/v1").expect("valid")
    }

    /// As generated code builds it.
    fn built(id: &str, name: &str) -> Url {
        let (id, name) = (encode_path(id), encode_path(name));
        let text = format!("{}/organizations/{id}/labels/{name}.json", base());
        Url::parse(&text).expect("a URL")
    }

    #[rstest]
    #[case::empty("")]
    #[case::dot(".")]
    #[case::dots("..")]
    #[case::encoded("%2e%2e")]
    #[case::half_encoded(".%2E")]
    #[case::twice_encoded("%252e%252e")]
    #[case::climbing("../../boards/9")]
    #[case::climbing_encoded("..%2f..%2fboards")]
    #[case::dots_between_slashes("a/../b")]
    #[case::backslashes("..\\..\\boards")]
    #[case::to_a_sibling("7\\..\\8")]
    #[case::parser_drops_the_tab(".\t.")]
    #[case::line_break("..\n")]
    #[case::blank(".. ")]
    #[case::path_parameter("..;CANARY")]
    #[case::only_a_path_parameter(";CANARY")]
    #[case::only_blanks(" \u{a0}\n")]
    fn a_parameter_that_leads_elsewhere_is_refused_by_name(#[case] value: &str) {
        let refused = [
            ("id", built(value, "CANARY")),
            ("name", built("CANARY", value)),
        ];
        for (name, url) in refused {
            let error = check_built(&url, TEMPLATE).expect_err(value);
            assert_eq!(error.kind(), ErrorKind::OutOfScope, "{error:?}");
            let shown = format!("{error} {error:?}");
            assert!(
                shown.contains(&format!("the path parameter `{name}`")),
                "{shown}"
            );
            assert!(
                !shown.contains("CANARY") && !shown.contains("boards"),
                "{shown}"
            );
        }
    }

    #[rstest]
    #[case("a", "a")]
    #[case("a/b", "a%2Fb")]
    #[case("a\\b", "a%5Cb")]
    #[case("a b+c?d#e%", "a%20b+c%3Fd%23e%25")]
    #[case("...", "...")]
    #[case(".git", ".git")]
    #[case("a..b", "a..b")]
    #[case("%FF", "%25FF")]
    #[case("1\n2", "1%0A2")]
    #[case("a;b=c", "a;b=c")]
    fn a_parameter_that_is_a_name_is_one_segment(#[case] value: &str, #[case] expected: &str) {
        let url = built(value, value);
        check_built(&url, TEMPLATE).expect(value);
        let path = format!("/v1/organizations/{expected}/labels/{expected}.json");
        assert_eq!(url.path(), path);
    }

    #[test]
    fn only_a_parameter_is_held_to_be_refused() {
        let url = Url::parse("https://h/%FF/open/7").expect("a URL");
        check_built(&url, "/open/{id}").expect("the base URL's own");
    }

    /// Parts of paths that have led to other resources before.
    #[rustfmt::skip]
    const BITS: &[&str] = &[
        ".", "..", "/", "//", "\\", "%", "25", "%2e", "%2E", "%2f", "%5C", ";", "?", "#", "\t", "\n", "\r", " ",
        "\0", "a", "7", "\u{65e5}", "@", ":", "&", "=", "\u{ff0e}", "\u{2024}",
    ];

    fn value() -> impl Strategy<Value = String> {
        prop::collection::vec(prop::sample::select(BITS), 0..6).prop_map(|bits| bits.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4096))]

        #[test]
        fn accepted_values_are_sent_as_exactly_these_parameters(id in value(), name in value()) {
            let url = built(&id, &name);
            if check_built(&url, TEMPLATE).is_ok() {
                let decoded = |segment: &str| percent_decode_str(segment).collect::<Vec<u8>>();
                let sent: Vec<_> = url.path().split('/').map(decoded).collect();
                let file = format!("{name}.json");
                let expected = ["", "v1", "organizations", &id, "labels", &file];
                prop_assert_eq!(sent, expected.map(|segment| segment.as_bytes().to_vec()));
                prop_assert_eq!((url.query(), url.fragment()), (None, None));
            } else {
                prop_assert!([&id, &name].into_iter().any(|it| is_empty(it) || it.contains(['.', '%'])));
            }
        }

        #[test]
        fn an_accepted_path_is_sent_as_written(path in value()) {
            if let Ok(url) = base().join(&path) {
                let written = path.split('?').next().unwrap_or_default();
                let written = written.strip_prefix('/').unwrap_or(written);
                let below = url.path().strip_prefix("/v1/").unwrap_or("elsewhere");
                let decoded = |text| percent_decode_str(text).collect::<Vec<u8>>();
                prop_assert_eq!(decoded(below), decoded(written), "{}", url);
            }
        }
    }
}
