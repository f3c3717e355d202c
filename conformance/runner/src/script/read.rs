//! Reading one HTTP/1.1 request and keeping it as it was sent.

use std::fmt;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use crate::fixture::Recorded;

/// The most bytes of a head or a body that are read.
const LIMIT: usize = 16 * 1024 * 1024;

/// Why a request cannot be read.
#[derive(Debug)]
pub enum ReadError {
    /// The connection was closed before a request began.
    Closed,
    /// The connection failed.
    Io(std::io::Error),
    /// The bytes are no HTTP/1.1 request.
    Malformed(&'static str),
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Closed => f.write_str("the connection was closed before a request began"),
            Self::Io(error) => write!(f, "the connection failed: {error}"),
            Self::Malformed(what) => write!(f, "no HTTP/1.1 request: {what}"),
        }
    }
}

impl std::error::Error for ReadError {}

impl From<std::io::Error> for ReadError {
    fn from(error: std::io::Error) -> Self {
        Self::Io(error)
    }
}

/// Reads one request from a connection to the named origin.
///
/// # Errors
///
/// If the connection ends or the bytes are no HTTP/1.1 request.
pub async fn read_request<S>(stream: &mut S, origin: &str) -> Result<Recorded, ReadError>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut buffer = Vec::new();
    let end = loop {
        if let Some(end) = find(&buffer, b"\r\n\r\n") {
            break end;
        }
        if read_more(stream, &mut buffer).await? == 0 {
            return Err(if buffer.is_empty() {
                ReadError::Closed
            } else {
                ReadError::Malformed("the head ends early")
            });
        }
    };
    let rest = buffer.split_off(end + 4);
    buffer.truncate(end);
    let mut recorded = parse_head(&buffer, origin)?;
    if recorded
        .header("expect")
        .iter()
        .any(|value| value.eq_ignore_ascii_case("100-continue"))
    {
        stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").await?;
    }
    recorded.body = read_body(stream, &recorded, rest).await?;
    Ok(recorded)
}

fn parse_head(head: &[u8], origin: &str) -> Result<Recorded, ReadError> {
    let mut lines = head
        .split(|byte| *byte == b'\n')
        .map(|line| text(trim_cr(line)));
    let first = lines.next().unwrap_or_default();
    let mut parts = first.split(' ');
    let (Some(method), Some(target), Some(version), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(ReadError::Malformed("the request line has not three parts"));
    };
    if !version.starts_with("HTTP/1.") {
        return Err(ReadError::Malformed("the version is not HTTP/1"));
    }
    let headers = lines
        .map(|line| {
            let (name, value) = line
                .split_once(':')
                .ok_or(ReadError::Malformed("a header line has no colon"))?;
            Ok((name.to_owned(), value.trim_matches([' ', '\t']).to_owned()))
        })
        .collect::<Result<_, ReadError>>()?;
    Ok(Recorded {
        origin: origin.to_owned(),
        method: method.to_owned(),
        target: target.to_owned(),
        headers,
        body: Vec::new(),
    })
}

async fn read_body<S>(
    stream: &mut S,
    recorded: &Recorded,
    mut buffer: Vec<u8>,
) -> Result<Vec<u8>, ReadError>
where
    S: AsyncRead + Unpin,
{
    let chunked = recorded
        .header("transfer-encoding")
        .iter()
        .any(|value| value.to_ascii_lowercase().contains("chunked"));
    if chunked {
        return read_chunks(stream, buffer).await;
    }
    let length = match recorded.header("content-length").first() {
        None => 0,
        Some(value) => value
            .parse()
            .map_err(|_| ReadError::Malformed("content-length is no number"))?,
    };
    if length > LIMIT {
        return Err(ReadError::Malformed("the body is too large"));
    }
    fill(stream, &mut buffer, length).await?;
    buffer.truncate(length);
    Ok(buffer)
}

async fn read_chunks<S>(stream: &mut S, mut buffer: Vec<u8>) -> Result<Vec<u8>, ReadError>
where
    S: AsyncRead + Unpin,
{
    let mut body = Vec::new();
    loop {
        let end = loop {
            if let Some(end) = find(&buffer, b"\r\n") {
                break end;
            }
            if read_more(stream, &mut buffer).await? == 0 {
                return Err(ReadError::Malformed("a chunk ends early"));
            }
        };
        let line = text(&buffer[..end]);
        let size = line.split(';').next().unwrap_or_default().trim();
        let size = usize::from_str_radix(size, 16)
            .map_err(|_| ReadError::Malformed("a chunk size is no number"))?;
        if body.len() + size > LIMIT {
            return Err(ReadError::Malformed("the body is too large"));
        }
        buffer.drain(..end + 2);
        fill(stream, &mut buffer, size + 2).await?;
        body.extend(buffer.drain(..size));
        buffer.drain(..2);
        if size == 0 {
            return Ok(body);
        }
    }
}

async fn fill<S>(stream: &mut S, buffer: &mut Vec<u8>, length: usize) -> Result<(), ReadError>
where
    S: AsyncRead + Unpin,
{
    while buffer.len() < length {
        if read_more(stream, buffer).await? == 0 {
            return Err(ReadError::Malformed("the body ends early"));
        }
    }
    Ok(())
}

async fn read_more<S>(stream: &mut S, buffer: &mut Vec<u8>) -> Result<usize, ReadError>
where
    S: AsyncRead + Unpin,
{
    if buffer.len() > LIMIT {
        return Err(ReadError::Malformed("the request is too large"));
    }
    Ok(stream.read_buf(buffer).await?)
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack
        .windows(needle.len())
        .position(|window| window == needle)
}

fn trim_cr(line: &[u8]) -> &[u8] {
    line.strip_suffix(b"\r").unwrap_or(line)
}

/// Bytes of a head as text: as UTF-8, or else one character a byte, so that nothing is lost.
fn text(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().copied().map(char::from).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn read(bytes: &[u8]) -> Result<Recorded, ReadError> {
        let (mut client, mut server) = tokio::io::duplex(1 << 16);
        client.write_all(bytes).await.unwrap();
        client.shutdown().await.unwrap();
        read_request(&mut server, "main").await
    }

    #[tokio::test]
    async fn target_header_order_case_and_duplicates_are_kept() {
        let seen = read(
            b"POST /a%20b?x=+1&x=%2B HTTP/1.1\r\nX-B: 1\r\nx-a:2 \r\nX-B: 3\r\n\
              content-length: 2\r\n\r\nhi",
        )
        .await
        .unwrap();
        assert_eq!(
            (seen.method.as_str(), seen.target.as_str()),
            ("POST", "/a%20b?x=+1&x=%2B")
        );
        let names: Vec<_> = seen.headers.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["X-B", "x-a", "X-B", "content-length"]);
        assert_eq!(seen.header("x-b"), ["1", "3"]);
        assert_eq!(seen.header("x-a"), ["2"]);
        assert_eq!(seen.body, b"hi");
    }

    #[tokio::test]
    async fn chunks_are_put_together() {
        let seen = read(
            b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\n",
        )
        .await
        .unwrap();
        assert_eq!(seen.body, b"abc0123456789");
    }

    #[tokio::test]
    async fn a_value_that_is_no_utf_8_is_kept_byte_by_byte() {
        let seen = read(b"GET / HTTP/1.1\r\nx: \xff\r\n\r\n").await.unwrap();
        assert_eq!(seen.header("x"), ["\u{ff}"]);
    }

    #[tokio::test]
    async fn bytes_that_are_no_request_are_refused() {
        for (bytes, part) in [
            (&b""[..], "closed before"),
            (b"GET / HT", "ends early"),
            (b"GET /\r\n\r\n", "three parts"),
            (b"GET / SPDY/1\r\n\r\n", "not HTTP/1"),
            (b"GET / HTTP/1.1\r\nx\r\n\r\n", "no colon"),
            (b"GET / HTTP/1.1\r\ncontent-length: x\r\n\r\n", "no number"),
            (
                b"GET / HTTP/1.1\r\ncontent-length: 3\r\n\r\nab",
                "body ends early",
            ),
        ] {
            let error = read(bytes).await.unwrap_err().to_string();
            assert!(error.contains(part), "{error} / {part}");
        }
    }
}
