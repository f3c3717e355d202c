//! HTTP Basic, in both readings that are found on the wire.
//!
//! RFC 6749 section 2.3.1 form-encodes the client id and the secret before they are joined and put
//! into base64; RFC 7617 does not. Half of the OAuth libraries do the one, half the other, and the
//! difference shows only with special characters, so both readings are tried.

use std::fmt;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::form;

const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// An id and a secret as one reading of the header gives them.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Reading {
    pub(super) id: String,
    pub(super) secret: String,
}

/// Why a Basic credential cannot be read at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BasicError {
    Base64,
    Colon,
}

impl fmt::Display for BasicError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Base64 => "the Basic credential is not base64",
            Self::Colon => "the Basic credential holds no colon",
        })
    }
}

/// Every reading of what follows the word `Basic`: at least one, at most two.
///
/// Both split at the first colon: an id that holds one can be sent form-encoded only.
pub(super) fn readings(encoded: &str) -> Result<Vec<Reading>, BasicError> {
    let joined = LENIENT
        .decode(encoded.as_bytes())
        .map_err(|_| BasicError::Base64)?;
    let colon = joined
        .iter()
        .position(|&byte| byte == b':')
        .ok_or(BasicError::Colon)?;
    let (id, secret) = (&joined[..colon], &joined[colon + 1..]);

    let mut readings = vec![Reading {
        id: text(id),
        secret: text(secret),
    }];
    if let (Ok(id), Ok(secret)) = (form::decode(id), form::decode(secret)) {
        let decoded = Reading { id, secret };
        if !readings.contains(&decoded) {
            readings.push(decoded);
        }
    }
    Ok(readings)
}

/// UTF-8 where it is, else ISO 8859-1, the charset that RFC 7617 found in use and that Python's
/// requests still sends.
fn text(bytes: &[u8]) -> String {
    std::str::from_utf8(bytes).map_or_else(
        |_| bytes.iter().copied().map(char::from).collect(),
        str::to_owned,
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
    use proptest::prelude::*;

    fn has(encoded: &str, id: &str, secret: &str) -> bool {
        readings(encoded)
            .unwrap_or_default()
            .iter()
            .any(|reading| reading.id == id && reading.secret == secret)
    }

    fn form_encoded(value: &str) -> String {
        form_urlencoded::byte_serialize(value.as_bytes()).collect()
    }

    #[test]
    fn the_raw_reading_splits_at_the_first_colon() {
        let encoded = STANDARD.encode("id:se:cret");
        assert!(has(&encoded, "id", "se:cret"));
        assert_eq!(readings(&encoded).unwrap().len(), 1);
    }

    #[test]
    fn an_id_with_a_hyphen_may_arrive_escaped() {
        assert!(has(&STANDARD.encode("fj%2Did:s"), "fj-id", "s"));
    }

    #[test]
    fn iso_8859_1_is_understood() {
        assert!(has(&STANDARD.encode(b"caf\xe9:s"), "café", "s"));
    }

    #[test]
    fn padding_may_be_left_out() {
        assert!(has(&STANDARD_NO_PAD.encode("a:b"), "a", "b"));
    }

    #[test]
    fn an_invalid_basic_credential_says_why() {
        assert_eq!(readings("***").err(), Some(BasicError::Base64));
        assert_eq!(
            readings(&STANDARD.encode("no colon")).err(),
            Some(BasicError::Colon)
        );
    }

    proptest! {
        #[test]
        fn the_form_encoded_way_carries_any_characters(id: String, secret: String) {
            let joined = format!("{}:{}", form_encoded(&id), form_encoded(&secret));
            prop_assert!(has(&STANDARD.encode(joined), &id, &secret));
        }

        #[test]
        fn the_raw_way_carries_any_characters_but_a_colon_in_the_id(
            id in "[^:]*",
            secret: String,
        ) {
            let joined = format!("{id}:{secret}");
            prop_assert!(has(&STANDARD.encode(joined), &id, &secret));
        }

        #[test]
        fn no_text_makes_the_reader_panic(encoded: String) {
            let _ = readings(&encoded);
        }
    }
}
