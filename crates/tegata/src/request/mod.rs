//! Sending a request: attach a credential, send, judge the answer, renew and retry once.

pub(crate) mod answer;
pub(crate) mod auth;
pub(crate) mod authenticator;
pub(crate) mod base_url;
pub(crate) mod body;
pub(crate) mod builder;
pub(crate) mod coding;
pub(crate) mod credential;
pub(crate) mod credential_text;
pub(crate) mod failure;
pub(crate) mod fill;
pub(crate) mod http_client;
pub(crate) mod key_pair;
pub(crate) mod media;
pub(crate) mod members;
pub(crate) mod network_error;
pub(crate) mod path;
pub(crate) mod peek;
pub(crate) mod replaceable;
pub(crate) mod reply;
pub(crate) mod response;
#[cfg(test)]
pub(crate) mod scripted;
pub(crate) mod transport;
pub(crate) mod typed;
pub(crate) mod vendor;
pub(crate) mod verdict;
pub(crate) mod written;
