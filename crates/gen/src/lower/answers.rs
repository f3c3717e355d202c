//! Answers: one type of success, or bytes; the rest is an error with its status, and a type if it is JSON.

use serde_json::{Value as Json, json};

use super::bodies::{Media, content, media};
use super::references::resolved;
use super::schema::Schema;
use super::{Failure, Lowering, Wire, kinds};
use crate::node::Node;

enum Answer<'a> {
    Nothing,
    Json(&'a str, Option<&'a Node>, &'a Node),
    Bytes(&'a str),
}

impl<'a> Lowering<'a> {
    /// The answers for the encoder, and those that are no success.
    pub(super) fn answers(
        &mut self,
        operation: &'a Node,
        id: &str,
        wire: &mut Wire,
        raw: &mut Option<String>,
    ) -> (Json, Vec<Failure>) {
        let (answers, failures) = self.by_status(operation);
        let mut kinds_asked: Vec<&str> = Vec::new();
        let (mut types, mut nothing) = (Vec::new(), false);
        let mut bytes = answers
            .is_empty()
            .then(|| "no answer of success is documented".to_owned());
        for answer in answers {
            match answer {
                Answer::Nothing => nothing = true,
                Answer::Bytes(kind) => {
                    if !kind.contains('*') && !kinds_asked.contains(&kind) {
                        kinds_asked.push(kind);
                    }
                    bytes = Some(format!("the answer is {kind}"));
                }
                Answer::Json(kind, schema, node) => {
                    if !kinds_asked.contains(&kind) {
                        kinds_asked.push(kind);
                    }
                    if !kind.starts_with("application/json") && !kind.contains('*') {
                        wire.accept = Some(kind.to_owned());
                    }
                    let json = if let Some(schema) = schema {
                        self.schemas
                            .schema(schema, &format!("{id} response"))
                            .or_null()
                    } else {
                        self.schemas.remark(kinds::NO_BODY_SCHEMA, node, id);
                        json!({})
                    };
                    if !types.contains(&json) {
                        types.push(json);
                    }
                }
            }
        }
        if types.len() > 1 {
            self.schemas.remark(kinds::SEVERAL_SUCCESSES, operation, id);
        }
        if bytes.is_some() {
            wire.is_bytes = true;
            wire.accept = (!kinds_asked.is_empty()).then(|| kinds_asked.join(", "));
        }
        let content = if let Some(reason) = bytes {
            raw.get_or_insert(reason);
            json!({"*/*": {}})
        } else if types.is_empty() {
            json!({})
        } else {
            let json = match types.len() {
                1 => types.remove(0),
                _ => self
                    .schemas
                    .one_of(operation.place, &format!("{id} success"), &types),
            };
            let mut schema = Schema {
                json,
                nullable: false,
            };
            if nothing {
                self.schemas.remark(kinds::MAYBE_EMPTY, operation, id);
                wire.may_be_empty = true;
                schema.nullable = true;
            }
            json!({"application/json": {"schema": schema.or_null()}})
        };
        // Which 2xx it is decides nothing: servers answer with others than they document.
        let failures = self.failures(operation, id, failures);
        (
            json!({"2XX": {"description": "", "content": content}}),
            failures,
        )
    }

    /// The types of answers that are no success, as far as they are JSON.
    fn failures(
        &mut self,
        operation: &'a Node,
        id: &str,
        answers: Vec<(&'a str, &'a Node)>,
    ) -> Vec<Failure> {
        let mut failures: Vec<Failure> = Vec::new();
        for (status, node) in answers {
            let content = content(self.files, node);
            let is_json = |(kind, it): &&(&'a String, &'a Node)| {
                matches!(media(self.files, kind, it), Media::Json | Media::JsonLike)
            };
            let schema = content
                .iter()
                .find(is_json)
                .and_then(|(_, it)| it.get("schema"));
            let Some(schema) = schema else {
                if !content.is_empty() {
                    self.schemas.remark(kinds::ERROR_TYPES, operation, "");
                }
                continue;
            };
            let schema = self
                .schemas
                .schema(schema, &format!("{id} error {status}"))
                .json;
            let status = status.to_owned();
            failures.push(Failure { status, schema });
        }
        failures
    }

    /// The answers of success, and the others.
    fn by_status(&mut self, operation: &'a Node) -> (Vec<Answer<'a>>, Vec<(&'a str, &'a Node)>) {
        let mut found = Vec::new();
        let mut failures = Vec::new();
        let mut default = None;
        for (status, node) in operation.members_of("responses") {
            if status.starts_with("x-") {
                continue;
            }
            let answer = resolved(self.files, node).unwrap_or(node);
            if status == "default" {
                default = Some(answer);
            } else if status.starts_with('2') {
                found.push(self.answer(status, answer));
            } else {
                failures.push((status.as_str(), answer));
            }
        }
        if let Some(default) = default {
            if found.is_empty() {
                self.schemas.remark(kinds::DEFAULT_SUCCESS, default, "");
                found.push(self.answer("default", default));
            } else {
                failures.push(("default", default));
            }
        }
        (found, failures)
    }

    fn answer(&mut self, status: &str, node: &'a Node) -> Answer<'a> {
        let content = content(self.files, node);
        if content.is_empty() || matches!(status, "204" | "205") {
            return Answer::Nothing;
        }
        if content.len() > 1 {
            self.schemas
                .remark(kinds::OTHER_ANSWERS, node, content[1].0);
        }
        let of = |wanted: Media| {
            content
                .iter()
                .find(|(kind, it)| media(self.files, kind, it) == wanted)
        };
        match of(Media::Json).or_else(|| of(Media::JsonLike)) {
            Some((kind, it)) => Answer::Json(kind, it.get("schema"), it),
            None => Answer::Bytes(content[0].0),
        }
    }
}
