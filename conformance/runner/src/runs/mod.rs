//! Cases for clients that are started elsewhere: by a person with curl, or by another test runner.
//!
//! A run is begun by `POST /__conform` with `{"case": "<id>"}`. It has ports of its own, so that no
//! run sees anything of another, and gives the client's task in the words of
//! [`Message`](crate::process::Message). The client's outcome is posted to `/__conform/<run>` as
//! an [`Answer`](crate::process::Answer), which brings the next task; the verdict is at the same
//! address by `GET`, at any time.

mod http;
mod run;

pub use http::ControlServer;
pub use run::{Begun, State};
