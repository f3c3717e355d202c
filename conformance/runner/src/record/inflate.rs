//! Compressed bodies: gzip (RFC 1952), zlib and raw deflate.

use std::io::Read;

use flate2::read::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};

/// The most bytes of a body that are looked at.
pub const BODY_LIMIT: usize = 8 * 1024 * 1024;

/// The body behind a content coding. `None` if the coding is not known here, the body is broken,
/// or it is larger than [`BODY_LIMIT`].
pub fn inflate(coding: &str, body: &[u8]) -> Option<Vec<u8>> {
    match coding.trim().to_ascii_lowercase().as_str() {
        "" | "identity" => (body.len() <= BODY_LIMIT).then(|| body.to_vec()),
        // Servers that compress piece by piece make one member of each piece.
        "gzip" | "x-gzip" => whole(MultiGzDecoder::new(body)),
        // Some servers send zlib, as the RFC has it, some raw deflate.
        "deflate" => whole(ZlibDecoder::new(body)).or_else(|| whole(DeflateDecoder::new(body))),
        _ => None,
    }
}

/// What compressed bytes hold, as their beginning says, as far as they can be read.
pub(super) fn inflate_any(bytes: &[u8]) -> Option<Vec<u8>> {
    match bytes {
        [0x1f, 0x8b, ..] => Some(read(MultiGzDecoder::new(bytes)).0),
        [0x78, ..] => Some(read(ZlibDecoder::new(bytes)).0),
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
    fn an_unreadable_or_too_large_stream_gives_nothing() {
        assert_eq!(inflate("br", b"x"), None);
        assert_eq!(inflate("gzip", b"\x1f\x8b\x08\x08"), None);
        let bomb = gzip(&vec![0; BODY_LIMIT + 1]);
        assert!(bomb.len() < 20_000 && inflate("gzip", &bomb).is_none());
    }
}
