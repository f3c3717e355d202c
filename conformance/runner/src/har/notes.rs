//! Notes on a recording for its reader: what the tool left out, what needed it, and what to do.

use std::collections::BTreeSet;

use super::entry::Headers;
use super::hidden::Hidden;
use super::stream::Sent;
use super::time::Clock;

/// The most entries that a note names.
const MOST: usize = 8;

/// How many preflights were left out.
pub(super) fn preflights(count: usize) -> Option<String> {
    (count > 0).then(|| {
        let are = if count == 1 {
            "request is a CORS preflight"
        } else {
            "requests are CORS preflights"
        };
        format!("{count} {are}, which a browser sends by itself: left out")
    })
}

/// The notes on an order that `startedDateTime` does not give; the exchanges are still in that of the list.
pub(super) fn order(all: &[Sent]) -> Vec<String> {
    const TAKEN: &str = "the order of the list is taken for that of time";
    let clock = Clock::of(all.iter().map(|sent| sent.times));
    let is_unreadable = |sent: &Sent| sent.times.is_unreadable;
    let is_missing = |sent: &Sent| sent.times.began.is_none() && !sent.times.is_unreadable;
    let mut notes = Vec::new();
    if all.iter().any(is_unreadable) {
        let which = entries(all, is_unreadable);
        let so = if clock.is_unknown() {
            "which exchange came first is unknown, and what depends on it is not judged"
        } else {
            "they are where the list has them, which is in the order of time elsewhere"
        };
        notes.push(format!(
            "`startedDateTime` of {which} is no date that can be read: {so}. Set the tool to write dates of ISO 8601"
        ));
    }
    if all.len() < 2 {
        return notes;
    }
    if all.iter().any(is_missing) {
        let which = entries(all, is_missing);
        notes.push(format!("`startedDateTime` of {which} is missing: {TAKEN}"));
    } else if clock.is_still() && !clock.is_unknown() {
        notes.push(format!(
            "`startedDateTime` is the same in all entries: {TAKEN}"
        ));
    }
    notes
}

/// The notes on what cases needed and the recording does not have.
pub(super) fn hidden(needed: &BTreeSet<Hidden>, all: &[Sent]) -> Vec<String> {
    let mut notes = Vec::new();
    let lacks_body = |sent: &Sent| sent.left_out.request_body || sent.left_out.answer_body;
    let needs_body = needed.contains(&Hidden::RequestBody) || needed.contains(&Hidden::AnswerBody);
    if needs_body && all.iter().any(lacks_body) {
        let bodies = entries(all, lacks_body);
        notes.push(format!(
            "the bodies of {bodies} are not in the recording: what needs them is not judged. Set the tool to record \
             bodies, or keep the files of a recording that has them beside it in one folder"
        ));
    }
    for one in needed {
        if let Hidden::Header(name) = one {
            notes.push(format!(
                "no request has the header `{name}`: what needs it is not judged. Chromium leaves out Authorization \
                 and cookies unless DevTools > Settings > Preferences > Network allows to export HAR with sensitive \
                 data, and this export is chosen; if nothing was left out, say --complete"
            ));
        }
    }
    if needed.contains(&Hidden::Headers) {
        let headers = entries(all, |sent| sent.left_out.headers == Headers::LeftOut);
        notes.push(format!(
            "the headers of {headers} are not in the recording: what needs them is not judged. Set the tool to record \
             headers; if none were sent, say --complete"
        ));
    }
    if needed.contains(&Hidden::Part) {
        let parts = entries(all, |sent| sent.left_out.headers == Headers::Stripped);
        notes.push(format!(
            "{parts} have no credential, and all calls of that part of the file were answered as if they had one: a tool \
             may have taken the header out of it, so what needs it is not judged. If they were sent without, say --complete"
        ));
    }
    if needed.contains(&Hidden::Times) {
        notes.push(
            "`startedDateTime` and `time` do not say which of some calls came first, since they are missing, no times, or \
             the same: whether a call was sent again after a renewal is not judged. Set the tool to record both exactly"
                .to_owned(),
        );
    }
    if needed.contains(&Hidden::Masked) {
        let masked = entries(all, |sent| !sent.left_out.masked.is_empty());
        notes.push(format!(
            "values of {masked} are masked: what needs them is not judged. Export without masks; no value is shown here \
             either"
        ));
    }
    if needed.contains(&Hidden::Reissued) {
        notes.push(
            "a token that had been refused was issued once more: the tool may have put one text in place of every token, \
             so that what a client sent after a refusal is not judged. Export without masks; no value is shown here either"
                .to_owned(),
        );
    }
    if needed.contains(&Hidden::Doubled) {
        let doubled = entries(all, |sent| sent.left_out.headers == Headers::Doubled);
        notes.push(format!(
            "{doubled} have a credential's header twice with the same value, which some tools do by themselves: whether \
             it was sent once is not judged. If the client sent it twice, say --complete"
        ));
    }
    notes
}

/// The places of some entries.
fn entries(all: &[Sent], which: impl Fn(&Sent) -> bool) -> String {
    let found = all.iter().filter(|sent| which(sent)).map(|sent| sent.index);
    named(found.collect())
}

/// The places of these entries, the first few by name.
pub(super) fn named(mut found: Vec<usize>) -> String {
    found.sort_unstable();
    let more = found.len().saturating_sub(MOST);
    let named: Vec<String> = found.iter().take(MOST).map(usize::to_string).collect();
    let named = named.join(", ");
    if more == 0 {
        format!("log.entries {named}")
    } else {
        format!("log.entries {named} and {more} more")
    }
}
