//! The reports of a run.
#![allow(
    clippy::unwrap_used,
    reason = "the lint sees tests only, and not the functions that they share"
)]

mod json;
mod support;
