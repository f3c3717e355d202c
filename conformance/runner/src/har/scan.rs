//! Finds the values of a JSON text by its structure alone: where a value begins and ends is known even if there is
//! something in it that is no JSON.

use std::io::{self, BufRead};

use memchr::{memchr_iter, memchr2, memrchr};

/// The most bytes of one text that are kept; what is longer is as good as left out.
pub(super) const LONGEST_TEXT: usize = 16 * 1024 * 1024;

/// A place in the text, both counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Position {
    pub(super) line: usize,
    pub(super) column: usize,
}

impl Position {
    /// The place at this line and column behind it, counted from 1 as it is.
    pub(super) fn moved(self, line: usize, column: usize) -> Self {
        if line > 1 {
            let line = self.line + line - 1;
            return Self { line, column };
        }
        let column = self.column + column.saturating_sub(1);
        Self {
            line: self.line,
            column,
        }
    }
}

/// Why the text cannot be read any further.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Problem {
    /// It ends inside a value.
    Ends,
    /// The source fails.
    Source,
    /// This was expected.
    Expected(&'static str),
}

/// Reads values one after the other, none of which it holds.
pub(super) struct Scanner<R> {
    source: R,
    position: Position,
}

impl<R: BufRead> Scanner<R> {
    pub(super) fn new(source: R) -> Self {
        let position = Position { line: 1, column: 1 };
        Self { source, position }
    }

    /// Where the next byte is.
    pub(super) fn position(&self) -> Position {
        self.position
    }

    /// The next byte that is no white space; none at the end.
    pub(super) fn peek(&mut self) -> Result<Option<u8>, Problem> {
        loop {
            let part = self.part()?;
            let white = part.iter().take_while(|byte| is_white(**byte)).count();
            let next = part.get(white).copied();
            let at_end = part.is_empty();
            self.consume(white);
            if next.is_some() || at_end {
                return Ok(next);
            }
        }
    }

    /// Skips one of these bytes, and says which.
    pub(super) fn take(&mut self, any: &[u8], expected: &'static str) -> Result<u8, Problem> {
        match self.peek()? {
            Some(next) if any.contains(&next) => {
                self.consume(1);
                Ok(next)
            }
            Some(_) => Err(Problem::Expected(expected)),
            None => Err(Problem::Ends),
        }
    }

    /// Reads the members of an object: `each` gets the name, and reads or skips the value.
    pub(super) fn members(
        &mut self,
        mut each: impl FnMut(&mut Self, &str) -> Result<(), Problem>,
    ) -> Result<(), Problem> {
        self.take(b"{", "an object")?;
        let mut name = Vec::new();
        if self.peek()? == Some(b'}') {
            self.consume(1);
            return Ok(());
        }
        loop {
            if self.peek()?.is_some_and(|next| next != b'"') {
                return Err(Problem::Expected("a name in quotation marks"));
            }
            name.clear();
            self.value(Some(&mut name))?;
            self.take(b":", "`:`")?;
            // A name that is no text is none of those that are looked for.
            each(self, &text(&name).unwrap_or_default())?;
            if self.take(b",}", "`,` or `}`")? == b'}' {
                return Ok(());
            }
        }
    }

    /// Reads the items of a list: `each` reads or skips one.
    pub(super) fn items(
        &mut self,
        mut each: impl FnMut(&mut Self) -> Result<(), Problem>,
    ) -> Result<(), Problem> {
        self.take(b"[", "a list")?;
        if self.peek()? == Some(b']') {
            self.consume(1);
            return Ok(());
        }
        loop {
            each(self)?;
            if self.take(b",]", "`,` or `]`")? == b']' {
                return Ok(());
            }
        }
    }

    /// Skips a value, and keeps its bytes if there is a place for them: a text that is too long is kept as `null`.
    pub(super) fn value(&mut self, mut kept: Option<&mut Vec<u8>>) -> Result<(), Problem> {
        match self.peek()? {
            None => return Err(Problem::Ends),
            Some(b',' | b':' | b']' | b'}') => return Err(Problem::Expected("a value")),
            Some(_) => {}
        }
        let mut state = State::default();
        while !state.done {
            let part = self.part()?;
            if part.is_empty() {
                // A number at the very end is whole.
                return if state.open.is_empty() && state.string.is_none() {
                    Ok(())
                } else {
                    Err(Problem::Ends)
                };
            }
            let (count, problem) = state.scan(part, kept.as_deref_mut());
            self.consume(count);
            problem?;
        }
        Ok(())
    }

    /// What is read already, or the next part; empty at the end.
    fn part(&mut self) -> Result<&[u8], Problem> {
        loop {
            match self.source.fill_buf().map_err(|error| error.kind()) {
                Ok(_) => break,
                Err(io::ErrorKind::Interrupted) => {}
                // A compressed file that was cut.
                Err(io::ErrorKind::UnexpectedEof) => return Err(Problem::Ends),
                Err(_) => return Err(Problem::Source),
            }
        }
        self.source.fill_buf().map_err(|_| Problem::Source)
    }

    fn consume(&mut self, count: usize) {
        if count == 0 {
            return;
        }
        if let Ok(part) = self.source.fill_buf() {
            let part = &part[..count.min(part.len())];
            self.position.line += memchr_iter(b'\n', part).count();
            match memrchr(b'\n', part) {
                Some(last) => self.position.column = part.len() - last,
                None => self.position.column += part.len(),
            }
        }
        self.source.consume(count);
    }
}

/// How far a value is read.
#[derive(Default)]
struct State {
    /// The brackets that close what is open.
    open: Vec<u8>,
    /// How many bytes were kept before the text that is being read.
    string: Option<usize>,
    is_escaped: bool,
    is_too_long: bool,
    done: bool,
}

impl State {
    /// Reads a part of the value, and says how much of it belongs to the value.
    fn scan(
        &mut self,
        part: &[u8],
        mut kept: Option<&mut Vec<u8>>,
    ) -> (usize, Result<(), Problem>) {
        let mut at = 0;
        while at < part.len() && !self.done {
            let from = at;
            if let Some(begin) = self.string {
                at = self.in_string(part, at);
                if let Some(kept) = kept.as_deref() {
                    self.is_too_long |= kept.len() - begin + at - from > LONGEST_TEXT;
                }
                self.keep(&part[from..at], kept.as_deref_mut());
                if self.string.is_none() && self.is_too_long {
                    self.is_too_long = false;
                    if let Some(kept) = kept.as_deref_mut() {
                        kept.truncate(begin);
                        kept.extend_from_slice(b"null");
                    }
                }
                continue;
            }
            let end = part[at..]
                .iter()
                .position(|byte| b"\"{}[],:".contains(byte) || is_white(*byte));
            at += end.unwrap_or(part.len() - at);
            if self.open.is_empty() && at > from {
                // A number or a word: it ends before what follows.
                self.done = at < part.len();
                self.keep(&part[from..at], kept.as_deref_mut());
                continue;
            }
            let Some(byte) = part.get(at).copied() else {
                self.keep(&part[from..at], kept.as_deref_mut());
                break;
            };
            match byte {
                b'"' => {
                    let kept = kept.as_deref().map_or(0, Vec::len);
                    self.string = Some(kept + at - from);
                }
                b'{' => self.open.push(b'}'),
                b'[' => self.open.push(b']'),
                b'}' | b']' if self.open.last() == Some(&byte) => {
                    self.open.pop();
                    self.done = self.open.is_empty();
                }
                b'}' | b']' => {
                    let expected = match self.open.last() {
                        Some(b'}') => "`}`",
                        Some(_) => "`]`",
                        // It closes what is outside of the value, a number cut by the end of the part.
                        None => {
                            self.done = true;
                            return (at, Ok(()));
                        }
                    };
                    return (at, Err(Problem::Expected(expected)));
                }
                _ if self.open.is_empty() => {
                    self.done = true;
                    return (at, Ok(()));
                }
                _ => {}
            }
            at += 1;
            self.keep(&part[from..at], kept.as_deref_mut());
        }
        (at, Ok(()))
    }

    /// Reads a part of a text, and says where it ends.
    fn in_string(&mut self, part: &[u8], mut at: usize) -> usize {
        while at < part.len() {
            if self.is_escaped {
                self.is_escaped = false;
                at += 1;
                continue;
            }
            let Some(next) = memchr2(b'"', b'\\', &part[at..]) else {
                return part.len();
            };
            at += next + 1;
            if part[at - 1] == b'"' {
                self.string = None;
                self.done = self.open.is_empty();
                return at;
            }
            self.is_escaped = true;
        }
        at
    }

    fn keep(&self, bytes: &[u8], kept: Option<&mut Vec<u8>>) {
        if let Some(kept) = kept.filter(|_| !self.is_too_long) {
            kept.extend_from_slice(bytes);
        }
    }
}

fn is_white(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

/// A text in quotation marks.
pub(super) fn text(json: &[u8]) -> Option<String> {
    serde_json::from_slice(json).ok()
}

#[cfg(test)]
mod tests {
    use std::io::BufReader;

    use super::*;

    /// The values of a list, read in parts of this many bytes.
    fn items(text: &[u8], part: usize) -> Result<Vec<String>, (Problem, Position)> {
        let mut scanner = Scanner::new(BufReader::with_capacity(part, text));
        let mut all = Vec::new();
        let read = scanner.items(|scanner| {
            let mut kept = Vec::new();
            scanner.value(Some(&mut kept))?;
            all.push(String::from_utf8_lossy(&kept).into_owned());
            Ok(())
        });
        read.map_err(|problem| (problem, scanner.position()))?;
        assert_eq!(scanner.peek(), Ok(None));
        Ok(all)
    }

    #[test]
    fn each_value_ends_where_it_does_whatever_is_in_it() {
        let values = [
            r#"{"a":[1,{"b":"}]"}],"c":"\"\\"}"#,
            "12.5e3",
            "NaN",
            r#""\ud83d alone, \\\" and [""#,
            "[[],{}]",
            "null",
            "[ {\t\"a\" :\n1e400 } ]",
            "\"\"",
        ];
        let text = format!("\n[ {} ]\r\n", values.join(" ,\n"));
        for part in 1..=text.len() {
            assert_eq!(items(text.as_bytes(), part).unwrap(), values, "{part}");
        }
        assert_eq!(items(b" [ ] ", 1).unwrap(), Vec::<String>::new());
    }

    #[test]
    fn a_structure_that_is_broken_is_an_error_at_its_place() {
        let expected = Problem::Expected;
        for (text, problem, line, column) in [
            ("[{\n \"a\": [1}]", expected("`]`"), 2, 9),
            ("[1 2]", expected("`,` or `]`"), 1, 4),
            ("[,]", expected("a value"), 1, 2),
            ("[1,\n]", expected("a value"), 2, 1),
            ("{}", expected("a list"), 1, 1),
            ("[{\"a\": \"b", Problem::Ends, 1, 10),
            ("[1", Problem::Ends, 1, 3),
            ("", Problem::Ends, 1, 1),
        ] {
            for part in 1..=text.len().max(1) {
                let error = items(text.as_bytes(), part).unwrap_err();
                assert_eq!(error, (problem, Position { line, column }), "{text} {part}");
            }
        }
    }

    #[test]
    fn members_are_known_by_name_however_it_is_written() {
        let read = |text: &str| {
            let mut names = Vec::new();
            let mut scanner = Scanner::new(text.as_bytes());
            let read = scanner.members(|scanner, name| {
                names.push(name.to_owned());
                scanner.value(None)
            });
            (names, read)
        };
        let (names, read_all) = read(r#"{"\u0061": {"b": 1}, "c\ud83d": 2, "d": []}"#);
        assert_eq!((names.concat().as_str(), read_all), ("ad", Ok(())));
        let (_, problem) = read("{a: 1}");
        assert_eq!(problem, Err(Problem::Expected("a name in quotation marks")));
        assert_eq!(read(r#"{"a" 1}"#).1, Err(Problem::Expected("`:`")));
        assert_eq!(read("{}").1, Ok(()));
    }

    #[test]
    fn a_text_that_is_too_long_is_left_out() {
        let long = "x".repeat(LONGEST_TEXT);
        let text = format!(r#"[{{"a": "{long}", "b": "c"}}, "{long}", "d"]"#);
        for part in [4096, text.len()] {
            let kept = items(text.as_bytes(), part).unwrap();
            assert_eq!(kept, [r#"{"a": null, "b": "c"}"#, "null", "\"d\""]);
        }
    }
}
