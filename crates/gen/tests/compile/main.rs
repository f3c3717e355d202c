//! The code of all documents of `tests/documents`, in one crate, and what it sends.
#![deny(warnings)]
#![allow(dead_code, unreachable_pub, unused_imports)]

mod credentials_on_the_wire;
mod discovered;
mod heirs;
mod hidden;
mod methods;
mod types;
mod uploads_on_the_wire;
mod wire;

macro_rules! clients {
    ($($name:ident: $path:literal;)*) => {
        $(#[path = $path] mod $name;)*
    };
}

clients! {
    answers: "../expected/answers/src/lib.rs";
    bodies: "../expected/bodies/src/lib.rs";
    credentials: "../expected/credentials/src/lib.rs";
    discovery: "../expected/discovery/src/lib.rs";
    heirs_of_messages: "../expected/heirs/src/lib.rs";
    modern: "../expected/modern/src/lib.rs";
    names: "../expected/names/src/lib.rs";
    next: "../expected/next/src/lib.rs";
    odd: "../expected/odd/src/lib.rs";
    parameters: "../expected/parameters/src/lib.rs";
    references: "../expected/references/src/lib.rs";
    secrets: "../expected/secrets/src/lib.rs";
    swagger: "../expected/swagger/src/lib.rs";
    together_all: "../expected/together_all/src/lib.rs";
    together_cards: "../expected/together_cards/src/lib.rs";
    together_none: "../expected/together_none/src/lib.rs";
    uploads: "../expected/uploads/src/lib.rs";
    values: "../expected/values/src/lib.rs";
}
