//! What a recording may not have, and a check may need.

use std::fmt;

/// What a check needs and the recording does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Hidden {
    /// The body of a request.
    RequestBody,
    /// The body of an answer: its values, or whether it was a refusal.
    AnswerBody,
    /// This header, which no request has.
    Header(&'static str),
    /// Whether the same request had a credential in this header as well.
    Another(&'static str),
    /// All headers of a message.
    Headers,
    /// The header with the credential, in a part of the file.
    Part,
    /// When exchanges began and ended.
    Times,
    /// The call sent again: too many others follow the refusal to look through all of them.
    TooFar,
    /// A value, in whose place the tool put a mask.
    Masked,
    /// Which token it was: the one that had been refused was issued again.
    Reissued,
    /// Whether the client or the tool wrote a header twice.
    Doubled,
}

impl fmt::Display for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::RequestBody => "the recording lacks the body of a request that it needs",
            Self::AnswerBody => "the recording lacks the body of an answer that it needs",
            Self::Header(name) => {
                return write!(
                    f,
                    "no request of the recording has the header `{name}`, which it needs: the tool may have left it out"
                );
            }
            Self::Another(name) => {
                return write!(
                    f,
                    "a credential in `{name}`, which must not be there, would not be in the recording: the tool leaves it out"
                );
            }
            Self::Headers => "the recording lacks the headers of a message that it needs",
            Self::Part => {
                "a part of the recording has no credentials, though its calls were answered as if they had them: the header may have been taken out"
            }
            Self::Times => {
                "the recording does not say when its exchanges began and ended: whether a call was sent again after the renewal cannot be seen"
            }
            Self::TooFar => {
                "so many other calls follow a refused one that the call sent again was not found among the next ones"
            }
            Self::Masked => "the recording has a mask in place of a value that it needs",
            Self::Reissued => {
                "the recording has one text for the token that was refused and for the next one, which may be a mask"
            }
            Self::Doubled => {
                "the recording has a credential's header twice with one value, which the tool may have written"
            }
        })
    }
}
