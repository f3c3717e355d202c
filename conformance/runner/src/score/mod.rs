//! The score of a run: which verdicts count, which failures were known, and which of those no longer occur.

mod findings;
mod known;
mod requirements;
mod standing;

pub use findings::findings;
pub use known::{Entry, Known, KnownError};
pub use requirements::{Requirements, RequirementsError};
pub use standing::{Score, Scored, Standing};
