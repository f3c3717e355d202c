//! Requests that are not the client's calls although they are sent to a provider. What such a one is answered may still
//! say which login a code is from.

use super::headers::Stripped;
use super::notes;
use super::pages::set_pages_aside;
use super::parts::mark_stripped_parts;
use super::redirects::set_followers_aside;
use super::stream::Sent;
use super::time::Clock;
use crate::case::Suite;

/// The entries that are not judged.
pub(super) struct Others {
    pages: Vec<usize>,
    followers: Vec<usize>,
}

/// Sets aside what a browser asks for, and what follows a redirect to another origin. Calls are known not to be the
/// client's by the lack of a credential, so none is left out where the tool may have left out the header of one.
pub(super) fn set_aside(
    suite: &Suite,
    stripped: &Stripped,
    complete: bool,
    all: &mut Vec<Sent>,
) -> Others {
    let mut followers = Vec::new();
    let clock = Clock::of(all.iter().map(|sent| sent.times));
    clock.sort(all, |sent| sent.times);
    if stripped.keeps_headers() {
        followers = set_followers_aside(&suite.providers, all);
    }
    let pages = set_pages_aside(suite, stripped.keeps_headers(), all);
    if stripped.keeps_headers() && !complete {
        mark_stripped_parts(&suite.providers, all);
    }
    Others { pages, followers }
}

impl Others {
    /// What was left out, for the reader.
    pub(super) fn notes(&self) -> impl Iterator<Item = String> {
        let said = |entries: &[usize], what: &str| {
            (!entries.is_empty()).then(|| format!("{}: {what}", notes::named(entries.to_vec())))
        };
        let pages = "without a credential and answered, asked for by a browser as pages, their parts or a login, and \
                     not by the client: left out";
        let followers =
            "without a credential behind a redirect to another origin, as is right: left out";
        [said(&self.pages, pages), said(&self.followers, followers)]
            .into_iter()
            .flatten()
    }
}
