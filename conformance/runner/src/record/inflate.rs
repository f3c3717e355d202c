//! Compressed bodies: gzip (RFC 1952), zlib and raw deflate, Brotli (RFC 7932), Zstandard (RFC 8878).

use std::io::{self, Read};

use brotli_decompressor::Decompressor as BrotliDecoder;
use flate2::read::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};
use ruzstd::decoding::FrameDecoder;
use ruzstd::decoding::StreamingDecoder as ZstdDecoder;
use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};

/// The most bytes of a body that are looked at.
pub const BODY_LIMIT: usize = 8 * 1024 * 1024;
/// More codings on top of each other are no honest answer.
const MOST_CODINGS: usize = 4;
/// The largest window of Zstandard as a content coding (RFC 9659).
const ZSTD_WINDOW: u64 = 8 * 1024 * 1024;
/// The content codings that can be undone, in lower case.
const KNOWN: [&str; 7] = ["", "identity", "gzip", "x-gzip", "deflate", "br", "zstd"];

/// The body behind the content codings of a header, of which the last was applied last. `None` if
/// one of them is not known here, the body is broken, or it is larger than [`BODY_LIMIT`].
pub fn inflate(codings: &str, body: &[u8]) -> Option<Vec<u8>> {
    let mut codings = codings.split(',').rev();
    let whole = codings.by_ref().take(MOST_CODINGS);
    let first = (body.len() <= BODY_LIMIT).then(|| body.to_vec());
    let decoded = whole.fold(first, |body, coding| decode(coding, &body?));
    decoded.filter(|_| codings.next().is_none())
}

/// The content codings of a message, those of several header lines as one list.
pub(super) fn codings(headers: &[(String, String)]) -> String {
    let lines = headers
        .iter()
        .filter(|(name, _)| name.eq_ignore_ascii_case("content-encoding"));
    let lines: Vec<&str> = lines.map(|(_, value)| value.as_str()).collect();
    lines.join(",")
}

/// Why a body cannot be read, if it cannot. The coding is not shown unless it is a known one: it may be anything.
pub(super) fn unread(headers: &[(String, String)], body: &[u8]) -> Option<&'static str> {
    let codings = codings(headers);
    if body.is_empty() || inflate(&codings, body).is_some() {
        return None;
    }
    let known = |coding: &str| KNOWN.contains(&coding.trim().to_ascii_lowercase().as_str());
    Some(if codings.split(',').all(known) {
        "its content coding is broken, or it is larger than 8 MiB without it"
    } else {
        "its content coding is none of gzip, deflate, br and zstd"
    })
}

fn decode(coding: &str, body: &[u8]) -> Option<Vec<u8>> {
    match coding.trim().to_ascii_lowercase().as_str() {
        "" | "identity" => Some(body.to_vec()),
        // Servers that compress piece by piece make one member of each piece.
        "gzip" | "x-gzip" => whole(MultiGzDecoder::new(body)),
        // Some servers send zlib, as the RFC has it, some raw deflate.
        "deflate" => whole(ZlibDecoder::new(body)).or_else(|| whole(DeflateDecoder::new(body))),
        "br" => whole(BrotliDecoder::new(body, 4096)),
        "zstd" => whole(ZstdFrames::new(body)),
        _ => None,
    }
}

/// What compressed bytes hold, as their beginning says, as far as they can be read.
pub(super) fn inflate_any(bytes: &[u8]) -> Option<Vec<u8>> {
    match bytes {
        [0x1f, 0x8b, ..] => Some(read(MultiGzDecoder::new(bytes)).0),
        [0x78, ..] => Some(read(ZlibDecoder::new(bytes)).0),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => Some(read(ZstdFrames::new(bytes)).0),
        _ => None,
    }
}

fn whole(decoder: impl Read) -> Option<Vec<u8>> {
    let (all, is_whole) = read(decoder);
    is_whole.then_some(all)
}

/// What could be decompressed, and whether that is all of it.
fn read(decoder: impl Read) -> (Vec<u8>, bool) {
    let mut all = Vec::new();
    let mut decoder = decoder.take(BODY_LIMIT as u64 + 1);
    let is_whole = decoder.read_to_end(&mut all).is_ok() && all.len() <= BODY_LIMIT;
    (all, is_whole)
}

/// The frames of a body one after the other; the decoder knows a single one.
struct ZstdFrames<'a> {
    rest: &'a [u8],
    frame: Option<ZstdDecoder<&'a [u8], FrameDecoder>>,
}

impl<'a> ZstdFrames<'a> {
    fn new(body: &'a [u8]) -> Self {
        Self {
            rest: body,
            frame: None,
        }
    }

    /// Begins the next frame, if it is no skippable one.
    fn begin(&mut self) -> io::Result<()> {
        let begun = ZstdDecoder::new_with_max_window_size(self.rest, ZSTD_WINDOW);
        match begun {
            Ok(frame) => self.frame = Some(frame),
            Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame {
                length,
                ..
            })) => {
                // Magic number and length are four bytes each.
                let end = usize::try_from(length)
                    .ok()
                    .and_then(|length| length.checked_add(8));
                let rest = end.and_then(|end| self.rest.get(end..));
                self.rest = rest.ok_or(io::ErrorKind::UnexpectedEof)?;
            }
            Err(error) => return Err(io::Error::other(error)),
        }
        Ok(())
    }
}

impl Read for ZstdFrames<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            if let Some(mut frame) = self.frame.take() {
                let count = frame.read(buffer)?;
                if count > 0 || buffer.is_empty() {
                    self.frame = Some(frame);
                    return Ok(count);
                }
                self.rest = frame.into_inner();
            }
            if self.rest.is_empty() {
                return Ok(0);
            }
            self.begin()?;
        }
    }
}

/// Compresses as gzip, for tests.
#[cfg(test)]
pub(super) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut all = Vec::new();
    let encoder =
        flate2::read::GzEncoder::new(bytes, flate2::Compression::default()).read_to_end(&mut all);
    encoder.map(|_| all).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const BROTLI: [u8; 64] = [
        0x1b, 0x45, 0x00, 0x20, 0x2c, 0x8e, 0xc7, 0xdd, 0x77, 0x04, 0x15, 0x75, 0x8e, 0xce, 0xc7,
        0x44, 0x2d, 0x02, 0xf2, 0xb5, 0xb7, 0x59, 0x5a, 0x86, 0xc2, 0x94, 0x4e, 0x5f, 0x39, 0x49,
        0x65, 0x90, 0x48, 0x96, 0x63, 0x1c, 0x38, 0x2d, 0xdf, 0xb6, 0xd8, 0x42, 0x33, 0x0f, 0x1b,
        0x63, 0x67, 0x19, 0x41, 0x99, 0x5b, 0xa7, 0x29, 0xbd, 0x08, 0x0f, 0x0a, 0x8a, 0x4d, 0xdd,
        0x0f, 0x80, 0x2d, 0x32,
    ];

    fn zstd(bytes: &[u8]) -> Vec<u8> {
        ruzstd::encoding::compress_to_vec(bytes, ruzstd::encoding::CompressionLevel::Fastest)
    }

    #[test]
    fn compressed_bytes_are_restored() {
        assert_eq!(
            inflate("gzip", &gzip(b"hello")).as_deref(),
            Some(&b"hello"[..])
        );
        let members = [gzip(b""), gzip(b"hel"), gzip(b"lo")].concat();
        assert_eq!(inflate("x-gzip", &members).as_deref(), Some(&b"hello"[..]));
        let mut named = gzip(b"hello");
        named[3] = 8;
        named.splice(10..10, *b"name\0");
        assert_eq!(inflate("GZIP", &named).as_deref(), Some(&b"hello"[..]));
        let level = flate2::Compression::default();
        let mut zlib = Vec::new();
        let mut encoder = flate2::read::ZlibEncoder::new(&b"hello"[..], level);
        encoder.read_to_end(&mut zlib).unwrap();
        let mut raw = Vec::new();
        let mut encoder = flate2::read::DeflateEncoder::new(&b"hello"[..], level);
        encoder.read_to_end(&mut raw).unwrap();
        for body in [&zlib, &raw] {
            assert_eq!(inflate("deflate", body).as_deref(), Some(&b"hello"[..]));
            assert_eq!(inflate("deflate", &body[..body.len() - 5]), None);
        }
        assert_eq!(
            inflate("identity", b"hello").as_deref(),
            Some(&b"hello"[..])
        );
    }

    #[test]
    fn a_broken_stream_is_searched_as_far_as_it_goes() {
        let mut broken = gzip(b"hello");
        broken.truncate(broken.len() - 8);
        assert_eq!(inflate("gzip", &broken), None);
        assert_eq!(inflate_any(&broken).as_deref(), Some(&b"hello"[..]));
    }

    #[test]
    fn brotli_is_restored() {
        // By Node's zlib.
        let body = BROTLI;
        let json = br#"{"access_token":"CANARY","scope":"a-token another-token access_token"}"#;
        assert_eq!(inflate("br", &body).as_deref(), Some(&json[..]));
        assert_eq!(inflate("br", &body[..body.len() - 1]), None, "cut");
        assert_eq!(inflate("br", b"no brotli at all"), None);
    }

    #[test]
    fn zstandard_is_restored_frame_by_frame() {
        let skipped = [0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3];
        let body = [&zstd(b"hel")[..], &skipped, &zstd(b"lo")].concat();
        assert_eq!(inflate("zstd", &body).as_deref(), Some(&b"hello"[..]));
        assert_eq!(inflate("zstd", &body[..body.len() - 1]), None, "cut");
        assert_eq!(
            inflate("zstd", &skipped[..10]),
            None,
            "a skippable frame that is cut"
        );
        assert_eq!(inflate("zstd", b"no zstd"), None);
        assert_eq!(inflate_any(&body).as_deref(), Some(&b"hello"[..]));
    }

    #[test]
    fn codings_are_undone_from_the_last_to_the_first() {
        let twice = zstd(&gzip(b"hello"));
        assert_eq!(
            inflate("gzip, Zstd", &twice).as_deref(),
            Some(&b"hello"[..])
        );
        assert_eq!(inflate("zstd, gzip", &twice), None);
        assert_eq!(
            inflate("identity,identity,identity,identity,identity", b""),
            None
        );
    }

    #[test]
    fn a_body_that_cannot_be_read_is_explained_and_its_coding_not_shown() {
        let why = |lines: &[&str], body: &[u8]| {
            let line = |value: &&str| ("Content-Encoding".to_owned(), (*value).to_owned());
            unread(&lines.iter().map(line).collect::<Vec<_>>(), body)
        };
        assert_eq!(why(&[], b"plain"), None);
        assert_eq!(why(&["gzip", "zstd"], &zstd(&gzip(b"hello"))), None);
        assert_eq!(why(&["CANARY"], b""), None);
        let broken = why(&["gzip"], b"no gzip").unwrap();
        assert!(broken.contains("is broken"), "{broken}");
        let unknown = why(&["gzip", "CANARY"], &gzip(b"hello")).unwrap();
        assert!(unknown.contains("none of gzip") && !unknown.contains("CANARY"));
    }

    #[test]
    fn an_unreadable_or_too_large_stream_gives_nothing() {
        assert_eq!(inflate("compress", b"x"), None);
        assert_eq!(inflate("gzip", b"\x1f\x8b\x08\x08"), None);
        let bomb = gzip(&vec![0; BODY_LIMIT + 1]);
        assert!(bomb.len() < 20_000 && inflate("gzip", &bomb).is_none());
        let bomb = zstd(&vec![0; BODY_LIMIT + 1]);
        assert!(bomb.len() < 20_000 && inflate("zstd", &bomb).is_none());
        // A frame of a window of 64 MiB, which would be set aside before anything is read.
        let window = [0x28, 0xb5, 0x2f, 0xfd, 0, 16 << 3, 1, 0, 0];
        assert_eq!(inflate("zstd", &window), None);
    }
}
