//! The lines of the table, by topic.

pub(crate) mod accounts;
pub(crate) mod attach;
pub(crate) mod body;
pub(crate) mod herd;
pub(crate) mod request;

use std::time::Duration;

use reqwest::Client as Http;
use tegata::HttpClient;
use tegata::provider::{Auth, BaseUrl, Transport};

use crate::report::Row;
use request::BY_STATUS;

/// How much of everything.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Effort {
    pub(crate) rounds: usize,
    /// Blocks of a hundred requests in each round.
    pub(crate) blocks: usize,
    /// Repetitions of what takes seconds.
    pub(crate) trials: usize,
    pub(crate) callers: usize,
    pub(crate) accounts: usize,
    /// Mebibytes of a stream.
    pub(crate) stream: usize,
    /// How long an outage lasts, or calls go on.
    pub(crate) length: Duration,
    /// How long other libraries are waited for.
    #[cfg_attr(not(feature = "peers"), allow(dead_code))]
    pub(crate) patience: Duration,
    /// Instructions are counted, if callgrind is installed.
    pub(crate) instructions: bool,
}

impl Effort {
    pub(crate) const FULL: Self = Self {
        rounds: 25,
        blocks: 30,
        trials: 5,
        callers: 10_000,
        accounts: 100_000,
        stream: 100,
        length: Duration::from_secs(2),
        patience: Duration::from_secs(60),
        instructions: true,
    };

    /// To see whether something has changed for the worse, not by how much.
    pub(crate) const QUICK: Self = Self {
        rounds: 5,
        trials: 2,
        accounts: 20_000,
        length: Duration::from_secs(1),
        patience: Duration::from_secs(3),
        ..Self::FULL
    };

    /// To see whether it runs.
    #[cfg(test)]
    pub(crate) const SMOKE: Self = Self {
        rounds: 1,
        blocks: 1,
        trials: 1,
        callers: 200,
        accounts: 2000,
        stream: 2,
        length: Duration::from_millis(300),
        patience: Duration::from_secs(1),
        instructions: false,
    };
}

/// Lines that are measured together.
#[derive(Debug)]
pub(crate) struct Topic {
    pub(crate) name: &'static str,
    pub(crate) measure: fn(Effort) -> Vec<Row>,
}

const fn topic(name: &'static str, measure: fn(Effort) -> Vec<Row>) -> Topic {
    Topic { name, measure }
}

pub(crate) const TOPICS: &[Topic] = &[
    topic("attach", attach::rows),
    topic("cold", herd::cold),
    topic("down", herd::down),
    topic("due", herd::due),
    topic("short", herd::short),
    topic("dropped", herd::dropped),
    topic("hanging", herd::hanging),
    topic("request", request::rows),
    topic("body", body::rows),
    topic("accounts", accounts::rows),
];

/// The names of all topics.
pub(crate) fn names() -> String {
    let names: Vec<_> = TOPICS.iter().map(|topic| topic.name).collect();
    names.join(", ")
}

/// What runs under callgrind for this topic.
pub(crate) fn windows_of(topic: &str) -> Option<fn()> {
    match topic {
        attach::TOPIC => Some(attach::windows),
        request::TOPIC => Some(request::windows),
        body::TOPIC => Some(body::windows),
        _ => None,
    }
}

/// An HTTP client for ours, and the very same one for bare requests.
fn shared_client(root: &str) -> (HttpClient, Http) {
    let builder = Http::builder().no_proxy().tcp_nodelay(true);
    let http = HttpClient::from_builder(builder).expect("a client");
    let base = BaseUrl::parse(root).expect("a base URL");
    let transport = Transport::new(http.clone(), base, Auth::none(), &BY_STATUS);
    let reqwest = transport.http_client().clone();
    (http, reqwest)
}
