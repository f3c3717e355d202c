//! Which calls a run will make, shown before it makes any.

use std::collections::BTreeSet;
use std::fmt;

use super::given::variable;
use crate::case::{Case, Provider, Suite, after_login, named};
use crate::record::Base;
use tegata_suite::Server;

/// The plan of a run against one provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The provider.
    pub provider: Provider,
    /// The cases, in the order in which they are run.
    pub cases: Vec<PlannedCase>,
    /// The path that is read where the documents name none.
    pub read: Option<String>,
    /// The names of the values that must come from the environment.
    pub needed: BTreeSet<String>,
    /// The cases that are left out, since they need a login first.
    pub left_out: Vec<LeftOut>,
}

/// A case that needs a login first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// The case's id.
    pub case: String,
    /// The variables for the results of the login.
    pub variables: Vec<String>,
}

/// One case and its calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedCase {
    /// The case's id.
    pub id: String,
    /// Its calls.
    pub calls: Vec<PlannedCall>,
}

/// One call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedCall {
    /// The method.
    pub method: String,
    /// The server.
    pub server: Server,
    /// The path, without the query.
    pub path: String,
}

impl Plan {
    /// The cases of a provider that are marked `live` and that `wanted` lets through. `read` takes
    /// the place of the fixtures' path where that is only an example. A case that begins with a login is left
    /// out unless `is_set` says that the variables of what the login gave are there.
    pub fn of(
        suite: &Suite,
        provider: Provider,
        read: Option<&str>,
        wanted: impl Fn(&Case) -> bool,
        is_set: impl Fn(&str) -> bool,
    ) -> Self {
        let mut needed = BTreeSet::new();
        let live = suite
            .cases
            .iter()
            .filter(|case| case.live && case.provider == provider && wanted(case))
            .map(|case| after_login(suite, case));
        let is_absent = |(_, given): &(Case, BTreeSet<String>)| {
            given.iter().any(|name| !is_set(&variable(provider, name)))
        };
        let (absent, present): (Vec<_>, Vec<_>) = live.partition(is_absent);
        let left_out = absent
            .into_iter()
            .map(|(case, given)| LeftOut {
                case: case.id,
                variables: given.iter().map(|name| variable(provider, name)).collect(),
            })
            .collect();
        let cases = present
            .into_iter()
            .map(|(case, _)| {
                let mut captured = BTreeSet::new();
                let mut calls = Vec::new();
                for exchange in case.exchanges() {
                    let Some((file, _)) = suite.fixtures.get(&exchange.respond) else {
                        continue;
                    };
                    let names = named(file, &exchange.with);
                    let from_outside = names
                        .into_iter()
                        .filter(|name| !captured.contains(name) && name != "wrong-token");
                    needed.extend(from_outside);
                    if let Some(answer) = &exchange.answer {
                        captured.extend(answer.capture.keys().cloned());
                    }
                    calls.push(PlannedCall {
                        method: file.request.method.clone(),
                        server: Server::of(provider, &file.request.path),
                        path: real_path(provider, &file.request.path, read).to_owned(),
                    });
                }
                PlannedCase { id: case.id, calls }
            })
            .collect();
        Self {
            provider,
            cases,
            read: read.map(str::to_owned),
            needed,
            left_out,
        }
    }

    /// How many calls it makes, if none has to be repeated.
    pub fn calls(&self) -> usize {
        self.cases.iter().map(|case| case.calls.len()).sum()
    }

    /// The servers that it calls.
    pub fn servers(&self) -> BTreeSet<Server> {
        let calls = self.cases.iter().flat_map(|case| &case.calls);
        calls.map(|call| call.server).collect()
    }

    /// The servers for which there is no base URL.
    pub fn without_base(&self, bases: &[Base]) -> Vec<Server> {
        self.servers()
            .into_iter()
            .filter(|server| bases.iter().all(|base| base.server != *server))
            .collect()
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.provider.name();
        writeln!(
            f,
            "{} calls to {name} in {} cases",
            self.calls(),
            self.cases.len()
        )?;
        for case in &self.cases {
            writeln!(f, "  {}", case.id)?;
            for call in &case.calls {
                writeln!(
                    f,
                    "    {} {} {}",
                    call.method,
                    call.server.name(),
                    call.path
                )?;
            }
        }
        let variables: Vec<String> = self
            .needed
            .iter()
            .map(|name| variable(self.provider, name))
            .collect();
        writeln!(f, "credentials from {}", variables.join(", "))?;
        for one in &self.left_out {
            writeln!(f, "left out: {one}")?;
        }
        Ok(())
    }
}

impl fmt::Display for LeftOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { case, variables } = self;
        let variables = variables.join(", ");
        write!(
            f,
            "{case}: log in with a browser first, and set {variables} to what the redirect brings"
        )
    }
}

/// The path of a call, where that of the fixture is only an example.
pub(super) fn real_path<'a>(provider: Provider, path: &'a str, read: Option<&'a str>) -> &'a str {
    let mut examples = provider.example_paths().iter();
    match read {
        Some(read) if examples.any(|example| example == path) => read,
        _ => path,
    }
}
