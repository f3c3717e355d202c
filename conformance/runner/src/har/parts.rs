//! A recording that was put together of several, one of which lacks the headers of credentials.

use std::collections::BTreeSet;

use super::entry::Headers;
use super::headers::has_credential;
use super::like::Like;
use super::stream::{Kind, Sent, kind};
use crate::case::Provider;

/// Marks the calls without a credential that were answered as if they had one, if they stand before the first request
/// of the file that has `Authorization` or behind the last one, and none there was refused. No provider answers a call
/// without a credential with what was asked for, so the header may have been taken out of that part of the file. A call
/// between others that have it was sent without, and so was one to a provider that is never called with it.
pub(super) fn mark_stripped_parts(providers: &[Provider], all: &mut [Sent]) {
    let has = |sent: &&Sent| !sent.traffic.request.header("authorization").is_empty();
    let with = || all.iter().filter(has);
    let entries = || with().map(|sent| sent.index);
    let (Some(first), Some(last)) = (entries().min(), entries().max()) else {
        return;
    };
    let called = with().filter(|sent| kind_of(sent) == Kind::Call);
    let called: BTreeSet<Provider> = called.map(provider).collect();
    let is_bare = |sent: &&Sent| {
        let is_call = !sent.is_aside && kind_of(sent) == Kind::Call;
        is_call
            && called.contains(&provider(sent))
            && !has_credential(providers, &sent.traffic.request)
    };
    let bare: Vec<(usize, bool)> = all
        .iter()
        .filter(is_bare)
        .map(|sent| (sent.index, is_done(sent)))
        .collect();
    let part = |entry: usize| match entry {
        entry if entry < first => Some(0),
        entry if entry > last => Some(1),
        _ => None,
    };
    let refused = bare.iter().filter(|(_, is_done)| !is_done);
    let refused: BTreeSet<Option<usize>> = refused.map(|(entry, _)| part(*entry)).collect();
    let bare: BTreeSet<usize> = bare.into_iter().map(|(entry, _)| entry).collect();
    for sent in all.iter_mut().filter(|sent| bare.contains(&sent.index)) {
        let own = part(sent.index);
        if own.is_some() && !refused.contains(&own) {
            sent.left_out.headers = Headers::Stripped;
        }
    }
}

fn kind_of(sent: &Sent) -> Kind {
    kind(sent.traffic.server, &sent.traffic.request)
}

fn provider(sent: &Sent) -> Provider {
    sent.traffic.server.provider()
}

/// Whether a call was answered by what it asked for, as an API does.
fn is_done(sent: &Sent) -> bool {
    let answer = sent.traffic.answer.as_ref();
    let answer = answer.filter(|_| !sent.left_out.answer_body);
    answer.is_some_and(|answer| {
        let is_json = serde_json::from_slice::<serde::de::IgnoredAny>(&answer.body).is_ok();
        is_json && Like::of(answer.status, &answer.body).is_done()
    })
}
