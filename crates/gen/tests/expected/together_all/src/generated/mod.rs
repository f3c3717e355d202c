mod builder;
mod client;
mod forms;
mod operations;
mod request;
/// How requests are authenticated.
pub mod security;
mod wire;
pub use builder::{Client, ClientBuilder};
pub use client::types;
pub use operations::*;
