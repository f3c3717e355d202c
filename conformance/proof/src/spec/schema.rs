//! Schemas compared with the values of the fixtures.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::Differences;
use super::tree::{View, items, members};

/// How often each member of an object was there.
#[derive(Default)]
pub(super) struct Presence {
    objects: usize,
    members: BTreeMap<String, usize>,
}

impl Presence {
    pub(super) fn saw<'n>(&mut self, names: impl Iterator<Item = &'n str>) {
        self.objects += 1;
        for name in names.collect::<BTreeSet<_>>() {
            *self.members.entry(name.to_owned()).or_default() += 1;
        }
    }

    /// A required member is in every fixture; an optional one is missing from at least one.
    pub(super) fn check<'n>(
        &self,
        place: &str,
        declared: impl Iterator<Item = (&'n str, bool)>,
        all: &mut Differences,
    ) {
        for (name, required) in declared {
            let seen = self.members.get(name).copied().unwrap_or_default();
            let place = format!("{place}.{name}");
            if seen == 0 {
                all.add(&place, "no fixture has it");
            } else if required && seen < self.objects {
                all.add(&place, "required, and a fixture leaves it out");
            } else if !required && seen == self.objects {
                all.add(&place, "not required, and every fixture has it");
            }
        }
    }
}

/// The objects that were seen, by where the spec describes them.
pub(super) type Seen<'s> = BTreeMap<String, (&'s Value, Presence)>;

/// One value and the place of its schema.
pub(super) struct Site<'v> {
    pub(super) place: String,
    pub(super) value: &'v Value,
    /// Members that the schema does not know are the point of the value.
    pub(super) strange: bool,
}

impl Site<'_> {
    fn inner<'w>(&self, name: &str, value: &'w Value) -> Site<'w> {
        Site {
            place: format!("{}.{name}", self.place),
            value,
            strange: self.strange,
        }
    }
}

/// Whether a value is as its schema has it, all the way down.
pub(super) fn fits<'s>(
    view: &View<'s>,
    schema: &'s Value,
    site: &Site<'_>,
    seen: &mut Seen<'s>,
    all: &mut Differences,
) {
    let name = schema["$ref"]
        .as_str()
        .and_then(|path| path.rsplit('/').next());
    let place = name.map_or(site.place.clone(), |name| format!("schemas.{name}"));
    let schema = view.resolve(schema);
    let value = site.value;
    let right = match schema["type"].as_str() {
        Some("string") => value.is_string() || (name == Some("ErrorCode") && value.is_number()),
        Some("integer") => value.is_i64() || value.is_u64(),
        Some("number") => value.is_number(),
        Some("boolean") => value.is_boolean(),
        Some("array") => value.is_array(),
        Some("object") => value.is_object(),
        // What has no type could be anything, and a fixture shows what it is.
        Some(_) | None => false,
    };
    if !right {
        all.add(&place, format!("{}: not of this type", site.place));
        return;
    }
    if let Some(allowed) = schema["enum"].as_array()
        && !allowed.contains(value)
    {
        all.add(&place, format!("{}: none of these values", site.place));
    }
    let secret = value.as_str().is_some_and(|text| all.is_secret(text));
    all.add_if(
        value.is_string() && secret != (schema["format"] == "password"),
        &place,
        format!("{}: a secret in the one and not in the other", site.place),
    );
    match value {
        Value::Array(values) => {
            let typed = schema["items"].is_object();
            all.add_if(
                !typed,
                &place,
                format!("{}: of what it is a list", site.place),
            );
            for value in values {
                fits(
                    view,
                    &schema["items"],
                    &site.inner("items", value),
                    seen,
                    all,
                );
            }
        }
        Value::Object(values) => {
            let properties = members(&schema["properties"]);
            let open = schema["additionalProperties"] == true;
            let names = values.keys().map(String::as_str);
            let (_, presence) = seen
                .entry(place.clone())
                .or_insert((schema, Presence::default()));
            presence.saw(names);
            for (name, value) in values {
                match properties.get(name) {
                    Some(property) => {
                        fits(view, property, &site.inner(name, value), seen, all);
                    }
                    None => all.add_if(
                        !open && !site.strange,
                        &place,
                        format!("{}: `{name}` is not there", site.place),
                    ),
                }
            }
        }
        _ => {}
    }
}

/// The members of an object schema, and whether each is required.
pub(super) fn declared(schema: &Value) -> impl Iterator<Item = (&str, bool)> {
    let required: BTreeSet<&str> = items(&schema["required"])
        .iter()
        .filter_map(Value::as_str)
        .collect();
    members(&schema["properties"])
        .keys()
        .map(move |name| (name.as_str(), required.contains(name.as_str())))
}
