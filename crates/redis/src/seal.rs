//! Encryption of tokens.

use std::fmt;

use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use tegata::Error;
use tegata::provider::ErrorExt as _;

use crate::random;

/// The first byte of an encrypted token, and its layout: the number of the key, the nonce, and the
/// ciphertext with its tag. JSON never begins with it.
const SEALED: u8 = 1;

/// Random: the 24 bytes of `XChaCha20` are long enough for that.
const NONCE: usize = 24;

/// A key with which tokens are encrypted, by `XChaCha20-Poly1305`, before they go to the server.
///
/// The token, the number of the key and the Redis key are authenticated: a record that was changed, or
/// copied over from another account, is refused. An *older* record of the same account is not.
///
/// ```
/// use tegata_redis::EncryptionKey;
///
/// let bytes: [u8; 32] = *b"32 bytes from a secret manager..";
/// let key = EncryptionKey::new(1, &bytes);
/// assert_eq!(format!("{key:?}"), "EncryptionKey(1)");
/// ```
#[derive(Clone)]
pub struct EncryptionKey {
    number: u8,
    cipher: XChaCha20Poly1305,
}

impl EncryptionKey {
    /// A key of 32 random bytes, with a number that distinguishes it from earlier and later keys.
    pub fn new(number: u8, key: &[u8; 32]) -> Self {
        let cipher = XChaCha20Poly1305::new(key.into());
        Self { number, cipher }
    }

    /// Its number.
    pub fn number(&self) -> u8 {
        self.number
    }
}

impl fmt::Debug for EncryptionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EncryptionKey({})", self.number)
    }
}

/// Encrypts with one key, and decrypts with any of several; without a key it leaves tokens unencrypted.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sealer {
    writing: Option<EncryptionKey>,
    reading: Vec<EncryptionKey>,
    accept_unencrypted: bool,
}

impl Sealer {
    pub(crate) fn new(
        writing: Option<EncryptionKey>,
        reading: Vec<EncryptionKey>,
        accept_unencrypted: bool,
    ) -> Result<Self, Error> {
        if writing.is_none() && !reading.is_empty() {
            return Err(Error::configuration(
                "there are keys to decrypt with, but none to encrypt with: add one with `encrypt`",
            ));
        }
        let mut seen = [false; 256];
        for key in writing.iter().chain(&reading) {
            if std::mem::replace(&mut seen[usize::from(key.number)], true) {
                return Err(Error::configuration(format!(
                    "two encryption keys have the number {}: give each one of its own",
                    key.number
                )));
            }
        }
        Ok(Self {
            writing,
            reading,
            accept_unencrypted,
        })
    }

    /// The stored form of this token at this key.
    pub(crate) fn seal(&self, token: Vec<u8>, redis_key: &str) -> Result<Vec<u8>, Error> {
        let Some(key) = &self.writing else {
            return Ok(token);
        };
        let mut nonce = [0; NONCE];
        random::fill(&mut nonce)?;
        let head = [SEALED, key.number];
        let payload = Payload {
            msg: &token,
            aad: &bound_to(head, redis_key),
        };
        let sealed = key
            .cipher
            .encrypt(&XNonce::from(nonce), payload)
            .map_err(|_| {
                Error::new(
                    tegata::ErrorKind::Store,
                    "the token is too long to be encrypted",
                )
            })?;
        Ok([&head[..], &nonce, &sealed].concat())
    }

    /// The decrypted token, or why it cannot be decrypted, to follow "the token".
    pub(crate) fn open(&self, stored: &[u8], redis_key: &str) -> Result<Vec<u8>, String> {
        let Some((&[SEALED, number], sealed)) = stored.split_first_chunk() else {
            if self.writing.is_some() && !self.accept_unencrypted {
                return Err(
                    "is not encrypted, though this store has a key: if that is intended, set \
                     `accept_unencrypted`; tokens are still saved encrypted"
                        .to_owned(),
                );
            }
            return Ok(stored.to_vec());
        };
        let key = self
            .writing
            .iter()
            .chain(&self.reading)
            .find(|key| key.number == number)
            .ok_or_else(|| {
                format!(
                    "is encrypted with the key number {number}, which this store was not given: name it \
                     with `encrypt` or `decrypt_with`"
                )
            })?;
        let opened = sealed
            .split_first_chunk::<NONCE>()
            .and_then(|(nonce, sealed)| {
                let payload = Payload {
                    msg: sealed,
                    aad: &bound_to([SEALED, number], redis_key),
                };
                key.cipher.decrypt(&XNonce::from(*nonce), payload).ok()
            });
        opened.ok_or_else(|| {
            format!(
                "cannot be decrypted with the key number {number}: it was encrypted with another key of \
                 that number, or the record was changed or copied here from another key"
            )
        })
    }
}

fn bound_to(head: [u8; 2], redis_key: &str) -> Vec<u8> {
    [&head[..], redis_key.as_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const TOKEN: &[u8] = b"{\"access_token\":\"CANARY-access\"}";

    fn key(number: u8, byte: u8) -> EncryptionKey {
        EncryptionKey::new(number, &[byte; 32])
    }

    fn sealer(writing: Option<EncryptionKey>, reading: Vec<EncryptionKey>) -> Sealer {
        Sealer::new(writing, reading, false).expect("a sealer")
    }

    fn sealed(sealer: &Sealer) -> Vec<u8> {
        sealer.seal(TOKEN.to_vec(), "key").expect("sealed")
    }

    #[test]
    fn an_encrypted_token_is_unreadable_until_it_is_decrypted() {
        let sealer = sealer(Some(key(1, 7)), Vec::new());
        let stored = sealed(&sealer);
        assert!(!stored.windows(6).any(|part| part == b"CANARY"));
        assert_eq!(sealer.open(&stored, "key").expect("opened"), TOKEN);
        assert_ne!(stored, sealed(&sealer), "a nonce came twice");
    }

    #[test]
    fn no_byte_of_it_can_be_changed_and_none_cut_off() {
        let sealer = sealer(Some(key(1, 7)), Vec::new());
        let stored = sealed(&sealer);
        for at in 0..stored.len() {
            let mut changed = stored.clone();
            changed[at] ^= 0x80;
            assert!(sealer.open(&changed, "key").is_err(), "byte {at} changed");
            assert!(sealer.open(&stored[..at], "key").is_err(), "cut at {at}");
        }
    }

    #[test]
    fn it_belongs_to_the_key_at_which_it_was_stored() {
        let sealer = sealer(Some(key(1, 7)), Vec::new());
        let why = sealer
            .open(&sealed(&sealer), "other")
            .expect_err("another account's");
        assert!(why.contains("copied here"), "{why}");
    }

    #[test]
    fn a_key_can_be_replaced_by_the_next() {
        let old = sealed(&sealer(Some(key(1, 7)), Vec::new()));
        let both = sealer(Some(key(2, 8)), vec![key(1, 7)]);
        assert_eq!(both.open(&old, "key").expect("opened"), TOKEN);
        let new = sealed(&both);
        assert_eq!(new[1], 2);
        assert_eq!(both.open(&new, "key").expect("opened"), TOKEN);
    }

    #[test]
    fn without_the_right_key_it_says_which_one_it_takes() {
        let stored = sealed(&sealer(Some(key(3, 7)), Vec::new()));
        for (sealer, text) in [
            (Sealer::default(), "key number 3, which this store was not"),
            (
                sealer(Some(key(4, 7)), vec![key(5, 7)]),
                "key number 3, which this store was not",
            ),
            (
                sealer(Some(key(3, 8)), Vec::new()),
                "cannot be decrypted with the key number 3",
            ),
        ] {
            let why = sealer.open(&stored, "key").expect_err("no such key");
            assert!(why.contains(text), "{why}");
        }
    }

    #[test]
    fn a_token_in_the_clear_is_taken_only_if_that_was_allowed() {
        let plain = sealed(&Sealer::default());
        assert_eq!(plain, TOKEN);
        let strict = sealer(Some(key(1, 7)), Vec::new());
        let why = strict.open(&plain, "key").expect_err("in the clear");
        assert!(why.contains("accept_unencrypted"), "{why}");
        let lenient = Sealer::new(Some(key(1, 7)), Vec::new(), true).expect("a sealer");
        assert_eq!(lenient.open(&plain, "key").expect("taken"), TOKEN);
    }

    #[test]
    fn ambiguous_and_read_only_keys_are_refused() {
        let twice = Sealer::new(Some(key(1, 7)), vec![key(1, 8)], false).expect_err("twice");
        assert!(twice.to_string().contains("number 1"), "{twice}");
        let reading = Sealer::new(None, vec![key(1, 8)], false).expect_err("no key to write");
        assert!(reading.to_string().contains("`encrypt`"), "{reading}");
    }

    #[test]
    fn debug_shows_numbers_only() {
        let sealer = sealer(Some(EncryptionKey::new(1, &[b'C'; 32])), vec![key(2, b'D')]);
        let shown = format!("{sealer:?} {sealer:#?}");
        assert!(!shown.contains("CC") && !shown.contains("67"), "{shown}");
        assert!(!shown.contains("DD") && !shown.contains("68"), "{shown}");
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes: Vec<u8>) {
            let sealer = sealer(Some(key(1, 7)), vec![key(0, 1)]);
            let with_head = [&[SEALED, 1][..], &bytes].concat();
            prop_assert!(sealer.open(&bytes, "key").is_err());
            prop_assert!(sealer.open(&with_head, "key").is_err());
        }
    }
}
