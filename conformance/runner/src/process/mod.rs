//! Clients in any language: a command that is started once a case, is given its tasks by JSON
//! lines and answers each with one JSON line. `conformance/docs/testing-clients.md` describes the protocol.
//!
//! What the command sends and the outcome that it reports are judged as those of any client. Besides,
//! every case has checks on the process itself: `process.answers` (it keeps to the protocol),
//! `process.end` (it ends by itself), and `process.stdout`, `process.stderr` and `process.logs`
//! (it shows no secret there).

mod answer;
mod checks;
mod child;
mod client;
mod command;
mod driver;
mod fault;
mod group;
mod logs;
mod message;
mod output;
mod profile;
mod run;

pub use answer::Answer;
pub use checks::CHECKS;
pub use client::{Client, LIMIT, Ran};
pub use command::{CommandError, Words};
pub use driver::drive;
pub use fault::Fault;
pub use group::Group;
pub use logs::LogFile;
pub use message::Message;
pub use profile::{Profile, ProfileError, SESSION};
pub use run::{Failed, run_all};
