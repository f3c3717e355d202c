//! Judges clients and endpoints of auth APIs by what the vendors' documents say: see
//! `conformance/README.md`.

pub mod cli;
mod did_you_mean;
pub mod har;
pub mod judge;
pub mod live;
pub mod process;
pub mod record;
pub mod report;
pub mod runs;
pub mod score;
pub mod script;
pub mod trust;
mod upstream;

pub use tegata_suite::{case, citation, fixture};
