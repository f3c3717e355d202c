//! The way of a request: attach a credential, send, judge the answer, renew and retry once.

pub(crate) mod auth;
pub(crate) mod base_url;
pub(crate) mod credential;
pub(crate) mod failure;
pub(crate) mod http_client;
pub(crate) mod media;
pub(crate) mod reply;
pub(crate) mod transport;
pub(crate) mod verdict;
