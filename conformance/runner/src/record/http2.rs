//! One answer over HTTP/2 (RFC 9113), to a client that begins with it: which version to use instead.

use std::io;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

/// How a client that knows, or believes, that it may use HTTP/2 begins.
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// The bytes of the preface that no other request begins with.
pub(super) const BEGINNING: &[u8] = b"PRI * HTTP/2";
/// The most frames that are read: settings, priorities and a request whose body is some megabytes.
const MOST_FRAMES: usize = 1024;
/// How much a client may send: as much as can be said, so that it is never held up.
const LARGEST_WINDOW: u32 = 0x7fff_ffff;
/// How much it may send before it is answered.
const FIRST_WINDOW: u32 = 65_535;
/// The longest frame that may be sent to a server which has allowed no other.
const LONGEST_FRAME: usize = 16 * 1024;

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const SETTINGS: u8 = 4;
const GO_AWAY: u8 = 7;
const WINDOW_UPDATE: u8 = 8;
const END_STREAM: u8 = 1;
const ACK: u8 = 1;
const END_HEADERS: u8 = 4;

/// Answers the first request with 505 and a text, and ends the connection.
///
/// # Errors
///
/// If the connection fails, or what comes is no HTTP/2 after all.
pub(super) async fn refuse<S>(stream: &mut S, text: &str) -> io::Result<()>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut preface = [0; PREFACE.len()];
    stream.read_exact(&mut preface).await?;
    if preface != PREFACE {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let begin = [
        frame(SETTINGS, 0, 0, &initial_window(LARGEST_WINDOW)),
        frame(
            WINDOW_UPDATE,
            0,
            0,
            &(LARGEST_WINDOW - FIRST_WINDOW).to_be_bytes(),
        ),
    ];
    stream.write_all(&begin.concat()).await?;
    // Clients take an answer for broken that comes before they have sent all.
    let id = first_request(stream).await?;
    let text = &text.as_bytes()[..text.len().min(LONGEST_FRAME)];
    let answer = [
        frame(SETTINGS, ACK, 0, &[]),
        frame(HEADERS, END_HEADERS, id, &head()),
        frame(DATA, END_STREAM, id, text),
        // The last stream that was answered, and no error.
        frame(GO_AWAY, 0, 0, &[id.to_be_bytes(), [0; 4]].concat()),
    ];
    stream.write_all(&answer.concat()).await
}

/// The stream of the first request that has come to its end.
async fn first_request<S: AsyncRead + Unpin>(stream: &mut S) -> io::Result<u32> {
    for _ in 0..MOST_FRAMES {
        let mut head = [0; 9];
        stream.read_exact(&mut head).await?;
        let [high, middle, low, kind, flags, id @ ..] = head;
        let length = u32::from_be_bytes([0, high, middle, low]) as usize;
        if length > LONGEST_FRAME {
            break;
        }
        stream.read_exact(&mut vec![0; length]).await?;
        if matches!(kind, HEADERS | DATA) && flags & END_STREAM != 0 {
            return Ok(u32::from_be_bytes(id) & 0x7fff_ffff);
        }
    }
    Err(io::ErrorKind::InvalidData.into())
}

/// The setting `SETTINGS_INITIAL_WINDOW_SIZE`.
fn initial_window(size: u32) -> Vec<u8> {
    [&[0, 4][..], &size.to_be_bytes()].concat()
}

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len())
        .unwrap_or_default()
        .to_be_bytes();
    let mut frame = length[1..].to_vec();
    frame.extend([kind, flags]);
    frame.extend(stream.to_be_bytes());
    frame.extend(payload);
    frame
}

/// `:status: 505` and `content-type: text/plain` as literals whose names are in HPACK's static table (RFC 7541
/// section 6.2.2): the names' numbers are 8, and 31 as 15 + 16.
fn head() -> Vec<u8> {
    [&[0x08, 3][..], b"505", &[0x0f, 16, 10], b"text/plain"].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn answered(sent: &[u8]) -> (io::Result<()>, Vec<u8>) {
        let (mut client, mut server) = tokio::io::duplex(64 * 1024);
        client.write_all(sent).await.unwrap();
        client.shutdown().await.unwrap();
        let outcome = refuse(&mut server, "use HTTP/1.1").await;
        drop(server);
        let mut answer = Vec::new();
        client.read_to_end(&mut answer).await.unwrap();
        (outcome, answer)
    }

    #[tokio::test]
    async fn the_first_request_is_answered_on_its_own_stream() {
        let settings = frame(SETTINGS, 0, 0, &[0; 6]);
        let request = frame(HEADERS, END_HEADERS, 3, b"\x82");
        let body = frame(DATA, END_STREAM, 3, b"a=b");
        let sent = [PREFACE, &settings, &request, &body].concat();
        let (outcome, answer) = answered(&sent).await;
        outcome.unwrap();
        assert!(answer.starts_with(&[0, 0, 6, SETTINGS, 0]));
        let text = frame(DATA, END_STREAM, 3, b"use HTTP/1.1");
        assert!(answer.windows(text.len()).any(|part| part == text));
        assert!(answer.ends_with(&[0, 0, 0, 3, 0, 0, 0, 0]));
        let (early, answer) = answered(&sent[..sent.len() - 1]).await;
        assert!(early.is_err() && !answer.windows(text.len()).any(|part| part == text));
    }

    #[tokio::test]
    async fn what_is_no_http_2_ends_without_an_answer() {
        let large = [0xff, 0xff, 0xff, SETTINGS, 0, 0, 0, 0, 0];
        let endless = frame(SETTINGS, 0, 0, &[]).repeat(MOST_FRAMES);
        for sent in [
            b"PRI * HTTP/2.0\r\nhost: x\r\n\r\n".to_vec(),
            [PREFACE, &large].concat(),
            [PREFACE, &endless].concat(),
            PREFACE.to_vec(),
            b"PRI".to_vec(),
        ] {
            let (outcome, answer) = answered(&sent).await;
            assert!(outcome.is_err() && answer.len() <= 28, "{sent:?}");
        }
    }
}
