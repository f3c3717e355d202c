//! The log output of this thread, down to the trace level.

use std::io;
use std::sync::{Arc, Mutex, Once, PoisonError};

use tracing::subscriber::DefaultGuard;
use tracing_subscriber::fmt::MakeWriter;

use super::shown::found;

/// The log of a test in a runtime of one thread, for as long as this lives.
pub struct Traced {
    lines: Lines,
    _until: DefaultGuard,
}

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Traced {
    pub fn begin() -> Self {
        listen_on_every_thread();
        let lines = Lines::default();
        let until = tracing::subscriber::set_default(everything_to(lines.clone()));
        Self {
            lines,
            _until: until,
        }
    }

    /// The log output since the last call.
    pub fn take(&self) -> String {
        let bytes =
            std::mem::take(&mut *self.lines.0.lock().unwrap_or_else(PoisonError::into_inner));
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// No secret was logged since it was last looked at, and something was.
    #[track_caller]
    pub fn assert_clean(&self) {
        let text = self.take();
        assert!(!text.is_empty(), "nothing was logged");
        for line in text.lines() {
            if let Some(disguise) = found(line, &[]) {
                panic!("the log shows a secret, as {disguise}: {line}");
            }
        }
    }
}

/// With one subscriber in the process, tracing-core 0.1.36 asks only the thread that reaches an event first whether
/// a subscriber is interested, and keeps that answer for all threads: a test without a log would silence another.
fn listen_on_every_thread() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        tracing::subscriber::set_global_default(everything_to(io::sink))
            .expect("tests that use this set no other");
    });
}

fn everything_to(
    lines: impl for<'a> MakeWriter<'a> + Send + Sync + 'static,
) -> impl tracing::Subscriber + Send + Sync {
    tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(lines)
        .finish()
}

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        lines.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}
