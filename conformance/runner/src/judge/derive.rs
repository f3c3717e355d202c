//! The mutants that follow from the expectations themselves: for every check at least one.

use crate::case::{
    Case, Credential, Exchange, ExpectAnswer, FieldPlace, Fields, Matcher, Mutant, Mutation,
    Resulting, Step, Suite, case_values,
};
use crate::script::ErrorKind;

/// The wrong value in mutants.
const WRONG: &str = "MUTANT";

/// The mutants of a case that its expectations imply.
pub fn derived_mutants(suite: &Suite, case: &Case) -> Vec<Mutant> {
    let secret = case_values(suite, case)
        .secrets()
        .map(|(name, _)| name.to_owned())
        .next()
        .unwrap_or_default();
    let mut all = Mutants {
        secret,
        list: Vec::new(),
    };
    for step in &case.step {
        if case.role.judges_clients() {
            all.of_step(step);
        }
        if case.role.judges_servers() {
            for exchange in &step.exchange {
                if let Some(answer) = &exchange.answer {
                    all.of_answer(exchange, answer);
                }
            }
        }
    }
    all.list
}

struct Mutants {
    /// The name of some secret of the provider.
    secret: String,
    list: Vec<Mutant>,
}

impl Mutants {
    fn add(&mut self, on: &str, mutation: Mutation, check: impl AsRef<str>) {
        let killed_by = format!("{on}.{}", check.as_ref());
        self.list.push(Mutant {
            on: on.to_owned(),
            mutation,
            killed_by,
        });
    }

    fn of_step(&mut self, step: &Step) {
        if let Some(url) = &step.url {
            self.of_request(url);
        }
        for exchange in &step.exchange {
            self.of_request(exchange);
            self.add(&exchange.name, Mutation::StopBefore, "sent");
        }
        let on = &step.name;
        self.add(on, Mutation::Repeat, "requests");
        self.add(on, Mutation::Say(self.secret.clone()), "leak");
        self.add(on, Mutation::Hang, "outcome");
        let expected = &step.outcome;
        match expected.result {
            Resulting::Ok | Resulting::Answered => {
                self.add(on, Mutation::Fail(ErrorKind::Other), "outcome");
            }
            Resulting::Error => {
                self.add(on, Mutation::Succeed, "outcome");
                let other = ErrorKind::ALL
                    .into_iter()
                    .find(|kind| !expected.kind.is_empty() && !expected.kind.contains(kind));
                if let Some(kind) = other {
                    self.add(on, Mutation::Fail(kind), "outcome");
                }
            }
            Resulting::Any => {}
        }
        if expected.status.is_some() {
            let check = if expected.result == Resulting::Answered {
                "outcome"
            } else {
                "status"
            };
            self.add(on, Mutation::Status(599), check);
        }
        if expected.code.is_some() {
            self.add(on, Mutation::Code(WRONG.to_owned()), "code");
        }
        if expected.body {
            self.add(on, Mutation::CutBody, "body");
        }
    }

    fn of_request(&mut self, exchange: &Exchange) {
        let on = &exchange.name;
        self.add(on, Mutation::StopBefore, "sent");
        self.add(on, Mutation::OtherOrigin, "origin");
        if let Some(method) = &exchange.method {
            let other = if method == "PUT" { "DELETE" } else { "PUT" };
            self.add(on, Mutation::Method(other.to_owned()), "method");
        }
        if exchange.path.is_some() {
            self.add(on, Mutation::PathPrefix("/mutant".to_owned()), "path");
        }
        self.of_fields(on, FieldPlace::Query, "query", &exchange.query);
        self.of_fields(on, FieldPlace::Header, "header", &exchange.headers);
        self.of_fields(on, FieldPlace::Form, "form", &exchange.form);
        self.of_fields(on, FieldPlace::Json, "json", &exchange.json);
        if !exchange.form.is_empty() {
            self.add(on, Mutation::FormToJson, "content-type");
        }
        if exchange.form.wanted().next().is_some() {
            let first = exchange.form.wanted().next().map(|(name, _)| name.clone());
            self.add(
                on,
                Mutation::BodyToQuery,
                format!("form.{}", first.unwrap_or_default()),
            );
        }
        if !exchange.json.is_empty() {
            self.add(on, Mutation::JsonToForm, "content-type");
        }
        if let Some(credential) = &exchange.credential {
            self.of_credential(on, credential);
        }
        for name in &exchange.carries {
            self.add(
                on,
                Mutation::Body("{}".to_owned()),
                format!("carries.{name}"),
            );
        }
        for name in &exchange.carries_not {
            let body = format!("{{\"mutant\":\"${{{name}}}\"}}");
            self.add(on, Mutation::Body(body), format!("carries-not.{name}"));
        }
        if exchange.body.is_some() {
            self.add(on, Mutation::Body(WRONG.to_owned()), "body");
        }
        if exchange.clean_url {
            let value = format!("${{{}}}", self.secret);
            let add = Mutation::Add(FieldPlace::Query, "mutant".to_owned(), value);
            self.add(on, add, "clean-url");
        }
    }

    fn of_fields(&mut self, on: &str, place: FieldPlace, part: &str, fields: &Fields) {
        for (name, matcher) in fields.wanted() {
            let check = format!("{part}.{name}");
            let n = || name.clone();
            self.add(on, Mutation::Drop(place, n()), &check);
            self.add(
                on,
                Mutation::Rename(place, n(), "mutant".to_owned()),
                &check,
            );
            let wrong = match matcher {
                Matcher::Any | Matcher::Fresh(_) => String::new(),
                Matcher::Differs(value) => format!("${{{value}}}"),
                Matcher::Text(_) | Matcher::Number(_) | Matcher::Between(..) => WRONG.to_owned(),
            };
            self.add(on, Mutation::Set(place, n(), wrong), &check);
            if !matches!(place, FieldPlace::Json | FieldPlace::Answer) {
                self.add(on, Mutation::Duplicate(place, n()), &check);
            }
        }
        for name in &fields.forbid {
            let add = Mutation::Add(place, name.clone(), WRONG.to_owned());
            self.add(on, add, format!("{part}.{name}"));
        }
        if fields.exact.is_some() {
            let add = Mutation::Add(place, "mutant".to_owned(), WRONG.to_owned());
            self.add(on, add, part);
        }
    }

    fn of_credential(&mut self, on: &str, credential: &Credential) {
        let copy = format!("${{{}}}", self.secret);
        let copy = Mutation::Add(FieldPlace::Header, "x-mutant".to_owned(), copy);
        let (place, name, wrong) = match credential {
            Credential::Absent => {
                self.add(on, copy, "credential");
                let value = format!("Bearer {WRONG}");
                let add = Mutation::Add(FieldPlace::Header, "authorization".to_owned(), value);
                self.add(on, add, "credential");
                return;
            }
            Credential::Bearer(_) => {
                self.add(on, Mutation::QuoteBearer, "credential");
                (
                    FieldPlace::Header,
                    "authorization",
                    format!("Bearer {WRONG}"),
                )
            }
            Credential::Basic(..) | Credential::BasicForm(..) => (
                FieldPlace::Header,
                "authorization",
                "Basic TVVUQU5UOk1VVEFOVA==".to_owned(),
            ),
            Credential::Header(header, _) => {
                (FieldPlace::Header, header.as_str(), WRONG.to_owned())
            }
            Credential::Query(field, _) => (FieldPlace::Query, field.as_str(), WRONG.to_owned()),
        };
        self.add(on, copy, "one-credential");
        let n = || name.to_owned();
        self.add(on, Mutation::Drop(place, n()), "credential");
        self.add(on, Mutation::Set(place, n(), wrong), "credential");
        self.add(on, Mutation::Duplicate(place, n()), "one-credential");
        if place == FieldPlace::Header {
            let other = if name == "authorization" {
                "x-access-token"
            } else {
                "authorization"
            };
            self.add(
                on,
                Mutation::SwapHeader(n(), other.to_owned()),
                "credential",
            );
            let add = Mutation::Add(FieldPlace::Header, other.to_owned(), WRONG.to_owned());
            self.add(on, add, "one-credential");
        }
    }

    fn of_answer(&mut self, exchange: &Exchange, expected: &ExpectAnswer) {
        let on = &exchange.name;
        self.add(on, Mutation::AnswerStatus(599), "answer.status");
        self.of_fields(
            on,
            FieldPlace::AnswerHeader,
            "answer.header",
            &expected.headers,
        );
        self.of_fields(on, FieldPlace::Answer, "answer.json", &expected.json);
        self.of_fields(
            on,
            FieldPlace::Location,
            "answer.location",
            &expected.location,
        );
    }
}
