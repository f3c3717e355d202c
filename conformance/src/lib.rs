//! Holds auth API clients to what the vendors' documents say: see `README.md` beside this crate.

pub mod case;
pub mod citation;
pub mod clients;
pub mod demo;
pub mod emulator;
pub mod fixture;
pub mod har;
pub mod judge;
pub mod live;
pub mod naive;
mod nearest;
pub mod process;
pub mod record;
pub mod report;
pub mod runs;
pub mod score;
pub mod script;
pub mod self_test;
pub mod spec;
pub mod tls;
pub mod trust;
mod upstream;

/// Compiles the code of the README.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
pub struct Readme;
