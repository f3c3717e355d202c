//! Every flow of Fujitsu AISPF, through the client's public API over real HTTP.

mod by_hand;
mod keys;
mod legacy;
mod legacy_times;
mod oauth2;
mod replaced;
