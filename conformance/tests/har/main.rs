//! Recordings of other tools, judged.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod cli;
mod every_case;
mod faults;
mod support;
