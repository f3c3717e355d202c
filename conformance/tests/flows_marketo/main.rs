//! Every flow of Adobe Marketo, through the client's public API over real HTTP.

#[path = "../common/mod.rs"]
mod common;

mod accounts;
mod bodies;
mod errors;
mod identity;
mod refusals;
mod urls;
