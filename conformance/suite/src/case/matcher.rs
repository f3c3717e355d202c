//! Expectations on a single value.

use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

/// What a value must be: in a data file a text (just this value; may hold `${…}`), a number or
/// a table with one rule.
#[derive(Clone, Debug, PartialEq)]
pub enum Matcher {
    /// Exactly this text.
    Text(String),
    /// Exactly this number; a text that spells it is something else.
    Number(i64),
    /// `{ any = true }`: anything but nothing.
    Any,
    /// `{ fresh = 16 }`: at least so many characters, and never seen before in this case.
    Fresh(usize),
    /// `{ between = [1, 3600] }`: a number in this range.
    Between(i64, i64),
    /// `{ differs = "token-1" }`: a text, but not this value.
    Differs(String),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rule {
    #[serde(skip_serializing_if = "Option::is_none")]
    any: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fresh: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    between: Option<(i64, i64)>,
    #[serde(skip_serializing_if = "Option::is_none")]
    differs: Option<String>,
}

impl TryFrom<Rule> for Matcher {
    type Error = &'static str;

    fn try_from(rule: Rule) -> Result<Self, Self::Error> {
        match rule {
            Rule {
                any: Some(true),
                fresh: None,
                between: None,
                differs: None,
            } => Ok(Self::Any),
            Rule {
                any: None,
                fresh: Some(length),
                between: None,
                differs: None,
            } => Ok(Self::Fresh(length)),
            Rule {
                any: None,
                fresh: None,
                between: Some((low, high)),
                differs: None,
            } => Ok(Self::Between(low, high)),
            Rule {
                any: None,
                fresh: None,
                between: None,
                differs: Some(name),
            } => Ok(Self::Differs(name)),
            _ => Err("give exactly one of `any = true`, `fresh`, `between` and `differs`"),
        }
    }
}

impl<'de> Deserialize<'de> for Matcher {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Matcher;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text, a number, or a table with one rule")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Matcher, E> {
                Ok(Matcher::Text(text.to_owned()))
            }

            fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<Matcher, E> {
                Ok(Matcher::Number(number))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Matcher, A::Error> {
                let rule = Rule::deserialize(MapAccessDeserializer::new(map))?;
                Matcher::try_from(rule).map_err(serde::de::Error::custom)
            }
        }
        deserializer.deserialize_any(Reader)
    }
}

impl Serialize for Matcher {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let none = Rule {
            any: None,
            fresh: None,
            between: None,
            differs: None,
        };
        match self {
            Self::Text(text) => serializer.serialize_str(text),
            Self::Number(number) => serializer.serialize_i64(*number),
            Self::Any => Rule {
                any: Some(true),
                ..none
            }
            .serialize(serializer),
            Self::Fresh(length) => Rule {
                fresh: Some(*length),
                ..none
            }
            .serialize(serializer),
            Self::Between(low, high) => Rule {
                between: Some((*low, *high)),
                ..none
            }
            .serialize(serializer),
            Self::Differs(name) => Rule {
                differs: Some(name.clone()),
                ..none
            }
            .serialize(serializer),
        }
    }
}

impl Matcher {
    /// Whether the value is as it must be. `filled` is this matcher's own text with its values
    /// filled in (for `differs`, the value to differ from); `seen_before` what the same field
    /// held earlier in the case.
    pub fn matches(&self, value: &Value, filled: &str, seen_before: &[String]) -> bool {
        let text = value.as_str();
        match self {
            Self::Text(_) => text == Some(filled),
            Self::Number(number) => value.as_i64() == Some(*number),
            Self::Any => !(value.is_null() || text == Some("")),
            Self::Fresh(length) => text.is_some_and(|text| {
                text.chars().count() >= *length && !seen_before.iter().any(|old| old == text)
            }),
            Self::Between(low, high) => value
                .as_i64()
                .is_some_and(|number| (*low..=*high).contains(&number)),
            Self::Differs(_) => text.is_some_and(|text| !text.is_empty() && text != filled),
        }
    }

    /// The template whose filled-in text [`Self::matches`] wants.
    pub fn template(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Differs(name) => format!("${{{name}}}"),
            _ => String::new(),
        }
    }
}

impl fmt::Display for Matcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => write!(f, "`{text}`"),
            Self::Number(number) => write!(f, "the number {number}"),
            Self::Any => f.write_str("any value"),
            Self::Fresh(length) => write!(f, "a new value of at least {length} characters"),
            Self::Between(low, high) => write!(f, "a number from {low} to {high}"),
            Self::Differs(name) => write!(f, "a text other than `${{{name}}}`"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Matcher, String> {
        #[derive(Deserialize)]
        struct Holder {
            m: Matcher,
        }
        toml::from_str::<Holder>(text)
            .map(|holder| holder.m)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn every_form_is_read_and_written_alike() {
        for (text, json) in [
            ("m = \"a\"", "\"a\""),
            ("m = 3", "3"),
            ("m = { any = true }", "{\"any\":true}"),
            ("m = { fresh = 9 }", "{\"fresh\":9}"),
            ("m = { between = [1, 2] }", "{\"between\":[1,2]}"),
            ("m = { differs = \"x\" }", "{\"differs\":\"x\"}"),
        ] {
            let matcher = read(text).unwrap();
            assert_eq!(serde_json::to_string(&matcher).unwrap(), json);
        }
    }

    #[test]
    fn a_rule_that_is_none_is_refused() {
        let error = read("m = { ony = true }").unwrap_err();
        assert!(error.contains("unknown field `ony`"), "{error}");
        let error = read("m = { any = true, fresh = 3 }").unwrap_err();
        assert!(error.contains("exactly one of"), "{error}");
        let error = read("m = [1]").unwrap_err();
        assert!(error.contains("a text, a number, or a table"), "{error}");
    }

    #[test]
    fn each_rule_takes_its_own_and_nothing_else() {
        let value = |json: &str| serde_json::from_str::<Value>(json).unwrap();
        let fits = |matcher: &Matcher, json: &str| {
            matcher.matches(&value(json), "filled", &["an old one".to_owned()])
        };
        assert!(fits(&Matcher::Text(String::new()), "\"filled\""));
        assert!(!fits(&Matcher::Text(String::new()), "\"Filled\""));
        assert!(fits(&Matcher::Number(3), "3") && !fits(&Matcher::Number(3), "\"3\""));
        assert!(fits(&Matcher::Any, "0") && !fits(&Matcher::Any, "\"\""));
        assert!(fits(&Matcher::Fresh(5), "\"abcde\"") && !fits(&Matcher::Fresh(5), "\"abcd\""));
        assert!(!fits(&Matcher::Fresh(5), "\"an old one\""));
        assert!(fits(&Matcher::Between(1, 3), "3") && !fits(&Matcher::Between(1, 3), "4"));
        let other = Matcher::Differs(String::new());
        assert!(fits(&other, "\"x\"") && !fits(&other, "\"filled\""));
    }
}
