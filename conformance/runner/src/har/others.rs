//! Requests that are not the client's calls although they are sent to a provider, and are left out.

use super::headers::Stripped;
use super::notes;
use super::pages::leave_out_pages;
use super::redirects::leave_out_followers;
use super::stream::Sent;
use super::time::Clock;
use crate::case::Suite;

/// The entries that were left out.
pub(super) struct Others {
    pages: Vec<usize>,
    followers: Vec<usize>,
}

/// Leaves out what a browser asks for, and what follows a redirect to another origin. Both are known by the lack of a
/// credential, so nothing is left out where the tool may have left out the header that it stands in.
pub(super) fn leave_out(suite: &Suite, stripped: &Stripped, all: &mut Vec<Sent>) -> Others {
    let (mut followers, mut pages) = (Vec::new(), Vec::new());
    let clock = Clock::of(all.iter().map(|sent| sent.times));
    clock.sort(all, |sent| sent.times);
    if stripped.keeps_headers() {
        followers = leave_out_followers(&suite.providers, all);
        pages = leave_out_pages(suite, all);
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
        let followers = "without a credential behind a redirect to another origin, as is right: left out";
        [said(&self.pages, pages), said(&self.followers, followers)]
            .into_iter()
            .flatten()
    }
}
