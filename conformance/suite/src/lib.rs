//! What the vendors' documents say of their auth APIs, as data: citations, fixtures and cases, with
//! their types and what must hold of them. It knows no HTTP and judges no client.

pub mod case;
pub mod citation;
mod embedded;
mod finding;
pub mod fixture;
pub mod provider;

pub use finding::{Finding, LoadError};
pub use provider::Server;

/// The cases that each release demands, as release and content of its file.
pub const REQUIREMENTS: &[(&str, &str)] =
    &[("2026.1", include_str!("../requirements/2026.1.toml"))];
