//! Operations, by their method and path.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::origins::{moved, origin};
use super::{Changed, Comparison, Side};
use crate::lower::{Operation, Requirement, template_names};
use crate::report::Listed;

/// What a side knows of an operation.
enum Known<'a> {
    /// It has a method.
    Operation(&'a Operation, &'a Json),
    Refused(&'a Listed),
}

pub(super) fn operations(old: &Side, new: &Side, comparison: &mut Comparison) {
    let (before, after) = (all(old), all(new));
    for (key, known) in &before {
        let Some(other) = after.get(key) else {
            comparison.removed.push(Changed {
                what: known.name(),
                old: Some(known.place(old)),
                ..Changed::default()
            });
            continue;
        };
        let places = (Some(known.place(old)), Some(other.place(new)));
        let parts = parts(known, other, old, new);
        if !parts.is_empty() {
            comparison.changed.push(Changed {
                what: other.name(),
                parts,
                old: places.0,
                new: places.1,
            });
        }
        if let (Known::Operation(before, _), Known::Operation(after, _)) = (known, other)
            && let Some(part) = elsewhere((before, old), (after, new))
        {
            comparison.security.push(Changed {
                what: other.name(),
                parts: vec![part],
                old: Some(known.place(old)),
                new: Some(other.place(new)),
            });
        }
        if let (Known::Operation(before, _), Known::Operation(after, _)) = (known, other)
            && before.requirement.alternatives != after.requirement.alternatives
        {
            comparison.security.push(Changed {
                what: other.name(),
                parts: vec![format!(
                    "takes {}, and took {}",
                    after.requirement, before.requirement
                )],
                old: Some(shown(&before.requirement, known, old)),
                new: Some(shown(&after.requirement, other, new)),
            });
        }
    }
    let added = after.iter().filter(|(key, _)| !before.contains_key(*key));
    comparison.added.extend(added.map(|(_, known)| Changed {
        what: known.name(),
        new: Some(known.place(new)),
        ..Changed::default()
    }));
}

/// That its requests go to another origin; that of the document is named once.
fn elsewhere(old: (&Operation, &Side), new: (&Operation, &Side)) -> Option<String> {
    let url = |(it, side): (&Operation, &Side)| side.lowered.servers[it.server].url.clone();
    let (before, after) = (url(old), url(new));
    let is_of_document = (old.0.server, new.0.server) == (0, 0);
    (!is_of_document && origin(&before) != origin(&after)).then(|| moved(&before, &after))
}

/// The line of `security`, or of the operation where there is none.
fn shown(requirement: &Requirement, known: &Known<'_>, side: &Side) -> String {
    match requirement.place {
        Some(place) => side.files.show(place),
        None => known.place(side),
    }
}

/// Names of path parameters mean nothing in a request.
fn all(side: &Side) -> BTreeMap<(String, String), Known<'_>> {
    let key = |path: &str, method: &str| (without_names(path), method.to_owned());
    let paths = &side.lowered.document["paths"];
    let operations = side.lowered.operations.iter().map(|it| {
        let json = &paths[&it.key][it.encoded_as];
        (key(&it.key, &it.method), Known::Operation(it, json))
    });
    let refused = side.lowered.report.refused.iter();
    let refused = refused.map(|it| (key(&it.path, &it.method), Known::Refused(it)));
    refused.chain(operations).collect()
}

fn without_names(path: &str) -> String {
    let mut out = String::new();
    let mut rest = path;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((_, after)) = after.split_once('}') else {
            break;
        };
        out.extend([before, "{}"]);
        rest = after;
    }
    out + rest
}

impl Known<'_> {
    fn name(&self) -> String {
        match self {
            Self::Operation(it, _) => format!("{} {} (`{}`)", it.method, it.path, it.id),
            Self::Refused(it) => format!("{} {}", it.method, it.path),
        }
    }

    fn place(&self, side: &Side) -> String {
        match self {
            Self::Operation(it, _) => side.files.show(it.place),
            Self::Refused(it) => it.place.clone(),
        }
    }
}

fn parts(old: &Known<'_>, new: &Known<'_>, old_side: &Side, new_side: &Side) -> Vec<String> {
    let ((before, old), (after, new)) = match (old, new) {
        (Known::Operation(before, old), Known::Operation(after, new)) => {
            ((before, old), (after, new))
        }
        (Known::Operation(..), Known::Refused(it)) => {
            return vec![format!("has no method any more: {}", it.reason)];
        }
        (Known::Refused(_), Known::Operation(..)) => return vec!["has a method now".to_owned()],
        (Known::Refused(_), Known::Refused(_)) => return Vec::new(),
    };
    let mut parts = Vec::new();
    if before.id != after.id {
        parts.push(format!("its method was called `{}`", before.id));
    }
    let url = |it: &Operation, side: &Side| side.lowered.servers[it.server].url.clone();
    // That of the document is named once.
    if (before.server, after.server) != (0, 0) && url(before, old_side) != url(after, new_side) {
        parts.push("server".to_owned());
    }
    let found = parts.len();
    let (declared, others) = (&old["parameters"], &new["parameters"]);
    parameters(
        &by_place(declared, &before.key),
        &by_place(others, &after.key),
        &mut parts,
    );
    let (a, b) = (&before.wire, &after.wire);
    if parts.len() == found && (&a.joined, &a.renamed) != (&b.joined, &b.renamed) {
        parts.push("parameters".to_owned());
    }
    if old["requestBody"] != new["requestBody"]
        || (&a.content_type, &a.form) != (&b.content_type, &b.form)
    {
        parts.push("body".to_owned());
    }
    if old["responses"] != new["responses"]
        || (&a.accept, a.may_be_empty) != (&b.accept, b.may_be_empty)
    {
        parts.push("answers".to_owned());
    }
    parts
}

/// The parameters by what a request has of them: the name of one in the path is not sent, so there its position counts.
fn by_place(list: &Json, path: &str) -> BTreeMap<String, Json> {
    let names = template_names(path);
    let list = list.as_array().into_iter().flatten();
    let read = |it: &Json| {
        let text = |key: &str| it[key].as_str().unwrap_or_default();
        let (name, place) = (text("name"), text("in"));
        let position = names.iter().position(|it| it == name);
        let mut it = it.clone();
        if let Some(members) = it.as_object_mut() {
            members.remove("description");
            members.remove("name");
        }
        let key = match (place, position) {
            ("path", Some(position)) => format!("parameter {} in path", position + 1),
            _ => format!("parameter `{name}` in {place}"),
        };
        (key, it)
    };
    list.map(read).collect()
}

fn parameters(old: &BTreeMap<String, Json>, new: &BTreeMap<String, Json>, parts: &mut Vec<String>) {
    for (name, it) in old {
        match new.get(name) {
            None => parts.push(format!("{name} removed")),
            Some(other) if it != other => parts.push(format!("{name} changed")),
            Some(_) => {}
        }
    }
    for (name, it) in new.iter().filter(|(name, _)| !old.contains_key(*name)) {
        let required = if it["required"] == true {
            "required "
        } else {
            ""
        };
        parts.push(format!("{required}{name} added"));
    }
}
