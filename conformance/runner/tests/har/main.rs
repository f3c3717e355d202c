//! Recordings of other tools, judged.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod abroad;
mod cli;
mod every_case;
#[path = "../support/exchange.rs"]
mod exchange;
mod faults;
mod hidden;
#[path = "../support/junit.rs"]
mod jenkins;
mod left_out;
mod not_judged;
mod order;
mod outputs;
mod pages;
mod refresh;
#[path = "../support/report.rs"]
mod report;
mod rounds;
mod session;
mod support;
mod together;
mod tools;
mod unseen;
