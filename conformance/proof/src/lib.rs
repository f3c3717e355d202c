//! Shows that the suite can fail: clients that do nothing (M0), wrong exchanges (M1), wrong fixtures
//! and specs (M3), and broken clients. Wrong code (M2) is `tools/mutants`.

mod data;
mod fixtures;
mod known;
pub mod self_test;
pub mod spec;
mod specs;
mod vacuous;

pub use data::prove_data;
pub use known::{Known, Problem};
pub use specs::{SpecFate, SpecRecord, embedded_specs, unnoticed};
