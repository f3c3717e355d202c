//! What a run comes to: which verdicts count, which were known before, and what no longer holds.

mod findings;
mod known;
mod requirements;
mod standing;

pub use findings::findings;
pub use known::{Entry, Known, KnownError};
pub use requirements::{Requirements, RequirementsError};
pub use standing::{Score, Scored, Standing};
