//! The process of one case: started, talked to, ended, and never left behind.

use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use tokio::io::AsyncWriteExt as _;
use tokio::process::{Child, ChildStdin, Command};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout_at};

use super::group::Group;
use super::output::{Kept, LONGEST, MOST, Piece, keep, lines};
use super::{Fault, Words};

/// How long the pipes are read after the process has ended.
const DRAIN: Duration = Duration::from_secs(2);

/// A running command, at the head of a process group of its own.
pub(super) struct Running {
    child: Child,
    group: Group,
    stdin: Option<ChildStdin>,
    pieces: mpsc::UnboundedReceiver<Piece>,
    stderr: Kept,
    readers: Vec<JoinHandle<()>>,
}

/// The remaining output of a command that has ended.
pub(super) struct Ended {
    /// How it ended, unless it had to be killed.
    pub(super) status: Option<ExitStatus>,
    /// Lines that came after the last answer.
    pub(super) rest: Vec<String>,
    pub(super) flood: Option<Fault>,
    pub(super) stderr: String,
}

impl Running {
    pub(super) fn start(words: &Words, variables: &[(&str, &str)]) -> std::io::Result<Self> {
        let mut command = Command::new(&words.program);
        command
            .args(&words.arguments)
            // It is to reach the emulator, on loopback; httpx, requests and curl would ask a proxy for that.
            .envs(["NO_PROXY", "no_proxy"].map(|name| (name, "localhost,127.0.0.1,::1")))
            .envs(variables.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        #[cfg(unix)]
        command.process_group(0);
        let mut child = command.spawn()?;
        let group = Group::of(child.id());
        let broken = || std::io::Error::other("a pipe to the command is missing");
        let (pieces, out) = lines(child.stdout.take().ok_or_else(broken)?);
        let (stderr, err) = keep(child.stderr.take().ok_or_else(broken)?);
        Ok(Self {
            stdin: child.stdin.take(),
            child,
            group,
            pieces,
            stderr,
            readers: vec![out, err],
        })
    }

    /// Sends the command one more task. If it has ended, its missing answer shows that.
    pub(super) async fn send(&mut self, line: &str, until: Instant) {
        if let Some(stdin) = &mut self.stdin {
            let _ = timeout_at(until, stdin.write_all(format!("{line}\n").as_bytes())).await;
        }
    }

    /// The next line.
    pub(super) async fn line(&mut self, until: Instant, limit: Duration) -> Result<String, Fault> {
        let piece = tokio::select! {
            piece = self.pieces.recv() => piece,
            () = self.stderr.flooded() => return Err(Fault::Flood("standard error", MOST)),
            () = tokio::time::sleep_until(until) => return Err(Fault::Silent(limit)),
        };
        match piece {
            Some(Piece::Line(line)) => Ok(line),
            Some(Piece::LongLine) => Err(Fault::LongLine(LONGEST)),
            Some(Piece::Flood) => Err(Fault::Flood("standard output", MOST)),
            None => Err(Fault::Ended(
                match timeout_at(until, self.child.wait()).await {
                    Ok(Ok(status)) => status.to_string(),
                    _ => "it closed its standard output".to_owned(),
                },
            )),
        }
    }

    /// Closes its input, waits for it to end by itself, and then kills the rest of its process group.
    pub(super) async fn end(mut self, until: Instant) -> Ended {
        drop(self.stdin.take());
        let mut stderr = self.stderr.clone();
        let status = tokio::select! {
            status = self.child.wait() => status.ok(),
            () = stderr.flooded() => None,
            () = tokio::time::sleep_until(until) => None,
        };
        self.kill().await;
        let mut ended = Ended {
            status,
            rest: Vec::new(),
            flood: None,
            stderr: String::new(),
        };
        while let Ok(piece) = self.pieces.try_recv() {
            match piece {
                Piece::Line(line) => ended.rest.push(line),
                Piece::LongLine => ended.flood = Some(Fault::LongLine(LONGEST)),
                Piece::Flood => ended.flood = Some(Fault::Flood("standard output", MOST)),
            }
        }
        if *self.stderr.flood.borrow() {
            ended.flood = Some(Fault::Flood("standard error", MOST));
        }
        ended.stderr = self.stderr.text();
        ended
    }

    async fn kill(&mut self) {
        self.group.kill();
        // A process that has ended already needs no killing.
        let _ = self.child.kill().await;
        let until = Instant::now() + DRAIN;
        for reader in &mut self.readers {
            if timeout_at(until, &mut *reader).await.is_err() {
                reader.abort();
            }
        }
    }
}
