//! The keys of a rule in a file, with the first answer among those of the rule.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;
use std::path::PathBuf;
use std::time::Duration;

use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use super::rule::{Reply, Rule};
use crate::delivery::Delivery;

macro_rules! keys {
    ($(#[$meta:meta])* $name:ident { $($(#[$own_meta:meta])* $own:ident: $type:ty,)* }) => {
        $(#[$meta])*
        #[derive(Default, Serialize, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub(super) struct $name {
            $($(#[$own_meta])* $own: $type,)*
            #[serde(default, skip_serializing_if = "Option::is_none")]
            status: Option<u16>,
            #[serde(
                default,
                skip_serializing_if = "Option::is_none",
                deserialize_with = "body"
            )]
            body: Option<String>,
            #[serde(default, skip_serializing_if = "Option::is_none")]
            body_file: Option<PathBuf>,
            #[serde(default, skip_serializing_if = "Option::is_none")]
            delay_ms: Option<u64>,
            #[serde(default, skip_serializing_if = "Option::is_none")]
            slow_ms: Option<u64>,
            #[serde(default, skip_serializing_if = "Option::is_none")]
            cut_after_bytes: Option<usize>,
            #[serde(default, skip_serializing_if = "Option::is_none")]
            times: Option<u64>,
            #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
            headers: BTreeMap<String, String>,
        }

        impl $name {
            fn reply(&mut self) -> Reply {
                Reply {
                    status: self.status.unwrap_or(200),
                    headers: std::mem::take(&mut self.headers).into_iter().collect(),
                    body: self.body.take(),
                    body_file: self.body_file.take(),
                    delivery: Delivery {
                        delay: Duration::from_millis(self.delay_ms.unwrap_or_default()),
                        slow: Duration::from_millis(self.slow_ms.unwrap_or_default()),
                        cut_after: self.cut_after_bytes,
                    },
                    times: self.times,
                    loaded: None,
                }
            }

            fn set(&mut self, reply: Reply) {
                let millis = |time: Duration| {
                    let millis = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
                    (millis > 0).then_some(millis)
                };
                self.status = Some(reply.status);
                self.headers = reply.headers.into_iter().collect();
                self.body = reply.body;
                self.body_file = reply.body_file;
                self.delay_ms = millis(reply.delivery.delay);
                self.slow_ms = millis(reply.delivery.slow);
                self.cut_after_bytes = reply.delivery.cut_after;
                self.times = reply.times;
            }
        }
    };
}

keys! {
    RuleKeys {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        method: Option<String>,
        path: String,
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        query: BTreeMap<String, String>,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        then: Vec<Reply>,
    }
}

keys! { ReplyKeys {} }

impl<'de> Deserialize<'de> for Rule {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let keys = deserializer.deserialize_map(Keys::<RuleKeys>(PhantomData));
        keys.map(Self::from)
    }
}

impl<'de> Deserialize<'de> for Reply {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let keys = deserializer.deserialize_map(Keys::<ReplyKeys>(PhantomData));
        keys.map(Self::from)
    }
}

/// A struct by the names of its keys alone: what is derived takes a list of all values in their order, too.
struct Keys<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for Keys<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("keys with values, such as `path` and `status`")
    }

    fn visit_map<A: MapAccess<'de>>(self, keys: A) -> Result<T, A::Error> {
        T::deserialize(MapAccessDeserializer::new(keys))
    }
}

/// The commonest wrong body is the JSON to answer, not in quotes.
fn body<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    struct Text;

    impl Visitor<'_> for Text {
        type Value = String;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("text: put a body of JSON in quotes, too")
        }

        fn visit_str<E>(self, text: &str) -> Result<String, E> {
            Ok(text.to_owned())
        }

        fn visit_string<E>(self, text: String) -> Result<String, E> {
            Ok(text)
        }
    }

    deserializer.deserialize_string(Text).map(Some)
}

impl From<RuleKeys> for Rule {
    fn from(mut keys: RuleKeys) -> Self {
        let mut replies = vec![keys.reply()];
        replies.append(&mut keys.then);
        Self {
            name: keys.name,
            method: keys.method,
            path: keys.path,
            query: keys.query.into_iter().collect(),
            replies,
        }
    }
}

impl From<Rule> for RuleKeys {
    fn from(rule: Rule) -> Self {
        let mut replies = rule.replies.into_iter();
        let mut keys = Self {
            name: rule.name,
            method: rule.method,
            path: rule.path,
            query: rule.query.into_iter().collect(),
            ..Self::default()
        };
        if let Some(first) = replies.next() {
            keys.set(first);
        }
        keys.then = replies.collect();
        keys
    }
}

impl From<ReplyKeys> for Reply {
    fn from(mut keys: ReplyKeys) -> Self {
        keys.reply()
    }
}

impl From<Reply> for ReplyKeys {
    fn from(reply: Reply) -> Self {
        let mut keys = Self::default();
        keys.set(reply);
        keys
    }
}
