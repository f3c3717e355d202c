//! Which login a code is from.

use std::collections::{HashMap, HashSet};

use super::stream::{Seen, field};
use crate::fixture::query_pairs;

/// The most logins that may wait for their codes at once.
const MOST: usize = 64;

/// The logins that were read so far, and the codes.
#[derive(Default)]
pub(super) struct Logins {
    all: Vec<Login>,
    by_state: HashMap<String, usize>,
    by_code: HashMap<String, usize>,
    exchanged: HashSet<usize>,
}

struct Login {
    at: usize,
    state: Option<String>,
    redirect_uri: Option<String>,
}

impl Logins {
    /// Takes note of a login.
    pub(super) fn begins(&mut self, at: usize, seen: &Seen) {
        let state = field(&seen.request, "state");
        if let Some(state) = &state {
            self.by_state.insert(state.clone(), at);
        }
        let redirect_uri = field(&seen.request, "redirect_uri");
        self.all.push(Login {
            at,
            state,
            redirect_uri,
        });
    }

    /// Takes note of a code that an answer sends the browser back with. It may be the answer to a
    /// form that the login page leads to: the state says of which login it is.
    pub(super) fn answer(&mut self, seen: &Seen, login: Option<usize>) {
        let location = seen.answer.as_ref().map(|answer| answer.header("location"));
        let location = location.as_deref().and_then(<[_]>::first).copied();
        let Some((_, query)) = location.and_then(|url| url.split_once('?')) else {
            return;
        };
        let pairs = query_pairs(query);
        let named = |name: &str| {
            let mut named = pairs.iter().filter(|(known, _)| known == name);
            named.next().map(|(_, value)| value)
        };
        let by_state = || named("state").and_then(|state| self.by_state.get(state));
        if let (Some(code), Some(login)) = (named("code"), by_state().copied().or(login)) {
            self.by_code.insert(code.clone(), login);
        }
    }

    /// The login that a code is from: the one that was answered with it, or else the only one
    /// that waits for a code with this redirect URI, or at all.
    pub(super) fn of(
        &mut self,
        code: Option<&String>,
        redirect_uri: Option<&str>,
    ) -> Option<usize> {
        let known = code.and_then(|code| self.by_code.get(code)).copied();
        let login = known.or_else(|| {
            let waits = |login: &&Login| !self.exchanged.contains(&login.at);
            let latest = self.all.iter().rev().take(MOST);
            let waiting: Vec<&Login> = latest.filter(waits).collect();
            let same = |login: &&&Login| login.redirect_uri.as_deref() == redirect_uri;
            let same: Vec<&Login> = waiting.iter().filter(same).copied().collect();
            only(if same.is_empty() { &waiting } else { &same })
        })?;
        self.exchanged.insert(login);
        if let Some(code) = code {
            self.by_code.entry(code.clone()).or_insert(login);
        }
        Some(login)
    }
}

/// The latest of some logins, if they are one that a browser was sent to more than once.
fn only(logins: &[&Login]) -> Option<usize> {
    let (latest, others) = logins.split_first()?;
    let same = others.iter().all(|one| one.state == latest.state);
    same.then_some(latest.at)
}
