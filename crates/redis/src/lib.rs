#![doc = include_str!("../README.md")]

mod builder;
mod failure;
mod handshake;
mod inner;
mod keys;
mod lease;
mod load;
mod random;
mod save;
mod seal;
mod seen;
mod server;
mod settings;
mod store;
mod stored;
mod ttl;

pub use builder::RedisStoreBuilder;
pub use seal::EncryptionKey;
pub use settings::Unavailable;
pub use store::RedisStore;

/// The Redis client library, whose clients can be used for a store.
pub use redis;
