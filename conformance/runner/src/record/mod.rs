//! Recordings: what goes over the wire between a client and a provider, as fixtures that hold no
//! secret.
//!
//! Redaction goes by an allow-list. Only what is known to be harmless keeps its value, and only
//! where it has the form that such a value has; everything else becomes a named placeholder, the
//! same value the same name. What is written is then searched for every canary and for every
//! credential that was found by its place, in any encoding; one that is still there fails the
//! recording.

mod allow;
mod http2;
mod inflate;
mod leak_guard;
mod names;
mod pages;
mod proxy;
mod redact;
mod server;
mod unmeant;
mod write;

pub use allow::AllowList;
pub use inflate::{BODY_LIMIT, inflate};
pub use leak_guard::{Leak, find_leak};
pub use proxy::{RecordError, Recorder, Settings, Summary};
pub use redact::Redaction;
pub use server::{Base, BaseError, bases};
pub use write::{WriteError, Writer, write_whole};

use std::fmt;

use tegata_suite::Server;

use crate::fixture::{Answer, Recorded};

/// One exchange as it was on the wire, secrets and all.
#[derive(Clone, PartialEq, Eq)]
pub struct Traffic {
    /// Which of a provider's servers was asked.
    pub server: Server,
    /// The request. Its target is that of the documents: without what stands before it in the
    /// server's base URL.
    pub request: Recorded,
    /// The answer, if there was one.
    pub answer: Option<Answer>,
}

impl fmt::Debug for Traffic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Traffic")
            .field("server", &self.server)
            .finish_non_exhaustive()
    }
}
