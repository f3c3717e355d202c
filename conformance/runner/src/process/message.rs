//! What is sent to the command: one JSON object per task.

use serde::{Deserialize, Serialize};

use crate::case::Call;
use crate::script::{Context, Task, Turn};

/// The protocol's version.
const VERSION: u32 = 1;

/// One task, with all that a client needs to know for it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// The protocol's version.
    pub version: u32,
    /// How many tasks follow this one.
    pub more: usize,
    /// Whether a client is to be made for the account, in place of the one that there is.
    pub open: bool,
    /// The task.
    task: Do,
    /// The configuration, and the time.
    #[serde(flatten)]
    pub context: Context,
}

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "kebab-case")]
enum Do {
    Issue,
    Call(Call),
    AuthorizeUrl,
    Callback { url: String },
    Exchange,
}

impl Message {
    /// The message of a turn after which so many more follow.
    pub fn of(turn: &Turn, more: usize) -> Self {
        Self {
            version: VERSION,
            more,
            open: turn.open,
            task: match &turn.task {
                Task::Issue => Do::Issue,
                Task::Call(call) => Do::Call(call.clone()),
                Task::AuthorizeUrl => Do::AuthorizeUrl,
                Task::Callback(url) => Do::Callback { url: url.clone() },
                Task::Exchange => Do::Exchange,
            },
            context: turn.context.clone(),
        }
    }

    /// The task.
    pub fn task(&self) -> Task {
        match &self.task {
            Do::Issue => Task::Issue,
            Do::Call(call) => Task::Call(call.clone()),
            Do::AuthorizeUrl => Task::AuthorizeUrl,
            Do::Callback { url } => Task::Callback(url.clone()),
            Do::Exchange => Task::Exchange,
        }
    }

    /// The line, without its end.
    pub fn line(&self) -> String {
        // Texts, numbers and lists of them can always be written.
        serde_json::to_string(self).unwrap_or_default()
    }
}

impl std::fmt::Debug for Message {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Message")
            .field("open", &self.open)
            .field("more", &self.more)
            .field("context", &self.context)
            .finish_non_exhaustive()
    }
}
