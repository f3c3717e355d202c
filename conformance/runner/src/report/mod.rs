//! The suite's output: findings about its own data, results of checks, tables, and the
//! reports of a run.
//!
//! A [`Run`] holds everything that the reports of one run say. It is serialised as it is
//! ([`Run::json`]); [`junit()`], [`markdown()`] and [`html()`] are views of it.

mod about;
mod change;
mod citations;
mod counts;
mod coverage;
mod entry;
mod exchange;
mod families;
mod html;
mod junit;
mod markdown;
mod part;
pub mod proof;
mod result;
mod run;
mod said;
mod show;
mod subject;
mod table;
mod verdict;

pub use about::About;
pub use citations::{CitationEntry, Passage, SourceEntry, Standing};
pub use counts::Counts;
pub use coverage::{Citations, Coverage, Field, Fields, Kills, OperationEntry, Operations};
pub use entry::{CaseEntry, CheckEntry, HiddenEntry, MutantEntry};
pub use exchange::{AnswerEntry, ExchangeEntry, StepEntry};
pub use families::{Family, Survivor};
pub use html::html;
pub use junit::junit;
pub use markdown::markdown;
pub use part::Part;
pub use result::{CaseReport, Check};
pub use run::{CaseResult, Run, SuiteId, Summary, VERSION};
pub use said::{lines, one_line, seen_in};
pub use subject::{Subject, SubjectKind};
pub use table::{BEGIN, END, Table, refresh};
pub use verdict::Verdict;
