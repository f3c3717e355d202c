//! The recording proxy, before the emulator and before servers that misbehave.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod canaries;
mod cli;
mod codings;
#[path = "../support/exchange.rs"]
mod exchange;
mod proxy;
mod replay;
mod support;
mod tls;
mod unmeant;
