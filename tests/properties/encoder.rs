//! Encoders written for these tests alone, from the standards.

/// `application/x-www-form-urlencoded`, as the URL standard (5.2) serializes it.
pub(crate) fn form(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        match byte {
            b' ' => encoded.push('+'),
            b'*' | b'-' | b'.' | b'_' => encoded.push(char::from(byte)),
            _ if byte.is_ascii_alphanumeric() => encoded.push(char::from(byte)),
            _ => {
                encoded.push('%');
                encoded.push(hex(byte >> 4));
                encoded.push(hex(byte & 15));
            }
        }
    }
    encoded
}

fn hex(nibble: u8) -> char {
    char::from(b"0123456789ABCDEF"[usize::from(nibble)])
}

/// Fields as a form.
pub(crate) fn fields(fields: &[(&str, &str)]) -> String {
    let fields = fields.iter();
    let pairs = fields.map(|(name, value)| format!("{}={}", form(name), form(value)));
    pairs.collect::<Vec<_>>().join("&")
}

/// Base64 of RFC 4648 (section 4), with padding.
pub(crate) fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut encoded = String::new();
    for chunk in bytes.chunks(3) {
        let byte = |index: usize| u32::from(chunk.get(index).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for index in 0..4 {
            if index > chunk.len() {
                encoded.push('=');
                continue;
            }
            let sextet = (bits >> (18 - 6 * index)) & 63;
            let sextet = usize::try_from(sextet).expect("six bits");
            encoded.push(char::from(ALPHABET[sextet]));
        }
    }
    encoded
}

/// The examples of the standards.
#[test]
fn the_encoders_agree_with_their_standards() {
    assert_eq!(form(" %&+£€~*"), "+%25%26%2B%C2%A3%E2%82%AC%7E*");
    for (text, encoded) in [
        ("", ""),
        ("f", "Zg=="),
        ("fo", "Zm8="),
        ("foo", "Zm9v"),
        ("foob", "Zm9vYg=="),
        ("fooba", "Zm9vYmE="),
        ("foobar", "Zm9vYmFy"),
    ] {
        assert_eq!(base64(text.as_bytes()), encoded);
    }
    // RFC 7617, section 2.
    let pair = b"Aladdin:open sesame";
    assert_eq!(base64(pair), "QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
}
