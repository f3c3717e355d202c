//! Every flow of Jooto, through the client's public API over real HTTP.

mod authorize;
mod calls;
mod exchange;
mod refresh;
mod replaced;
mod settings;
mod stores;
