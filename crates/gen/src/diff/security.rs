//! Security schemes, with all that stands in them but words for people.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::json::differences;
use super::{Changed, Comparison, Side};
use crate::lower::resolved;
use crate::node::{Node, Place};

pub(super) fn schemes(old: &Side, new: &Side, comparison: &mut Comparison) {
    let (before, after) = (of(old), of(new));
    for (name, (place, scheme)) in &before {
        let what = format!("scheme `{name}`");
        let old_place = Some(old.files.show(*place));
        match after.get(name) {
            None => comparison.security.push(Changed {
                what,
                parts: vec!["removed".to_owned()],
                old: old_place,
                new: None,
            }),
            Some((_, other)) if other == scheme => {}
            Some((place, other)) => comparison.security.push(Changed {
                what,
                parts: differences(scheme, other),
                old: old_place,
                new: Some(new.files.show(*place)),
            }),
        }
    }
    let added = after.iter().filter(|(name, _)| !before.contains_key(*name));
    comparison
        .new_schemes
        .extend(added.map(|(name, (place, _))| Changed {
            what: format!("`{name}`"),
            new: Some(new.files.show(*place)),
            ..Changed::default()
        }));
}

fn of(side: &Side) -> BTreeMap<String, (Place, Json)> {
    let components = side.files.main().get("components");
    let schemes = components.into_iter();
    let schemes = schemes.flat_map(|it| it.members_of("securitySchemes"));
    let read = |(name, node): (&String, &Node)| {
        let node = resolved(&side.files, node).unwrap_or(node);
        let mut scheme = node.to_json();
        forget_words(&mut scheme);
        (name.clone(), (node.place, scheme))
    };
    schemes.map(read).collect()
}

/// Takes out what means nothing to a client: descriptions, also those of scopes, and notes.
fn forget_words(scheme: &mut Json) {
    let Some(members) = scheme.as_object_mut() else {
        return;
    };
    let is_note = |key: &str| key.starts_with("x-") && !is_read(key);
    members.retain(|key, _| key != "description" && key != "deprecated" && !is_note(key));
    let flows = members.get_mut("flows").and_then(Json::as_object_mut);
    for flow in flows.into_iter().flat_map(|it| it.values_mut()) {
        let scopes = flow.get_mut("scopes").and_then(Json::as_object_mut);
        for meaning in scopes.into_iter().flat_map(|it| it.values_mut()) {
            *meaning = json!("");
        }
    }
}

fn is_read(key: &str) -> bool {
    crate::lower::is_of_scheme(key)
}
