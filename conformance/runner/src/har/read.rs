//! Reads a HAR file leniently, entry by entry.

use std::fmt;
use std::io::{BufRead, BufReader, Read};

use serde_json::Value;

use super::encoding;
use super::entry::{Entry, Tool, Unread};
use super::message::entry;
use super::scan::{Position, Problem, Scanner, text};

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

/// What to do about a file of another form.
const EXPORT: &str = "export the recording as HAR 1.2";

/// How much memory is kept from one entry to the next.
const KEPT: usize = 1024 * 1024;

/// Reads a file and passes on each entry whose URL is `wanted`, and each that cannot be read and may be one of them;
/// only one is held at a time. Returns how many entries the file has.
///
/// # Errors
///
/// If it is no JSON around its entries, or has no `log.entries`.
pub fn read_har(
    source: impl Read,
    wanted: impl Fn(&str) -> bool,
    mut each: impl FnMut(Result<Entry, Unread>),
) -> Result<usize, HarError> {
    let source = BufReader::with_capacity(64 * 1024, encoding::decoded(source)?);
    let mut scanner = Scanner::new(source);
    let mut place = Place::Before;
    let tool = Tool::default();
    let mut take = |index: usize, at: Position, json: &[u8]| {
        let url = url_of(json);
        if url.is_some_and(|url| !wanted(&url)) {
            return;
        }
        let mut read = parse(index, at, json);
        if let Ok(entry) = &mut read {
            entry.tool = tool.clone();
        }
        each(read);
    };
    let read = log(&mut scanner, &mut place, &tool, &mut take);
    let (place, problem) = match (place, read) {
        (Place::Behind(count), Ok(())) => return Ok(count),
        (_, Ok(())) => {
            return Err(HarError(format!(
                "log.entries is missing or no list: {EXPORT}, with a member `log` that has a list `entries`"
            )));
        }
        (place, Err(problem)) => (place, problem),
    };
    let position = scanner.position();
    let what = match problem {
        Problem::Ends => "the file ends early: export it again".to_owned(),
        Problem::Source => "the file cannot be read any further: export it again".to_owned(),
        Problem::Expected(NO_OBJECT) => {
            format!("`log` is no object, or its `entries` are no list: {EXPORT}")
        }
        Problem::Expected(what) => format!("this is no JSON ({what} is expected): {EXPORT}"),
    };
    Err(HarError(format!("{place}, {position}: {what}")))
}

/// What is expected where a value of another kind stands.
const NO_OBJECT: &str = "an object or a list";

/// How far the file is read.
#[derive(Clone, Copy)]
enum Place {
    Before,
    In(usize),
    Behind(usize),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Before => f.write_str("before log.entries"),
            Self::In(index) => write!(f, "in or behind log.entries[{index}]"),
            Self::Behind(_) => f.write_str("behind log.entries"),
        }
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {} column {}", self.line, self.column)
    }
}

/// Reads the whole file.
fn log<R: BufRead>(
    scanner: &mut Scanner<R>,
    place: &mut Place,
    tool: &Tool,
    take: &mut dyn FnMut(usize, Position, &[u8]),
) -> Result<(), Problem> {
    begins(scanner, b'{')?;
    scanner.members(|scanner, name| {
        if name != "log" {
            return scanner.value(None);
        }
        begins(scanner, b'{')?;
        scanner.members(|scanner, name| match name {
            "entries" => entries(scanner, place, take),
            "creator" => {
                let mut json = Vec::new();
                scanner.value(Some(&mut json))?;
                let creator: Value = serde_json::from_slice(&json).unwrap_or_default();
                if creator.get("name").is_some_and(|name| name == SANITIZER) {
                    tool.sanitizes();
                }
                Ok(())
            }
            _ => scanner.value(None),
        })
    })?;
    match scanner.peek()? {
        None => Ok(()),
        Some(_) => Err(Problem::Expected("the end")),
    }
}

fn entries<R: BufRead>(
    scanner: &mut Scanner<R>,
    place: &mut Place,
    take: &mut dyn FnMut(usize, Position, &[u8]),
) -> Result<(), Problem> {
    begins(scanner, b'[')?;
    let mut index = match *place {
        Place::Behind(count) => count,
        Place::Before | Place::In(_) => 0,
    };
    *place = Place::In(index);
    let mut json = Vec::new();
    scanner.items(|scanner| {
        json.clear();
        json.shrink_to(KEPT);
        scanner.peek()?;
        let at = scanner.position();
        scanner.value(Some(&mut json))?;
        take(index, at, &json);
        index += 1;
        *place = Place::In(index);
        Ok(())
    })?;
    *place = Place::Behind(index);
    Ok(())
}

/// Whether the next value is of this kind. If it is another one, the text may still be JSON.
fn begins<R: BufRead>(scanner: &mut Scanner<R>, bracket: u8) -> Result<(), Problem> {
    match scanner.peek()? {
        None => Err(Problem::Ends),
        Some(next) if next == bracket => Ok(()),
        Some(b'{' | b'[' | b'"' | b'0'..=b'9' | b'-' | b't' | b'f' | b'n') => {
            Err(Problem::Expected(NO_OBJECT))
        }
        Some(_) => Err(Problem::Expected("a value")),
    }
}

/// The URL of an entry, whatever else is in it.
fn url_of(json: &[u8]) -> Option<String> {
    let mut url = None;
    let read = Scanner::new(json).members(|scanner, name| {
        if name != "request" {
            return scanner.value(None);
        }
        scanner.members(|scanner, name| {
            if name != "url" {
                return scanner.value(None);
            }
            let mut json = Vec::new();
            scanner.value(Some(&mut json))?;
            url = text(&json);
            // The rest says nothing of it.
            Err(Problem::Ends)
        })
    });
    read.err().and(url)
}

fn parse(index: usize, at: Position, json: &[u8]) -> Result<Entry, Unread> {
    match serde_json::from_slice::<Value>(json) {
        Ok(value) => entry(index, &value),
        Err(error) => {
            let position = at.moved(error.line(), error.column());
            Err(Unread {
                place: format!("log.entries[{index}], {position}"),
                problem: problem(&error),
            })
        }
    }
}

/// What is wrong with the text, which holds nothing of it.
fn problem(error: &serde_json::Error) -> &'static str {
    let text = error.to_string();
    let known = PROBLEMS.iter().find(|(part, _)| text.contains(part));
    known.map_or("it is no JSON", |(_, what)| what)
}

/// The parser's words, and what they mean.
const PROBLEMS: [(&str, &str); 7] = [
    (
        "hex escape",
        "an escape is half of a character, a surrogate alone",
    ),
    (
        "lone leading surrogate",
        "an escape is half of a character, a surrogate alone",
    ),
    ("invalid unicode code point", "a text is no UTF-8"),
    ("number out of range", "a number is too large"),
    (
        "recursion limit exceeded",
        "more than 127 levels are nested",
    ),
    (
        "control character",
        "a text holds a control character that is not escaped",
    ),
    ("expected value", "a value is no JSON, such as NaN"),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (Vec<Entry>, Vec<String>) {
        let (mut entries, mut unread) = (Vec::new(), Vec::new());
        let count = read_har(
            text.as_bytes(),
            |_| true,
            |read| match read {
                Ok(entry) => entries.push(entry),
                Err(problem) => unread.push(problem.to_string()),
            },
        )
        .unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(count, entries.len() + unread.len());
        (entries, unread)
    }

    fn fails(text: &str) -> String {
        read_har(text.as_bytes(), |_| true, |_| ())
            .unwrap_err()
            .to_string()
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

    /// Texts that are no JSON, each with what is said of it.
    fn broken() -> [(Vec<u8>, &'static str); 7] {
        let deep = [b"[".repeat(200), b"]".repeat(200)].concat();
        [
            (br#""\ud83d""#.to_vec(), "a surrogate alone"),
            (br#""\udc00""#.to_vec(), "a surrogate alone"),
            (b"\"\xff\"".to_vec(), "a text is no UTF-8"),
            (b"NaN".to_vec(), "such as NaN"),
            (b"1e400".to_vec(), "a number is too large"),
            (b"\"CANARY\x01\"".to_vec(), "a control character"),
            (deep, "more than 127 levels"),
        ]
    }

    /// A file with a value in the second of its entries.
    fn file_with(value: &[u8]) -> Vec<u8> {
        let request =
            |host: &str| format!(r#"{{"request":{{"method":"GET","url":"https://{host}/"}}"#);
        let text = format!(
            "{{\"log\":{{\"entries\":[\n{}}},\n{},\"response\":",
            request("a"),
            request("b")
        );
        let rest = format!("}},\n{}}}]}}}}", request("c"));
        [text.as_bytes(), value, rest.as_bytes()].concat()
    }

    #[test]
    fn an_entry_that_is_no_json_is_named_and_the_others_are_read() {
        for (value, said) in broken() {
            let (mut read, mut unread) = (Vec::new(), Vec::new());
            let each = |one: Result<Entry, Unread>| match one {
                Ok(entry) => read.push((entry.index, entry.url)),
                Err(problem) => unread.push(problem.to_string()),
            };
            let count = read_har(file_with(&value).as_slice(), |_| true, each).unwrap();
            let known = [(0, "https://a/".to_owned()), (2, "https://c/".to_owned())];
            assert_eq!((count, read.as_slice()), (3, known.as_slice()), "{said}");
            assert_eq!(unread.len(), 1, "{said}");
            let place = unread[0].starts_with("log.entries[1], line 3 column ");
            assert!(place && unread[0].contains(said), "{said}: {}", unread[0]);
            assert!(!unread[0].contains("CANARY"), "{}", unread[0]);
        }
    }

    #[test]
    fn what_is_in_the_entry_of_another_server_does_not_matter() {
        for (value, said) in broken() {
            let mut read = Vec::new();
            let wanted = |url: &str| !url.starts_with("https://b");
            let each = |one: Result<Entry, Unread>| read.push(one.unwrap().index);
            let count = read_har(file_with(&value).as_slice(), wanted, each).unwrap();
            assert_eq!((count, read.as_slice()), (3, [0, 2].as_slice()), "{said}");
        }
    }

    #[test]
    fn half_a_character_in_utf_16_breaks_only_its_entry() {
        let text = String::from_utf8(file_with(b"\"?\"")).unwrap();
        let units = text
            .encode_utf16()
            .map(|unit| if unit == 63 { 0xd83d } else { unit });
        let bytes: Vec<u8> = units.flat_map(u16::to_le_bytes).collect();
        let mut unread = Vec::new();
        let each = |one: Result<Entry, Unread>| unread.extend(one.err());
        let count = read_har(bytes.as_slice(), |_| true, each).unwrap();
        assert_eq!((count, unread.len()), (3, 1));
        assert!(unread[0].to_string().contains("no UTF-8"), "{}", unread[0]);
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
