//! What the suite has to say: findings about its own data, results of checks, and tables.

mod finding;
mod result;
mod table;

pub use finding::{Finding, LoadError};
pub use result::{CaseReport, Check, Verdict};
pub use table::{BEGIN, END, Table, refresh};
