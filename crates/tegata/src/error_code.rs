//! Error codes as servers write them.

use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The codes that print as they are: those of RFC 6749 (4.1.2.1 and 5.2), RFC 6750 (3.1), RFC 8628 (3.5), and
/// the one that Marketo's identity endpoint is reported to add.
const KNOWN: [&str; 16] = [
    "access_denied",
    "authorization_pending",
    "expired_token",
    "insufficient_scope",
    "invalid_client",
    "invalid_grant",
    "invalid_request",
    "invalid_scope",
    "invalid_token",
    "server_error",
    "slow_down",
    "temporarily_unavailable",
    "unauthorized",
    "unauthorized_client",
    "unsupported_grant_type",
    "unsupported_response_type",
];

/// The code of an error answer: `"601"`, `601` and `"invalid_grant"` are all read.
///
/// A server chooses this text, and a faulty one may put anything there. `Debug` and `Display` show it only if
/// it is a short number or a code of the OAuth RFCs; [`as_str`](Self::as_str) returns it complete.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ErrorCode(String);

impl ErrorCode {
    /// The code as the server sent it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn shown(&self) -> &str {
        let number = self.0.len() <= 6 && self.0.bytes().all(|b| b.is_ascii_digit());
        if number || KNOWN.contains(&self.as_str()) {
            &self.0
        } else {
            "[other]"
        }
    }
}

impl From<&str> for ErrorCode {
    fn from(code: &str) -> Self {
        Self(code.to_owned())
    }
}

impl FromStr for ErrorCode {
    type Err = Infallible;

    fn from_str(code: &str) -> Result<Self, Infallible> {
        Ok(code.into())
    }
}

impl fmt::Debug for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.shown())
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.shown())
    }
}

impl Serialize for ErrorCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for ErrorCode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ErrorCodeVisitor)
    }
}

struct ErrorCodeVisitor;

impl Visitor<'_> for ErrorCodeVisitor {
    type Value = ErrorCode;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an error code, as a string or a number")
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<ErrorCode, E> {
        Ok(value.into())
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<ErrorCode, E> {
        Ok(ErrorCode(value.to_string()))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<ErrorCode, E> {
        Ok(ErrorCode(value.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("\"601\"", "601")]
    #[case("601", "601")]
    #[case("-1", "-1")]
    #[case("\"invalid_grant\"", "invalid_grant")]
    fn a_code_is_read_from_a_string_or_a_number(#[case] json: &str, #[case] expected: &str) {
        let code: ErrorCode = serde_json::from_str(json).expect(json);
        assert_eq!(code.as_str(), expected);
    }

    #[test]
    fn known_codes_print_and_anything_else_does_not() {
        assert_eq!(ErrorCode::from("601").to_string(), "601");
        assert_eq!(format!("{:?}", ErrorCode::from("123456")), "123456");
        assert_eq!(
            ErrorCode::from("invalid_client").to_string(),
            "invalid_client"
        );
        for hidden in ["CANARY-token", "1234567", "", "invalid_client CANARY"] {
            let code = ErrorCode::from(hidden);
            let shown = format!("{code} {code:?}");
            assert!(hidden.is_empty() || !shown.contains(hidden), "{shown}");
        }
    }

    #[test]
    fn a_code_is_written_as_read_and_other_values_are_refused() {
        let json = "\"CANARY-code\"";
        let code: ErrorCode = serde_json::from_str(json).expect(json);
        assert_eq!(serde_json::to_string(&code).expect("serializes"), json);
        let error = serde_json::from_str::<ErrorCode>("true").expect_err("no code");
        assert!(error.to_string().contains("an error code"), "{error}");
    }
}
