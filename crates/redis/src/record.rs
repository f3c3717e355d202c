//! What lies at a key: `tegata 1 <version> <stamp> <token>`.
//!
//! The version counts the saves. The stamp is a random name of each: unlike the version it does not come
//! again when a server has lost its data. The token is JSON, or encrypted.

/// A record, taken apart.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Record<'a> {
    pub(crate) version: u64,
    pub(crate) stamp: &'a str,
    pub(crate) token: &'a [u8],
}

/// Why there is no telling what lies at a key.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Unknown {
    /// It is not ours.
    Foreign,
    /// It was written by a later version of this crate.
    Format(u32),
}

impl<'a> Record<'a> {
    pub(crate) fn parse(bytes: &'a [u8]) -> Result<Self, Unknown> {
        let mut parts = bytes.splitn(5, |byte| *byte == b' ');
        let mut next = || parts.next().ok_or(Unknown::Foreign);
        if next()? != b"tegata" {
            return Err(Unknown::Foreign);
        }
        match number(next()?) {
            Some(1) => {}
            Some(format) => return Err(Unknown::Format(format)),
            None => return Err(Unknown::Foreign),
        }
        let version = number(next()?).ok_or(Unknown::Foreign)?;
        let stamp = std::str::from_utf8(next()?)
            .ok()
            .filter(|stamp| !stamp.is_empty() && stamp.bytes().all(|b| b.is_ascii_hexdigit()))
            .ok_or(Unknown::Foreign)?;
        Ok(Self {
            version,
            stamp,
            token: next()?,
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

    #[test]
    fn a_record_is_taken_apart_at_its_first_blanks() {
        let record = Record::parse(b"tegata 1 12 00ff {\"a b\" \xff").expect("a record");
        let expected = Record {
            version: 12,
            stamp: "00ff",
            token: b"{\"a b\" \xff",
        };
        assert_eq!(record, expected);
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
    #[case(b"tegata 2 what comes then", Unknown::Format(2))]
    fn anything_else_is_not_taken_for_a_record(#[case] bytes: &[u8], #[case] expected: Unknown) {
        assert_eq!(Record::parse(bytes), Err(expected));
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes: Vec<u8>, tail: Vec<u8>) {
            let _ = Record::parse(&bytes);
            let _ = Record::parse(&[b"tegata 1 ".as_slice(), &tail].concat());
        }
    }
}
