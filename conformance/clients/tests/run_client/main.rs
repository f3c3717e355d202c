//! `run --client`: clients that are processes of their own, right ones and broken ones.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod broken;
mod equal;
mod outside;
mod scored;
mod support;
