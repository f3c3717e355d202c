//! No secret in anything that is shown: errors, `Debug`, logs, panics.
//!
//! Every secret here is a canary, and so is everything that a server says. What the clients show is
//! gathered and searched for them, in every disguise in which they might turn up.

mod answers;
mod kinds;
mod log;
mod search;
mod types;
