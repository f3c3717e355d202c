//! Tokens: where they come from, when and how they are renewed, where they are kept.
//!
//! The way of a token that is due: [`cache`] is asked, [`shared`] finds that it is due and starts a task
//! ([`flight`]), the task asks [`decision`] what to do, [`renewal`] does it, [`saving`] saves what came, and
//! callers get it as [`current`].

mod backoff;
pub(crate) mod cache;
pub(crate) mod clock;
mod current;
mod decision;
mod flight;
mod login;
pub(crate) mod observe;
pub(crate) mod policy;
pub(crate) mod registry;
mod renewal;
mod saving;
mod shared;
pub(crate) mod source;
pub mod store;
pub(crate) mod value;
