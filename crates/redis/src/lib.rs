#![doc = include_str!("../README.md")]

mod builder;
mod failure;
mod keys;
mod lease;
mod random;
mod record;
mod seal;
mod server;
mod settings;
mod store;
mod ttl;

pub use builder::RedisStoreBuilder;
pub use seal::EncryptionKey;
pub use settings::Unavailable;
pub use store::RedisStore;

/// The Redis client library, whose clients can be handed over.
pub use redis;
