//! Under construction.

pub mod demo;
pub mod emulator;
