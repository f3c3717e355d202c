//! Further names of the server, as a user writes them and as a client asks for them.

use std::net::IpAddr;

/// Says what is wrong with a name, and how to write it.
pub(crate) fn check_name(name: &str) -> Result<(), String> {
    let bare = name.strip_prefix("*.").unwrap_or(name);
    if name.parse::<IpAddr>().is_ok() || (!bare.is_empty() && bare.split('.').all(is_label)) {
        return Ok(());
    }
    Err(format!(
        "{name:?} is no host name or address: write it in ASCII, without scheme, port and path"
    ))
}

/// Whether that name, which may begin with `*.`, stands for this host.
pub(crate) fn matches(name: &str, host: &str) -> bool {
    if let Some(parent) = name.strip_prefix('*') {
        let label = host.len().checked_sub(parent.len());
        let split = label.and_then(|at| host.split_at_checked(at));
        return split
            .is_some_and(|(label, rest)| is_label(label) && rest.eq_ignore_ascii_case(parent));
    }
    match (name.parse::<IpAddr>(), host.parse::<IpAddr>()) {
        (Ok(name), Ok(host)) => name == host,
        _ => name.eq_ignore_ascii_case(host),
    }
}

fn is_label(label: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    !label.is_empty() && label.len() <= 63 && label.bytes().all(inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("marketo.test")]
    #[case("*.mktorest.test")]
    #[case("host_1")]
    #[case("10.0.0.7")]
    #[case("fd00::7")]
    fn host_names_and_addresses_are_names(#[case] name: &str) {
        assert_eq!(check_name(name), Ok(()));
    }

    #[rstest]
    #[case("")]
    #[case("*.")]
    #[case("a..b")]
    #[case("https://marketo.test")]
    #[case("marketo.test:8443")]
    #[case("marketo.test/rest")]
    #[case("*.*.test")]
    #[case("täst.test")]
    fn anything_else_is_none(#[case] name: &str) {
        assert!(check_name(name).unwrap_err().contains("without scheme"));
    }

    #[rstest]
    #[case("a.test", "A.TEST", true)]
    #[case("a.test", "b.a.test", false)]
    #[case("*.a.test", "b.a.test", true)]
    #[case("*.a.test", "c.b.a.test", false)]
    #[case("*.a.test", "a.test", false)]
    #[case("*.a.test", ".a.test", false)]
    #[case("fd00::7", "FD00:0::7", true)]
    fn a_name_stands_for_its_hosts(#[case] name: &str, #[case] host: &str, #[case] is: bool) {
        assert_eq!(matches(name, host), is);
    }
}
