//! Cases, citations and fixtures together: nothing unchecked, nothing unused.

use std::collections::{BTreeMap, BTreeSet};

use super::super::{Case, Suite};
use crate::citation::{Binds, Evidence, Registry};
use crate::finding::Finding;

/// Every citation that binds a client has a case that judges clients, and so for servers.
pub(super) fn checked(suite: &Suite) -> Vec<Finding> {
    let mut findings = Vec::new();
    let by = citing(suite);
    let rows = suite.registry.rows();
    for row in rows
        .iter()
        .filter(|row| row.same_as.is_none() && row.binds.anyone())
    {
        let cases = by.get(row.id).map(Vec::as_slice).unwrap_or_default();
        let client = cases.iter().any(|case| case.role.judges_clients());
        let server = cases.iter().any(|case| case.role.judges_servers());
        let missing = match row.binds {
            Binds::Client => !client,
            Binds::Server => !server,
            Binds::Both => !(client && server),
            Binds::Nobody => false,
        };
        match (missing, row.unchecked) {
            (true, None) => findings.push(Finding::new(
                row.file,
                row.id,
                format!("it binds {}, and no case checks that", row.binds.word()),
                "add a case that cites it, or say in `unchecked` why there is none",
            )),
            (false, Some(_)) => findings.push(Finding::new(
                row.file,
                row.id,
                "`unchecked`, although cases check it",
                "drop `unchecked`",
            )),
            _ => {}
        }
    }
    findings
}

/// Every fixture and every witness is used.
pub(super) fn used(suite: &Suite) -> Vec<Finding> {
    let mut responds: BTreeSet<&str> = BTreeSet::new();
    for step in suite.cases.iter().flat_map(|case| &case.step) {
        responds.extend(
            step.otherwise
                .iter()
                .map(|further| further.respond.as_str()),
        );
        responds.extend(
            step.exchange
                .iter()
                .map(|exchange| exchange.respond.as_str()),
        );
        responds.extend(step.url.iter().map(|url| url.respond.as_str()));
    }
    let mut findings = Vec::new();
    for id in suite.fixtures.ids() {
        if !responds.contains(id.as_str()) {
            let file = id.split('.').next().unwrap_or_default();
            findings.push(Finding::new(
                &format!("fixtures/{file}.toml"),
                &id,
                "no case uses it",
                "add a case, or drop the fixture",
            ));
        }
    }
    let vouching = vouching(&suite.registry, suite);
    for row in suite.registry.rows() {
        let outside = !matches!(row.evidence, Evidence::Documented | Evidence::Rfc);
        if outside && row.unchecked.is_none() && !vouching.contains(row.id) {
            findings.push(Finding::new(
                row.file,
                row.id,
                "no case or fixture rests on it",
                "use it, or drop it",
            ));
        }
    }
    findings
}

fn vouching<'a>(registry: &'a Registry, suite: &'a Suite) -> BTreeSet<&'a str> {
    let mut ids: BTreeSet<&str> = BTreeSet::new();
    for case in &suite.cases {
        ids.extend(
            case.cite
                .iter()
                .chain(&case.conflicts_with)
                .map(String::as_str),
        );
    }
    for file in suite.fixtures.files.values() {
        let answers = file.answer.values().flat_map(|answer| &answer.cite);
        ids.extend(file.cite.iter().chain(answers).map(String::as_str));
    }
    ids.retain(|id| registry.get(id).is_some());
    ids
}

/// The cases by the citations they rest on.
pub fn citing(suite: &Suite) -> BTreeMap<&str, Vec<&Case>> {
    let mut by: BTreeMap<&str, Vec<&Case>> = BTreeMap::new();
    for case in &suite.cases {
        for id in &case.cite {
            by.entry(id).or_default().push(case);
        }
    }
    by
}
