//! Progress output, shown only if the work takes a while.

use std::io::{self, Write};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// Delay before progress is shown.
const MOMENT: Duration = Duration::from_millis(700);

/// Says on standard error which provider is at work, once that takes longer than a moment.
pub(crate) struct Progress {
    steps: Option<Sender<String>>,
    watcher: Option<JoinHandle<()>>,
}

impl Progress {
    pub(crate) fn start() -> Self {
        Self::watch(MOMENT, io::stderr())
    }

    fn watch(moment: Duration, mut err: impl Write + Send + 'static) -> Self {
        let (steps, provider) = mpsc::channel();
        let watcher = thread::spawn(move || follow(moment, &provider, &mut err));
        Self {
            steps: Some(steps),
            watcher: Some(watcher),
        }
    }

    /// The provider that is now at work.
    pub(crate) fn at(&self, provider: &str) {
        if let Some(steps) = &self.steps {
            // Without the watcher there is nothing to notify.
            let _ = steps.send(provider.to_owned());
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        drop(self.steps.take());
        if let Some(watcher) = self.watcher.take() {
            let _ = watcher.join();
        }
    }
}

fn follow(moment: Duration, provider: &Receiver<String>, err: &mut impl Write) {
    let start = Instant::now();
    let mut current: Option<String> = None;
    loop {
        let step = match &current {
            Some(_) => provider.recv_timeout(moment.saturating_sub(start.elapsed())),
            None => provider.recv().map_err(|_| RecvTimeoutError::Disconnected),
        };
        match step {
            Ok(next) => current = Some(next),
            Err(RecvTimeoutError::Timeout) => {
                if let Some(slow) = current.take() {
                    let _ = writeln!(err, "{slow}: generating …");
                }
            }
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Wire(Sender<String>);

    impl Write for Wire {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0
                .send(String::from_utf8_lossy(bytes).into_owned())
                .unwrap();
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_slow_provider_is_named() {
        let (wire, seen) = mpsc::channel();
        let progress = Progress::watch(Duration::ZERO, Wire(wire));
        progress.at("jooto");
        let mut line = String::new();
        while !line.ends_with('\n') {
            line.push_str(&seen.recv().unwrap());
        }
        assert_eq!(line, "jooto: generating …\n");
    }

    #[test]
    fn quick_work_is_silent() {
        let (wire, seen) = mpsc::channel();
        let progress = Progress::watch(Duration::from_secs(3600), Wire(wire));
        progress.at("jooto");
        drop(progress);
        assert_eq!(seen.recv().ok(), None);
    }
}
