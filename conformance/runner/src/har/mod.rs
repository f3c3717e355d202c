//! Judging a recording made by another tool: HTTP Archive 1.2, as browsers and proxies
//! write it.
//!
//! Every value that is not known to be harmless is replaced by a name before anything is judged,
//! so no report can show one; the same value has the same name, so it still shows whether a
//! client sent the token that it was issued. What a tool left out is unknown: checks that need it are not made, each
//! with its reason. What a client makes of an answer is in no recording:
//! the cases that ask for it are listed as not judged, each with its reason.

mod abroad;
mod accepted;
mod align;
mod beside;
mod bind;
mod body;
mod canaries;
mod date;
mod encoding;
mod entry;
mod gaps;
mod gather;
mod grants;
mod headers;
mod hidden;
mod item;
mod like;
mod lineage;
mod logins;
mod mask;
mod message;
mod mistake;
mod notes;
mod others;
mod pages;
mod parts;
mod place;
mod point;
mod read;
mod recording;
mod redirects;
mod renewal;
mod result;
mod scan;
mod sent;
mod signature;
mod site;
mod stream;
mod time;
mod verdict;
mod view;
mod wanted;

pub use beside::Beside;
pub use entry::{Entry, Headers, LeftOut, Tool, Unread};
pub use hidden::Hidden;
pub use mistake::{Mistake, Wrong};
pub use place::Places;
pub use read::{HarError, read_har};
pub use recording::judge_har;
pub use result::{Judged, Unjudged, WhyNot};
pub use time::Times;
