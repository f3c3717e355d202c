//! A document as the encoder takes it, made anew from what its operations need. One operation that cannot be carried over
//! costs that operation, and everything that is changed is counted.

mod answers;
mod bodies;
mod form;
pub(crate) mod kinds;
mod operation;
mod own_keys;
mod parameters;
mod references;
mod schema;
mod secrets;
mod security;
mod servers;

use std::collections::{BTreeMap, BTreeSet, HashSet};

use serde_json::{Map as JsonMap, Value as Json, json};

use crate::Error;
use crate::names::{self, Taken};
use crate::node::{Node, Place, Value};
use crate::read::Files;
use crate::report::{Listed, Report, one_line};
pub(crate) use form::Form;
use operation::Method;
pub(crate) use operation::{Failure, Operation, Wire, is_method};
pub(crate) use own_keys::{check as check_own_keys, is_of_scheme};
pub(crate) use references::resolved;
pub(crate) use schema::FILE_FORMAT;
use schema::{Finished, Schemas};
pub(crate) use security::{
    Alternative, ClientAuth, Flow, Grant, Login, Placement, Refusal, Requirement, Scheme, Scopes,
};
pub(crate) use servers::Server;
use servers::Servers;

/// What an item of `paths` has operations under.
pub(crate) const METHODS: [&str; 8] = [
    "get", "put", "post", "delete", "options", "head", "patch", "trace",
];

/// A document for the encoder, and what it cannot say.
#[derive(Debug)]
pub(crate) struct Lowered {
    /// OpenAPI 3.0.
    pub(crate) document: Json,
    /// Types that hold secrets, and which of their properties would print them.
    pub(crate) hidden: BTreeMap<String, BTreeSet<String>>,
    /// The operations in it.
    pub(crate) operations: Vec<Operation>,
    pub(crate) schemes: Vec<Scheme>,
    /// What requests take that no operation makes.
    pub(crate) default_security: Vec<Alternative>,
    pub(crate) refusal: Refusal,
    pub(crate) servers: Vec<Server>,
    pub(crate) report: Report,
}

/// Lowers a document; no type gets a name of `avoid`.
///
/// # Errors
/// If an extension of ours is not what it has to be.
pub(crate) fn lower(files: &Files, avoid: &[String]) -> Result<Lowered, Error> {
    let root = files.main();
    let mut report = Report {
        title: title(root),
        openapi: ["swagger", "openapi"]
            .iter()
            .find_map(|it| root.get(it)?.scalar_text())
            .unwrap_or_default(),
        ..Report::default()
    };
    for it in files.duplicates() {
        let detail = format!("`{}`, first on line {}", it.key, it.first.line);
        report.change(kinds::DUPLICATE_KEY, files, it.second, &detail);
    }
    for (kind, place, detail) in files.notes() {
        report.change(*kind, files, *place, detail);
    }
    let (schemes, ways) = security::schemes(files)?;
    let refusal = security::refusal(files)?;
    report.schemes = ways;
    let mut lowering = Lowering {
        files,
        schemas: Schemas::new(files, report, avoid),
        schemes,
        servers: Servers::of(root),
        names: Taken::default(),
        paths: JsonMap::new(),
        operations: Vec::new(),
    };
    lowering.paths(root)?;
    lowering.finish(root, refusal)
}

fn title(root: &Node) -> String {
    let title = root
        .get("info")
        .and_then(|it| it.get("title"))
        .and_then(Node::scalar_text);
    title.map_or_else(|| "API".to_owned(), |it| one_line(&it))
}

pub(crate) struct Lowering<'a> {
    files: &'a Files,
    schemas: Schemas<'a>,
    schemes: Vec<Scheme>,
    servers: Servers,
    names: Taken,
    paths: JsonMap<String, Json>,
    operations: Vec<Operation>,
}

impl<'a> Lowering<'a> {
    fn paths(&mut self, root: &'a Node) -> Result<(), Error> {
        let mut seen = HashSet::new();
        for (path, item) in root
            .members_of("paths")
            .filter(|(path, _)| !path.starts_with("x-"))
        {
            let item = match resolved(self.files, item) {
                Ok(item) if item.as_map().is_some() => item,
                Ok(_) => {
                    self.schemas.remark(kinds::PATH_ITEM, item, path);
                    continue;
                }
                Err(why) => {
                    self.schemas.remark(kinds::PATH_ITEM, item, &why);
                    continue;
                }
            };
            for method in METHODS {
                let Some(operation) = item.get(method) else {
                    continue;
                };
                // Some writers keep each operation in a file of its own.
                let operation = resolved(self.files, operation).unwrap_or(operation);
                if !seen.insert((method, path)) {
                    continue;
                }
                self.schemas.report.operations += 1;
                if operation.as_map().is_none() {
                    self.no_object(path, &method.to_uppercase(), operation);
                    continue;
                }
                self.one(path, Method::known(method), operation, item)?;
            }
            // OpenAPI 3.2 has any method.
            let further = item.get("additionalOperations");
            if let Some(it) = further.filter(|it| it.as_map().is_none()) {
                self.schemas.remark(kinds::PATH_ITEM, it, path);
            }
            let query = item.get("query").map(|it| ("QUERY", it));
            let further = item
                .members_of("additionalOperations")
                .map(|(method, it)| (method.as_str(), it));
            for (method, operation) in query.into_iter().chain(further) {
                let operation = resolved(self.files, operation).unwrap_or(operation);
                self.schemas.report.operations += 1;
                if operation.as_map().is_none() {
                    self.no_object(path, method, operation);
                } else if let Some(method) = Method::any(method) {
                    self.one(path, method, operation, item)?;
                } else {
                    let name = operation.text_of("operationId").unwrap_or_default();
                    let reason = "no request can have its method";
                    let listed = self.listed(path, method, name, reason, operation.place);
                    self.schemas.report.refused.push(listed);
                }
            }
        }
        for (key, node) in root.members_of("webhooks") {
            self.schemas.remark(kinds::WEBHOOKS, node, key);
        }
        Ok(())
    }

    fn one(
        &mut self,
        path: &str,
        method: Method<'_>,
        node: &'a Node,
        item: &'a Node,
    ) -> Result<(), Error> {
        let before = self.schemas.report.typed;
        let security = self.security(node)?;
        match self.operation(path, method, node, item, security) {
            Ok((key, _, operation))
                if self
                    .paths
                    .get(&key)
                    .is_some_and(|it| it.get(method.encoded).is_some()) =>
            {
                let reason = "another operation has its method and path";
                let sent = method.sent();
                let listed = self.listed(path, &sent, &operation.id, reason, node.place);
                self.schemas.report.refused.push(listed);
            }
            Ok((key, json, operation)) => {
                let item = self.paths.entry(key).or_insert_with(|| json!({}));
                item[method.encoded] = json;
                match &operation.raw {
                    Some(reason) => {
                        let sent = &operation.method;
                        let listed = self.listed(path, sent, &operation.id, reason, node.place);
                        self.schemas.report.raw.push(listed);
                    }
                    None => self.schemas.report.typed = before + 1,
                }
                self.operations.push(operation);
            }
            Err(reason) => {
                let name = node.text_of("operationId").unwrap_or_default().to_owned();
                let sent = method.sent();
                let listed = self.listed(path, &sent, &name, &reason, node.place);
                self.schemas.report.refused.push(listed);
            }
        }
        Ok(())
    }

    fn no_object(&mut self, path: &str, method: &str, node: &Node) {
        let reason = "it is no object, as an operation has to be";
        let listed = self.listed(path, method, "", reason, node.place);
        self.schemas.report.refused.push(listed);
    }

    fn listed(&self, path: &str, method: &str, name: &str, reason: &str, place: Place) -> Listed {
        Listed {
            method: one_line(method),
            path: path.to_owned(),
            operation: name.to_owned(),
            reason: one_line(reason),
            place: self.files.show(place),
        }
    }

    fn finish(mut self, root: &'a Node, refusal: Refusal) -> Result<Lowered, Error> {
        let default_security = if root.get("security").is_some() {
            self.security(root)?
        } else {
            // Of those on the server to which such requests go: others may be for other credentials.
            let here = self.operations.iter().filter(|it| it.server == 0);
            most_common(here.map(|it| &it.security))
        };
        let Finished {
            schemas,
            hidden,
            mut report,
        } = self.schemas.finish();
        report.missing = missing(&self.schemes, &self.servers.all);
        if !self.schemes.is_empty() && self.operations.iter().all(|it| it.security.is_empty()) {
            let what = "`security`: there are schemes, and no operation says that it takes one";
            report.missing.insert(0, what.to_owned());
        }
        let document = json!({
            "openapi": "3.0.3",
            // The encoder sends the version as a header, which is taken off again: any text will do.
            "info": {"title": report.title, "version": "1"},
            "paths": self.paths,
            "components": {"schemas": schemas},
        });
        Ok(Lowered {
            document,
            hidden,
            operations: self.operations,
            schemes: self.schemes,
            default_security,
            refusal,
            servers: self.servers.all,
            report,
        })
    }
}

/// What most operations take, for a document that says it of each of them only.
fn most_common<'a>(all: impl Iterator<Item = &'a Vec<Alternative>>) -> Vec<Alternative> {
    let mut counts: Vec<(&Vec<Alternative>, usize)> = Vec::new();
    for security in all.filter(|it| !it.is_empty()) {
        match counts.iter_mut().find(|(known, _)| *known == security) {
            Some((_, count)) => *count += 1,
            None => counts.push((security, 1)),
        }
    }
    // Of several the first.
    let most = counts.into_iter().rev().max_by_key(|(_, count)| *count);
    most.map(|(security, _)| security.clone())
        .unwrap_or_default()
}

/// What a client needs and the document does not say.
fn missing(schemes: &[Scheme], servers: &[Server]) -> Vec<String> {
    let mut missing = Vec::new();
    if schemes.is_empty() {
        missing.push("a security scheme: no operation says how it is authenticated".to_owned());
    }
    if servers
        .iter()
        .all(|it| it.url.is_empty() || it.url.contains("localhost"))
    {
        missing.push("a server: the base URL is the caller's to give".to_owned());
    } else if let Some(first) = servers.first().filter(|it| it.url.starts_with("http://")) {
        let url = one_line(&first.url);
        missing.push(format!(
            "a server with https: the document has `{url}`, so the base URL is the caller's to give"
        ));
    }
    for scheme in schemes {
        let login = scheme.login.as_ref();
        if login.is_some_and(|it| it.client_auth.is_none() && it.metadata.is_none()) {
            missing.push(format!(
                "`{}`: `{}`, how the client authenticates at the token endpoint",
                scheme.name,
                crate::keys::CLIENT_AUTH.name
            ));
        }
    }
    missing
}

/// Text that a value has under a key, if there is any in it.
fn text(node: &Node, key: &str) -> Option<String> {
    node.text_of(key)
        .map(str::trim)
        .filter(|it| !it.is_empty())
        .map(str::to_owned)
}

/// Whether a value is no map with something in it.
fn is_empty(node: &Node) -> bool {
    match &node.value {
        Value::Map(map) => map.is_empty(),
        Value::List(list) => list.is_empty(),
        _ => true,
    }
}

/// The pieces of a path: texts, and names in braces.
pub(crate) fn template_names(path: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = path;
    while let Some((_, after)) = rest.split_once('{') {
        let Some((name, after)) = after.split_once('}') else {
            break;
        };
        found.push(name.to_owned());
        rest = after;
    }
    found
}

/// The name of an operation that has none.
fn made_up(method: &str, path: &str) -> String {
    names::snake(&format!("{method} {}", path.replace(['{', '}', '/'], " ")))
}

/// Takes what the encoder failed on out of the operations, and says so.
pub(crate) fn leave_out(lowered: &mut Lowered, files: &Files, blamed: crate::encode::Blamed) {
    for (name, said) in blamed.schemas {
        let detail = format!("`{name}`: {said}");
        lowered
            .report
            .change(kinds::SCHEMA_REFUSED, files, Place::default(), &detail);
    }
    for (path, method, said) in blamed.operations {
        let sent = path.split(['#', '?']).next().unwrap_or_default();
        let at = lowered
            .operations
            .iter()
            .position(|it| it.key == path && it.encoded_as == method);
        let Some(operation) = at.map(|at| lowered.operations.remove(at)) else {
            continue;
        };
        let report = &mut lowered.report;
        match report
            .raw
            .iter()
            .position(|it| it.operation == operation.id)
        {
            Some(at) => drop(report.raw.remove(at)),
            None => report.typed -= 1,
        }
        report.refused.push(Listed {
            method: operation.method,
            path: sent.to_owned(),
            operation: operation.id,
            reason: one_line(&format!("the encoder fails on it: {said}")),
            place: files.show(operation.place),
        });
    }
}

/// Makes a type stand for any JSON; says whether there was one.
pub(crate) fn make_any(lowered: &mut Lowered, files: &Files, name: &str) -> bool {
    let Some(schema) = lowered.document["components"]["schemas"].get_mut(name) else {
        return false;
    };
    if *schema == json!({}) {
        return false;
    }
    *schema = json!({});
    let detail = format!("`{name}`: two of its fields or variants have one name");
    lowered
        .report
        .change(kinds::SCHEMA_REFUSED, files, Place::default(), &detail);
    true
}
