//! What a rule says: which calls it answers, and how.

use std::path::PathBuf;
use std::time::Duration;

use serde::Serialize;

use super::Loaded;
use super::file::{ReplyKeys, RuleKeys};
use crate::delivery::Delivery;

/// Answers the calls of one kind, once their credential is right.
///
/// ```
/// use tegata_emulator::{Reply, Rule};
///
/// let rule = Rule::get("/rest/v1/lead/*.json")
///     .query("fields", "*email*")
///     .reply(Reply::status(502).times(2))
///     .then(Reply::json(r#"{"requestId":"1#1","success":true,"result":[{"id":7}]}"#));
/// ```
#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(into = "RuleKeys")]
pub struct Rule {
    pub(super) name: Option<String>,
    pub(super) method: Option<String>,
    pub(super) path: String,
    pub(super) query: Vec<(String, String)>,
    /// The first, then the next; without any, it is an empty answer of status 200.
    pub(super) replies: Vec<Reply>,
}

/// One answer of a [`Rule`].
#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(into = "ReplyKeys")]
pub struct Reply {
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Option<String>,
    pub(super) body_file: Option<PathBuf>,
    pub(super) delivery: Delivery,
    pub(super) times: Option<u64>,
    /// The content of the file, once the rule is in use.
    pub(super) loaded: Option<Loaded>,
}

impl Rule {
    /// For calls of any method. In the path, `*` stands for any characters within a segment and `**`
    /// for any number of segments; it is compared as it is sent, not decoded. A path that wants no
    /// credential, such as that of a token endpoint, is answered by no rule, whatever the pattern.
    pub fn any(path: impl Into<String>) -> Self {
        Self {
            name: None,
            method: None,
            path: path.into(),
            query: Vec::new(),
            replies: Vec::new(),
        }
    }

    /// For calls of that method.
    pub fn on(method: &str, path: impl Into<String>) -> Self {
        Self {
            method: Some(method.to_owned()),
            ..Self::any(path)
        }
    }

    /// For GET.
    pub fn get(path: impl Into<String>) -> Self {
        Self::on("GET", path)
    }

    /// For POST.
    pub fn post(path: impl Into<String>) -> Self {
        Self::on("POST", path)
    }

    /// Only for calls with this parameter in the query, decoded; in its value, `*` stands for any
    /// characters.
    #[must_use]
    pub fn query(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.query.push((name.into(), value.into()));
        self
    }

    /// How the log calls it.
    #[must_use]
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// What it answers first.
    #[must_use]
    pub fn reply(mut self, reply: Reply) -> Self {
        self.replies.push(reply);
        self
    }

    /// What it answers after that, once or [as often as set](Reply::times); the last goes on for ever.
    #[must_use]
    pub fn then(self, reply: Reply) -> Self {
        self.reply(reply)
    }
}

impl Reply {
    /// An empty body with that status.
    pub const fn status(status: u16) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: None,
            body_file: None,
            delivery: Delivery {
                delay: Duration::ZERO,
                slow: Duration::ZERO,
                cut_after: None,
            },
            times: None,
            loaded: None,
        }
    }

    /// This JSON, as text, with status 200.
    pub fn json(text: impl Into<String>) -> Self {
        Self::status(200).body("application/json;charset=UTF-8", text)
    }

    /// The content of this regular file of at most 32 MiB, which is read once, when the rule is added. A
    /// relative path is one from the folder of the configuration file, or else from the current one.
    pub fn file(path: impl Into<PathBuf>) -> Self {
        Self {
            body_file: Some(path.into()),
            ..Self::status(200)
        }
    }

    /// Answers that status.
    #[must_use]
    pub fn with_status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Answers this text as that type.
    #[must_use]
    pub fn body(mut self, content_type: &str, text: impl Into<String>) -> Self {
        self.body = Some(text.into());
        self.header("content-type", content_type)
    }

    /// Waits before the answer, in real time.
    #[must_use]
    pub fn delay(mut self, delay: Duration) -> Self {
        self.delivery.delay = delay;
        self
    }

    /// Sends the body in pieces, over this time.
    #[must_use]
    pub fn slow(mut self, over: Duration) -> Self {
        self.delivery.slow = over;
        self
    }

    /// Closes the connection after that many bytes of the body, or after all of a shorter one; in either
    /// case more bytes were announced.
    #[must_use]
    pub fn cut_after(mut self, bytes: usize) -> Self {
        self.delivery.cut_after = Some(bytes);
        self
    }

    /// Answers that many calls. The last answer of a rule, if it has a number, leaves further calls to
    /// the next rule or to the default.
    #[must_use]
    pub fn times(mut self, times: u64) -> Self {
        self.times = Some(times);
        self
    }
}
