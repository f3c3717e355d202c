//! Tests that span providers; see `ARCHITECTURE.md`.

/// Compiles the code of the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
pub struct Readme;
