//! Changing one named field of a message.

use serde_json::Value;

use crate::case::{FieldPlace, Mutation};
use crate::fixture::{ValueError, Values};

/// A change to one named field.
pub(super) enum Change {
    Drop(String),
    Rename(String, String),
    Duplicate(String),
    Set(String, String),
    Add(String, String),
}

/// The change that a mutation makes to one field, and where; none if it makes another change.
pub(super) fn field_change(
    mutation: &Mutation,
    values: &Values,
) -> Result<Option<(FieldPlace, Change)>, ValueError> {
    Ok(Some(match mutation {
        Mutation::Drop(place, name) => (*place, Change::Drop(name.clone())),
        Mutation::Rename(place, name, to) => (*place, Change::Rename(name.clone(), to.clone())),
        Mutation::Duplicate(place, name) => (*place, Change::Duplicate(name.clone())),
        Mutation::Set(place, name, value) => {
            (*place, Change::Set(name.clone(), values.expand(value)?))
        }
        Mutation::Add(place, name, value) => {
            (*place, Change::Add(name.clone(), values.expand(value)?))
        }
        _ => return Ok(None),
    }))
}

impl Change {
    /// Applies the change to a list of fields; false if the field is not there.
    pub(super) fn apply(&self, fields: &mut Vec<(String, String)>, ignore_case: bool) -> bool {
        let is = |known: &str, name: &str| {
            known == name || (ignore_case && known.eq_ignore_ascii_case(name))
        };
        let position = |name: &str| fields.iter().position(|(known, _)| is(known, name));
        match self {
            Self::Add(name, value) => fields.push((name.clone(), value.clone())),
            Self::Drop(name) => match position(name) {
                Some(index) => drop(fields.remove(index)),
                None => return false,
            },
            Self::Rename(name, to) => match position(name) {
                Some(index) => fields[index].0.clone_from(to),
                None => return false,
            },
            Self::Duplicate(name) => match position(name) {
                Some(index) => fields.push(fields[index].clone()),
                None => return false,
            },
            Self::Set(name, value) => match position(name) {
                Some(index) => fields[index].1.clone_from(value),
                None => return false,
            },
        }
        true
    }

    /// Applies the change to a JSON body; the name may be a dotted path.
    pub(super) fn apply_json(&self, body: &mut Vec<u8>) -> bool {
        let Ok(mut json) = serde_json::from_slice::<Value>(body) else {
            return false;
        };
        let fits = match self {
            Self::Add(path, value) => {
                insert(&mut json, path.split('.'), value);
                true
            }
            Self::Drop(path) => member(&mut json, path, |members, name| {
                members.remove(name).is_some()
            }),
            Self::Rename(path, to) => member(&mut json, path, |members, name| {
                let value = members.remove(name);
                value.is_some_and(|value| members.insert(to.clone(), value).is_none())
            }),
            Self::Set(path, value) => member(&mut json, path, |members, name| {
                members
                    .insert(name.to_owned(), value.clone().into())
                    .is_some()
            }),
            // A JSON value holds a member once.
            Self::Duplicate(_) => false,
        };
        *body = json.to_string().into_bytes();
        fits
    }
}

/// Changes the object that holds the last part of a dotted path.
fn member(
    json: &mut Value,
    path: &str,
    change: impl FnOnce(&mut serde_json::Map<String, Value>, &str) -> bool,
) -> bool {
    let (parent, name) = path.rsplit_once('.').unwrap_or(("", path));
    let pointer = if parent.is_empty() {
        String::new()
    } else {
        format!("/{}", parent.replace('.', "/"))
    };
    match json.pointer_mut(&pointer) {
        Some(Value::Object(members)) => change(members, name),
        _ => false,
    }
}

/// Puts a text at a dotted path and makes the objects and arrays that lead there.
fn insert<'p>(json: &mut Value, mut path: impl Iterator<Item = &'p str>, text: &str) {
    let Some(part) = path.next() else {
        *json = text.into();
        return;
    };
    let inner = if let Ok(index) = part.parse::<usize>() {
        if !json.is_array() {
            *json = Value::Array(Vec::new());
        }
        json.as_array_mut().and_then(|items| {
            items.resize(items.len().max(index + 1), Value::Null);
            items.get_mut(index)
        })
    } else {
        if !json.is_object() {
            *json = Value::Object(serde_json::Map::new());
        }
        json.as_object_mut()
            .map(|members| members.entry(part).or_insert(Value::Null))
    };
    if let Some(inner) = inner {
        insert(inner, path, text);
    }
}
