//! Four patterns of authentication: the crate that is made of each document, without a line of Rust, against the emulator of
//! its profile, and against a server that is not ours (`conformance/examples/independent-grants/run`). Further documents meet
//! the emulator alone.
#![deny(warnings)]
#![allow(dead_code, unreachable_pub, unused_imports)]

mod by_client_credentials;
mod by_code;
mod by_device;
mod by_keys;
mod every_document;
mod every_way;
mod server;

macro_rules! clients {
    ($($name:ident: $path:literal;)*) => {
        $(#[path = $path] mod $name;)*
    };
}

clients! {
    authorization_code: "../expected/authorization_code/src/lib.rs";
    client_credentials: "../expected/client_credentials/src/lib.rs";
    credentials: "../expected/credentials/src/lib.rs";
    device_code: "../expected/device_code/src/lib.rs";
    key_and_signature: "../expected/key_and_signature/src/lib.rs";
}
