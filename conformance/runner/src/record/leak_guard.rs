//! The last guard: whether a canary is still there, in whatever encoding.

use std::fmt;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::inflate::inflate_any;
use crate::fixture::{form_decode, percent_decode};

/// How many encodings may be nested.
const DEPTH: usize = 3;
/// Runs of an alphabet that are shorter than this are no encoded text.
const SHORTEST: usize = 8;

/// A canary that is still there, named by its place in the list and never by its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leak {
    /// Its index among the canaries.
    pub canary: usize,
    /// The encodings, the outermost first; empty if it is not encoded.
    pub encodings: Vec<&'static str>,
}

impl fmt::Display for Leak {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.encodings.is_empty() {
            f.write_str("as it is")
        } else {
            write!(f, "as {}", self.encodings.join(" of "))
        }
    }
}

/// The first canary in the bytes: unencoded, percent-encoded, escaped as in JSON, in
/// base64 or base64url, hexadecimal, compressed, or any of these on top of each other.
pub fn find_leak<'a>(bytes: &[u8], canaries: impl IntoIterator<Item = &'a str>) -> Option<Leak> {
    let canaries: Vec<(usize, &[u8])> = canaries
        .into_iter()
        .map(str::as_bytes)
        .enumerate()
        .filter(|(_, canary)| !canary.is_empty())
        .collect();
    if canaries.is_empty() {
        return None;
    }
    search(bytes, &canaries, &mut Vec::new())
}

fn search(
    bytes: &[u8],
    canaries: &[(usize, &[u8])],
    under: &mut Vec<&'static str>,
) -> Option<Leak> {
    let found = canaries
        .iter()
        .find(|(_, canary)| bytes.windows(canary.len()).any(|window| window == *canary));
    if let Some((canary, _)) = found {
        return Some(Leak {
            canary: *canary,
            encodings: under.clone(),
        });
    }
    if under.len() == DEPTH {
        return None;
    }
    for (encoding, decoded) in decodings(bytes) {
        under.push(encoding);
        let found = search(&decoded, canaries, under);
        under.pop();
        if found.is_some() {
            return found;
        }
    }
    None
}

/// Everything that the bytes may be an encoding of.
fn decodings(bytes: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let mut all = Vec::new();
    if let Some(inflated) = inflate_any(bytes) {
        all.push(("gzip, deflate or zstd", inflated));
    }
    let text = String::from_utf8_lossy(bytes);
    if text.contains('%') {
        all.push(("percent-encoding", percent_decode(&text).into_bytes()));
        all.push(("form-encoding", form_decode(&text).into_bytes()));
    }
    if text.contains('\\') {
        all.push(("JSON escapes", unescape(&text).into_bytes()));
    }
    for run in runs(bytes, |byte| byte.is_ascii_hexdigit()) {
        for start in 0..2 {
            all.push(("hexadecimal", unhex(&run[start..])));
        }
    }
    let base64 = |byte: u8| byte.is_ascii_alphanumeric() || b"+/-_".contains(&byte);
    for run in runs(bytes, base64) {
        // The text before it may use the same alphabet.
        for start in 0..4 {
            all.extend(unbase64(&run[start..]).map(|decoded| ("base64", decoded)));
        }
    }
    all
}

/// The runs of bytes of one kind that are long enough.
fn runs(bytes: &[u8], kind: impl Fn(u8) -> bool) -> Vec<&[u8]> {
    bytes
        .split(|byte| !kind(*byte))
        .filter(|run| run.len() >= SHORTEST)
        .collect()
}

fn unhex(digits: &[u8]) -> Vec<u8> {
    let value = |digit: u8| match digit {
        b'0'..=b'9' => digit - b'0',
        digit => (digit | 0x20) - b'a' + 10,
    };
    digits
        .chunks_exact(2)
        .map(|pair| value(pair[0]) << 4 | value(pair[1]))
        .collect()
}

fn unbase64(run: &[u8]) -> Option<Vec<u8>> {
    let config = GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent);
    let standard: Vec<u8> = run
        .iter()
        .map(|byte| match byte {
            b'-' => b'+',
            b'_' => b'/',
            other => *other,
        })
        .collect();
    // One character more than a multiple of four is the end of something else.
    let length = standard.len() - usize::from(standard.len() % 4 == 1);
    GeneralPurpose::new(&alphabet::STANDARD, config)
        .decode(&standard[..length])
        .ok()
}

/// Undoes the escapes of JSON strings; anything else stays.
fn unescape(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\\') {
        plain.push_str(before);
        let mut behind = after.chars();
        rest = match behind.next() {
            Some('u') => match four_digits(after) {
                Some(unit) => {
                    plain.push(unit);
                    &after[5..]
                }
                None => after,
            },
            Some(one @ ('"' | '\\' | '/')) => {
                plain.push(one);
                behind.as_str()
            }
            Some('n') => {
                plain.push('\n');
                behind.as_str()
            }
            Some('t') => {
                plain.push('\t');
                behind.as_str()
            }
            _ => after,
        };
    }
    plain.push_str(rest);
    plain
}

fn four_digits(after: &str) -> Option<char> {
    let digits = after.get(1..5)?;
    char::from_u32(u32::from_str_radix(digits, 16).ok()?)
}

#[cfg(test)]
mod tests {
    use super::super::inflate::gzip;
    use super::*;
    use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
    use rstest::rstest;

    const CANARY: &str = "CANARY ~/?\"é/1";

    fn each(bytes: &[u8], spell: impl Fn(&u8) -> String) -> String {
        bytes.iter().map(spell).collect::<Vec<_>>().concat()
    }

    fn hex(bytes: &[u8]) -> String {
        each(bytes, |byte| format!("{byte:02X}"))
    }

    fn escaped() -> String {
        let units: Vec<u16> = CANARY.encode_utf16().collect();
        units
            .iter()
            .fold(String::new(), |all, unit| all + &format!("\\u{unit:04x}"))
    }

    #[rstest]
    #[case::plain(CANARY.to_owned(), "as it is")]
    #[case::percent(crate::fixture::percent_encode(CANARY), "percent-encoding")]
    #[case::lower(crate::fixture::percent_encode(CANARY).to_lowercase().replace("canary", "CANARY"), "percent-encoding")]
    #[case::every_byte(each(CANARY.as_bytes(), |byte| format!("%{byte:02x}")), "percent-encoding")]
    #[case::form(crate::fixture::form_encode(CANARY), "form-encoding")]
    #[case::json(serde_json::to_string(CANARY).unwrap(), "JSON escapes")]
    #[case::unicode(escaped(), "JSON escapes")]
    #[case::base64(STANDARD.encode(CANARY), "base64")]
    #[case::base64url(URL_SAFE_NO_PAD.encode(CANARY), "base64")]
    #[case::inside(STANDARD.encode(format!("id:{CANARY} and more")), "base64")]
    #[case::behind(format!("xx{}", STANDARD.encode(CANARY)), "base64")]
    #[case::hex(hex(CANARY.as_bytes()), "hexadecimal")]
    #[case::hex_behind(format!("a{}", hex(CANARY.as_bytes())), "hexadecimal")]
    #[case::gzip(STANDARD.encode(gzip(CANARY.as_bytes())), "base64 of gzip, deflate or zstd")]
    #[case::twice(STANDARD.encode(STANDARD.encode(CANARY)), "base64 of base64")]
    fn a_canary_is_found_in_every_encoding(#[case] text: String, #[case] how: &str) {
        let text = format!("body = \"{text}\"\n");
        let found = find_leak(text.as_bytes(), ["absent", CANARY]).map(|found| {
            assert_eq!(found.canary, 1);
            found.to_string()
        });
        let found = found.unwrap_or_default();
        assert!(found.contains(how), "{found:?} instead of {how}");
    }

    #[test]
    fn a_compressed_canary_is_found_in_the_bytes_themselves() {
        let found = find_leak(&gzip(CANARY.as_bytes()), [CANARY]);
        assert_eq!(
            found.map(|found| found.encodings),
            Some(vec!["gzip, deflate or zstd"])
        );
    }

    #[test]
    fn nothing_is_found_where_nothing_is() {
        assert_eq!(find_leak(b"body = \"CANAR\"", [CANARY, ""]), None);
        assert_eq!(find_leak(b"anything", [""]), None);
        assert_eq!(find_leak("\\u12 \\x %zz %".as_bytes(), [CANARY]), None);
    }
}
