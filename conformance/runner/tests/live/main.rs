//! `run --live`, with the emulator in the vendor's place.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod differences;
mod limits;
mod login;
mod support;
mod tls;
