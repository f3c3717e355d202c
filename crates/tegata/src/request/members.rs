//! The members of a JSON object as they were written: in order, those of one name as often as they come.

use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

/// What stands in an object, none of it read yet, so that no value can spoil the others.
pub(crate) struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'a> Members<'a> {
    /// Of a text that starts with a JSON object.
    pub(crate) fn read(text: &'a str) -> Option<Self> {
        let mut json = serde_json::Deserializer::from_str(text);
        // What stands behind the object is not looked at: it takes nothing away from what stands in it.
        Self::deserialize(&mut json).ok()
    }

    /// Whether there is one of this name.
    pub(crate) fn contains(&self, name: &str) -> bool {
        self.0.iter().any(|(other, _)| other == name)
    }

    /// The last of each name that can be read.
    pub(crate) fn readable(&self) -> Map<String, Value> {
        let read = |value: &RawValue| serde_json::from_str(value.get()).ok();
        let members = self.0.iter();
        members
            .filter_map(|(name, value)| Some((name.clone(), read(value)?)))
            .collect()
    }

    /// The member of this name: the last one that can be read and pleases.
    pub(crate) fn last<T: DeserializeOwned>(
        &self,
        name: &str,
        pleases: impl Fn(&T) -> bool,
    ) -> Option<T> {
        let mut values = self.0.iter().rev().filter(|(other, _)| other == name);
        values.find_map(|(_, value)| serde_json::from_str(value.get()).ok().filter(&pleases))
    }
}

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Every;
        impl<'de> Visitor<'de> for Every {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Every)
    }
}
