//! A flat JSON object with every duplicate name kept.

use std::fmt;

use serde::Deserialize;
use serde::de::{MapAccess, Visitor};
use serde_json::Value;

use super::form::FieldError;

/// The members of an object, in the order in which they were sent.
pub(super) struct Object(Vec<(String, Value)>);

/// Why a member cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum MemberError {
    Field(FieldError),
    NotText,
}

impl Object {
    pub(super) fn parse(body: &[u8]) -> Result<Self, serde_json::Error> {
        serde_json::from_slice(body)
    }

    /// The text of a member that must be there once.
    pub(super) fn text(&self, name: &str) -> Result<&str, MemberError> {
        let mut values = self
            .0
            .iter()
            .filter(|(candidate, _)| candidate == name)
            .map(|(_, value)| value);
        let first = values
            .next()
            .ok_or(MemberError::Field(FieldError::Missing))?;
        if values.next().is_some() {
            return Err(MemberError::Field(FieldError::Repeated));
        }
        match first.as_str() {
            None => Err(MemberError::NotText),
            Some("") => Err(MemberError::Field(FieldError::Missing)),
            Some(text) => Ok(text),
        }
    }

    pub(super) fn members(&self) -> &[(String, Value)] {
        &self.0
    }

    pub(super) fn contains(&self, name: &str) -> bool {
        self.0.iter().any(|(candidate, _)| candidate == name)
    }
}

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;

        impl<'de> Visitor<'de> for Members {
            type Value = Object;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Object(members))
            }
        }

        deserializer.deserialize_map(Members)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case(r#"{"a":"x"}"#, Ok("x"))]
    #[case(r#"{"b":"x"}"#, Err(MemberError::Field(FieldError::Missing)))]
    #[case(r#"{"a":""}"#, Err(MemberError::Field(FieldError::Missing)))]
    #[case(r#"{"a":"x","a":"x"}"#, Err(MemberError::Field(FieldError::Repeated)))]
    #[case(r#"{"a":1}"#, Err(MemberError::NotText))]
    fn a_member_counts_when_it_is_text_and_there_once(
        #[case] body: &str,
        #[case] expected: Result<&str, MemberError>,
    ) {
        let object = Object::parse(body.as_bytes()).unwrap();
        assert_eq!(object.text("a"), expected, "{body}");
    }

    #[rstest]
    #[case("")]
    #[case("[]")]
    #[case("{")]
    #[case(r#"{"a":"x"} trailing"#)]
    fn a_body_that_is_no_object_is_refused(#[case] body: &str) {
        assert!(Object::parse(body.as_bytes()).is_err(), "{body}");
    }
}
