//! Cases for clients that somebody else starts: a person with curl, or a test runner of their own.
//!
//! A run is begun by `POST /__conform` with `{"case": "<id>"}`. It has ports of its own, so that no
//! run sees anything of another, and is told the client's task in the words of
//! [`Message`](crate::process::Message). What the client came to is posted to `/__conform/<run>` as
//! an [`Answer`](crate::process::Answer), which brings the next task; the verdict is at the same
//! address by `GET`, at any time.

mod http;
mod run;

pub use http::Hall;
pub use run::{Begun, State};
