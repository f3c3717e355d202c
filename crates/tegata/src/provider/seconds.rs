//! Lifetimes as servers really write them.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::Value;

/// No lifetime is taken to be longer than ten years, so that no sum of times overflows.
const LONGEST: i64 = 315_360_000;

/// A number of seconds, as in `expires_in`.
///
/// RFC 6749 wants a JSON number. Servers are known to send a string, a fraction, zero, a negative
/// number or an absurdly large one, and to lose a token over that would be foolish: all of them are
/// read, fractions are rounded down, and [`lifetime`](Self::lifetime) is clamped to 0 s … 10 years.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Seconds(i64);

impl Seconds {
    /// As many seconds.
    pub const fn new(seconds: i64) -> Self {
        Self(seconds)
    }

    /// The number as it was sent, rounded down.
    pub const fn get(self) -> i64 {
        self.0
    }

    /// The number as a lifetime: never negative, at most ten years.
    pub fn lifetime(self) -> Duration {
        Duration::from_secs(self.0.clamp(0, LONGEST).unsigned_abs())
    }

    #[allow(clippy::cast_possible_truncation)] // `as` saturates, which is the clamp wanted here.
    fn from_f64(value: f64) -> Option<Self> {
        value.is_finite().then(|| Self(value.floor() as i64))
    }
}

impl fmt::Debug for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} s", self.0)
    }
}

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The text is not a number of seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParseSecondsError;

impl fmt::Display for ParseSecondsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a number of seconds")
    }
}

impl std::error::Error for ParseSecondsError {}

impl FromStr for Seconds {
    type Err = ParseSecondsError;

    fn from_str(text: &str) -> Result<Self, ParseSecondsError> {
        let text = text.trim();
        if let Ok(whole) = text.parse() {
            return Ok(Self(whole));
        }
        // Longer or fractional numbers; "inf" and "NaN" parse as floats and are no lifetime.
        text.parse()
            .ok()
            .and_then(Self::from_f64)
            .ok_or(ParseSecondsError)
    }
}

impl Serialize for Seconds {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i64(self.0)
    }
}

impl<'de> Deserialize<'de> for Seconds {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // The text of the number is the same whether or not some crate in the build has switched on
        // `serde_json/arbitrary_precision`, which hands a fraction to visitors as a map.
        let seconds = match Value::deserialize(deserializer)? {
            Value::Number(number) => number.to_string().parse(),
            Value::String(text) => text.parse(),
            _ => Err(ParseSecondsError),
        };
        seconds.map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("3600", 3600)]
    #[case("3600.0", 3600)]
    #[case("3599.9", 3599)]
    #[case("\"3600\"", 3600)]
    #[case("\" 3600 \"", 3600)]
    #[case("\"3599.5\"", 3599)]
    #[case("0", 0)]
    #[case("-5", -5)]
    #[case("-0.5", -1)]
    #[case("1000000000000", 1_000_000_000_000)]
    #[case("18446744073709551615", i64::MAX)]
    #[case("1e300", i64::MAX)]
    #[case("\"99999999999999999999\"", i64::MAX)]
    fn every_number_that_servers_send_is_read(#[case] json: &str, #[case] expected: i64) {
        let read: Seconds = serde_json::from_str(json).expect(json);
        assert_eq!(read.get(), expected, "{json}");
    }

    #[rstest]
    #[case("\"soon\"")]
    #[case("\"\"")]
    #[case("\"NaN\"")]
    #[case("\"inf\"")]
    #[case("true")]
    #[case("null")]
    #[case("[3600]")]
    #[case("{}")]
    fn values_that_are_no_number_are_refused(#[case] json: &str) {
        assert!(serde_json::from_str::<Seconds>(json).is_err(), "{json}");
    }

    #[test]
    fn a_lifetime_is_neither_negative_nor_endless() {
        assert_eq!(Seconds::new(-5).lifetime(), Duration::ZERO);
        assert_eq!(Seconds::new(3600).lifetime(), Duration::from_secs(3600));
        assert_eq!(
            Seconds::new(i64::MAX).lifetime(),
            Duration::from_secs(315_360_000)
        );
    }

    #[test]
    fn they_are_shown_as_a_number_and_written_as_one() {
        let seconds = Seconds::new(3600);
        assert_eq!(format!("{seconds:?}"), "3600 s");
        assert_eq!(seconds.to_string(), "3600");
        assert_eq!(serde_json::to_string(&seconds).expect("serializes"), "3600");
    }

    #[test]
    fn the_error_names_a_number_of_seconds() {
        let error = "soon".parse::<Seconds>().expect_err("no number");
        assert_eq!(error.to_string(), "not a number of seconds");
        let error = serde_json::from_str::<Seconds>("true").expect_err("no number");
        assert!(error.to_string().contains("a number of seconds"), "{error}");
    }
}
