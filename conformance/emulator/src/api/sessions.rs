//! What an authorization server remembers: codes, devices, refresh tokens, and which logins have ended.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use sha2::{Digest as _, Sha256};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Beyond this many, codes and devices whose time is over are dropped when a new one comes.
const KEPT: usize = 10_000;

/// What a token was granted for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Owner {
    /// The number of the authorization server.
    pub(super) server: usize,
    pub(super) client_id: String,
    /// All of them, if none were asked for (RFC 6749, section 3.3).
    pub(super) scopes: Option<Vec<String>>,
    /// The login that it came of; none for client credentials.
    pub(super) login: Option<u64>,
}

/// An authorization code.
pub(super) struct Code {
    pub(super) owner: Owner,
    pub(super) redirect_uri: String,
    /// The S256 challenge of PKCE, if one was sent.
    pub(super) challenge: Option<String>,
    pub(super) expires_at: Duration,
    pub(super) used: bool,
}

/// A device that waits for its user.
pub(super) struct Device {
    pub(super) owner: Owner,
    pub(super) user_code: String,
    pub(super) decision: Decision,
    pub(super) expires_at: Duration,
    /// The time before which the device does not ask again.
    pub(super) asks_from: Duration,
    pub(super) interval: Duration,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Decision {
    Pending,
    Agreed,
    Refused,
    /// Its token was issued.
    Done,
}

pub(super) struct RefreshToken {
    pub(super) owner: Owner,
    pub(super) expires_at: Option<Duration>,
    pub(super) replaced: bool,
}

#[derive(Default)]
pub(super) struct Sessions {
    pub(super) codes: HashMap<String, Code>,
    pub(super) devices: HashMap<String, Device>,
    pub(super) refresh_tokens: HashMap<String, RefreshToken>,
    ended: HashSet<u64>,
    logins: u64,
}

impl Sessions {
    /// The number of a new login.
    pub(super) fn new_login(&mut self) -> u64 {
        self.logins += 1;
        self.logins
    }

    pub(super) fn add_code(&mut self, code: String, it: Code, now: Duration) {
        if self.codes.len() >= KEPT {
            self.codes.retain(|_, code| now < code.expires_at);
        }
        self.codes.insert(code, it);
    }

    pub(super) fn add_device(&mut self, code: String, it: Device, now: Duration) {
        if self.devices.len() >= KEPT {
            self.devices.retain(|_, device| now < device.expires_at);
        }
        self.devices.insert(code, it);
    }

    /// No token of this login is good from now on.
    pub(super) fn end(&mut self, login: Option<u64>) {
        self.ended.extend(login);
    }

    pub(super) fn has_ended(&self, owner: &Owner) -> bool {
        owner.login.is_some_and(|it| self.ended.contains(&it))
    }

    /// The device whose user enters this code; case and hyphens do not matter.
    pub(super) fn device_of_user(&mut self, user_code: &str) -> Option<&mut Device> {
        let plain = |it: &str| it.replace('-', "").to_ascii_uppercase();
        let wanted = plain(user_code);
        let mut devices = self.devices.values_mut();
        devices.find(|it| plain(&it.user_code) == wanted)
    }
}

/// RFC 7636, section 4.2.
pub(super) fn challenge_of(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_challenge_is_that_of_the_rfc() {
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        assert_eq!(
            challenge_of(verifier),
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
        );
    }

    #[test]
    fn a_login_ends_for_all_of_its_tokens_and_no_other() {
        let mut sessions = Sessions::default();
        let owner = |login| Owner {
            server: 0,
            client_id: String::new(),
            scopes: None,
            login,
        };
        let (first, second) = (sessions.new_login(), sessions.new_login());
        sessions.end(Some(first));
        sessions.end(None);
        assert!(sessions.has_ended(&owner(Some(first))));
        assert!(!sessions.has_ended(&owner(Some(second))));
        assert!(!sessions.has_ended(&owner(None)));
    }
}
