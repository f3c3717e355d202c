//! The reports of a run.
#![allow(
    clippy::unwrap_used,
    reason = "the lint sees tests only, and not the functions that they share"
)]

mod command;
mod html;
#[path = "../../../runner/tests/support/junit.rs"]
mod jenkins;
mod json;
mod junit;
mod markdown;
#[path = "../../../runner/tests/support/report.rs"]
mod report;
mod schema;
mod secrets;
mod snippet;
mod support;
