//! Every name in a case must refer to something that exists.

use std::collections::{BTreeMap, BTreeSet};

use super::super::{Auth, Credential, Exchange, Fields};
use super::one::OneCase;
use crate::case::case_values;

impl OneCase<'_> {
    pub(super) fn references(&mut self) {
        let case = self.case;
        let values = case_values(self.suite, case);
        let mut names: Vec<&str> = Vec::new();
        if case.given.auth == Auth::ApiKey {
            names.extend(case.given.keys.iter().map(String::as_str));
        }
        for account in case.given.accounts.values() {
            names.extend([account.client_id.as_str(), account.client_secret.as_str()]);
        }
        if let Some(tokens) = &case.given.tokens {
            names.push(&tokens.access);
            names.extend(tokens.refresh.as_deref());
        }
        let file_values = self.suite.fixtures.values(case.provider);
        let replaced: Vec<&str> = case.given.values.keys().map(String::as_str).collect();
        for name in names {
            if values.get(name).is_none() {
                self.report(
                    "given",
                    format!("`{name}` is no known value"),
                    "add it to values.toml",
                );
            }
        }
        for name in replaced {
            if file_values.get(name).is_none() {
                self.report(
                    "given.values",
                    format!("`{name}` replaces nothing"),
                    "add it to values.toml first, so that its kind is known",
                );
            }
        }
        let mut earlier: Vec<&str> = Vec::new();
        for step in &case.step {
            for further in &step.otherwise {
                self.fixture(&step.name, &further.respond, &further.with);
            }
            for exchange in step.url.iter().map(AsRef::as_ref).chain(&step.exchange) {
                self.exchange(exchange, &earlier);
                earlier.push(&exchange.name);
            }
        }
    }

    fn exchange(&mut self, exchange: &Exchange, earlier: &[&str]) {
        let values = case_values(self.suite, self.case);
        let place = exchange.name.as_str();
        self.fixture(place, &exchange.respond, &exchange.with);
        let parts = [
            &exchange.query,
            &exchange.headers,
            &exchange.form,
            &exchange.json,
        ];
        let answer = exchange
            .answer
            .iter()
            .flat_map(|a| [&a.headers, &a.json, &a.location]);
        for fields in parts.into_iter().chain(answer) {
            self.fields(place, fields);
        }
        for name in exchange
            .headers
            .wanted()
            .map(|(name, _)| name)
            .chain(&exchange.headers.forbid)
        {
            if name.bytes().any(|byte| byte.is_ascii_uppercase()) {
                self.report(
                    place,
                    format!("header `{name}`"),
                    "write header names in lower case",
                );
            }
        }
        let named = match &exchange.credential {
            None | Some(Credential::Absent) => vec![],
            Some(
                Credential::Bearer(name) | Credential::Header(_, name) | Credential::Query(_, name),
            ) => {
                vec![name]
            }
            Some(Credential::Basic(id, secret) | Credential::BasicForm(id, secret)) => {
                vec![id, secret]
            }
        };
        for name in named
            .into_iter()
            .chain(&exchange.carries)
            .chain(&exchange.carries_not)
        {
            if values.get(name).is_none() {
                self.report(
                    place,
                    format!("`{name}` is no known value"),
                    "add it to values.toml",
                );
            }
        }
        if let Some(same) = &exchange.body
            && !earlier.contains(&same.same_as.as_str())
        {
            self.report(
                place,
                format!("`{}` is no earlier exchange", same.same_as),
                "name the exchange whose body is sent again",
            );
        }
    }

    fn fixture(&mut self, place: &str, id: &str, with: &BTreeMap<String, String>) {
        let values = case_values(self.suite, self.case);
        let Some((file, _)) = self.suite.fixtures.get(id) else {
            self.report(place, format!("`{id}` is no fixture"), "fix the id");
            return;
        };
        for (variable, value) in with {
            if !file.variables.contains_key(variable) {
                self.report(
                    place,
                    format!("the fixture has no variable `{variable}`"),
                    "name one of its `variables`",
                );
            }
            if values.get(value).is_none() {
                self.report(
                    place,
                    format!("`{value}` is no known value"),
                    "name a value of values.toml",
                );
            }
        }
    }

    fn fields(&mut self, place: &str, fields: &Fields) {
        let values = case_values(self.suite, self.case);
        let mut names = BTreeSet::new();
        for (name, matcher) in fields.wanted() {
            if let Err(error) = values.expand(&matcher.template()) {
                self.report(place, format!("{name}: {error}"), "or fix the name");
            }
            if !names.insert(name) {
                self.report(place, format!("`{name}` is expected twice"), "keep one");
            }
        }
        for name in &fields.forbid {
            if !names.insert(name) {
                self.report(
                    place,
                    format!("`{name}` is expected and forbidden"),
                    "keep one",
                );
            }
        }
    }
}
