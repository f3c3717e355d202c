//! Which exchanges belong together: by the tokens, codes and client ids that were issued and
//! sent, not by what stands near them in the recording.

use std::collections::{HashMap, HashSet};

use super::stream::Stream;
use super::time::Order;

/// The most grants that may be under way at once.
pub(super) const MOST_AT_ONCE: usize = 64;

/// What a call carries as its credential.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Carried {
    /// No token and no key.
    #[default]
    Nothing,
    /// A token that this exchange of the recording issued.
    Issued(usize),
    /// Something that no exchange of the recording issued.
    Unknown,
}

/// One exchange, as far as it belongs to others.
#[derive(Clone, Debug, Default)]
pub(super) struct Link {
    /// The grants that follow from each other: those of one login or of one client id.
    pub(super) family: Option<usize>,
    /// For a call: the exchange whose token it carries, or ought to.
    pub(super) grant: Option<usize>,
    pub(super) carried: Carried,
    /// Whether it carries something good from before the recording, so that it belongs to no grant.
    pub(super) stored: bool,
    /// The values in the places of credentials.
    pub(super) credential: Vec<String>,
}

/// Which exchanges of a stream belong together.
#[derive(Debug, Default)]
pub(super) struct Grants {
    pub(super) links: Vec<Link>,
    /// The token requests, all and by family.
    pub(super) all: Vec<usize>,
    pub(super) families: Vec<Family>,
    pub(super) calls: HashMap<usize, Vec<usize>>,
    pub(super) groups: HashMap<usize, Vec<usize>>,
    pub(super) exchanges: HashMap<usize, Vec<usize>>,
    /// How many calls of a group carry the token of a grant.
    pub(super) sent: HashMap<(usize, usize), usize>,
    /// The calls of a group that were refused, by what they carry.
    pub(super) refused: HashMap<(usize, String), Refused>,
    /// All calls of a group, by what they carry, in order.
    pub(super) carrying: HashMap<(usize, String), Vec<usize>>,
    /// How many different keys or tokens all calls carry.
    pub(super) credentials: usize,
    /// For each token request that was granted, the refresh token that is good from then on; none if that is not in
    /// the recording.
    pub(super) refresh_tokens: HashMap<usize, Option<String>>,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Family {
    pub(super) members: Vec<usize>,
    pub(super) last: usize,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Refused {
    pub(super) count: usize,
    pub(super) bodies: HashSet<u64>,
}

impl Grants {
    /// The exchange that issued the token that a call carries.
    pub(super) fn issuer(&self, call: usize) -> Option<usize> {
        match self.links[call].carried {
            Carried::Issued(issuer) => Some(issuer),
            Carried::Nothing | Carried::Unknown => None,
        }
    }

    /// The grant that a call belongs to.
    pub(super) fn grant(&self, call: usize) -> Option<usize> {
        self.links[call].grant
    }

    /// What a call carries.
    pub(super) fn carried(&self, call: usize) -> &Carried {
        &self.links[call].carried
    }

    /// Whether a call carries something good from before the recording.
    pub(super) fn is_stored(&self, call: usize) -> bool {
        self.links[call].stored
    }

    /// The calls that belong to a grant, in order.
    pub(super) fn calls(&self, grant: usize) -> &[usize] {
        self.calls.get(&grant).map_or(&[], Vec::as_slice)
    }

    /// The token requests with a code of a login.
    pub(super) fn exchanges(&self, login: usize) -> &[usize] {
        self.exchanges.get(&login).map_or(&[], Vec::as_slice)
    }

    /// All requests with this method and path, in order.
    pub(super) fn group(&self, group: usize) -> &[usize] {
        self.groups.get(&group).map_or(&[], Vec::as_slice)
    }

    /// The token requests that follow from each other, one of which a call or token request
    /// belongs to; all if it belongs to none.
    pub(super) fn family(&self, at: usize) -> &[usize] {
        match self.links[at].family {
            Some(family) => &self.families[family].members,
            None => &self.all,
        }
    }

    /// Whether a token request may follow from a call's: it is of the same family, or of one that
    /// begins after the last exchange of that family.
    pub(super) fn may_follow(&self, call: usize, token: usize) -> bool {
        let (Some(own), Some(other)) = (self.links[call].family, self.links[token].family) else {
            return true;
        };
        own == other || self.families[own].last <= call && self.families[other].members[0] > call
    }

    /// The refresh token that is good from a token request on.
    pub(super) fn refresh_token(&self, granted: usize) -> Option<&str> {
        self.refresh_tokens.get(&granted)?.as_deref()
    }

    /// Whether a token request sends the refresh token that was good when it began, as far as the recording shows.
    pub(super) fn sends_latest(&self, stream: &Stream, at: usize, sent: &str) -> bool {
        let family = self.family(at);
        let earlier = &family[..family.partition_point(|known| *known < at)];
        let mut latest = earlier
            .iter()
            .rev()
            .take(MOST_AT_ONCE)
            .filter(|known| stream.order(**known, at) != Order::Before)
            .filter_map(|known| self.refresh_tokens.get(known));
        // The first one that the recording has may be from before it.
        latest
            .next()
            .is_none_or(|latest| latest.as_deref().is_none_or(|latest| latest == sent))
    }

    /// Whether two calls carry the same credential.
    pub(super) fn same_credential(&self, one: usize, other: usize) -> bool {
        let other = &self.links[other].credential;
        let mut own = self.links[one].credential.iter();
        own.any(|value| other.contains(value))
    }

    /// The calls of a group that carry what this one does, in order.
    pub(super) fn with_credential(&self, group: usize, call: usize) -> &[usize] {
        let credential = self.links[call].credential.first();
        let all = credential.and_then(|value| self.carrying.get(&(group, value.clone())));
        all.map_or(&[], Vec::as_slice)
    }

    /// Whether the calls carry more than one credential.
    pub(super) fn has_other_credentials(&self) -> bool {
        self.credentials > 1
    }

    /// Whether each of the calls that were refused like this one was sent again with the token
    /// of that grant.
    pub(super) fn each_is_repeated(&self, group: usize, call: usize, renewal: usize) -> bool {
        let refused = self.refused_like(group, call).map(|refused| refused.count);
        let sent = self.sent.get(&(group, renewal)).copied().unwrap_or(0);
        refused.is_some_and(|refused| refused <= sent)
    }

    /// Whether a body is that of a call that was refused like this one.
    pub(super) fn is_body_of_refused(&self, group: usize, call: usize, body: u64) -> bool {
        let refused = self.refused_like(group, call);
        refused.is_some_and(|refused| refused.bodies.contains(&body))
    }

    fn refused_like(&self, group: usize, call: usize) -> Option<&Refused> {
        let credential = self.links[call].credential.first()?;
        self.refused.get(&(group, credential.clone()))
    }
}

/// Whether a call was answered, and not as the client wished.
pub(super) fn is_refused(stream: &Stream, call: usize) -> bool {
    let redirect = |status: u16| (300..400).contains(&status);
    let status = stream.seen[call]
        .answer
        .as_ref()
        .map(|answer| answer.status);
    status.is_some_and(|status| !redirect(status))
        && stream.like(call).is_some_and(|like| !like.is_done())
}
