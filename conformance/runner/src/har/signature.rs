//! What distinguishes one kind of token request from another.

use std::collections::{BTreeMap, BTreeSet};

use super::stream::{field, grant};
use crate::case::{Case, Suite};
use crate::fixture::Recorded;
use tegata_suite::Server;

/// What distinguishes one kind of token request from another.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Signature {
    path: String,
    method: String,
    grant: Option<String>,
    in_query: bool,
    partner: bool,
}

impl Signature {
    pub(super) fn of(request: &Recorded) -> Self {
        Self {
            path: request.path().to_owned(),
            method: request.method.clone(),
            grant: grant(request),
            in_query: request
                .query()
                .iter()
                .any(|(name, _)| name == "grant_type" || name == "client_id"),
            partner: field(request, "partner_id").is_some(),
        }
    }

    /// Whether this may be an attempt at `own`, wrong in everything that a case checks. A request
    /// of which no case speaks is a wrong one of the kind it is most like.
    pub(super) fn fits(&self, own: &Self, known: &[Self]) -> bool {
        let most = known.iter().map(|other| self.likeness(other)).max();
        self == own
            || !known.contains(self)
                && self.likeness(own) >= 3
                && most.is_some_and(|most| self.likeness(own) >= most)
    }

    /// In how much it is like another one.
    fn likeness(&self, other: &Self) -> u8 {
        2 * u8::from(self.path == other.path)
            + 2 * u8::from(self.method == other.method)
            + 2 * u8::from(self.grant.is_some() && self.grant == other.grant)
            + u8::from(self.in_query == other.in_query)
            + u8::from(self.partner == other.partner)
    }
}

/// The signatures of all token requests that the cases know.
pub(super) fn signatures(suite: &Suite, cases: &[&Case]) -> Vec<Signature> {
    let mut all = Vec::new();
    let mut seen = BTreeSet::new();
    for case in cases {
        for exchange in case.exchanges() {
            let name = exchange.respond.split('.').next().unwrap_or_default();
            if !seen.insert(name) {
                continue;
            }
            let values = suite.fixtures.values(case.provider);
            let request = suite
                .fixtures
                .get(&exchange.respond)
                .and_then(|(file, _)| file.recorded(&values, &BTreeMap::new()).ok());
            if let Some(request) = request
                && Server::of(case.provider, request.path()).issues_tokens()
            {
                all.push(Signature::of(&request));
            }
        }
    }
    all
}
