//! The store with a real server: one given by `TEGATA_REDIS_URL`, or `redis-server` started here. Without
//! either the tests say how to install it and count as passed; with `TEGATA_REQUIRE_REDIS=1` they fail.

mod away;
mod contract;
mod encryption;
mod fleet;
mod foreign;
mod killed;
mod lease;
mod lost_answer;
mod restart;
mod save;
mod secrets;
mod support;
