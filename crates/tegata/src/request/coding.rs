//! Unrequested content codings (RFC 9110, 8.4.1).
//!
//! Some proxies compress for one client and serve the result to others that never asked. Without decompression
//! a code in such an answer goes unseen, and a new refresh token is lost.

use std::fmt;
use std::io::{self, Write as _};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use flate2::write::MultiGzDecoder;
use flate2::{Decompress, FlushDecompress, Status};
use http_body::Frame;
use reqwest::header::{CONTENT_ENCODING, CONTENT_LENGTH, HeaderMap, HeaderValue};
use reqwest::{Body, Response};

use crate::request::answer;
use crate::{Error, ErrorKind};

/// No coding at all.
pub(crate) const IDENTITY: HeaderValue = HeaderValue::from_static("identity");

/// How much is decoded at once: it can expand a thousandfold.
const PIECE: usize = 4096;

/// Names that a message may repeat: any other is text that the server chose.
const UNREADABLE: [&str; 6] = ["br", "compress", "dcb", "dcz", "x-compress", "zstd"];

/// How a body is coded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Coding {
    Gzip,
    Deflate,
    /// A coding that cannot be decoded here.
    Unreadable(&'static str),
}

/// The coding in the headers, if any but `identity`.
pub(crate) fn of(headers: &HeaderMap) -> Option<Coding> {
    // There are few headers, so comparing them is quicker than hashing the name.
    if headers.keys().all(|name| name != CONTENT_ENCODING) {
        return None;
    }
    let mut names = headers
        .get_all(CONTENT_ENCODING)
        .into_iter()
        .flat_map(|value| value.as_bytes().split(|byte| *byte == b','))
        .map(|name| name.trim_ascii().to_ascii_lowercase())
        .filter(|name| !name.is_empty() && name != b"identity");
    let name = names.next()?;
    if names.next().is_some() {
        return Some(Coding::Unreadable("several codings"));
    }
    match &name[..] {
        b"gzip" | b"x-gzip" => Some(Coding::Gzip),
        b"deflate" => Some(Coding::Deflate),
        // Servers write `UTF-8` or `none` here, which is no coding.
        other => UNREADABLE
            .into_iter()
            .find(|known| known.as_bytes() == other)
            .map(Coding::Unreadable),
    }
}

/// The same answer decoded, if that is possible. Otherwise it keeps its `Content-Encoding`.
pub(crate) fn decoded(response: Response) -> Response {
    let Some(coding @ (Coding::Gzip | Coding::Deflate)) = of(response.headers()) else {
        return response;
    };
    // An answer to HEAD says how the body would be coded.
    if response.content_length() == Some(0) {
        return response;
    }
    let url = response.url().clone();
    let mut response = http::Response::<Body>::from(response).map(|body| decode(body, coding));
    response.headers_mut().remove(CONTENT_ENCODING);
    response.headers_mut().remove(CONTENT_LENGTH);
    answer::with_url(response, url)
}

/// The body without this coding, decoded while it is read.
pub(crate) fn decode(body: Body, coding: Coding) -> Body {
    if let Coding::Unreadable(_) = coding {
        return body;
    }
    Body::wrap(Decoded {
        body,
        decoder: Decoder::Undecided(coding),
        input: Bytes::new(),
        state: State::Empty,
    })
}

/// The error for an answer in a coding that cannot be decoded.
pub(crate) fn unreadable(name: &'static str) -> Error {
    let message = format!(
        "the answer is compressed ({name}), which cannot be read here: if the request does not ask for it, switch \
         it off at the server or at the proxy before it"
    );
    Error::new(ErrorKind::InvalidResponse, message)
}

/// The error for an answer whose body does not match its `Content-Encoding`, if that is why reading it failed.
pub(crate) fn undecodable(error: &(dyn std::error::Error + 'static)) -> Option<Error> {
    let mut causes = std::iter::successors(Some(error), |error| error.source());
    let why = causes.find_map(|cause| cause.downcast_ref::<Undecodable>())?;
    Some(Error::new(ErrorKind::InvalidResponse, why.to_string()))
}

#[derive(Debug)]
struct Undecodable(&'static str);

impl fmt::Display for Undecodable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the answer says that it is compressed ({}), but cannot be decompressed",
            self.0
        )
    }
}

impl std::error::Error for Undecodable {}

enum Decoder {
    /// Before the first two bytes.
    Undecided(Coding),
    /// Plain: a proxy has decompressed it and left the header.
    Plain,
    Gzip(Box<MultiGzDecoder<Vec<u8>>>),
    Deflate(Decompress),
}

impl Decoder {
    /// The decoder for a body with this beginning, whatever its header says.
    fn of(coding: Coding, start: &[u8]) -> Self {
        match (coding, start) {
            (Coding::Gzip, [0x1f, 0x8b, ..]) => {
                Self::Gzip(Box::new(MultiGzDecoder::new(Vec::new())))
            }
            (Coding::Deflate, _) if is_zlib(start) => Self::Deflate(Decompress::new(true)),
            // Some servers leave the zlib header out.
            (Coding::Deflate, _) if !goes_on_as_json(start) => {
                Self::Deflate(Decompress::new(false))
            }
            _ => Self::Plain,
        }
    }

    fn name(&self) -> &'static str {
        match self {
            Self::Gzip(_) => "gzip",
            _ => "deflate",
        }
    }

    /// The decoded bytes of a piece, and whether the body has ended.
    fn decode(&mut self, piece: &[u8]) -> io::Result<(Vec<u8>, bool)> {
        match self {
            Self::Undecided(_) | Self::Plain => Ok((piece.to_vec(), false)),
            Self::Gzip(decoder) => {
                decoder.write_all(piece)?;
                decoder.flush()?;
                // Another member may follow, so only the end of the body says.
                Ok((std::mem::take(decoder.get_mut()), false))
            }
            Self::Deflate(inner) => inflate(inner, piece),
        }
    }

    /// The rest at the end of the body, and whether the body was complete.
    fn finish(&mut self) -> io::Result<Vec<u8>> {
        match self {
            Self::Undecided(_) | Self::Plain => Ok(Vec::new()),
            Self::Gzip(decoder) => {
                decoder.try_finish()?;
                Ok(std::mem::take(decoder.get_mut()))
            }
            Self::Deflate(_) => Err(io::ErrorKind::UnexpectedEof.into()),
        }
    }
}

/// RFC 1950, section 2.2.
fn is_zlib(start: &[u8]) -> bool {
    matches!(*start, [a, b, ..] if a & 0x0f == 8 && u16::from_be_bytes([a, b]).is_multiple_of(31))
}

/// Whether its second byte can follow in JSON. Deflate data can begin with the same first byte, but not with
/// both.
fn goes_on_as_json(start: &[u8]) -> bool {
    match *start {
        [b'{', next, ..] => next.is_ascii_whitespace() || b"\"}".contains(&next),
        [b'[', next, ..] => next.is_ascii_whitespace() || b"\"{[]-0123456789tfn".contains(&next),
        [0xef, 0xbb, ..] => true,
        _ => false,
    }
}

/// The decoded bytes of a piece, and whether the body has ended.
fn inflate(inner: &mut Decompress, piece: &[u8]) -> io::Result<(Vec<u8>, bool)> {
    let (mut out, mut rest, mut buffer) = (Vec::new(), piece, [0; PIECE]);
    loop {
        let (before, so_far) = (inner.total_in(), inner.total_out());
        let status = inner.decompress(rest, &mut buffer, FlushDecompress::None)?;
        let (read, written) = (inner.total_in() - before, inner.total_out() - so_far);
        let written = buffer
            .iter()
            .take(usize::try_from(written).unwrap_or(PIECE));
        out.extend(written);
        rest = rest
            .get(usize::try_from(read).unwrap_or(PIECE)..)
            .unwrap_or_default();
        if status == Status::StreamEnd {
            return Ok((out, true));
        }
        if inner.total_out() == so_far && read == 0 {
            return Ok((out, false));
        }
    }
}

/// How far a body has been read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// Nothing has come yet, and nothing need come.
    Empty,
    Open,
    /// Any further bytes are ignored.
    Ended,
}

struct Decoded {
    body: Body,
    decoder: Decoder,
    /// Read, but not yet decoded.
    input: Bytes,
    state: State,
}

impl Decoded {
    /// Decodes the next piece of what has been read.
    fn next(&mut self) -> io::Result<Option<Bytes>> {
        if let Decoder::Undecided(coding) = self.decoder {
            if self.input.len() < 2 {
                return Ok(None);
            }
            self.decoder = Decoder::of(coding, &self.input);
        }
        while !self.input.is_empty() && self.state != State::Ended {
            let piece = self.input.split_to(self.input.len().min(PIECE));
            let (out, is_end) = self.decoder.decode(&piece)?;
            self.state = if is_end { State::Ended } else { State::Open };
            if !out.is_empty() {
                return Ok(Some(out.into()));
            }
        }
        Ok(None)
    }

    fn finish(&mut self) -> io::Result<Option<Bytes>> {
        let left = match self.state {
            State::Open => self.decoder.finish()?,
            // One byte is no compressed body.
            State::Empty => std::mem::take(&mut self.input).to_vec(),
            State::Ended => Vec::new(),
        };
        self.state = State::Ended;
        Ok((!left.is_empty()).then(|| left.into()))
    }
}

impl http_body::Body for Decoded {
    type Data = Bytes;
    type Error = Box<dyn std::error::Error + Send + Sync>;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        loop {
            let next = self.next();
            // The reason is the decoder's fixed text, which adds nothing to the name of the coding.
            let next = next.map_err(|_| Undecodable(self.decoder.name()))?;
            if let Some(data) = next {
                return Poll::Ready(Some(Ok(Frame::data(data))));
            }
            match ready!(Pin::new(&mut self.body).poll_frame(context)) {
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(data) if self.input.is_empty() => self.input = data,
                    Ok(data) => self.input = [&self.input[..], &data].concat().into(),
                    Err(frame) => return Poll::Ready(Some(Ok(frame))),
                },
                Some(Err(error)) => return Poll::Ready(Some(Err(error.into()))),
                None => {
                    let left = self.finish();
                    let left = left.map_err(|_| Undecodable(self.decoder.name()))?;
                    return Poll::Ready(left.map(|data| Ok(Frame::data(data))));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
