//! `application/x-www-form-urlencoded`, read strictly and with every duplicate kept.
//!
//! The usual decoders forgive a broken percent escape, replace bytes that are not UTF-8, and many
//! keep only the last of two equal names. A judge of requests must see all three.

use std::fmt::{self, Write as _};

/// The fields of a form body or of a query, in the order in which they were sent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Form(Vec<(String, String)>);

/// Why a field cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FieldError {
    /// Not sent, or sent without a value, which RFC 6749 section 3.2 counts as not sent.
    Missing,
    /// Sent more than once, which RFC 6749 sections 3.1 and 3.2 forbid.
    Repeated,
}

/// Text that is no form encoding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FormError {
    /// A `%` without two hexadecimal digits after it.
    Escape,
    /// Bytes that are not UTF-8 once decoded.
    Utf8,
}

impl fmt::Display for FormError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Escape => "a percent sign is not followed by two hexadecimal digits",
            Self::Utf8 => "a decoded value is not UTF-8",
        })
    }
}

impl Form {
    pub(super) fn parse(encoded: &[u8]) -> Result<Self, FormError> {
        pieces(encoded)
            .map(|(name, value)| Ok((decode(name)?, decode(value)?)))
            .collect::<Result<_, _>>()
            .map(Self)
    }

    pub(super) fn of(pairs: Vec<(String, String)>) -> Self {
        Self(pairs)
    }

    /// The fields of both, for a request that may carry them in two places.
    pub(super) fn and(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    pub(super) fn pairs(&self) -> &[(String, String)] {
        &self.0
    }

    pub(super) fn one(&self, name: &str) -> Result<&str, FieldError> {
        let mut values = self.values(name);
        let first = values.next().ok_or(FieldError::Missing)?;
        if values.next().is_some() {
            return Err(FieldError::Repeated);
        }
        if first.is_empty() {
            return Err(FieldError::Missing);
        }
        Ok(first)
    }

    pub(super) fn contains(&self, name: &str) -> bool {
        self.values(name).next().is_some()
    }

    /// The first name that was sent more than once.
    pub(super) fn repeated(&self) -> Option<&str> {
        self.0
            .iter()
            .map(|(name, _)| name.as_str())
            .find(|name| self.values(name).nth(1).is_some())
    }

    fn values(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0
            .iter()
            .filter(move |(candidate, _)| candidate == name)
            .map(|(_, value)| value.as_str())
    }
}

/// Every pair that can be decoded, in order.
pub(super) fn readable_pairs(encoded: &[u8]) -> Vec<(String, String)> {
    pieces(encoded)
        .filter_map(|(name, value)| Some((decode(name).ok()?, decode(value).ok()?)))
        .collect()
}

/// Every readable value of one name; pairs that cannot be decoded are skipped.
pub(super) fn values_of(encoded: &str, name: &str) -> Vec<String> {
    pieces(encoded.as_bytes())
        .filter(|(candidate, _)| decode(candidate).as_deref() == Ok(name))
        .filter_map(|(_, value)| decode(value).ok())
        .collect()
}

/// Decodes one name or value: `+` is a space, `%XX` a byte of UTF-8.
pub(super) fn decode(encoded: &[u8]) -> Result<String, FormError> {
    let mut decoded = Vec::with_capacity(encoded.len());
    let mut rest = encoded.iter().copied();
    while let Some(byte) = rest.next() {
        decoded.push(match byte {
            b'+' => b' ',
            b'%' => {
                let high = rest.next().and_then(hex_digit);
                let low = rest.next().and_then(hex_digit);
                match (high, low) {
                    (Some(high), Some(low)) => high << 4 | low,
                    _ => return Err(FormError::Escape),
                }
            }
            other => other,
        });
    }
    String::from_utf8(decoded).map_err(|_| FormError::Utf8)
}

/// Encodes one value for a query: everything but the unreserved characters of RFC 3986 is escaped,
/// so that both a form decoder and a URI decoder read it back.
pub(super) fn encode(value: &str) -> String {
    let mut encoded = String::with_capacity(value.len());
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing to a `String` cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

fn pieces(encoded: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    encoded
        .split(|&byte| byte == b'&')
        .filter(|piece| !piece.is_empty())
        .map(|piece| match piece.iter().position(|&byte| byte == b'=') {
            Some(at) => (&piece[..at], &piece[at + 1..]),
            None => (piece, &piece[piece.len()..]),
        })
}

fn hex_digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    fn parsed(encoded: &str) -> Vec<(String, String)> {
        match Form::parse(encoded.as_bytes()) {
            Ok(form) => form.pairs().to_vec(),
            Err(error) => panic!("{encoded:?}: {error}"),
        }
    }

    #[rstest]
    #[case("a=b+c", "b c")]
    #[case("a=b%20c", "b c")]
    #[case("a=b%2Bc", "b+c")]
    #[case("a=%e3%81%82", "あ")]
    #[case("a=b=c", "b=c")]
    #[case("&a=b&&", "b")]
    fn one_value_is_read(#[case] encoded: &str, #[case] value: &str) {
        assert_eq!(parsed(encoded), [("a".to_owned(), value.to_owned())]);
    }

    #[rstest]
    #[case("a=%", FormError::Escape)]
    #[case("a=%4", FormError::Escape)]
    #[case("a=%zz", FormError::Escape)]
    #[case("a=%ff", FormError::Utf8)]
    fn invalid_form_encoding_is_refused(#[case] encoded: &str, #[case] error: FormError) {
        assert_eq!(Form::parse(encoded.as_bytes()), Err(error), "{encoded}");
    }

    #[rstest]
    #[case("b=1", Err(FieldError::Missing))]
    #[case("a=", Err(FieldError::Missing))]
    #[case("a", Err(FieldError::Missing))]
    #[case("a=1&a=1", Err(FieldError::Repeated))]
    #[case("a=&a=1", Err(FieldError::Repeated))]
    #[case("a=1&%61=2", Err(FieldError::Repeated))]
    #[case("a=1&b=2", Ok("1"))]
    fn a_field_counts_when_it_is_there_once(
        #[case] encoded: &str,
        #[case] expected: Result<&str, FieldError>,
    ) {
        let form = Form::parse(encoded.as_bytes()).unwrap();
        assert_eq!(form.one("a"), expected, "{encoded}");
    }

    #[test]
    fn values_are_found_beside_pairs_that_cannot_be_read() {
        let found = values_of("q=%83%65&access_token=a%3Ab&%zz=1", "access_token");
        assert_eq!(found, ["a:b"]);
    }

    proptest! {
        #[test]
        fn the_output_of_an_independent_encoder_is_read_back(
            pairs in prop::collection::vec((any::<String>(), any::<String>()), 0..6),
        ) {
            let encoded = form_urlencoded::Serializer::new(String::new())
                .extend_pairs(&pairs)
                .finish();
            prop_assert_eq!(parsed(&encoded), pairs);
        }

        #[test]
        fn an_independent_decoder_reads_our_encoding(value: String) {
            let encoded = format!("a={}", encode(&value));
            let read: Vec<_> = form_urlencoded::parse(encoded.as_bytes()).collect();
            prop_assert_eq!(read, vec![("a".into(), value.into())]);
        }

        #[test]
        fn no_bytes_make_the_parser_panic(bytes: Vec<u8>) {
            if let Ok(form) = Form::parse(&bytes) {
                let _ = form.repeated();
                let _ = form.one("a");
            }
        }
    }
}
