//! Rules that concern a single case.

use std::collections::BTreeSet;

use super::super::{Case, Exchange, Level, Operation, Resulting, Role, Suite};
use crate::citation::{Evidence, Keyword};
use crate::finding::Finding;

pub(super) struct OneCase<'a> {
    pub(super) suite: &'a Suite,
    pub(super) case: &'a Case,
    findings: Vec<Finding>,
}

impl<'a> OneCase<'a> {
    /// What is wrong with a case.
    pub(super) fn check(suite: &'a Suite, case: &'a Case) -> Vec<Finding> {
        let mut one = Self {
            suite,
            case,
            findings: Vec::new(),
        };
        one.evidence();
        one.names();
        one.roles();
        one.references();
        one.mutants();
        if case.level == Level::Survive {
            one.survival();
        }
        one.findings
    }

    pub(super) fn report(&mut self, place: &str, problem: impl Into<String>, fix: &str) {
        let path = format!(
            "cases/{}/{}.toml",
            self.case.provider.name(),
            self.case.file_stem()
        );
        self.findings.push(Finding::new(&path, place, problem, fix));
    }

    fn evidence(&mut self) {
        let case = self.case;
        if case.provider.name() != case.id.split('.').next().unwrap_or_default() {
            self.report("provider", "is not the one of the id", "make the two agree");
        }
        for id in case.cite.iter().chain(&case.conflicts_with) {
            if self.suite.registry.get(id).is_none() {
                self.report("cite", format!("`{id}` is no citation"), "fix the id");
            }
        }
        let cited = case
            .cite
            .iter()
            .filter_map(|id| self.suite.registry.get(id));
        let rows: Vec<_> = cited.map(|row| (row.evidence, row.keyword)).collect();
        if !rows.iter().any(|(evidence, _)| *evidence == case.evidence) {
            self.report(
                "evidence",
                format!("no citation is `{}`", case.evidence.word()),
                "cite one, or name the kind of evidence that there is",
            );
        }
        let carries = match case.level {
            Level::Must | Level::Should => {
                matches!(
                    case.evidence,
                    Evidence::Documented | Evidence::Rfc | Evidence::Vendor
                )
            }
            Level::Survive => case.evidence != Evidence::Assumed,
            Level::Probe => true,
        };
        if !carries {
            self.report(
                "level",
                format!(
                    "`{}` evidence carries no `{}`",
                    case.evidence.word(),
                    case.level.word()
                ),
                "lower the level: reported may only `survive`, assumed may only `probe`",
            );
        }
        let strong = rows.iter().any(|(evidence, keyword)| {
            *evidence == case.evidence && matches!(keyword, Keyword::Must | Keyword::Fact)
        });
        if case.level == Level::Must && !strong {
            self.report(
                "level",
                "a `must` rests on recommendations and permissions only",
                "cite an obligation or a fact, or lower the level",
            );
        }
    }

    fn names(&mut self) {
        let case = self.case;
        let mut seen = BTreeSet::new();
        for step in &case.step {
            let inner = step.url.iter().map(|url| &url.name);
            let inner = inner.chain(step.exchange.iter().map(|exchange| &exchange.name));
            for name in std::iter::once(&step.name).chain(inner) {
                if name.is_empty() || name.contains(['.', '#']) || !seen.insert(name) {
                    self.report(
                        "name",
                        format!("`{name}` is taken, empty, or has a `.` or `#` in it"),
                        "give each step and exchange of the case a plain name of its own",
                    );
                }
            }
            if step.outcome.result == Resulting::Answered && step.outcome.status.is_none() {
                self.report(
                    &step.name,
                    "`answered` without a status",
                    "say which answer",
                );
            }
            if let Some(account) = &step.account
                && !case.given.accounts.contains_key(account)
            {
                self.report(
                    &step.name,
                    format!("`{account}` is no account"),
                    "add it to `given`",
                );
            }
        }
        if case.step.is_empty() {
            self.report("step", "nothing happens", "add a step");
        }
    }

    fn roles(&mut self) {
        let case = self.case;
        let answers = case
            .exchanges()
            .filter(|exchange| exchange.answer.is_some())
            .count();
        let sends = case
            .step
            .iter()
            .filter(|step| step.operation == Operation::Send)
            .count();
        match case.role {
            Role::Client if answers + sends > 0 => self.report(
                "role",
                "a client is judged, yet an answer is expected or the suite sends",
                "make it `both` or `server`, or drop `answer` and `send`",
            ),
            Role::Server if sends != case.step.len() => {
                self.report(
                    "role",
                    "only the suite may act on an endpoint",
                    "let each step `send`",
                );
            }
            Role::Both if sends > 0 => {
                self.report(
                    "role",
                    "`send` leaves a client nothing to do",
                    "say what it does",
                );
            }
            Role::Server | Role::Both if answers == 0 => {
                self.report(
                    "role",
                    "no answer is expected",
                    "add `answer` to an exchange",
                );
            }
            _ => {}
        }
        let demands = case.exchanges().any(demands)
            || case
                .step
                .iter()
                .any(|step| step.url.as_deref().is_some_and(demands));
        let judged = case.role == Role::Server || demands;
        if matches!(case.level, Level::Must | Level::Should) && !judged {
            self.report(
                "step",
                "a client that does nothing right could pass",
                "expect something of at least one request",
            );
        }
    }

    fn mutants(&mut self) {
        if self.case.mutants.is_empty() && matches!(self.case.level, Level::Must | Level::Should) {
            self.report(
                "mutants",
                "no wrong exchange is named",
                "add the mistake it guards against",
            );
        }
    }

    fn survival(&mut self) {
        for step in &self.case.step {
            let asks = step.exchange.iter().any(demands) || step.url.is_some();
            if step.outcome.result != Resulting::Any || asks {
                self.report(
                    &step.name,
                    "a `survive` case may only demand an end and no leak",
                    "expect nothing of requests, and the outcome `any`",
                );
            }
            if step.at_most.is_none() {
                self.report(&step.name, "no bound on requests", "set `at_most`");
            }
        }
    }
}

/// Whether anything is expected of the request.
fn demands(exchange: &Exchange) -> bool {
    exchange.method.is_some()
        || exchange.path.is_some()
        || exchange.credential.is_some()
        || exchange.body.is_some()
        || exchange.clean_url
        || !exchange.carries.is_empty()
        || !exchange.carries_not.is_empty()
        || [
            &exchange.query,
            &exchange.headers,
            &exchange.form,
            &exchange.json,
        ]
        .iter()
        .any(|fields| !fields.is_empty())
}
