//! The token cache under every interleaving that a seeded scheduler finds, step by step.
//!
//! How far it looks is settable, best with `--release`:
//!
//! ```text
//! TEGATA_MODEL_RUNS=100000 cargo test -p tegata-model --release
//! ```
//!
//! A failure prints a schedule; `TEGATA_MODEL_REPLAY=<schedule>` with the test's name runs just that.

mod endpoint;
mod explore;
mod scenarios;
mod store;
mod world;
