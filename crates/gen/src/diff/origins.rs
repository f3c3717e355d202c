//! Where requests go: the origin of a server gets the credentials, whatever its path is.

use super::{Changed, Comparison, Side};
use crate::lower::Lowered;
use crate::report::one_line;

/// Another server of the document: a change of security if it has another origin.
pub(super) fn server(old: &Side, new: &Side, comparison: &mut Comparison) {
    let url = |it: &Lowered| {
        let first = it.servers.first().map(|it| it.url.clone());
        first.unwrap_or_default()
    };
    let (before, after) = (url(&old.lowered), url(&new.lowered));
    if before == after {
        return;
    }
    let place = |side: &Side| {
        let servers = side.files.main().get("servers")?;
        Some(side.files.show(servers.place))
    };
    let mut changed = Changed {
        what: "server".to_owned(),
        parts: vec![moved(&before, &after)],
        ..Changed::default()
    };
    if origin(&before) == origin(&after) {
        comparison.document.push(changed);
    } else {
        (changed.old, changed.new) = (place(old), place(new));
        comparison.security.push(changed);
    }
}

pub(super) fn moved(before: &str, after: &str) -> String {
    format!("`{}` is now `{}`", one_line(before), one_line(after))
}

/// Scheme, host and port as clients read them; empty for a URL that is relative to that of the document. Variables are
/// texts here, as what stands for them is the caller's.
pub(super) fn origin(url: &str) -> String {
    // What the URL standard takes out, and takes for a slash.
    let kept = url.chars().filter(|it| !it.is_control());
    let plain: String = kept.map(|it| if it == '\\' { '/' } else { it }).collect();
    let plain = plain.trim().to_lowercase();
    let (scheme, rest) = match plain.split_once(':') {
        Some((scheme, rest)) if !scheme.contains(['/', '?', '#']) => (scheme, rest),
        _ => ("", plain.as_str()),
    };
    if scheme.is_empty() && !rest.starts_with("//") {
        return String::new();
    }
    let rest = rest.trim_start_matches('/');
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let default = match scheme {
        "https" => ":443",
        "http" => ":80",
        _ => ":",
    };
    let host = authority.strip_suffix(default).unwrap_or(authority);
    format!("{scheme}://{}", host.trim_end_matches(':'))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("https://a.example", "https://A.example:443/v2?a#b")]
    #[case("http://a.example:80/", "HTTP://a.example")]
    #[case("https://a.example:8443/a", "https://a.example:8443/b")]
    #[case("https://{region}.a.example/a", "https://{region}.a.example/b")]
    #[case("/v1", "/v2")]
    #[case("", "/v2/https://a.example")]
    fn another_path_has_the_same_origin(#[case] one: &str, #[case] other: &str) {
        assert_eq!(origin(one), origin(other));
    }

    #[rstest]
    #[case("https://a.example", "http://a.example")]
    #[case("https://a.example", "https://a.example:8443")]
    #[case("https://a.example", "https://a.example.evil.example")]
    #[case("https://a.example", "https://a.example@evil.example")]
    #[case("https://a.example", "https:/evil.example")]
    #[case("https://a.example", "https:\\\\evil.example\\a.example")]
    #[case("https://a.example/", "ht\ntp://a.example/")]
    #[case("https://{region}.a.example", "https://{host}")]
    #[case("/v1", "//evil.example/v1")]
    #[case("/v1", "/\\evil.example/v1")]
    #[case("", "https://a.example")]
    #[case("https://a.example", "//a.example")]
    fn another_host_scheme_or_port_is_another_origin(#[case] one: &str, #[case] other: &str) {
        assert_ne!(origin(one), origin(other));
    }
}
