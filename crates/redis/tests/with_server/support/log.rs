//! Captures log output of every level.

use std::io;
use std::sync::{Arc, Mutex, Once};

use tracing_subscriber::fmt::MakeWriter;

#[derive(Clone, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    /// Captures what this thread logs from here on. Tests that use it run on one thread.
    pub(crate) fn capture() -> (Self, tracing::subscriber::DefaultGuard) {
        listen_on_every_thread();
        let log = Self::default();
        let until = tracing::subscriber::set_default(everything_to(log.clone()));
        (log, until)
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().expect("not poisoned")).into_owned()
    }
}

/// With one subscriber in the process, tracing-core 0.1.36 asks only the thread that reaches an event first
/// whether it is interested, and caches a negative answer for all threads: a test without capture would silence
/// one with it.
fn listen_on_every_thread() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        tracing::subscriber::set_global_default(everything_to(io::sink))
            .expect("no other test sets one");
    });
}

fn everything_to(
    log: impl for<'a> MakeWriter<'a> + Send + Sync + 'static,
) -> impl tracing::Subscriber + Send + Sync {
    tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(log)
        .finish()
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("not poisoned").write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Log {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}
