//! Calls that will be refused although their credential is right.

/// One order of [`Emulator::refuse_next`](super::Emulator::refuse_next).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refusal {
    pub(super) code: u16,
    pub(super) times: u64,
    pub(super) keep_token: bool,
}

impl Refusal {
    /// Refuses one call with an HTTP error status or, from 600 to 1999 and for Marketo only, with a code
    /// in the envelope.
    pub const fn new(code: u16) -> Self {
        Self {
            code,
            times: 1,
            keep_token: false,
        }
    }

    /// Refuses that many calls, at least one.
    #[must_use]
    pub const fn times(mut self, times: u64) -> Self {
        self.times = times;
        self
    }

    /// Lets Marketo's identity go on handing out the very token that was refused.
    #[must_use]
    pub const fn keep_token(mut self) -> Self {
        self.keep_token = true;
        self
    }
}
