//! The members of a JSON object as they were written: in order, and with all members of the same name.

use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

/// The unparsed members of an object, so that one invalid value does not make the others unreadable.
pub(crate) struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'a> Members<'a> {
    /// Reads the object at the start of a text.
    pub(crate) fn read(text: &'a str) -> Option<Self> {
        let mut json = serde_json::Deserializer::from_str(text);
        // Text after the object is ignored: the object's members are valid all the same.
        Self::deserialize(&mut json).ok()
    }

    /// Whether there is one of this name.
    pub(crate) fn contains(&self, name: &str) -> bool {
        self.0.iter().any(|(other, _)| other == name)
    }

    /// The last readable member of each name.
    pub(crate) fn readable(&self) -> Map<String, Value> {
        let read = |value: &RawValue| serde_json::from_str(value.get()).ok();
        let members = self.0.iter();
        members
            .filter_map(|(name, value)| Some((name.clone(), read(value)?)))
            .collect()
    }

    /// The last member of this name that can be read and that the predicate accepts.
    pub(crate) fn last<T: DeserializeOwned>(
        &self,
        name: &str,
        accepts: impl Fn(&T) -> bool,
    ) -> Option<T> {
        let mut values = self.0.iter().rev().filter(|(other, _)| other == name);
        values.find_map(|(_, value)| serde_json::from_str(value.get()).ok().filter(&accepts))
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
