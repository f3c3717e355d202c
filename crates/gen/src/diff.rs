//! What a newer document changes for its clients. Both are compared as they are lowered, so that another way to write the
//! same, or another version of OpenAPI, is no change.

mod json;
mod operations;
mod origins;
mod schemas;
mod security;

use std::fmt;
use std::path::Path;

use serde::Serialize;

use crate::lower::{self, Lowered};
use crate::read::Files;
use crate::report::one_line;
use crate::{Error, Options};

/// The changes from one document to another.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Comparison {
    /// Changed security schemes, requirements and origins of servers: what clients send as their credential, and where to.
    pub security: Vec<Changed>,
    /// Security schemes that are new.
    pub new_schemes: Vec<Changed>,
    /// Operations that are new.
    pub added: Vec<Changed>,
    /// Operations that are gone.
    pub removed: Vec<Changed>,
    /// Operations of which a part differs.
    pub changed: Vec<Changed>,
    /// Schemas that differ and that an operation uses.
    pub schemas: Vec<Changed>,
    /// What differs for the whole document: the path of its server, how it refuses a credential.
    pub document: Vec<Changed>,
}

/// One change.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Changed {
    /// The method and path of an operation, or the name of a scheme or schema.
    pub what: String,
    /// In which parts.
    pub parts: Vec<String>,
    /// Where it stands in the old document.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub old: Option<String>,
    /// Where it stands in the new document.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new: Option<String>,
}

/// A document, read and lowered.
struct Side {
    files: Files,
    lowered: Lowered,
}

/// Compares two documents. The overlays of the options are applied to the new one, and to the old one those that are given
/// for it.
///
/// # Errors
/// If one of them cannot be read, as in [`generate`](crate::generate).
pub fn compare(
    old: &Path,
    new: &Path,
    of_old: &Options,
    of_new: &Options,
) -> Result<Comparison, Error> {
    crate::in_a_large_stack(|| {
        let old = Side::open(old, of_old)?;
        let new = Side::open(new, of_new)?;
        Ok(between(&old, &new))
    })
}

impl Side {
    fn open(document: &Path, options: &Options) -> Result<Self, Error> {
        let mut files = Files::open(document, options.root.as_deref())?;
        crate::prepare(&mut files, options)?;
        let lowered = lower::lower(&files, &[])?;
        Ok(Self { files, lowered })
    }
}

fn between(old: &Side, new: &Side) -> Comparison {
    let mut comparison = Comparison::default();
    security::schemes(old, new, &mut comparison);
    operations::operations(old, new, &mut comparison);
    schemas::schemas(old, new, &mut comparison);
    origins::server(old, new, &mut comparison);
    refusal(old, new, &mut comparison);
    comparison
}

fn refusal(old: &Side, new: &Side, comparison: &mut Comparison) {
    if old.lowered.refusal != new.lowered.refusal {
        comparison.document.push(Changed {
            what: "how a credential is refused".to_owned(),
            ..Changed::default()
        });
    }
}

impl Comparison {
    /// Whether a client may have to send another credential, or would send it elsewhere.
    pub fn changes_security(&self) -> bool {
        !self.security.is_empty()
    }

    /// The same as JSON.
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default()
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "operations: {} added, {} removed, {} changed; schemas: {} changed; security: {} changed",
            self.added.len(),
            self.removed.len(),
            self.changed.len(),
            self.schemas.len(),
            self.security.len()
        )?;
        let lists = [
            ("security changed", &self.security),
            ("security scheme added", &self.new_schemes),
            ("added", &self.added),
            ("removed", &self.removed),
            ("changed", &self.changed),
            ("schema changed", &self.schemas),
            ("document", &self.document),
        ];
        for (name, list) in lists {
            for it in list {
                write!(f, "\n{name}: {it}")?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for Changed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&one_line(&self.what))?;
        if !self.parts.is_empty() {
            let parts: Vec<String> = self.parts.iter().map(|it| one_line(it)).collect();
            write!(f, ": {}", parts.join("; "))?;
        }
        let old = self.old.as_ref().map(|it| format!("old {it}"));
        let new = self.new.as_ref().map(|it| format!("new {it}"));
        let places: Vec<String> = old.into_iter().chain(new).collect();
        if places.is_empty() {
            return Ok(());
        }
        write!(f, " ({})", one_line(&places.join(", ")))
    }
}
