//! Replaces `tokio::sync::watch`.

use std::ops::Deref;
use std::sync::{Arc, PoisonError};
use std::task::{Poll, Waker};

use shuttle::sync::{RwLock, RwLockReadGuard};

/// The end that sets the value.
pub struct Sender<T>(Arc<Channel<T>>);

/// An end that sees the value, and can wait for it to change.
#[derive(Clone)]
pub struct Receiver<T>(Arc<Channel<T>>);

/// The value, which cannot change as long as this lives.
pub struct Ref<'a, T>(RwLockReadGuard<'a, T>);

/// The sender is gone.
#[derive(Debug)]
pub struct RecvError;

struct Channel<T> {
    value: RwLock<T>,
    /// The standard library's mutex, so that locking it is no scheduler step.
    notice: std::sync::Mutex<Notice>,
}

#[derive(Default)]
struct Notice {
    changes: u64,
    closed: bool,
    waiting: Vec<Waker>,
}

pub(crate) fn channel<T>(value: T) -> (Sender<T>, Receiver<T>) {
    let sender = Sender::new(value);
    let receiver = sender.subscribe();
    (sender, receiver)
}

impl<T> Channel<T> {
    fn notice<R>(&self, act: impl FnOnce(&mut Notice) -> R) -> R {
        act(&mut self.notice.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn notify(&self, change: impl FnOnce(&mut Notice)) {
        let waiting = self.notice(|notice| {
            change(notice);
            std::mem::take(&mut notice.waiting)
        });
        waiting.into_iter().for_each(Waker::wake);
    }

    fn read(&self) -> Ref<'_, T> {
        Ref(self.value.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Returns when there was a further change, or there will be none.
    async fn after(&self, seen: u64) {
        std::future::poll_fn(|context| {
            self.notice(|notice| {
                if notice.changes != seen || notice.closed {
                    return Poll::Ready(());
                }
                notice.waiting.push(context.waker().clone());
                Poll::Pending
            })
        })
        .await;
    }
}

impl<T> Sender<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(Arc::new(Channel {
            value: RwLock::new(value),
            notice: std::sync::Mutex::default(),
        }))
    }

    pub(crate) fn subscribe(&self) -> Receiver<T> {
        Receiver(Arc::clone(&self.0))
    }

    pub(crate) fn send_if_modified(&self, modify: impl FnOnce(&mut T) -> bool) -> bool {
        let mut value = self.0.value.write().unwrap_or_else(PoisonError::into_inner);
        let modified = modify(&mut value);
        if modified {
            // Counted before the value can be seen, so that a reader of the value sees the new count.
            self.0.notice(|notice| notice.changes += 1);
        }
        drop(value);
        if modified {
            self.0.notify(|_| ());
        }
        modified
    }

    pub(crate) fn send_modify(&self, modify: impl FnOnce(&mut T)) {
        self.send_if_modified(|value| {
            modify(value);
            true
        });
    }

    pub(crate) fn send_replace(&self, new: T) -> T {
        let mut former = new;
        self.send_modify(|value| std::mem::swap(value, &mut former));
        former
    }
}

impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        self.0.notify(|notice| notice.closed = true);
    }
}

impl<T> Receiver<T> {
    /// The present value.
    pub fn borrow(&self) -> Ref<'_, T> {
        self.0.read()
    }

    /// Returns as soon as the predicate holds for the value.
    ///
    /// # Errors
    /// [`RecvError`] if it does not hold, and there will be no other value.
    pub async fn wait_for(
        &mut self,
        mut predicate: impl FnMut(&T) -> bool,
    ) -> Result<Ref<'_, T>, RecvError> {
        let channel = &*self.0;
        loop {
            let (seen, closed) = channel.notice(|notice| (notice.changes, notice.closed));
            {
                let value = channel.read();
                if predicate(&value) {
                    return Ok(value);
                }
            }
            if closed {
                return Err(RecvError);
            }
            channel.after(seen).await;
        }
    }
}

impl<T> Deref for Ref<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}
