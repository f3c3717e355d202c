//! Requests that are held until a test releases them.

use tokio::sync::watch;

/// A gate before one kind of endpoint: open, until a test closes it.
pub(super) struct Gate {
    closed: watch::Sender<bool>,
    waiting: watch::Sender<usize>,
}

impl Gate {
    pub(super) fn new() -> Self {
        Self {
            closed: watch::Sender::new(false),
            waiting: watch::Sender::new(0),
        }
    }

    pub(super) fn close(&self) {
        self.closed.send_replace(true);
    }

    pub(super) fn open(&self) {
        self.closed.send_replace(false);
    }

    pub(super) fn waiting(&self) -> usize {
        *self.waiting.borrow()
    }

    /// Returns when the gate is open.
    pub(super) async fn pass(&self) {
        let mut closed = self.closed.subscribe();
        if !*closed.borrow_and_update() {
            return;
        }
        let _place = Place::take(&self.waiting);
        // The sender lives as long as `self`, so this ends only when the gate opens.
        let _ = closed.wait_for(|closed| !closed).await;
    }

    /// Returns when at least `count` requests wait at the gate.
    pub(super) async fn until_waiting(&self, count: usize) {
        let mut waiting = self.waiting.subscribe();
        let _ = waiting.wait_for(|waiting| *waiting >= count).await;
    }
}

/// A place in the queue, given up also when the caller goes away.
struct Place<'a>(&'a watch::Sender<usize>);

impl<'a> Place<'a> {
    fn take(waiting: &'a watch::Sender<usize>) -> Self {
        waiting.send_modify(|waiting| *waiting += 1);
        Self(waiting)
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.send_modify(|waiting| *waiting -= 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    #[tokio::test]
    async fn an_open_gate_lets_everyone_pass() {
        Gate::new().pass().await;
    }

    #[tokio::test]
    async fn a_closed_gate_holds_until_it_opens() {
        let gate = Arc::new(Gate::new());
        gate.close();
        let held: Vec<_> = (0..3)
            .map(|_| {
                let gate = Arc::clone(&gate);
                tokio::spawn(async move { gate.pass().await })
            })
            .collect();
        gate.until_waiting(3).await;
        gate.open();
        for task in held {
            assert!(task.await.is_ok());
        }
        assert_eq!(gate.waiting(), 0);
    }

    #[tokio::test]
    async fn a_caller_that_goes_away_gives_up_its_place() {
        let gate = Arc::new(Gate::new());
        gate.close();
        let task = {
            let gate = Arc::clone(&gate);
            tokio::spawn(async move { gate.pass().await })
        };
        gate.until_waiting(1).await;
        task.abort();
        assert!(task.await.is_err());
        assert_eq!(gate.waiting(), 0);
    }
}
