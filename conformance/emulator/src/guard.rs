//! Keeps the pages of other sites away from the controls.
//!
//! A browser on this machine sends to loopback whatever any page asks of it. It says, though, for
//! whom: a page of another site is named in `Origin` or `Sec-Fetch-Site`, and one whose name was
//! made to point at this machine afterwards (DNS rebinding) stands in `Host`. Programs that are no
//! browsers name loopback and send neither of the first two.

use std::net::IpAddr;

use axum::body::Body;
use axum::http::header::{HOST, ORIGIN};
use axum::http::uri::Authority;
use axum::http::{Request, StatusCode};
use serde_json::json;

use super::answer::Answer;
use super::tls::name_matches;

/// Whether a request is for this machine and from no page but the emulator's own.
pub(super) fn own(request: &Request<Body>, names: &[String]) -> Result<(), Answer> {
    addressed(request, names)?;
    let host = host(request).ok().flatten();
    let ours = |origin: &[u8]| {
        let origin = std::str::from_utf8(origin).ok();
        let authority = origin.and_then(|origin| Some(origin.split_once("://")?.1));
        authority.is_some_and(|authority| {
            let host = host.as_ref().map(Authority::as_str);
            host.is_some_and(|host| authority.eq_ignore_ascii_case(host))
        })
    };
    let headers = request.headers();
    let mut origins = headers.get_all(ORIGIN).iter();
    let mut sites = headers.get_all("sec-fetch-site").iter();
    let foreign = origins.any(|origin| !ours(origin.as_bytes()))
        || sites.any(|site| site != "same-origin" && site != "none");
    if foreign {
        return Err(refused(
            "a page of another site asked for this in a browser: only the emulator's own page may; \
             a test sends it from outside the browser, without Origin",
        ));
    }
    Ok(())
}

/// Whether a request is for this machine, by the name that it was asked for.
pub(super) fn addressed(request: &Request<Body>, names: &[String]) -> Result<(), Answer> {
    let named = match host(request) {
        // Every browser names the host.
        Ok(None) => true,
        Ok(Some(authority)) => is_here(authority.host(), names),
        Err(()) => false,
    };
    if named {
        return Ok(());
    }
    Err(refused(
        "the Host of this request is not this machine: ask localhost or 127.0.0.1, or start with \
         --name HOST (`names` of [emulator] in the configuration)",
    ))
}

/// What the request names as its host; an error if it does so twice or in no form that is known.
fn host(request: &Request<Body>) -> Result<Option<Authority>, ()> {
    let mut hosts = request.headers().get_all(HOST).iter();
    let header = match (hosts.next(), hosts.next()) {
        (None, _) => None,
        (Some(host), None) => Some(Authority::try_from(host.as_bytes()).map_err(|_| ())?),
        (Some(_), Some(_)) => return Err(()),
    };
    match (header, request.uri().authority()) {
        (Some(header), Some(target)) if header != *target => Err(()),
        (header, target) => Ok(header.or_else(|| target.cloned())),
    }
}

fn is_here(host: &str, names: &[String]) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    if let Ok(address) = host.parse::<IpAddr>()
        && address.is_loopback()
    {
        return true;
    }
    let local = ["localhost", "*.localhost"];
    let mut known = local.into_iter().chain(names.iter().map(String::as_str));
    known.any(|name| name_matches(name, host))
}

fn refused(why: &str) -> Answer {
    Answer::json(StatusCode::FORBIDDEN, &json!({ "error": why }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn status(target: &str, headers: &[(&str, &str)]) -> u16 {
        let mut request = Request::post(target);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let names = ["emulator.test".to_owned(), "10.0.0.7".to_owned()];
        let request = request.body(Body::empty()).unwrap();
        own(&request, &names).map_or_else(|refusal| refusal.status.as_u16(), |()| 200)
    }

    #[rstest]
    #[case("127.0.0.1:8080")]
    #[case("127.9.9.9")]
    #[case("LOCALHOST:8080")]
    #[case("marketo.localhost:8080")]
    #[case("[::1]:8080")]
    #[case("emulator.test:8443")]
    #[case("10.0.0.7")]
    fn a_request_for_this_machine_passes(#[case] host: &str) {
        assert_eq!(status("/__control/reset", &[("host", host)]), 200);
    }

    #[rstest]
    #[case("attacker.example")]
    #[case("localhost.attacker.example:8080")]
    #[case("127.0.0.1.attacker.example")]
    #[case("192.168.0.1:8080")]
    #[case("0.0.0.0:8080")]
    #[case("attacker.example@127.0.0.1:1:2")]
    #[case("a.emulator.test")]
    #[case("")]
    fn a_request_for_another_host_is_refused(#[case] host: &str) {
        assert_eq!(status("/__control/reset", &[("host", host)]), 403);
    }

    #[rstest]
    #[case(&[("host", "localhost:80"), ("host", "attacker.example")])]
    #[case(&[("host", "localhost:8080"), ("origin", "https://attacker.example")])]
    #[case(&[("host", "localhost:8080"), ("origin", "null")])]
    #[case(&[("host", "localhost:8080"), ("origin", "http://localhost:3000")])]
    #[case(&[("host", "localhost:8080"), ("origin", "http://127.0.0.1:8080")])]
    #[case(&[("host", "localhost:8080"), ("sec-fetch-site", "cross-site")])]
    #[case(&[("host", "localhost:8080"), ("sec-fetch-site", "same-site")])]
    #[case(&[("origin", "http://localhost:8080")])]
    fn a_request_of_another_page_is_refused(#[case] headers: &[(&str, &str)]) {
        assert_eq!(status("/__control/reset", headers), 403);
    }

    #[rstest]
    #[case(&[])]
    #[case(&[("host", "localhost:8080"), ("origin", "http://localhost:8080")])]
    #[case(&[("host", "localhost:8080"), ("sec-fetch-site", "same-origin")])]
    #[case(&[("host", "localhost:8080"), ("sec-fetch-site", "none")])]
    fn the_own_page_and_plain_programs_pass(#[case] headers: &[(&str, &str)]) {
        assert_eq!(status("/__control/reset", headers), 200);
    }

    #[test]
    fn the_host_in_the_target_counts_as_well() {
        assert_eq!(status("http://attacker.example/__control/reset", &[]), 403);
        let host = [("host", "localhost:8080")];
        assert_eq!(
            status("http://attacker.example/__control/reset", &host),
            403
        );
        assert_eq!(status("http://localhost:8080/__control/reset", &host), 200);
    }
}
