//! Reads a HAR file leniently, entry by entry: missing members and known variations are accepted.

use std::cell::Cell;
use std::fmt;
use std::io::Read;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use super::time::Times;
use crate::fixture::{Answer, MAIN, Recorded, join_pairs};
use crate::record::BODY_LIMIT;

/// Why a file cannot be judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HarError(pub(super) String);

impl fmt::Display for HarError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for HarError {}

/// One entry of a file, secrets and all.
#[derive(Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its index in `log.entries`.
    pub index: usize,
    /// The URL.
    pub url: String,
    /// The request; its target is still empty.
    pub request: Recorded,
    /// The answer, if there was one.
    pub answer: Option<Answer>,
    /// When it began and how long it took.
    pub times: Times,
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entry")
            .field("index", &self.index)
            .finish_non_exhaustive()
    }
}

/// An entry of which too little can be read, and where and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unread {
    /// The place in the file, such as `log.entries[3].request.url`.
    pub place: String,
    /// The problem.
    pub problem: &'static str,
}

impl fmt::Display for Unread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.problem)
    }
}

/// Reads a file and passes on each entry; only one is held at a time. Returns how many there were.
///
/// # Errors
///
/// If it is no JSON or has no `log.entries`.
pub fn read_har(
    source: impl Read,
    mut each: impl FnMut(Result<Entry, Unread>),
) -> Result<usize, HarError> {
    // Where the reader is, for an error in the middle of an entry.
    let reached = Cell::new(None);
    let mut take = |index: usize, value: &Value| each(entry(index, value));
    let mut reader = serde_json::Deserializer::from_reader(source);
    let read = Root {
        reached: &reached,
        take: &mut take,
    }
    .deserialize(&mut reader)
    .and_then(|found| reader.end().map(|()| found));
    match read {
        Ok(true) => Ok(reached.get().unwrap_or(0)),
        Ok(false) => Err(HarError(
            "log.entries is missing or no list: export the recording as HAR 1.2, with a member \
             `log` that has a list `entries`"
                .to_owned(),
        )),
        // Only the position is shown: the message of a wrong value holds the value.
        Err(error) => {
            let place = match reached.get() {
                None => "before log.entries".to_owned(),
                Some(index) => format!("in or behind log.entries[{index}]"),
            };
            let what = if error.is_eof() {
                "the file ends early: export it again"
            } else if error.is_io() {
                "the file cannot be read any further"
            } else {
                "this is no JSON, or `log` is no object: export the recording as HAR 1.2"
            };
            Err(HarError(format!(
                "{place}, line {} column {}: {what}",
                error.line(),
                error.column()
            )))
        }
    }
}

type Take<'a> = dyn FnMut(usize, &Value) + 'a;

/// The whole file; yields whether it has `log.entries`.
struct Root<'a, 'b> {
    reached: &'a Cell<Option<usize>>,
    take: &'a mut Take<'b>,
}

/// A member of an object on the way to the entries.
struct Step<'a, 'b> {
    name: &'static str,
    inner: Option<&'static str>,
    reached: &'a Cell<Option<usize>>,
    take: &'a mut Take<'b>,
}

struct Entries<'a, 'b> {
    reached: &'a Cell<Option<usize>>,
    take: &'a mut Take<'b>,
}

impl<'de> DeserializeSeed<'de> for Root<'_, '_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        Step {
            name: "log",
            inner: Some("entries"),
            reached: self.reached,
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
            if name != self.name {
                map.next_value::<IgnoredAny>()?;
                continue;
            }
            let (reached, take) = (self.reached, &mut *self.take);
            found |= match self.inner {
                Some(inner) => map.next_value_seed(Step {
                    name: inner,
                    inner: None,
                    reached,
                    take,
                })?,
                None => map.next_value_seed(Entries { reached, take })?,
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
        self.reached.set(Some(0));
        while let Some(value) = list.next_element::<Value>()? {
            (self.take)(index, &value);
            index += 1;
            self.reached.set(Some(index));
        }
        Ok(true)
    }
}

fn entry(index: usize, value: &Value) -> Result<Entry, Unread> {
    let fail = |place: &str, problem| Unread {
        place: format!("log.entries[{index}]{place}"),
        problem,
    };
    let request = value.get("request").filter(|request| request.is_object());
    let request = request.ok_or_else(|| fail(".request", "it is missing or no object"))?;
    let text = |name: &str| request.get(name).and_then(Value::as_str);
    let method = text("method").filter(|method| !method.is_empty());
    let method = method.ok_or_else(|| fail(".request.method", "it is missing or no text"))?;
    let url = text("url").filter(|url| !url.is_empty());
    let url = url.ok_or_else(|| fail(".request.url", "it is missing or no text"))?;
    let mut headers = headers(request);
    let body = match request.get("postData") {
        None | Some(Value::Null) => Vec::new(),
        Some(posted) => {
            let kind = posted.get("mimeType").and_then(Value::as_str);
            // Where a tool writes no headers at all, this is all that is known of them.
            if headers.is_empty()
                && let Some(kind) = kind.filter(|kind| !kind.is_empty())
            {
                headers.push(("content-type".to_owned(), kind.to_owned()));
            }
            posted_body(posted).ok_or_else(|| {
                let problem = "its base64 is broken, or it is too large";
                fail(".request.postData.text", problem)
            })?
        }
    };
    Ok(Entry {
        index,
        url: url.to_owned(),
        request: Recorded {
            origin: MAIN.to_owned(),
            method: method.to_owned(),
            target: String::new(),
            headers,
            body,
        },
        answer: value.get("response").and_then(answer),
        times: Times::of(value),
    })
}

fn headers(message: &Value) -> Vec<(String, String)> {
    let pair = |header: &Value| {
        let name = header.get("name")?.as_str()?;
        let value = header
            .get("value")
            .and_then(Value::as_str)
            .unwrap_or_default();
        (!name.starts_with(':')).then(|| (name.to_owned(), value.to_owned()))
    };
    let all = message.get("headers").and_then(Value::as_array);
    all.map(|all| all.iter().filter_map(pair).collect())
        .unwrap_or_default()
}

fn posted_body(posted: &Value) -> Option<Vec<u8>> {
    if let Some(text) = posted.get("text").and_then(Value::as_str)
        && !text.is_empty()
    {
        return decoded(posted, text);
    }
    let params = posted.get("params").and_then(Value::as_array);
    let pair = |param: &Value| {
        let name = param.get("name")?.as_str()?;
        let value = param
            .get("value")
            .and_then(Value::as_str)
            .unwrap_or_default();
        Some((name.to_owned(), value.to_owned()))
    };
    let pairs: Vec<_> = params.into_iter().flatten().filter_map(pair).collect();
    Some(join_pairs(&pairs).into_bytes())
}

fn decoded(holder: &Value, text: &str) -> Option<Vec<u8>> {
    let encoding = holder.get("encoding").and_then(Value::as_str);
    let bytes = if encoding.is_some_and(|encoding| encoding.eq_ignore_ascii_case("base64")) {
        STANDARD.decode(text.trim()).ok()?
    } else {
        text.as_bytes().to_vec()
    };
    (bytes.len() <= BODY_LIMIT).then_some(bytes)
}

/// The answer; none if the request was never answered, which tools write as status 0.
fn answer(response: &Value) -> Option<Answer> {
    let status = response.get("status")?;
    let status = status
        .as_u64()
        .or_else(|| status.as_str()?.parse().ok())
        .and_then(|status| u16::try_from(status).ok())
        .filter(|status| (100..=999).contains(status))?;
    let mut headers = headers(response);
    // A HAR holds the body after the content coding is removed.
    headers.retain(|(name, _)| !name.eq_ignore_ascii_case("content-encoding"));
    let content = response.get("content");
    let body = content.and_then(|content| {
        let text = content.get("text").and_then(Value::as_str)?;
        decoded(content, text)
    });
    Some(Answer {
        status,
        reason: None,
        headers,
        body: body.unwrap_or_default(),
        cut_after: None,
        raw: None,
    })
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
