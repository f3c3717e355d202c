//! What a test has ordered for requests to come: faults and refusals, in one queue.

use std::collections::VecDeque;

use super::fault::Fault;
use super::refusals::Refusal;
use super::service::Endpoint;

/// The orders of one provider, first ordered first met.
///
/// A request meets the first that is meant for it, and no other: a fault is meant for every request to
/// its kind of endpoint, a refusal for calls whose credential is right.
#[derive(Default)]
pub(super) struct Queue(VecDeque<Ordered>);

struct Ordered {
    order: Order,
    times: u64,
}

#[derive(Clone)]
pub(super) enum Order {
    Fault(Fault),
    Refusal(Refusal),
}

impl Queue {
    pub(super) fn fault(&mut self, fault: Fault) {
        let times = fault.times;
        self.push(Order::Fault(fault), times);
    }

    pub(super) fn refuse(&mut self, refusal: Refusal) {
        self.push(Order::Refusal(refusal), refusal.times);
    }

    fn push(&mut self, order: Order, times: u64) {
        if times > 0 {
            self.0.push_back(Ordered { order, times });
        }
    }

    /// The order for a request; `is_accepted` says whether its credential is right.
    pub(super) fn take(
        &mut self,
        endpoint: Endpoint,
        is_accepted: impl FnOnce() -> bool,
    ) -> Option<Order> {
        let mut is_accepted = Some(is_accepted);
        let mut known = false;
        let mut is_meant = |ordered: &Ordered| match &ordered.order {
            Order::Fault(fault) => fault.endpoint == endpoint,
            Order::Refusal(_) => {
                if let Some(ask) = is_accepted.take() {
                    known = endpoint == Endpoint::Resource && ask();
                }
                known
            }
        };
        let at = self.0.iter().position(&mut is_meant)?;
        let ordered = self.0.get_mut(at)?;
        ordered.times -= 1;
        let due = ordered.order.clone();
        if ordered.times == 0 {
            self.0.remove(at);
        }
        Some(due)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What requests meet: an endpoint, whether its credential is right, and a status or code.
    fn met(queue: &mut Queue, endpoint: Endpoint, is_accepted: bool) -> Option<u16> {
        queue
            .take(endpoint, || is_accepted)
            .map(|order| match order {
                Order::Fault(fault) => fault.code.unwrap_or_default(),
                Order::Refusal(refusal) => refusal.code,
            })
    }

    #[test]
    fn a_fault_waits_for_its_kind_of_endpoint() {
        let mut queue = Queue::default();
        queue.fault(Fault::on(Endpoint::Resource).status(500).times(2));
        assert_eq!(met(&mut queue, Endpoint::Token, true), None);
        for expected in [Some(500), Some(500), None] {
            assert_eq!(met(&mut queue, Endpoint::Resource, false), expected);
        }
    }

    #[test]
    fn faults_and_refusals_come_in_the_order_in_which_they_were_set() {
        let mut queue = Queue::default();
        queue.refuse(Refusal::new(401));
        queue.fault(Fault::on(Endpoint::Resource).status(500));
        queue.refuse(Refusal::new(403).times(2));
        queue.refuse(Refusal::new(404).times(0));
        queue.fault(Fault::on(Endpoint::Resource).status(501));
        for expected in [401, 500, 403, 403, 501] {
            assert_eq!(met(&mut queue, Endpoint::Resource, true), Some(expected));
        }
        assert_eq!(met(&mut queue, Endpoint::Resource, true), None);
    }

    #[test]
    fn a_refusal_waits_for_a_call_with_a_right_credential() {
        let mut queue = Queue::default();
        queue.refuse(Refusal::new(401));
        queue.fault(Fault::on(Endpoint::Resource).status(500));
        assert_eq!(met(&mut queue, Endpoint::Token, true), None);
        assert_eq!(met(&mut queue, Endpoint::Resource, false), Some(500));
        assert_eq!(met(&mut queue, Endpoint::Resource, false), None);
        assert_eq!(met(&mut queue, Endpoint::Resource, true), Some(401));
    }
}
