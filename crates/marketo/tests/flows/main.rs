//! Every flow of Adobe Marketo, through the client's public API over real HTTP.

mod accounts;
mod bodies;
mod errors;
mod identity;
mod refusals;
mod settings;
mod urls;
