//! The four coverage numbers: each counted from the suite and the run.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::citations::{CitationEntry, Standing};
use super::entry::CaseEntry;
use super::{Family, Part, Verdict};
use crate::case::{Case, Exchange, FieldPlace, Fields as Expected, Mutation, Provider, Suite};
use crate::citation::Evidence;

/// The covered items, out of all.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Coverage {
    /// The citations of the suite.
    pub citations: Citations,
    /// The operations and their statuses.
    pub operations: Operations,
    /// The fields of requests.
    pub fields: Fields,
    /// The wire mutants (M1) of the cases of this run.
    pub mutants: Kills,
    /// The same by part.
    pub mutants_by_part: BTreeMap<String, Kills>,
    /// The other families of mutants, where their proof was given.
    pub families: Vec<Family>,
}

/// The citations.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Citations {
    /// All of them.
    pub all: usize,
    /// Those that cases check.
    pub checked: usize,
    /// Those that none checks, with a reason.
    pub excluded: usize,
    /// Those that a case of this run checked.
    pub exercised: usize,
    /// Those of which such a case failed.
    pub broken: usize,
}

/// Operations by the statuses that are recorded for them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Operations {
    /// Pairs of operation and status.
    pub all: usize,
    /// Those that came up in this run.
    pub exercised: usize,
    /// The operations.
    pub list: Vec<OperationEntry>,
}

/// One operation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OperationEntry {
    /// The provider.
    pub provider: Provider,
    /// Its id.
    pub operation: String,
    /// Each status that a document, an RFC or the vendor states, and whether it came up.
    pub statuses: BTreeMap<u16, bool>,
}

/// Fields of requests: parameters, headers, members of bodies.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Fields {
    /// The fields that cases of the suite look at.
    pub all: usize,
    /// Those that were looked at in this run, and of which the suite notices both the absence and
    /// a wrong value (or, where they are forbidden, the presence).
    pub exercised: usize,
    /// The fields.
    pub list: Vec<Field>,
}

/// One field of the requests of one operation.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Field {
    /// The provider.
    pub provider: Provider,
    /// The operation.
    pub operation: String,
    /// Where it stands.
    pub place: String,
    /// Its name.
    pub name: String,
    /// Whether its value was looked at in this run.
    pub exact: bool,
    /// Whether its absence is noticed, or its presence where it is forbidden.
    pub absent: bool,
    /// Whether a wrong value is noticed, or its presence where it is forbidden.
    pub wrong: bool,
}

/// Mutants and how many of them were noticed by the check named for them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Kills {
    /// All of them.
    pub mutants: usize,
    /// Those that were noticed.
    pub killed: usize,
}

/// The coverage of a run.
pub(super) fn coverage(
    suite: &Suite,
    cases: &[CaseEntry],
    entries: &BTreeMap<String, CitationEntry>,
) -> Coverage {
    let ran: BTreeSet<&str> = cases
        .iter()
        .filter(|case| case.verdict.is_judged())
        .map(|case| case.id.as_str())
        .collect();
    let (mutants, mutants_by_part) = kills(suite, cases);
    Coverage {
        citations: citations(entries),
        operations: operations(suite, cases),
        fields: fields(suite, &ran),
        mutants,
        mutants_by_part,
        families: Vec::new(),
    }
}

fn citations(entries: &BTreeMap<String, CitationEntry>) -> Citations {
    let count = |test: &dyn Fn(&CitationEntry) -> bool| {
        entries.values().filter(|entry| test(entry)).count()
    };
    Citations {
        all: entries.len(),
        checked: count(&|entry| entry.standing == Standing::Checked),
        excluded: count(&|entry| entry.standing == Standing::Excluded),
        exercised: count(&|entry| entry.verdict.is_some_and(Verdict::is_judged)),
        broken: count(&|entry| entry.verdict == Some(Verdict::Fail)),
    }
}

fn operations(suite: &Suite, cases: &[CaseEntry]) -> Operations {
    let mut seen: BTreeSet<(Provider, &str, u16)> = BTreeSet::new();
    for case in cases {
        let known = suite.case(&case.id);
        let exchanges = case.steps.iter().flat_map(|step| &step.exchanges);
        for exchange in exchanges {
            let Some(answer) = &exchange.answer else {
                continue;
            };
            let named = exchange.name.as_ref().and_then(|name| {
                let mut all = known?.exchanges();
                Some(&all.find(|exchange| exchange.name == *name)?.respond)
            });
            let fixture = answer.fixture.as_ref().or(named);
            let operation = fixture.and_then(|id| suite.fixtures.get(id)?.0.operation.as_deref());
            if let Some(operation) = operation {
                seen.insert((case.provider, operation, answer.status));
            }
        }
    }
    let mut all: BTreeMap<(Provider, &str), BTreeMap<u16, bool>> = BTreeMap::new();
    for provider in suite.providers.iter().copied() {
        let folder = format!("{}/", provider.name());
        for (name, file) in &suite.fixtures.files {
            let Some(operation) = file
                .operation
                .as_deref()
                .filter(|_| name.starts_with(&folder))
            else {
                continue;
            };
            for answer in file.answer.values() {
                let vouched = answer.cite.iter().any(|id| {
                    suite.registry.get(id).is_some_and(|row| {
                        matches!(
                            row.evidence,
                            Evidence::Documented | Evidence::Rfc | Evidence::Vendor
                        )
                    })
                });
                if vouched {
                    let came_up = seen.contains(&(provider, operation, answer.status));
                    all.entry((provider, operation))
                        .or_default()
                        .insert(answer.status, came_up);
                }
            }
        }
    }
    Operations {
        all: all.values().map(BTreeMap::len).sum(),
        exercised: all
            .values()
            .flat_map(BTreeMap::values)
            .filter(|up| **up)
            .count(),
        list: all
            .into_iter()
            .map(|((provider, operation), statuses)| OperationEntry {
                provider,
                operation: operation.to_owned(),
                statuses,
            })
            .collect(),
    }
}

type Key = (Provider, String, &'static str, String);

fn fields(suite: &Suite, ran: &BTreeSet<&str>) -> Fields {
    let mut all: BTreeMap<Key, [bool; 3]> = BTreeMap::new();
    for case in &suite.cases {
        let judged = ran.contains(case.id.as_str());
        let mutants = crate::judge::derived_mutants(suite, case);
        let mutants: Vec<_> = case.mutants.iter().chain(&mutants).collect();
        for exchange in exchanges(case) {
            let operation = suite
                .fixtures
                .get(&exchange.respond)
                .and_then(|(file, _)| file.operation.clone())
                .unwrap_or_else(|| "any call".to_owned());
            for (place, part, expected) in places(exchange) {
                let wanted = expected.wanted().map(|(name, _)| name);
                for name in wanted.chain(&expected.forbid) {
                    let forbidden = expected.forbid.contains(name);
                    let killed = |test: &dyn Fn(&Mutation) -> bool| {
                        let check = format!("{}.{part}.{name}", exchange.name);
                        judged
                            && mutants
                                .iter()
                                .any(|one| one.killed_by == check && test(&one.mutation))
                    };
                    let key = (case.provider, operation.clone(), part, name.clone());
                    let [exact, absent, wrong] = all.entry(key).or_default();
                    *exact |= judged;
                    *absent |= killed(&|change| match change {
                        Mutation::Drop(at, _) => *at == place,
                        Mutation::Add(at, ..) => forbidden && *at == place,
                        _ => false,
                    });
                    *wrong |= killed(&|change| match change {
                        Mutation::Set(at, ..) => *at == place,
                        Mutation::Add(at, ..) => forbidden && *at == place,
                        _ => false,
                    });
                }
            }
        }
    }
    Fields {
        all: all.len(),
        exercised: all
            .values()
            .filter(|flags| flags.iter().all(|on| *on))
            .count(),
        list: all
            .into_iter()
            .map(
                |((provider, operation, place, name), [exact, absent, wrong])| Field {
                    provider,
                    operation,
                    place: place.to_owned(),
                    name,
                    exact,
                    absent,
                    wrong,
                },
            )
            .collect(),
    }
}

fn exchanges(case: &Case) -> impl Iterator<Item = &Exchange> {
    case.step
        .iter()
        .flat_map(|step| step.url.iter().map(AsRef::as_ref).chain(&step.exchange))
}

fn places(exchange: &Exchange) -> [(FieldPlace, &'static str, &Expected); 4] {
    [
        (FieldPlace::Query, "query", &exchange.query),
        (FieldPlace::Header, "header", &exchange.headers),
        (FieldPlace::Form, "form", &exchange.form),
        (FieldPlace::Json, "json", &exchange.json),
    ]
}

fn kills(suite: &Suite, cases: &[CaseEntry]) -> (Kills, BTreeMap<String, Kills>) {
    let mut all = Kills::default();
    let mut by_part: BTreeMap<String, Kills> = BTreeMap::new();
    for case in cases {
        let Some(known) = suite.case(&case.id) else {
            continue;
        };
        for mutant in &case.mutants {
            let part = Part::of(known, &mutant.killed_by).word().to_owned();
            for kills in [&mut all, by_part.entry(part).or_default()] {
                kills.mutants += 1;
                kills.killed += usize::from(mutant.killed);
            }
        }
    }
    (all, by_part)
}
