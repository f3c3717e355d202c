//! Calls whose answer was left out, although a later one shows that their token was good.

use std::collections::{HashMap, HashSet};

use super::gaps::may_hide_a_refusal;
use super::like::Like;
use super::stream::{Kind, Stream};
use super::time::Order;

/// The calls that may have been refused unseen: their answer was left out, and their token was not accepted once more
/// before the next one was asked for.
pub(super) fn maybe_refused(stream: &Stream) -> HashSet<usize> {
    let mut asked: HashMap<usize, usize> = HashMap::new();
    let mut accepted: HashMap<(&str, Option<usize>, usize), usize> = HashMap::new();
    let mut unsure = HashSet::new();
    for (at, seen) in stream.seen.iter().enumerate().rev() {
        let link = &stream.grants.links[at];
        if let (Kind::Token, Some(family)) = (seen.kind, link.family) {
            *asked.entry(family).or_default() += 1;
        }
        if seen.kind != Kind::Call {
            continue;
        }
        let period = link.family.and_then(|family| asked.get(&family)).copied();
        let key = |token| (token, link.family, period.unwrap_or_default());
        let tokens = link.credential.iter().map(|token| key(token.as_str()));
        if may_hide_a_refusal(seen) {
            let mut later = tokens.filter_map(|key| accepted.get(&key));
            let is_good =
                |later: &usize| matches!(stream.order(at, *later), Order::Likely | Order::After);
            if !later.any(is_good) {
                unsure.insert(at);
            }
        } else if !seen.left_out.answer_body && stream.like(at).is_some_and(Like::is_done) {
            for key in tokens {
                // The last one: it began after all others were answered, if any did.
                accepted.entry(key).or_insert(at);
            }
        }
    }
    unsure
}
