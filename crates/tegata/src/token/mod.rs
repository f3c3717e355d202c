//! Tokens: their sources, renewal and stores.
//!
//! How a due token is renewed: a caller asks [`cache`]; [`shared`] finds that the token is due and starts a
//! task ([`flight`]); [`decision`] decides what to do, [`renewal`] carries it out, [`saving`] saves the new
//! token, and callers get it as [`current`].

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
mod task;
pub(crate) mod value;
