//! Tokens: how they are read from an answer, and how long they live.

use serde_json::Value;

use super::Bug;
use super::wire::Incoming;
use tegata_conformance::script::{ErrorKind, Failure, Tokens};

/// How long a token lives whose answer does not say so: all three documents say an hour.
const HOUR: u64 = 3600;
/// How long the refresh token of the conventional method lives.
const DAY: u64 = 86_400;
/// So long before its end a token is renewed.
const MARGIN: u64 = 30;

/// The names of the members of an answer.
pub(super) struct Names {
    access: &'static str,
    refresh: &'static str,
    lifetime: &'static str,
}

/// Those of OAuth 2.0.
pub(super) const OAUTH2: Names = Names {
    access: "access_token",
    refresh: "refresh_token",
    lifetime: "expires_in",
};

/// Those of the conventional method of AISPF.
pub(super) const LEGACY: Names = Names {
    access: "accessToken",
    refresh: "refreshToken",
    lifetime: "expiresIn",
};

/// The token that an endpoint issued.
pub(super) struct Grant {
    access: String,
    refresh: Option<String>,
    lifetime: Option<u64>,
}

/// A token that is kept.
#[derive(Clone)]
pub(super) struct Token {
    pub(super) access: String,
    pub(super) refresh: Option<String>,
    refresh_since: u64,
    expires_at: u64,
    refused: bool,
}

impl Grant {
    /// Reads the answer of a token endpoint.
    pub(super) fn read(
        answer: &Incoming,
        names: &Names,
        bug: Option<Bug>,
    ) -> Result<Self, Failure> {
        let json: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        let code = json["error"].as_str().map(str::to_owned);
        let failed = |kind| Failure {
            kind,
            status: Some(answer.status),
            code: code.clone(),
            said: match bug {
                Some(Bug::ShowsBody) => vec![String::from_utf8_lossy(&answer.body).into_owned()],
                _ => vec![format!("the token endpoint answered {}", answer.status)],
            },
        };
        match (answer.status, code.as_deref()) {
            (200..=299, _) => {}
            (429 | 500.., _) if bug != Some(Bug::AwayIsRefused) => {
                return Err(failed(ErrorKind::Transient));
            }
            (_, Some("invalid_grant")) if bug != Some(Bug::GrantIsClient) => {
                return Err(failed(ErrorKind::InvalidGrant));
            }
            _ => return Err(failed(ErrorKind::Rejected)),
        }
        let known = [
            names.access,
            names.refresh,
            names.lifetime,
            "token_type",
            "scope",
        ];
        let others = |json: &serde_json::Map<String, Value>| {
            json.keys().any(|name| !known.contains(&name.as_str()))
        };
        let strict = bug == Some(Bug::StrictAnswer) && json.as_object().is_some_and(others);
        let access = match json[names.access].as_str() {
            None | Some("") if bug == Some(Bug::EmptyToken) => Some(""),
            Some("") => None,
            found => found,
        };
        let usable = match (bug, json["token_type"].as_str()) {
            (Some(Bug::TokenTypeIgnored), _) | (_, None) => true,
            (Some(Bug::TokenTypeByCase), Some(kind)) => kind == "Bearer",
            (_, Some(kind)) => kind.eq_ignore_ascii_case("bearer"),
        };
        let lifetime = seconds(&json[names.lifetime]);
        let demanded = bug == Some(Bug::LifetimeDemanded) && lifetime.is_none();
        match access {
            Some(access) if usable && !strict && !demanded => Ok(Self {
                access: access.to_owned(),
                refresh: json[names.refresh].as_str().map(str::to_owned),
                lifetime,
            }),
            _ => Err(failed(ErrorKind::Decode)),
        }
    }
}

/// A lifetime as it has been seen: a number, a fraction, a negative number, a text.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the cast keeps to the range of u64: that is what is wanted of what is too much or too little"
)]
fn seconds(value: &Value) -> Option<u64> {
    let number = value
        .as_f64()
        .or_else(|| value.as_str()?.trim().parse().ok())?;
    Some(number as u64)
}

impl Token {
    /// The token of a grant that follows upon another one.
    pub(super) fn granted(grant: Grant, old: Option<&Self>, now: u64, bug: Option<Bug>) -> Self {
        let same = old.is_some_and(|old| old.access == grant.access);
        let lifetime = match (bug, grant.lifetime) {
            (Some(Bug::FixedHour), _) => HOUR,
            (Some(Bug::SameTokenNewHour), _) if same => HOUR,
            (Some(Bug::NoLifetimeIsForEver), None) => u64::MAX,
            (_, lifetime) => lifetime.unwrap_or(HOUR),
        };
        let kept = old.and_then(|old| Some((old.refresh.clone()?, old.refresh_since)));
        let fresh = grant.refresh.map(|refresh| (refresh, now));
        let refresh = match bug {
            Some(Bug::DropsRefreshToken) => fresh,
            Some(Bug::KeepsRefreshToken) => kept.or(fresh),
            _ => fresh.or(kept),
        };
        Self {
            access: grant.access,
            refresh_since: refresh.as_ref().map_or(now, |(_, since)| *since),
            refresh: refresh.map(|(token, _)| token),
            expires_at: now.saturating_add(lifetime),
            refused: false,
        }
    }

    /// A token that was obtained before.
    pub(super) fn given(tokens: &Tokens, bug: Option<Bug>) -> Self {
        let grant = Grant {
            access: tokens.access.clone(),
            refresh: tokens.refresh.clone(),
            lifetime: tokens.expires_in,
        };
        Self::granted(grant, None, tokens.obtained_at, bug)
    }

    /// Sees to it that it will not do for a call any more.
    pub(super) fn refuse(&mut self) {
        self.refused = true;
    }

    /// Whether it will do for a call.
    pub(super) fn is_good(&self, now: u64, bug: Option<Bug>) -> bool {
        match bug {
            Some(Bug::NeverRenews) => true,
            Some(Bug::RenewsAtEveryCall) => false,
            _ => !self.refused && now.saturating_add(MARGIN) < self.expires_at,
        }
    }

    /// The refresh token, if it may stand in for id and secret at AISPF: before the access token
    /// expires, and for a day.
    pub(super) fn for_patch(&self, now: u64, bug: Option<Bug>) -> Option<&str> {
        let early = now < self.expires_at && now < self.refresh_since.saturating_add(DAY);
        self.refresh
            .as_deref()
            .filter(|_| early || bug == Some(Bug::PatchAfterExpiry))
    }
}
