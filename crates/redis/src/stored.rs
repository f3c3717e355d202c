//! The value at a key: `tegata 2 <version> <stamp> <record>`.
//!
//! The version is the record's, outside of the encrypted part, so that a script can read it. The stamp
//! identifies the writing store and the record: unlike the version it does not repeat when a server has lost
//! its data. The record is JSON, or encrypted.
//!
//! In format 1 the version was a counter of the server, followed by a token without a record around it.

/// A value, taken apart.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Stored<'a> {
    pub(crate) format: Format,
    pub(crate) version: u64,
    pub(crate) stamp: &'a str,
    pub(crate) payload: &'a [u8],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// 1, which is only read.
    Token,
    /// 2
    Record,
}

/// Why a value cannot be taken apart.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Unknown {
    /// It is not a record of this store.
    Foreign,
    /// It was written by a later version of this crate.
    Format(u32),
}

impl<'a> Stored<'a> {
    pub(crate) fn parse(bytes: &'a [u8]) -> Result<Self, Unknown> {
        let mut parts = bytes.splitn(5, |byte| *byte == b' ');
        let mut next = || parts.next().ok_or(Unknown::Foreign);
        if next()? != b"tegata" {
            return Err(Unknown::Foreign);
        }
        let format = match number(next()?) {
            Some(1) => Format::Token,
            Some(2) => Format::Record,
            Some(later) => return Err(Unknown::Format(later)),
            None => return Err(Unknown::Foreign),
        };
        let version = number(next()?).ok_or(Unknown::Foreign)?;
        let stamp = std::str::from_utf8(next()?)
            .ok()
            .filter(|stamp| !stamp.is_empty() && stamp.bytes().all(|b| b.is_ascii_hexdigit()))
            .ok_or(Unknown::Foreign)?;
        Ok(Self {
            format,
            version,
            stamp,
            payload: next()?,
        })
    }
}

fn number<N: std::str::FromStr>(digits: &[u8]) -> Option<N> {
    let digits = std::str::from_utf8(digits).ok()?;
    let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| digits.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    #[rstest]
    #[case("1", Format::Token)]
    #[case("2", Format::Record)]
    fn a_value_is_taken_apart_at_its_first_blanks(#[case] number: &str, #[case] format: Format) {
        let value = [
            format!("tegata {number} 12 00ff ").as_bytes(),
            b"{\"a b\" \xff",
        ]
        .concat();
        let expected = Stored {
            format,
            version: 12,
            stamp: "00ff",
            payload: b"{\"a b\" \xff",
        };
        assert_eq!(Stored::parse(&value), Ok(expected));
    }

    #[rstest]
    #[case(b"", Unknown::Foreign)]
    #[case(b"tegata", Unknown::Foreign)]
    #[case(b"tegata 1 12 00ff", Unknown::Foreign)]
    #[case(b"tegata x 12 00ff {}", Unknown::Foreign)]
    #[case(b"tegata 1 -1 00ff {}", Unknown::Foreign)]
    #[case(b"tegata 1 +1 00ff {}", Unknown::Foreign)]
    #[case(b"tegata 1 1 xyz {}", Unknown::Foreign)]
    #[case(b"tegata 1 1  {}", Unknown::Foreign)]
    #[case(b"{\"format\":1}", Unknown::Foreign)]
    #[case(b"tegata 3 what comes then", Unknown::Format(3))]
    fn anything_else_is_not_taken_for_a_record(#[case] bytes: &[u8], #[case] expected: Unknown) {
        assert_eq!(Stored::parse(bytes), Err(expected));
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes: Vec<u8>, tail: Vec<u8>) {
            let _ = Stored::parse(&bytes);
            let _ = Stored::parse(&[b"tegata 2 ".as_slice(), &tail].concat());
        }
    }
}
