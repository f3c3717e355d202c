//! A value that can be watched, for little if nobody does.

use std::sync::{Arc, PoisonError};

use crate::sync::{Mutex, MutexGuard, watch};

/// A value that can be watched.
///
/// The channel which that takes is larger than everything else that is kept for an account, and hardly any
/// account is watched. So it is made when somebody first waits.
pub(super) struct Watched<T>(Mutex<State<T>>);

enum State<T> {
    Alone(T),
    Channel(Arc<watch::Sender<T>>),
}

impl<T: Copy> Watched<T> {
    pub(super) fn new(value: T) -> Self {
        Self(Mutex::new(State::Alone(value)))
    }

    pub(super) fn borrow(&self) -> T {
        match &*self.lock() {
            State::Alone(value) => *value,
            State::Channel(sender) => *sender.borrow(),
        }
    }

    pub(super) fn send_modify(&self, modify: impl FnOnce(&mut T)) {
        self.send_if_modified(|value| {
            modify(value);
            true
        });
    }

    /// Wakes those who wait only if `modify` says so.
    pub(super) fn send_if_modified(&self, modify: impl FnOnce(&mut T) -> bool) {
        let mut state = self.lock();
        let sender = match &mut *state {
            State::Alone(value) => {
                modify(value);
                return;
            }
            State::Channel(sender) => Arc::clone(sender),
        };
        // Whoever is woken may come back here at once.
        drop(state);
        sender.send_if_modified(modify);
    }

    pub(super) fn subscribe(&self) -> Watcher<'_, T> {
        Watcher(self)
    }

    pub(super) fn receiver(&self) -> watch::Receiver<T> {
        let mut state = self.lock();
        match &mut *state {
            State::Alone(value) => {
                let sender = watch::Sender::new(*value);
                let receiver = sender.subscribe();
                *state = State::Channel(Arc::new(sender));
                receiver
            }
            State::Channel(sender) => sender.subscribe(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Somebody who may want to wait.
pub(super) struct Watcher<'a, T>(&'a Watched<T>);

impl<T: Copy> Watcher<'_, T> {
    /// Waits until the value is such, and gives it.
    pub(super) async fn wait_for(&mut self, mut is_such: impl FnMut(&T) -> bool) -> Option<T> {
        let value = self.0.borrow();
        if is_such(&value) {
            return Some(value);
        }
        let mut receiver = self.0.receiver();
        receiver.wait_for(is_such).await.ok().map(|value| *value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn has_channel(watched: &Watched<u64>) -> bool {
        matches!(&*watched.lock(), State::Channel(_))
    }

    #[tokio::test]
    async fn whoever_need_not_wait_makes_no_channel() {
        let watched = Watched::new(1);
        watched.send_modify(|value| *value += 1);
        assert_eq!(
            watched.subscribe().wait_for(|value| *value == 2).await,
            Some(2)
        );
        assert!(!has_channel(&watched));
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_waits_sees_what_was_there_and_what_comes() {
        let watched = Arc::new(Watched::new(1));
        watched.send_modify(|value| *value += 1);
        let waiting = Arc::clone(&watched);
        let waiter =
            tokio::spawn(async move { waiting.subscribe().wait_for(|value| *value >= 4).await });
        tokio::task::yield_now().await;
        assert!(has_channel(&watched));
        for _ in 0..2 {
            watched.send_modify(|value| *value += 1);
        }
        assert_eq!(waiter.await.expect("no panic"), Some(4));
        assert_eq!(watched.borrow(), 4);
        let mut receiver = watched.receiver();
        watched.send_if_modified(|_| false);
        assert!(!receiver.has_changed().expect("not gone"));
        watched.send_modify(|value| *value += 1);
        receiver.changed().await.expect("not gone");
        assert_eq!(*receiver.borrow(), 5);
    }
}
