//! The values of a case: those that a run begins with, and those that it captures.

use super::{Case, Suite};
use crate::fixture::Values;

/// The values that a run of the case begins with.
pub fn case_values(suite: &Suite, case: &Case) -> Values {
    let mut values = suite.fixtures.values(case.provider);
    for (name, value) in &case.given.values {
        values.set(name, value);
    }
    values
}

/// Takes over the `state` of an authorization URL, so that later steps can send it back.
pub fn capture_state(values: &mut Values, url: &str) {
    let query = url.split_once('?').map_or("", |(_, query)| query);
    let state = crate::fixture::query_pairs(query)
        .into_iter()
        .find(|(name, _)| name == "state");
    if let Some((_, state)) = state {
        values.set("state", &state);
    }
}
