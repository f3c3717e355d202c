//! Judging a vendor's own endpoint: the cases that are marked `live`, with credentials from the
//! environment, within a budget of calls.
//!
//! The exchanges are redacted before they are judged, as those of a recording are: no report and
//! no file can show a secret, and each output is searched for them once more before it is
//! written.

mod differences;
mod given;
mod plan;
mod run;
mod wire;

pub use differences::{Difference, Differences};
pub use given::{Credentials, variable};
pub use plan::{LeftOut, Plan, PlannedCall, PlannedCase};
pub use run::{LiveError, LiveRun, NotRun, Why, run_live};
pub use wire::Limits;
