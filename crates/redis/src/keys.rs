//! The names of the keys in Redis.

use tegata::Error;
use tegata::provider::ErrorExt as _;

/// The keys of one account. They share the hash tag `{provider:account}`, so that a cluster keeps them
/// together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Keys {
    /// The record with the token.
    pub(crate) token: String,
    /// The holder of the lease.
    pub(crate) lease: String,
    /// The number of the last lease.
    pub(crate) number: String,
}

impl Keys {
    pub(crate) fn new(namespace: &str, provider: &str, account: &str) -> Result<Self, Error> {
        for (name, part) in [
            ("namespace", namespace),
            ("provider", provider),
            ("account", account),
        ] {
            if part.is_empty() {
                return Err(Error::configuration(format!(
                    "the {name} is empty, so that accounts could share a token: name it"
                )));
            }
        }
        let tag = format!(
            "{}:{{{}:{}}}",
            encode(namespace, |c| c == ':'),
            encode(provider, |_| false),
            encode(account, |_| false)
        );
        Ok(Self {
            token: format!("{tag}:token"),
            lease: format!("{tag}:lease"),
            number: format!("{tag}:lease-number"),
        })
    }
}

/// Percent-encodes the delimiters of a key and unprintable characters, so that two accounts never have the same
/// key.
fn encode(part: &str, also: impl Fn(char) -> bool) -> String {
    let mut encoded = String::with_capacity(part.len());
    for c in part.chars() {
        if c.is_alphanumeric() || "-._~@/".contains(c) || also(c) {
            encoded.push(c);
        } else {
            for byte in c.encode_utf8(&mut [0; 4]).bytes() {
                encoded.extend(['%', digit(byte >> 4), digit(byte & 0xf)]);
            }
        }
    }
    encoded
}

fn digit(nibble: u8) -> char {
    char::from_digit(nibble.into(), 16)
        .unwrap_or_default()
        .to_ascii_uppercase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn keys_are_readable_and_share_a_hash_tag() {
        let keys = Keys::new("app:prod", "jooto", "client/123").expect("keys");
        assert_eq!(keys.token, "app:prod:{jooto:client/123}:token");
        assert_eq!(keys.lease, "app:prod:{jooto:client/123}:lease");
        assert_eq!(keys.number, "app:prod:{jooto:client/123}:lease-number");
    }

    #[test]
    fn an_empty_part_is_refused_and_named() {
        for (parts, name) in [
            (["", "p", "a"], "namespace"),
            (["n", "", "a"], "provider"),
            (["n", "p", ""], "account"),
        ] {
            let error = Keys::new(parts[0], parts[1], parts[2]).expect_err(name);
            assert!(error.is_configuration(), "{error:?}");
            assert!(error.to_string().contains(name), "{error}");
        }
    }

    proptest! {
        #[test]
        fn different_accounts_have_different_keys_with_one_unbroken_tag(
            one in ["[a:{}% ]{1,3}", "[a:{}% ]{1,3}", "[a:{}% é]{1,3}"],
            other in ["[a:{}% ]{1,3}", "[a:{}% ]{1,3}", "[a:{}% é]{1,3}"],
        ) {
            let keys = |[n, p, a]: &[String; 3]| Keys::new(n, p, a).expect("keys").token;
            let (first, second) = (keys(&one), keys(&other));
            prop_assert_eq!(first == second, one == other, "{} {}", first, second);
            prop_assert_eq!(first.matches(['{', '}']).count(), 2, "{}", first);
        }
    }
}
