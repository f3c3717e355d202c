//! Reading a command's output, up to a limit.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

/// The most bytes of one stream that are read.
pub(super) const MOST: usize = 4 * 1024 * 1024;
/// The most bytes of one line.
pub(super) const LONGEST: usize = 1024 * 1024;

/// An item from the standard output.
#[derive(Debug)]
pub(super) enum Piece {
    Line(String),
    LongLine,
    Flood,
}

/// The standard output, line by line without those that are blank. The channel is closed at its end.
pub(super) fn lines<R>(mut stream: R) -> (mpsc::UnboundedReceiver<Piece>, JoinHandle<()>)
where
    R: AsyncRead + Unpin + Send + 'static,
{
    let (sender, receiver) = mpsc::unbounded_channel();
    let task = tokio::spawn(async move {
        let (mut buffer, mut total) = (Vec::new(), 0);
        let send = |piece| drop(sender.send(piece));
        loop {
            let before = buffer.len();
            buffer.reserve(64 * 1024);
            match stream.read_buf(&mut buffer).await {
                Ok(0) | Err(_) => break,
                Ok(count) => total += count,
            }
            let mut begin = 0;
            for end in (before..buffer.len()).filter(|at| buffer[*at] == b'\n') {
                let line = text(&buffer[begin..end]);
                begin = end + 1;
                if !is_blank(&line) {
                    send(Piece::Line(line));
                }
            }
            buffer.drain(..begin);
            if buffer.len() > LONGEST {
                return send(Piece::LongLine);
            }
            if total > MOST {
                return send(Piece::Flood);
            }
        }
        let line = text(&buffer);
        if !is_blank(&line) {
            send(Piece::Line(line));
        }
    });
    (receiver, task)
}

/// The standard error, as far as it has come.
#[derive(Clone, Debug)]
pub(super) struct Kept {
    bytes: Arc<Mutex<Vec<u8>>>,
    /// Whether there was too much.
    pub(super) flood: watch::Receiver<bool>,
}

impl Kept {
    pub(super) fn text(&self) -> String {
        text(&self.bytes.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Returns when there was too much, otherwise never.
    pub(super) async fn flooded(&mut self) {
        if self.flood.wait_for(|flood| *flood).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

/// Keeps everything that a stream brings.
pub(super) fn keep<R>(mut stream: R) -> (Kept, JoinHandle<()>)
where
    R: AsyncRead + Unpin + Send + 'static,
{
    let bytes = Arc::new(Mutex::new(Vec::new()));
    let (sender, flood) = watch::channel(false);
    let kept = Kept {
        bytes: Arc::clone(&bytes),
        flood,
    };
    let task = tokio::spawn(async move {
        let mut chunk = vec![0; 64 * 1024];
        loop {
            match stream.read(&mut chunk).await {
                Ok(0) | Err(_) => return,
                Ok(count) => {
                    let mut bytes = bytes.lock().unwrap_or_else(PoisonError::into_inner);
                    bytes.extend_from_slice(&chunk[..count]);
                    if bytes.len() > MOST {
                        // The receiver is gone if the case has ended.
                        let _ = sender.send(true);
                        return;
                    }
                }
            }
        }
    });
    (kept, task)
}

/// Whether nothing but white space, or a byte order mark, is in a line.
fn is_blank(line: &str) -> bool {
    line.trim_start_matches('\u{feff}').trim().is_empty()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn pieces(bytes: &'static [u8]) -> Vec<String> {
        let (mut receiver, _) = lines(bytes);
        let mut all = Vec::new();
        while let Some(piece) = receiver.recv().await {
            all.push(match piece {
                Piece::Line(line) => line,
                other => format!("{other:?}"),
            });
        }
        all
    }

    #[tokio::test]
    async fn lines_come_one_by_one_and_the_last_needs_no_end() {
        assert_eq!(pieces(b"a\n\nb\r\nc").await, ["a", "b\r", "c"]);
    }

    #[tokio::test]
    async fn a_line_with_a_byte_order_mark_alone_is_blank() {
        let text = "\u{feff}\na\n\u{feff}\r\n\u{feff}";
        assert_eq!(pieces(text.as_bytes()).await, ["a"]);
    }

    #[tokio::test]
    async fn an_endless_line_and_a_flood_of_lines_are_distinguished() {
        let long: &[u8] = Box::leak(vec![b'x'; LONGEST + 70_000].into_boxed_slice());
        assert_eq!(pieces(long).await.last().unwrap(), "LongLine");
        let many: &[u8] = Box::leak(b"12345678\n".repeat(MOST / 8).into_boxed_slice());
        assert_eq!(pieces(many).await.last().unwrap(), "Flood");
    }

    #[tokio::test]
    async fn kept_output_has_a_limit_that_is_reported() {
        let much: &[u8] = Box::leak(vec![b'x'; MOST + 70_000].into_boxed_slice());
        let (mut kept, _) = keep(much);
        kept.flooded().await;
        assert!(kept.text().len() > MOST);
    }
}
