//! Compressed bodies: gzip (RFC 1952), zlib and raw deflate.

use miniz_oxide::inflate::{decompress_to_vec_with_limit, decompress_to_vec_zlib_with_limit};

/// The most bytes of a body that are looked at.
pub const BODY_LIMIT: usize = 8 * 1024 * 1024;

/// The body behind a content coding. `None` if the coding is not known here, the body is broken,
/// or it is larger than [`BODY_LIMIT`].
pub fn inflate(coding: &str, body: &[u8]) -> Option<Vec<u8>> {
    match coding.trim().to_ascii_lowercase().as_str() {
        "" | "identity" => (body.len() <= BODY_LIMIT).then(|| body.to_vec()),
        "gzip" | "x-gzip" => gunzip(body),
        // Some servers send zlib, as the RFC has it, some raw deflate.
        "deflate" => decompress_to_vec_zlib_with_limit(body, BODY_LIMIT)
            .or_else(|_| decompress_to_vec_with_limit(body, BODY_LIMIT))
            .ok(),
        _ => None,
    }
}

/// What compressed bytes hold, told by how they begin.
pub(super) fn inflate_any(bytes: &[u8]) -> Option<Vec<u8>> {
    match bytes {
        [0x1f, 0x8b, ..] => gunzip(bytes),
        [0x78, ..] => decompress_to_vec_zlib_with_limit(bytes, BODY_LIMIT).ok(),
        _ => None,
    }
}

fn gunzip(bytes: &[u8]) -> Option<Vec<u8>> {
    let [0x1f, 0x8b, 8, flags, _, _, _, _, _, _, rest @ ..] = bytes else {
        return None;
    };
    let mut rest = rest;
    if flags & 4 != 0 {
        let [low, high, behind @ ..] = rest else {
            return None;
        };
        rest = behind.get(usize::from(u16::from_le_bytes([*low, *high]))..)?;
    }
    // The file's name and a comment, each with a zero at its end.
    for flag in [8, 16] {
        if flags & flag != 0 {
            let end = rest.iter().position(|byte| *byte == 0)?;
            rest = &rest[end + 1..];
        }
    }
    if flags & 2 != 0 {
        rest = rest.get(2..)?;
    }
    decompress_to_vec_with_limit(rest, BODY_LIMIT).ok()
}

/// Compresses as gzip, for tests.
#[cfg(test)]
pub(super) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut all = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3];
    all.extend(miniz_oxide::deflate::compress_to_vec(bytes, 6));
    all.extend([0; 8]);
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_compressed_comes_back() {
        assert_eq!(
            inflate("gzip", &gzip(b"hello")).as_deref(),
            Some(&b"hello"[..])
        );
        let mut named = gzip(b"hello");
        named[3] = 8;
        named.splice(10..10, *b"name\0");
        assert_eq!(inflate("GZIP", &named).as_deref(), Some(&b"hello"[..]));
        let zlib = miniz_oxide::deflate::compress_to_vec_zlib(b"hello", 6);
        assert_eq!(inflate("deflate", &zlib).as_deref(), Some(&b"hello"[..]));
        assert_eq!(
            inflate("identity", b"hello").as_deref(),
            Some(&b"hello"[..])
        );
    }

    #[test]
    fn what_cannot_be_read_or_is_too_large_is_nothing() {
        assert_eq!(inflate("br", b"x"), None);
        assert_eq!(inflate("gzip", b"\x1f\x8b\x08\x08"), None);
        let bomb = gzip(&vec![0; BODY_LIMIT + 1]);
        assert!(bomb.len() < 20_000 && inflate("gzip", &bomb).is_none());
    }
}
