//! The store with a real server: the one of `TEGATA_REDIS_URL`, or `redis-server` started here. Without either
//! the tests print how to install it and count as passed; with `TEGATA_REQUIRE_REDIS=1` they fail. What
//! concerns the server is run on Redis 7, on one before it and on Valkey: `TEGATA_REDIS_SERVERS` names the
//! programs of the latter, with colons between.

mod answers;
mod away;
mod contract;
mod encryption;
mod fleet;
mod foreign;
mod handshake;
mod killed;
mod lease;
mod logout;
mod lost_answer;
mod release;
mod restart;
mod save;
mod secrets;
mod support;
#[cfg(feature = "rustls")]
mod tls;
