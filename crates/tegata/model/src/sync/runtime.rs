//! Replaces `tokio::runtime`: several runtimes, each of which can be shut down with tasks running.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, PoisonError};
use std::task::{Context, Poll, Waker};

use shuttle::future::JoinHandle;
use shuttle::sync::atomic::{AtomicBool, Ordering};

shuttle::thread_local! {
    static CURRENT: RefCell<Option<Runtime>> = RefCell::new(None);
    static DYING: Cell<bool> = Cell::new(false);
    static PANICKING: Cell<bool> = Cell::new(false);
}

/// A runtime. Its tasks run in parallel, each on a thread of its own.
#[derive(Clone)]
pub struct Runtime(Arc<State>);

struct State {
    gone: AtomicBool,
    /// The waiting tasks. The standard library's mutex, so that locking it is no scheduler step.
    waiting: std::sync::Mutex<Vec<Waker>>,
    /// Tasks whose handle was dropped.
    detached: std::sync::Mutex<Vec<JoinHandle<Option<()>>>>,
}

impl Default for Runtime {
    fn default() -> Self {
        Self(Arc::new(State {
            gone: AtomicBool::new(false),
            waiting: std::sync::Mutex::default(),
            detached: std::sync::Mutex::default(),
        }))
    }
}

impl Runtime {
    /// Runs this as a task. Its output is `None` if it panicked or its runtime was shut down.
    pub fn spawn<F>(&self, future: F) -> JoinHandle<Option<F::Output>>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        // A runtime that was shut down drops the task at once, on the calling thread.
        let inner = (!self.is_gone()).then(|| Box::pin(future));
        shuttle::future::spawn(Task {
            runtime: self.clone(),
            inner,
        })
    }

    /// Drops every task when it next waits, and every further one at once.
    pub fn shut_down(&self) {
        self.0.gone.store(true, Ordering::SeqCst);
        let mut waiting = self
            .0
            .waiting
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        waiting.drain(..).for_each(Waker::wake);
    }

    /// Waits until every detached task has ended.
    ///
    /// # Panics
    /// If one fails.
    pub async fn finish(&self) {
        let next = || {
            let mut detached = self
                .0
                .detached
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            detached.pop()
        };
        while let Some(task) = next() {
            task.await.expect("no task fails");
        }
    }

    fn is_gone(&self) -> bool {
        self.0.gone.load(Ordering::SeqCst)
    }

    fn will_wake(&self, waker: &Waker) {
        let mut waiting = self
            .0
            .waiting
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        waiting.push(waker.clone());
    }
}

struct Task<F: Future> {
    runtime: Runtime,
    inner: Option<Pin<Box<F>>>,
}

impl<F: Future> Future for Task<F> {
    type Output = Option<F::Output>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<F::Output>> {
        CURRENT.with(|current| *current.borrow_mut() = Some(self.runtime.clone()));
        self.runtime.will_wake(context.waker());
        if self.runtime.is_gone() {
            self.inner = None;
        }
        let Some(inner) = self.inner.as_mut() else {
            return Poll::Ready(None);
        };
        if let Poll::Ready(output) = inner.as_mut().poll(context) {
            self.inner = None;
            return Poll::Ready(Some(output));
        }
        if DYING.with(Cell::take) {
            PANICKING.with(|panicking| panicking.set(true));
            self.inner = None;
            PANICKING.with(|panicking| panicking.set(false));
            return Poll::Ready(None);
        }
        if self.runtime.is_gone() {
            self.inner = None;
            return Poll::Ready(None);
        }
        Poll::Pending
    }
}

/// The runtime of the calling task.
pub(crate) struct Handle(Runtime);

/// There is none.
#[derive(Debug)]
pub(crate) struct NoRuntime;

impl Handle {
    pub(crate) fn try_current() -> Result<Self, NoRuntime> {
        CURRENT
            .with(|current| current.borrow().clone())
            .map(Self)
            .ok_or(NoRuntime)
    }

    pub(crate) fn spawn(&self, future: impl Future<Output = ()> + Send + 'static) {
        let task = self.0.spawn(future);
        let mut detached = self
            .0
            .0
            .detached
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        detached.push(task);
    }
}

/// Whether a panic causes the present drop.
pub(crate) fn panicking() -> bool {
    PANICKING.with(Cell::get)
}

/// Ends the task as a panic would. A real one would leave the scheduler's only thread unwinding while it
/// goes on with other tasks.
pub async fn panic_now() -> ! {
    DYING.with(|dying| dying.set(true));
    std::future::pending().await
}
