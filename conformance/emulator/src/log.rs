//! The log of requests.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use serde::Serialize;

use super::Provider;
use super::answer::Answer;
use super::form::Form;
use super::request::{MediaType, Seen};

/// Enough for every documented request, little enough for a long log.
const BODY_KEPT: usize = 64 * 1024;

/// One request, whole: with its credentials, since the log shows exactly what a client sent.
///
/// It derives no `Debug`, so that it does not end up in a test's output by accident.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct LogEntry {
    /// Counts from 1 since the emulator started.
    pub sequence: u64,
    /// The provider's name; absent when the path belongs to none.
    pub provider: Option<&'static str>,
    /// The HTTP method.
    pub method: String,
    /// The path as it stands in the provider's document, not decoded.
    pub path: String,
    /// The query as it was sent, not decoded.
    pub query: Option<String>,
    /// Names in lower case with their values, in the order of arrival, duplicates kept.
    pub headers: Vec<(String, String)>,
    /// The body as text, at most its first 64 KiB.
    pub body: String,
    /// The size of the whole body.
    pub body_bytes: usize,
    /// The fields of a form body, decoded, duplicates kept; absent when it is no readable form.
    pub form: Option<Vec<(String, String)>>,
    /// The status answered; absent while the answer is held back or when the caller went away.
    pub status: Option<u16>,
    /// Why the request was refused.
    pub note: Option<String>,
    /// What answered: the name of a rule or its place in the configuration, or that of a default.
    pub rule: Option<String>,
}

impl LogEntry {
    /// Every value of a header.
    pub fn header(&self, name: &str) -> Vec<&str> {
        self.headers
            .iter()
            .filter(|(candidate, _)| candidate.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
            .collect()
    }

    fn new(sequence: u64, provider: Option<Provider>, seen: &Seen) -> Self {
        let headers = seen.headers.iter().map(|(name, value)| {
            let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
            (name.as_str().to_owned(), value)
        });
        let kept = seen.body.get(..BODY_KEPT).unwrap_or(&seen.body);
        let form = (seen.media_type() == MediaType::Form)
            .then(|| Form::parse(&seen.body).ok())
            .flatten()
            .map(|form| form.pairs().to_vec());
        Self {
            sequence,
            provider: provider.map(Provider::name),
            method: seen.method.to_string(),
            path: seen.path.clone(),
            query: seen.query.clone(),
            headers: headers.collect(),
            body: String::from_utf8_lossy(kept).into_owned(),
            body_bytes: seen.body.len(),
            form,
            status: None,
            note: None,
            rule: None,
        }
    }
}

/// The last requests, oldest first.
pub(super) struct Log {
    limit: usize,
    entries: Mutex<Entries>,
}

#[derive(Default)]
struct Entries {
    last: u64,
    kept: VecDeque<LogEntry>,
}

impl Log {
    pub(super) fn new(limit: usize) -> Self {
        Self {
            limit,
            entries: Mutex::default(),
        }
    }

    /// Writes a request down and answers its number.
    pub(super) fn record(&self, provider: Option<Provider>, seen: &Seen) -> u64 {
        let mut entries = self.lock();
        entries.last += 1;
        let sequence = entries.last;
        if entries.kept.len() >= self.limit {
            entries.kept.pop_front();
        }
        entries
            .kept
            .push_back(LogEntry::new(sequence, provider, seen));
        sequence
    }

    /// Adds what was answered, unless the request was dropped from the log meanwhile.
    pub(super) fn answered(&self, sequence: u64, answer: &Answer) {
        let mut entries = self.lock();
        let found = entries
            .kept
            .binary_search_by_key(&sequence, |entry| entry.sequence);
        if let Some(entry) = found.ok().and_then(|at| entries.kept.get_mut(at)) {
            entry.status = Some(answer.status.as_u16());
            entry.note.clone_from(&answer.note);
            entry.rule.clone_from(&answer.rule);
        }
    }

    pub(super) fn entries(&self, provider: Option<Provider>) -> Vec<LogEntry> {
        let wanted = provider.map(Provider::name);
        self.lock()
            .kept
            .iter()
            .filter(|entry| wanted.is_none() || entry.provider == wanted)
            .cloned()
            .collect()
    }

    /// How many requests are kept, and what is to be said of the last of them, newest first.
    #[cfg(feature = "process")]
    pub(super) fn latest<T>(
        &self,
        count: usize,
        say: impl FnMut(&LogEntry) -> T,
    ) -> (usize, Vec<T>) {
        let entries = self.lock();
        let latest = entries.kept.iter().rev().take(count);
        (entries.kept.len(), latest.map(say).collect())
    }

    pub(super) fn clear(&self) {
        self.lock().kept.clear();
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Entries> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Bytes;
    use axum::http::{HeaderMap, Method, StatusCode};

    fn seen(path: &str) -> Seen {
        Seen {
            method: Method::GET,
            path: path.to_owned(),
            query: None,
            headers: HeaderMap::new(),
            body: Bytes::new(),
        }
    }

    #[test]
    fn the_oldest_requests_are_dropped_and_numbers_go_on() {
        let log = Log::new(2);
        for path in ["/a", "/b", "/c"] {
            log.record(Some(Provider::Jooto), &seen(path));
        }
        log.answered(1, &Answer::empty(StatusCode::OK));
        log.answered(3, &Answer::empty(StatusCode::UNAUTHORIZED).note("why"));
        let entries = log.entries(None);
        let kept: Vec<_> = entries
            .iter()
            .map(|entry| (entry.sequence, entry.path.as_str(), entry.status))
            .collect();
        assert_eq!(kept, [(2, "/b", None), (3, "/c", Some(401))]);
        log.clear();
        assert_eq!(log.record(None, &seen("/d")), 4);
    }

    #[test]
    fn the_log_can_be_read_for_one_provider() {
        let log = Log::new(9);
        log.record(Some(Provider::Jooto), &seen("/a"));
        log.record(Some(Provider::Marketo), &seen("/b"));
        let entries = log.entries(Some(Provider::Marketo));
        assert_eq!(entries.len(), 1);
        assert_eq!(entries[0].path, "/b");
    }
}
