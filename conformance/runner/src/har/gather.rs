//! The requests to providers as the client sent them: without those that a browser sent by itself.

use super::entry::{Entry, Headers};
use super::headers::{has_credential, merge_doubled};
use super::mask;
use super::place::Places;
use super::stream::Sent;
use crate::case::{Provider, Suite};

/// The requests to providers as the client sent them, and how many preflights a browser sent besides.
pub(super) fn sent(
    suite: &Suite,
    places: &Places,
    entries: &[Entry],
    complete: bool,
) -> (Vec<Sent>, usize) {
    let concerned = entries
        .iter()
        .filter_map(|entry| Some((entry, places.find(entry)?)));
    let (preflights, concerned): (Vec<_>, Vec<_>) =
        concerned.partition(|(entry, _)| is_preflight(&suite.providers, entry));
    // A tool that records headers does so for every request.
    let no_headers = concerned
        .iter()
        .all(|(entry, _)| entry.left_out.headers == Headers::LeftOut);
    let mut sent: Vec<Sent> = concerned
        .into_iter()
        .map(|(entry, mut traffic)| {
            // A reader of JSON may ignore a byte order mark: RFC 8259 section 8.1.
            if let Some(answer) = &mut traffic.answer
                && answer.body.starts_with(&[0xef, 0xbb, 0xbf])
            {
                answer.body.drain(..3);
            }
            let mut left_out = entry.left_out.clone();
            if left_out.headers == Headers::LeftOut && (complete || !no_headers) {
                left_out.headers = Headers::Kept;
            }
            // Whatever stands in the body of a redirect, it says no more than its status.
            let status = traffic.answer.as_ref().map(|answer| answer.status);
            if status.is_some_and(|status| (300..400).contains(&status)) {
                left_out.answer_body = false;
            }
            mask::replace(
                entry.index,
                traffic.server.issues_tokens() || traffic.server.has_login(),
                &mut traffic.request,
                traffic.answer.as_mut(),
                &mut left_out,
            );
            Sent {
                index: entry.index,
                times: entry.times,
                url: entry.url.clone(),
                resource_type: entry.resource_type.clone(),
                traffic,
                left_out,
                by_sanitizer: entry.tool.is_sanitizer(),
                follows: None,
                is_aside: false,
            }
        })
        .collect();
    if !complete {
        merge_doubled(&suite.providers, &mut sent);
    }
    (sent, preflights.len())
}

/// Whether a browser sent it before a request to another origin. Some tools leave out the header that says so; but no
/// operation of a provider is an `OPTIONS`, and a preflight never has a credential (Fetch standard).
fn is_preflight(providers: &[Provider], entry: &Entry) -> bool {
    let is_options = entry.request.method.eq_ignore_ascii_case("options");
    entry.is_preflight()
        || is_options && entry.request.body.is_empty() && !has_credential(providers, &entry.request)
}
