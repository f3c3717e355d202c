//! The emulator over real HTTP: every rule, kept and broken.
#![allow(
    clippy::unwrap_used,
    reason = "the lint sees tests only, and not the functions that they share"
)]

mod answers;
mod any_characters;
mod api;
mod controls;
mod defaults;
mod faults;
mod fujitsu_aispf;
mod jooto;
mod load;
mod marketo;
mod prescribed;
mod start;
mod support;
