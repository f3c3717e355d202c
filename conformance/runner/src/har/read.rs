//! Reads a HAR file leniently, entry by entry.

use std::cell::Cell;
use std::fmt;
use std::io::{BufReader, Read};

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use serde_json::error::Category;

use super::encoding;
use super::entry::{Entry, Tool, Unread};
use super::message::entry;

/// Why a file cannot be judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HarError(pub(super) String);

impl fmt::Display for HarError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for HarError {}

/// The name under which Chromium's developer tools export. By default they leave out the credentials of headers.
const SANITIZER: &str = "WebInspector";

/// What to do about a file that is no JSON.
const FIX: &str =
    "export the recording as HAR 1.2, or take out the entry there if it is another server's";

/// Reads a file and passes on each entry; only one is held at a time. Returns how many there were.
///
/// # Errors
///
/// If it is no JSON or has no `log.entries`.
pub fn read_har(
    source: impl Read,
    mut each: impl FnMut(Result<Entry, Unread>),
) -> Result<usize, HarError> {
    let progress = Progress::default();
    let mut take = |index: usize, value: &Value| {
        let mut read = entry(index, value);
        if let Ok(entry) = &mut read {
            entry.tool = progress.tool.clone();
        }
        each(read);
    };
    let source = BufReader::with_capacity(64 * 1024, encoding::decoded(source)?);
    let mut reader = serde_json::Deserializer::from_reader(source);
    let read = Root {
        progress: &progress,
        take: &mut take,
    }
    .deserialize(&mut reader)
    .and_then(|found| reader.end().map(|()| found));
    match read {
        Ok(true) => Ok(progress.reached.get().unwrap_or(0)),
        Ok(false) => Err(HarError(
            "log.entries is missing or no list: export the recording as HAR 1.2, with a member \
             `log` that has a list `entries`"
                .to_owned(),
        )),
        // Only the position is shown: the message of a wrong value holds the value.
        Err(error) => {
            let place = match progress.reached.get() {
                None => "before log.entries".to_owned(),
                Some(index) => format!("in or behind log.entries[{index}]"),
            };
            let what = match error.classify() {
                Category::Eof => "the file ends early: export it again".to_owned(),
                Category::Io => "the file cannot be read any further".to_owned(),
                Category::Data => {
                    "`log` is no object, or its `entries` are no list: export the recording as HAR 1.2".to_owned()
                }
                Category::Syntax => format!("this is no JSON ({}): {FIX}", problem(&error)),
            };
            Err(HarError(format!(
                "{place}, line {} column {}: {what}",
                error.line(),
                error.column()
            )))
        }
    }
}

/// What is wrong with the text, which holds nothing of it.
fn problem(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let (what, _) = text.rsplit_once(" at line ").unwrap_or((&text, ""));
    what.to_owned()
}

type Take<'a> = dyn FnMut(usize, &Value) + 'a;

/// What is known in the middle of a file.
#[derive(Default)]
struct Progress {
    /// The entry that the reader has reached, for an error in the middle of it.
    reached: Cell<Option<usize>>,
    /// What the file says of the tool that wrote it.
    tool: Tool,
}

/// The whole file; yields whether it has `log.entries`.
struct Root<'a, 'b> {
    progress: &'a Progress,
    take: &'a mut Take<'b>,
}

/// A member of an object on the way to the entries.
struct Step<'a, 'b> {
    name: &'static str,
    inner: Option<&'static str>,
    progress: &'a Progress,
    take: &'a mut Take<'b>,
}

struct Entries<'a, 'b> {
    progress: &'a Progress,
    take: &'a mut Take<'b>,
}

impl<'de> DeserializeSeed<'de> for Root<'_, '_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        Step {
            name: "log",
            inner: Some("entries"),
            progress: self.progress,
            take: self.take,
        }
        .deserialize(deserializer)
    }
}

impl<'de> DeserializeSeed<'de> for Step<'_, '_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Step<'_, '_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an object with `{}`", self.name)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<bool, A::Error> {
        let mut found = false;
        while let Some(name) = map.next_key::<String>()? {
            if self.inner.is_none() && name == "creator" {
                let creator: Value = map.next_value()?;
                if creator.get("name").is_some_and(|name| name == SANITIZER) {
                    self.progress.tool.sanitizes();
                }
                continue;
            }
            if name != self.name {
                map.next_value::<IgnoredAny>()?;
                continue;
            }
            let (progress, take) = (self.progress, &mut *self.take);
            found |= match self.inner {
                Some(inner) => map.next_value_seed(Step {
                    name: inner,
                    inner: None,
                    progress,
                    take,
                })?,
                None => map.next_value_seed(Entries { progress, take })?,
            };
        }
        Ok(found)
    }
}

impl<'de> DeserializeSeed<'de> for Entries<'_, '_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Entries<'_, '_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of entries")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<bool, A::Error> {
        let mut index = 0;
        self.progress.reached.set(Some(0));
        while let Some(value) = list.next_element::<Value>()? {
            (self.take)(index, &value);
            index += 1;
            self.progress.reached.set(Some(index));
        }
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (Vec<Entry>, Vec<String>) {
        let (mut entries, mut unread) = (Vec::new(), Vec::new());
        let count = read_har(text.as_bytes(), |read| match read {
            Ok(entry) => entries.push(entry),
            Err(problem) => unread.push(problem.to_string()),
        })
        .unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(count, entries.len() + unread.len());
        (entries, unread)
    }

    fn fails(text: &str) -> String {
        read_har(text.as_bytes(), |_| ()).unwrap_err().to_string()
    }

    #[test]
    fn an_entry_with_the_least_members_is_read() {
        let text = r#"{"log":{"entries":[{"request":{"method":"GET","url":"https://x/"}}]}}"#;
        let (entries, _) = read(text);
        assert_eq!(
            (entries[0].url.as_str(), &entries[0].answer),
            ("https://x/", &None)
        );
    }

    #[test]
    fn every_way_of_writing_a_body_is_read() {
        let with = |posted: &str| {
            let text = format!(
                r#"{{"log":{{"version":"1.2","entries":[{{"timings":{{}},"request":{{"method":
                "POST","url":"https://x/","headers":[{{"name":":path","value":"/"}}],"postData":
                {posted}}},"response":{{"status":"200","content":{{"text":"aGk=","encoding":
                "base64"}}}}}}]}}}}"#
            );
            read(&text).0.remove(0)
        };
        let entry = with(r#"{"mimeType":"a/b","text":"a=b%20c"}"#);
        assert_eq!(entry.request.body, b"a=b%20c");
        assert_eq!(
            entry.request.headers,
            [("content-type".to_owned(), "a/b".to_owned())]
        );
        assert_eq!(entry.answer.map(|answer| answer.body), Some(b"hi".to_vec()));
        let params = r#"{"params":[{"name":"a","value":"b c"},{"name":"d"}]}"#;
        assert_eq!(with(params).request.body, b"a=b+c&d=");
        assert_eq!(
            with(r#"{"text":"aGk=","encoding":"base64"}"#).request.body,
            b"hi"
        );
        assert_eq!(with("null").request.body, b"");
    }

    #[test]
    fn an_unreadable_entry_is_named_and_the_others_are_read() {
        let text = r#"{"log":{"entries":[{"request":{"method":"GET"}}, 7,
            {"request":{"url":"https://x/","method":"GET"},"response":{"status":0}}]}}"#;
        let (entries, unread) = read(text);
        assert_eq!((entries.len(), entries[0].index), (1, 2));
        assert_eq!(
            unread,
            [
                "log.entries[0].request.url: it is missing or no text",
                "log.entries[1].request: it is missing or no object"
            ]
        );
    }

    #[test]
    fn an_invalid_har_says_where_and_how_to_fix_it_without_values() {
        assert!(fails("CANARY").contains("before log.entries, line 1 column 1: this is no JSON"));
        assert!(fails("{\"log\":\"CANARY\"}").contains("`log` is no object"));
        assert!(fails("{\"log\":{}}").contains("log.entries is missing"));
        let text = r#"{"log":{"entries":[{"request":{}},{"request""#;
        let error = fails(text);
        assert!(
            error.contains("in or behind log.entries[1], line 1"),
            "{error}"
        );
        assert!(error.contains("the file ends early"), "{error}");
        for error in [fails("CANARY"), fails("{\"log\":\"CANARY\"}")] {
            assert!(!error.contains("CANARY"), "{error}");
        }
    }
}
