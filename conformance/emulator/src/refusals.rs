//! Calls that will be refused although their credential is right.

use std::collections::VecDeque;

/// One order of [`Emulator::refuse_next`](super::Emulator::refuse_next).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refusal {
    pub(super) code: u16,
    pub(super) times: u64,
    pub(super) keep_token: bool,
}

impl Refusal {
    /// Refuses one call with an HTTP status or, from 600 on and for Marketo only, with a code in
    /// the envelope.
    pub const fn new(code: u16) -> Self {
        Self {
            code,
            times: 1,
            keep_token: false,
        }
    }

    /// Refuses that many calls.
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

/// The refusals still to come, first ordered first given.
#[derive(Debug, Default)]
pub(super) struct Refusals(VecDeque<Refusal>);

impl Refusals {
    pub(super) fn order(&mut self, refusal: Refusal) {
        if refusal.times > 0 {
            self.0.push_back(refusal);
        }
    }

    /// The refusal of the current call, if one is due.
    pub(super) fn take(&mut self) -> Option<Refusal> {
        let refusal = self.0.front_mut()?;
        refusal.times -= 1;
        let due = *refusal;
        if due.times == 0 {
            self.0.pop_front();
        }
        Some(due)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_come_as_often_as_ordered_and_in_order() {
        let mut refusals = Refusals::default();
        refusals.order(Refusal::new(601).times(2));
        refusals.order(Refusal::new(602));
        refusals.order(Refusal::new(603).times(0));
        let codes: Vec<_> = std::iter::from_fn(|| refusals.take().map(|due| due.code)).collect();
        assert_eq!(codes, [601, 601, 602]);
    }
}
