//! Faults of a command that does not follow the protocol.

use std::fmt;
use std::time::Duration;

/// What went wrong with the command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// No answer came in time.
    Silent(Duration),
    /// It ended before it answered; how, as far as is known.
    Ended(String),
    /// A line is no answer; what is wrong with it, without its secrets.
    Garbage(String),
    /// A line does not end.
    LongLine(usize),
    /// It wrote more than is read.
    Flood(&'static str, usize),
    /// It says that it cannot do the task, though the features that the case needs are declared.
    NotTestable(String),
    /// It answered more than it was asked.
    OneTooMany,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Silent(limit) => write!(
                f,
                "no answer within {} s, the time that a case has; it was killed",
                limit.as_secs_f64()
            ),
            Self::Ended(how) => write!(f, "it ended before it answered: {how}"),
            Self::Garbage(what) => write!(f, "a line that is no answer: {what}"),
            Self::LongLine(limit) => write!(f, "a line of more than {limit} bytes; it was killed"),
            Self::Flood(stream, limit) => {
                write!(f, "more than {limit} bytes on its {stream}; it was killed")
            }
            Self::NotTestable(why) => {
                write!(
                    f,
                    "not testable, although the features that the case needs are declared: {why}"
                )
            }
            Self::OneTooMany => f.write_str("an answer more than there were tasks"),
        }
    }
}
