//! The record of a token store.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use crate::token::value::unix_millis;
use crate::{AccountHash, Token};

/// The content of a [`TokenStore`](crate::TokenStore) for one account: a token with its version and its owner,
/// or the fact that the user has logged out.
///
/// It serializes **with the token's secrets**; `Debug` shows none. All its times are milliseconds since 1970,
/// where other libraries write seconds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    #[serde(default)]
    version: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    owner: Option<Owner>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    token: Option<Arc<Token>>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    ended: bool,
    #[serde(
        with = "unix_millis::option",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    deleted_at: Option<SystemTime>,
}

/// The owner of a token: the provider's name, and a hash of the account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owner {
    provider: Cow<'static, str>,
    account: AccountHash,
}

impl Record {
    /// A record of this token, with version 0 and no owner, as it is before a cache has saved it.
    pub fn new(token: impl Into<Arc<Token>>) -> Self {
        Self {
            version: 0,
            owner: None,
            token: Some(token.into()),
            ended: false,
            deleted_at: None,
        }
    }

    /// A record that says that the user logged out at this time.
    pub fn deleted(at: SystemTime) -> Self {
        Self {
            version: 0,
            owner: None,
            token: None,
            ended: false,
            deleted_at: Some(at),
        }
    }

    /// The same with this version.
    #[must_use]
    pub fn with_version(self, version: u64) -> Self {
        Self { version, ..self }
    }

    /// The same with this owner.
    #[must_use]
    pub fn with_owner(self, owner: Option<Owner>) -> Self {
        Self { owner, ..self }
    }

    /// The same, marked: its refresh token was denied permanently, so it is not sent again.
    #[must_use]
    pub fn ended(self) -> Self {
        Self {
            ended: true,
            ..self
        }
    }

    /// The token; `None` if the user has logged out.
    pub fn token(&self) -> Option<&Token> {
        self.shared_token().map(|token| &**token)
    }

    pub(crate) fn shared_token(&self) -> Option<&Arc<Token>> {
        self.token.as_ref().filter(|_| self.deleted_at.is_none())
    }

    /// Increases with each token that any process saves. A store can go back in time, by a restored backup or a
    /// fail-over, which shows in the version.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// The owner; `None` if it was written before records had one.
    pub fn owner(&self) -> Option<&Owner> {
        self.owner.as_ref()
    }

    /// Whether the refresh token was denied permanently.
    pub fn is_ended(&self) -> bool {
        self.ended
    }

    /// When the user logged out, if it records a logout.
    pub fn deleted_at(&self) -> Option<SystemTime> {
        self.deleted_at
    }
}

impl Owner {
    /// This account of this provider.
    pub fn new(provider: impl Into<Cow<'static, str>>, account: AccountHash) -> Self {
        Self {
            provider: provider.into(),
            account,
        }
    }

    /// The provider: the name of its spec.
    pub fn provider(&self) -> &str {
        &self.provider
    }

    /// A hash of the account.
    pub fn account(&self) -> AccountHash {
        self.account
    }
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "account {} of {}", self.account, self.provider)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use rstest::rstest;
    use serde_json::json;

    use super::*;
    use crate::provider::{Issued, Refresh};

    const NOW: SystemTime = SystemTime::UNIX_EPOCH;

    fn token() -> Token {
        let refresh = Refresh::Replace {
            token: "CANARY-refresh".into(),
            lifetime: None,
        };
        let lifetime = Some(Duration::from_secs(1));
        Token::new(Issued::new("CANARY-access", lifetime, refresh), NOW, None)
    }

    fn owner() -> Owner {
        Owner::new("jooto", AccountHash::of("main"))
    }

    #[test]
    fn an_owner_says_provider_and_account() {
        let (provider, account) = (owner().provider().to_owned(), owner().account());
        assert_eq!((&*provider, account), ("jooto", AccountHash::of("main")));
    }

    #[rstest]
    #[case(Record::new(token()))]
    #[case(Record::new(token()).with_version(7).with_owner(Some(owner())).ended())]
    #[case(Record::deleted(NOW + Duration::from_millis(3)).with_version(u64::MAX))]
    fn a_record_survives_json(#[case] record: Record) {
        let json = serde_json::to_string(&record).expect("JSON");
        let read: Record = serde_json::from_str(&json).expect("a record");
        assert_eq!(read, record, "{json}");
    }

    #[test]
    fn json_has_only_the_members_that_apply() {
        let hash = AccountHash::of("main").to_string();
        let token = json!({
            "access_token": "CANARY-access",
            "issued_at": 0,
            "expires_at": 1000,
            "refresh_token": "CANARY-refresh"
        });
        let of = |record| serde_json::to_value(record).expect("JSON");
        let record = Record::new(self::token()).with_version(7);
        assert_eq!(of(record.clone()), json!({"version": 7, "token": token}));
        assert_eq!(
            of(record.with_owner(Some(owner())).ended()),
            json!({
                "version": 7,
                "owner": {"provider": "jooto", "account": hash},
                "token": token,
                "ended": true
            })
        );
        assert_eq!(
            of(Record::deleted(NOW + Duration::from_millis(5))),
            json!({"version": 0, "deleted_at": 5})
        );
    }

    #[test]
    fn a_record_of_the_first_layout_has_no_version_and_no_owner() {
        let text = r#"{"format": 1, "token": {"access_token": "a", "issued_at": 0}}"#;
        let record: Record = serde_json::from_str(text).expect("a record");
        assert_eq!((record.version(), record.owner()), (0, None));
        assert!(!record.is_ended() && record.deleted_at().is_none());
        let access_token = record.token().map(Token::access_token);
        assert_eq!(access_token, Some(&"a".into()));
    }

    #[test]
    fn a_logged_out_record_has_no_token_even_if_one_is_written() {
        let text = r#"{"token": {"access_token": "a", "issued_at": 0}, "deleted_at": 5}"#;
        let record: Record = serde_json::from_str(text).expect("a record");
        assert_eq!(record.token(), None);
        assert_eq!(record.deleted_at(), Some(NOW + Duration::from_millis(5)));
    }

    #[test]
    fn an_ended_record_keeps_its_token() {
        let record = Record::new(token()).ended();
        assert!(record.is_ended());
        assert_eq!(record.token(), Some(&token()));
        assert!(!Record::new(token()).is_ended());
    }

    #[test]
    fn neither_record_nor_owner_prints_a_secret() {
        let record = Record::new(token()).with_owner(Some(owner()));
        let shown = format!("{record:?} {record:#?} {}", owner());
        assert!(!shown.contains("CANARY"), "{shown}");
        let hash = AccountHash::of("main");
        assert_eq!(owner().to_string(), format!("account {hash} of jooto"));
    }

    #[test]
    fn owners_differ_by_provider_and_by_account() {
        assert_eq!(owner(), owner());
        assert_ne!(owner(), Owner::new("marketo", owner().account()));
        assert_ne!(
            owner(),
            Owner::new(owner().provider().to_owned(), AccountHash::of("other"))
        );
    }
}
