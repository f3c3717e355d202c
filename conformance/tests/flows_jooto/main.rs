//! Every flow of Jooto, through the client's public API over real HTTP.

#[path = "../common/mod.rs"]
mod common;

mod authorize;
mod calls;
mod exchange;
mod refresh;
mod settings;
mod stores;
