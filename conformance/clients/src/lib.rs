//! Clients that the suite drives in process: those of this workspace, and one that is independent of
//! them and can be given bugs. The demo walks every documented flow with ours.

pub mod demo;
pub mod naive;
pub mod ours;
pub mod providers;
