//! Recordings of other tools, judged.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod cli;
mod every_case;
#[path = "../support/exchange.rs"]
mod exchange;
mod faults;
mod hidden;
mod outputs;
#[path = "../support/report.rs"]
mod report;
mod session;
mod support;
mod tools;
