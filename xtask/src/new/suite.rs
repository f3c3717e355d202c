//! The beginning of a provider's part of the conformance suite: a case for each operation, with what the document
//! gives as examples. A value that it does not give is assumed, and so is the case that has one.

mod case;
mod operation;
mod toml;

use std::collections::{BTreeMap, BTreeSet};

use tegata_gen::{CredentialPlace, Outline};

use super::changes::Changes;
use super::document::{Document, Spot};
use super::record::Record;
use operation::{Credential, Operation};
use toml::Toml;

/// What the cases are made of.
pub(crate) struct Input<'a> {
    pub(crate) name: &'a str,
    pub(crate) title: &'a str,
    pub(crate) document: &'a Document,
    pub(crate) record: &'a Record,
    pub(crate) outline: &'a Outline,
    pub(crate) taken: &'a Taken,
}

/// What other providers have.
#[derive(Debug, Default)]
pub(crate) struct Taken {
    pub(crate) servers: BTreeSet<String>,
    pub(crate) environments: BTreeSet<String>,
    /// How the ids of their citations begin.
    pub(crate) citations: BTreeSet<String>,
}

/// What became of the operations.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Written {
    /// The cases that rest on the document alone.
    pub(crate) vendor: usize,
    /// Those for which something had to be assumed.
    pub(crate) assumed: usize,
    /// The operations without a case, each with the reason.
    pub(crate) left_out: Vec<String>,
}

const HOME: &str = "conformance/suite";

/// Writes the provider's files.
pub(crate) fn write(input: &Input<'_>, changes: &mut Changes) -> Written {
    let Input { name, .. } = *input;
    changes.write(format!("{HOME}/fixtures/{name}/values.toml"), values(name));
    let mut citations = Citations::new(input);
    let mut written = Written::default();
    let mut stems = BTreeSet::new();
    for operation in operations(input, &mut written.left_out) {
        let stem = free(&operation.id.replace('_', "-"), &mut stems);
        let made = case::make(input, &operation, &stem, &mut citations);
        if made.is_assumed {
            written.assumed += 1;
        } else {
            written.vendor += 1;
        }
        changes.write(format!("{HOME}/fixtures/{name}/{stem}.toml"), made.fixture);
        changes.write(
            format!("{HOME}/cases/{name}/operation.{stem}.toml"),
            made.case,
        );
    }
    changes.write(
        format!("{HOME}/providers/{name}.toml"),
        provider(input, &written.left_out),
    );
    changes.write(
        format!("{HOME}/citations/outside/{name}.toml"),
        citations.text(),
    );
    written
}

fn free(stem: &str, taken: &mut BTreeSet<String>) -> String {
    let mut free = match stem.trim_matches('-') {
        "" => "operation".to_owned(),
        // That file has the values of all fixtures.
        "values" => "values-1".to_owned(),
        stem => stem.to_owned(),
    };
    let first = free.clone();
    let mut count = 1;
    while !taken.insert(free.clone()) {
        count += 1;
        free = format!("{first}-{count}");
    }
    free
}

/// The operations that a client can be asked to call, with their place in the document.
fn operations<'a>(input: &Input<'a>, left_out: &mut Vec<String>) -> Vec<Operation<'a>> {
    let mut by_shape: BTreeMap<(String, String), (String, Spot<'a>, Spot<'a>)> = BTreeMap::new();
    let paths = input.document.root().get("paths");
    let paths = paths.iter().flat_map(|it| it.members().collect::<Vec<_>>());
    for (path, item) in paths {
        let sent = path.split(['#', '?']).next().unwrap_or_default();
        for (method, operation) in item.members().collect::<Vec<_>>() {
            let key = (method.to_uppercase(), shape(sent));
            let there = || (sent.to_owned(), operation, item.clone());
            by_shape.entry(key).or_insert_with(there);
        }
    }
    let mut found = Vec::new();
    for outlined in &input.outline.operations {
        let key = (outlined.method.clone(), shape(&outlined.path));
        let read = match by_shape.get(&key) {
            _ if !outlined.is_of_api => Err("it is on a server of its own"),
            None => Err("it comes from the overlay"),
            Some((path, operation, item)) => {
                let credential = credential(input, outlined);
                Operation::read(outlined, path, operation, item, credential)
            }
        };
        match read {
            Ok(operation) => found.push(operation),
            Err(why) => left_out.push(format!("{} {}: {why}", outlined.method, outlined.path)),
        }
    }
    found
}

/// A path without the names of its parameters: in generated code they are other ones.
fn shape(path: &str) -> String {
    let mut parts = path.split('{');
    let mut shape = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        shape.push_str("{}");
        shape.push_str(part.split_once('}').map_or("", |(_, after)| after));
    }
    shape
}

/// The credential of an operation, as far as cases have a word for it.
fn credential(input: &Input<'_>, operation: &tegata_gen::OutlinedOperation) -> Credential {
    let Some(first) = operation.security.first() else {
        return Credential::Absent;
    };
    if operation.security.iter().any(Vec::is_empty) {
        return Credential::Open;
    }
    let [only] = first[..] else {
        return Credential::Open;
    };
    let scheme = &input.outline.schemes[only];
    match &scheme.place {
        _ if scheme.prefix.is_some() => Credential::Open,
        CredentialPlace::Bearer => Credential::Bearer,
        CredentialPlace::Header(name) if is_own_header(name) => Credential::Header(name.clone()),
        CredentialPlace::Query(name) => Credential::Query(name.clone()),
        _ => Credential::Open,
    }
}

/// Headers of which the suite can say that they carry a key.
fn is_own_header(name: &str) -> bool {
    let fits = |it: char| it.is_ascii_lowercase() || it.is_ascii_digit() || it == '-';
    name != "authorization" && name.chars().all(fits)
}

fn provider(input: &Input<'_>, left_out: &[String]) -> String {
    let mut toml = Toml::default();
    toml.comment("What the suite has to know of this provider, made by `cargo xtask new`. What its own documents say in words");
    toml.comment("belongs into citations, as `conformance/docs/authoring-cases.md` says.");
    if !left_out.is_empty() {
        toml.comment("Operations without a case:");
    }
    for it in left_out {
        toml.comment(&it.replace(char::is_control, " "));
    }
    toml.text("name", input.name);
    toml.text("title", input.title);
    toml.text("short", input.title);
    toml.raw("draft", "true");
    let upper = input.name.to_uppercase();
    let mut environment = upper.replace('-', "_");
    while input.taken.environments.contains(&environment) {
        environment.push_str("_API");
    }
    toml.text("environment", &environment);
    let mut citations = format!("{}-", upper.replace('-', ""));
    // Ids that begin so are of another kind.
    let is_other = |it: &str| ["A-", "W-"].contains(&it) || it.starts_with("RFC");
    while is_other(&citations) || input.taken.citations.contains(&citations) {
        citations.insert(0, 'X');
    }
    toml.text("citations", &citations);
    let headers = input
        .outline
        .schemes
        .iter()
        .filter_map(|it| match &it.place {
            CredentialPlace::Header(name) if is_own_header(name) => Some(name.clone()),
            _ => None,
        });
    let headers: BTreeSet<String> = headers.collect();
    if !headers.is_empty() {
        toml.texts("key_headers", headers.iter().map(String::as_str));
    }
    toml.table("[server]");
    let mut server = input.name.to_owned();
    while input.taken.servers.contains(&server) {
        server.push_str("-api");
    }
    toml.text("name", &server);
    if let Some(url) = &input.outline.base_url {
        toml.texts("usual", std::iter::once(url.trim_end_matches('/')));
    }
    toml.finish()
}

fn values(name: &str) -> String {
    let mut toml = Toml::default();
    toml.table("plain");
    toml.text("client-id", &format!("{name}-client"));
    toml.table("secret");
    for (value, what) in [
        ("api-key", "api-key"),
        ("client-secret", "client-secret"),
        ("token-1", "access-token-one"),
    ] {
        toml.text(value, &format!("CANARY-{name}-{what}"));
    }
    toml.finish()
}

/// What the cases rest on: places in the document, and what is assumed.
struct Citations<'a> {
    input: &'a Input<'a>,
    prefix: String,
    rows: Vec<String>,
}

impl<'a> Citations<'a> {
    fn new(input: &'a Input<'a>) -> Self {
        Self {
            input,
            prefix: input.name.to_uppercase(),
            rows: Vec::new(),
        }
    }

    /// A statement of the document, by file, hash and JSON pointer.
    fn vendor(&mut self, id: &str, spot: &Spot<'_>, says: &str) -> String {
        let id = format!("W-{}-{id}", self.prefix);
        let (file, pointer) = spot.place();
        let files = &self.input.record.file;
        let file = files.get(file as usize).unwrap_or(&files[0]);
        let mut toml = Toml::default();
        toml.table("[witness]");
        toml.text("id", &id);
        toml.text("class", "vendor");
        toml.text("provider", self.input.name);
        toml.text(
            "source",
            &format!("{} sha256:{} #{pointer}", file.name, file.sha256),
        );
        toml.text("says", says);
        self.rows.push(toml.finish());
        id
    }

    /// Something that the document does not say.
    fn assumed(&mut self, id: &str, says: &str, note: &str) -> String {
        let id = format!("A-{}-{id}", self.prefix);
        let mut toml = Toml::default();
        toml.table("[assumption]");
        toml.text("id", &id);
        toml.text("provider", self.input.name);
        toml.text("says", says);
        toml.text("note", note);
        self.rows.push(toml.finish());
        id
    }

    fn text(&self) -> String {
        let mut toml = Toml::default();
        toml.comment("Where the document says what the cases rest on, and what is assumed, made by `cargo xtask new`.");
        format!("{}\n{}", toml.finish(), self.rows.join("\n"))
    }
}
