//! What is logged on this thread, down to the last detail.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use tracing::subscriber::DefaultGuard;
use tracing_subscriber::fmt::MakeWriter;

use super::shown::found;

/// The log of a test in a runtime of one thread, for as long as this lives.
pub(crate) struct Traced {
    lines: Lines,
    _until: DefaultGuard,
}

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Traced {
    pub(crate) fn begin() -> Self {
        let lines = Lines::default();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(tracing::Level::TRACE)
            .with_ansi(false)
            .with_writer(lines.clone())
            .finish();
        let until = tracing::subscriber::set_default(subscriber);
        Self {
            lines,
            _until: until,
        }
    }

    /// What was logged since this was last asked.
    pub(crate) fn take(&self) -> String {
        let bytes =
            std::mem::take(&mut *self.lines.0.lock().unwrap_or_else(PoisonError::into_inner));
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// No secret was logged since it was last looked at, and something was.
    #[track_caller]
    pub(crate) fn assert_clean(&self) {
        let text = self.take();
        assert!(!text.is_empty(), "nothing was logged");
        for line in text.lines() {
            if let Some(disguise) = found(line, &[]) {
                panic!("the log shows a secret, as {disguise}: {line}");
            }
        }
    }
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
