//! Cases that are run against a vendor: what of them a run does by itself.

use std::collections::{BTreeMap, BTreeSet};

use super::{Case, Suite};
use crate::fixture::FixtureFile;
use crate::provider::Server;

/// A case without the login with which it begins, and the names of what that gives: a person makes it in a
/// browser, before the run.
pub fn after_login(suite: &Suite, case: &Case) -> (Case, BTreeSet<String>) {
    let mut rest = case.clone();
    let mut given = BTreeSet::new();
    for step in &mut rest.step {
        step.exchange.retain(|exchange| {
            let is_login = suite
                .fixtures
                .get(&exchange.respond)
                .is_some_and(|(file, _)| {
                    let path = &file.request.path;
                    file.request.method == "GET" && Server::of(case.provider, path).is_login(path)
                });
            if is_login && let Some(answer) = &exchange.answer {
                given.extend(answer.capture.keys().cloned());
            }
            !is_login
        });
    }
    (rest, given)
}

/// The names of the values that a fixture's request holds.
pub fn named(file: &FixtureFile, with: &BTreeMap<String, String>) -> BTreeSet<String> {
    // Serialized, all its placeholders are in one text.
    let text = toml::to_string(&file.request).unwrap_or_default();
    text.split("${")
        .skip(1)
        .filter_map(|rest| rest.split('}').next())
        .flat_map(|inner| match inner.split_once(':') {
            Some((_, pair)) => pair.split(':').collect(),
            None => vec![inner],
        })
        .map(|name| {
            with.get(name)
                .or_else(|| file.variables.get(name))
                .map_or(name, String::as_str)
                .to_owned()
        })
        .collect()
}
