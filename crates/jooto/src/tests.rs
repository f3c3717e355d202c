//! Tests that are about no module alone.

pub(crate) mod tokens;
