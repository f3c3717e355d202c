//! Processes that die at any step of a renewal, and those that go on after them.
//!
//! The token is in a file, and every refresh token is good once. Wherever a process ends, the file holds the
//! old pair or the new one, as a whole; or the old one with the new one beside it, which the next process puts
//! in its place. One window is left, which no client can close: from the moment at which the endpoint has
//! replaced the refresh token until the new pair is written, it exists in the answer only. A process that ends
//! there leaves the old pair, which the endpoint takes no more: with Jooto the user has to grant access anew,
//! with AISPF client id and secret get the next token by themselves.

mod child;
mod fleet;
mod killed;
mod machine;
mod steps;
