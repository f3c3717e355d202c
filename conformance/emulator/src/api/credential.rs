//! Whether a call carries what its operation takes.

use std::time::Duration;

use super::Api;
use super::profile::{HttpScheme, Operation, Place, Requirement, Scheme, SchemeType};
use super::sessions::Owner;
use crate::basic;
use crate::form::Form;
use crate::request::{Header, Seen};
use crate::tokens::Standing;

/// Why a call is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Refused {
    /// A credential is not there.
    Missing(String),
    /// One is there, and is not good.
    Wrong(String),
    /// A token is good, but not for these scopes.
    Scope(Vec<String>),
}

impl Api {
    /// OpenAPI: one of the requirements is enough, of which all schemes are needed. An empty one is for calls without a
    /// credential; a wrong one is refused all the same.
    pub(super) fn fulfils(
        &self,
        operation: &Operation,
        seen: &Seen,
        now: Duration,
    ) -> Result<(), Refused> {
        let mut refused: Option<Refused> = None;
        let mut may_be_absent = operation.security.is_empty();
        for requirement in &operation.security {
            if requirement.is_empty() {
                may_be_absent = true;
                continue;
            }
            match self.all(requirement, seen, now) {
                Ok(()) => return Ok(()),
                Err(why) => refused = Some(refused.map_or_else(|| why.clone(), |it| it.or(&why))),
            }
        }
        match refused {
            Some(Refused::Missing(_)) | None if may_be_absent => Ok(()),
            Some(why) => Err(why),
            None => Ok(()),
        }
    }

    fn all(&self, requirement: &Requirement, seen: &Seen, now: Duration) -> Result<(), Refused> {
        let mut refused: Option<Refused> = None;
        for (name, scopes) in requirement {
            if let Err(why) = self.one(name, scopes, seen, now) {
                refused = Some(refused.map_or_else(|| why.clone(), |it| it.or(&why)));
            }
        }
        refused.map_or(Ok(()), Err)
    }

    /// Whether any scheme's credential is there and good, for paths that only a rule knows.
    pub(super) fn fulfils_any(&self, seen: &Seen, now: Duration) -> Result<(), Refused> {
        let mut refused: Option<Refused> = None;
        for name in self.profile().schemes.keys() {
            match self.one(name, &[], seen, now) {
                Ok(()) => return Ok(()),
                Err(why) => refused = Some(refused.map_or_else(|| why.clone(), |it| it.or(&why))),
            }
        }
        refused.map_or(Ok(()), Err)
    }

    fn one(
        &self,
        name: &str,
        scopes: &[String],
        seen: &Seen,
        now: Duration,
    ) -> Result<(), Refused> {
        let wrong = |why: &str| Refused::Wrong(format!("the credential of `{name}` {why}"));
        let Some(scheme) = self.profile().schemes.get(name) else {
            return Err(wrong("is of an unknown scheme"));
        };
        if scheme.kind == SchemeType::Unsupported {
            let what = &scheme.description;
            let why = format!("`{name}` ({what}) is a credential that is not emulated");
            return Err(Refused::Missing(why));
        }
        let sent = match sent(scheme, seen) {
            Sent::Absent => return Err(Refused::Missing(format!("`{name}` is not sent"))),
            Sent::Repeated => return Err(wrong("is there more than once")),
            Sent::Otherwise => return Err(wrong("has not the form of its scheme")),
            Sent::Value(value) => value,
        };
        match (scheme.kind, scheme.scheme) {
            (SchemeType::Http, Some(HttpScheme::Basic)) => {
                let users = self.config.users.get(name).into_iter().flatten();
                let readings = basic::readings(&sent).map_err(|why| wrong(&why.to_string()))?;
                let is = |user: &super::ApiUser| {
                    let mut readings = readings.iter();
                    readings.any(|it| it.id == user.name && it.secret == user.password)
                };
                let is_known = users.into_iter().any(is);
                is_known.then_some(()).ok_or_else(|| wrong("is not good"))
            }
            _ if self.is_key(name, &sent) => Ok(()),
            (SchemeType::Token, _) => self.token(name, scopes, &sent, now),
            _ => Err(wrong("is not good")),
        }
    }

    fn is_key(&self, scheme: &str, sent: &str) -> bool {
        let is_of = |key: &super::Key| key.scheme.as_deref().is_none_or(|it| it == scheme);
        self.keys.iter().any(|it| it.key == sent && is_of(it))
    }

    fn token(
        &self,
        name: &str,
        scopes: &[String],
        token: &str,
        now: Duration,
    ) -> Result<(), Refused> {
        let wrong = |why: &str| {
            Err(Refused::Wrong(format!(
                "the access token of `{name}` {why}"
            )))
        };
        let Owner {
            server,
            scopes: granted,
            ..
        } = match self.access_tokens.judge(token, now) {
            Standing::Good(owner) => owner,
            Standing::Expired { .. } => return wrong("has expired"),
            Standing::Unknown => return wrong("is not good"),
        };
        let servers = &self.profile().authorization_servers;
        let is_for =
            |it: &super::profile::AuthorizationServer| it.schemes.iter().any(|it| it == name);
        if !servers.get(*server).is_some_and(is_for) {
            return wrong("is of another authorization server");
        }
        let lacks = |scope: &&String| granted.as_ref().is_some_and(|it| !it.contains(*scope));
        let lacking: Vec<String> = scopes.iter().filter(lacks).cloned().collect();
        if lacking.is_empty() {
            Ok(())
        } else {
            Err(Refused::Scope(lacking))
        }
    }
}

impl Refused {
    /// The reason that says more: what is wrong rather than what is missing, the first before the second.
    fn or(self, other: &Self) -> Self {
        let rank = |it: &Self| match it {
            Self::Missing(_) => 0,
            Self::Scope(_) => 1,
            Self::Wrong(_) => 2,
        };
        if rank(other) > rank(&self) {
            other.clone()
        } else {
            self
        }
    }
}

/// A credential as it was sent.
enum Sent {
    Absent,
    Repeated,
    /// Something else is in its place.
    Otherwise,
    Value(String),
}

fn sent(scheme: &Scheme, seen: &Seen) -> Sent {
    let name = scheme.name.as_deref().unwrap_or("authorization");
    let found = match scheme.place.unwrap_or(Place::Header) {
        Place::Header => match seen.header(name) {
            Header::Absent => return Sent::Absent,
            Header::Repeated => return Sent::Repeated,
            Header::Once(value) => match std::str::from_utf8(value) {
                Ok(value) => value.trim().to_owned(),
                Err(_) => return Sent::Otherwise,
            },
        },
        Place::Query => {
            let query = Form::parse(seen.query_bytes()).unwrap_or_default();
            match values(query.pairs(), name).as_slice() {
                [] => return Sent::Absent,
                [one] => (*one).to_owned(),
                _ => return Sent::Repeated,
            }
        }
        Place::Cookie => match cookies(seen, name).as_slice() {
            [] => return Sent::Absent,
            [one] => one.clone(),
            _ => return Sent::Repeated,
        },
    };
    let word = match (scheme.kind, scheme.scheme) {
        (SchemeType::Http, Some(HttpScheme::Basic)) => Some("Basic"),
        (SchemeType::Http, Some(HttpScheme::Bearer)) => Some("Bearer"),
        (SchemeType::Token, _) if scheme.place.is_none() => Some("Bearer"),
        _ => None,
    };
    if let Some(word) = word {
        // Another scheme in the same header is a credential of that one.
        return match found.split_once(' ') {
            Some((sent, rest)) if sent.eq_ignore_ascii_case(word) => {
                Sent::Value(rest.trim_start().to_owned())
            }
            None if found.eq_ignore_ascii_case(word) => Sent::Otherwise,
            _ => Sent::Absent,
        };
    }
    let prefix = scheme.prefix.as_deref().unwrap_or_default();
    match found.strip_prefix(prefix) {
        Some(value) => Sent::Value(value.to_owned()),
        None => Sent::Otherwise,
    }
}

fn values<'a>(pairs: &'a [(String, String)], name: &str) -> Vec<&'a str> {
    let pairs = pairs.iter().filter(|(candidate, _)| candidate == name);
    pairs.map(|(_, value)| value.as_str()).collect()
}

/// The values of a cookie (RFC 6265, section 4.2.1).
fn cookies(seen: &Seen, name: &str) -> Vec<String> {
    let headers = seen.headers.get_all("cookie").iter();
    let headers = headers.filter_map(|it| it.to_str().ok());
    let pairs = headers.flat_map(|it| it.split(';'));
    let named = pairs.filter_map(|it| it.trim().split_once('='));
    let values = named.filter(|(candidate, _)| *candidate == name);
    values.map(|(_, value)| value.to_owned()).collect()
}
