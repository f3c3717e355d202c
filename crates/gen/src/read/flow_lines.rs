//! YAML whose `{…}` and `[…]` go on at the start of a line. YAML asks for more blanks there than the line has on which they
//! begin; most readers do not, so vendors write it.

/// Blanks that no block around it needs. Within `{…}` they mean nothing.
const DEEP: &str = "                                                                ";

/// The same document with the same lines, of which those within `{…}` and `[…]` are indented.
pub(super) fn indented(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    let mut flow = Flow::default();
    // The indentation of the line after which a text in lines of its own began.
    let mut block_text: Option<usize> = None;
    for line in text.split_inclusive('\n') {
        let content = line.trim_start_matches(' ');
        let indent = line.len() - content.len();
        if flow.depth > 0 {
            out.push_str(DEEP);
            flow.take(content);
        } else if block_text.is_some_and(|it| content.trim().is_empty() || indent > it) {
            // Its blanks are part of it.
        } else {
            block_text = begins_text(content).then_some(indent);
            if let Some(value) = value_of(content).filter(|it| it.starts_with(['{', '['])) {
                flow.take(value);
            }
        }
        out.push_str(line);
    }
    out
}

/// Whether the lines that follow, if they are indented, are one text.
fn begins_text(line: &str) -> bool {
    let line = line.split(" #").next().unwrap_or_default().trim_end();
    let mark = line.trim_end_matches(|it: char| it.is_ascii_digit() || it == '+' || it == '-');
    let before = mark.strip_suffix(['|', '>']).map(str::trim_end);
    before.is_some_and(|it| it.ends_with([':', '-']) || it.starts_with('-'))
}

/// What stands on a line after dashes, the key and an anchor.
fn value_of(line: &str) -> Option<&str> {
    let mut rest = line.trim_end();
    while let Some(after) = rest.strip_prefix("- ") {
        rest = after.trim_start();
    }
    if !rest.starts_with(['{', '[']) {
        let key = match rest.strip_prefix(['"', '\'']) {
            Some(after) => after.find(['"', '\'']).map_or(0, |at| at + 1),
            None => 0,
        };
        let at = rest[key..].find(": ")?;
        rest = rest[key + at + 2..].trim_start();
    }
    while rest.starts_with(['&', '!']) {
        rest = rest.split_once(' ')?.1.trim_start();
    }
    Some(rest)
}

#[derive(Default)]
struct Flow {
    depth: usize,
    quote: Option<char>,
}

impl Flow {
    fn take(&mut self, line: &str) {
        let mut before = ' ';
        let mut characters = line.chars();
        while let Some(character) = characters.next() {
            match (self.quote, character) {
                (Some('"'), '\\') => {
                    characters.next();
                }
                (Some(quote), _) if quote == character => self.quote = None,
                // Within a plain text a quotation mark is one of its characters.
                (None, '"' | '\'') if before == ' ' || "{[,:".contains(before) => {
                    self.quote = Some(character);
                }
                (None, '#') if before == ' ' => return,
                (None, '{' | '[') => self.depth += 1,
                (None, '}' | ']') => self.depth = self.depth.saturating_sub(1),
                _ => {}
            }
            before = character;
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::json;

    use crate::read::read;

    #[rstest]
    #[case("a:\n  b: {\n    \"c/d\": {},\n    e: 1\n  }\n  f: 2\n", json!({"a": {"b": {"c/d": {}, "e": 1}, "f": 2}}))]
    #[case("a:\n  - b: [\n  1, '2 }', # ]\n]\n  - 3\n", json!({"a": [{"b": [1, "2 }"]}, 3]}))]
    #[case("a:\n  t: |\n    x: {\n    }\n  u: {\n  }\n", json!({"a": {"t": "x: {\n}\n", "u": {}}}))]
    #[case("a:\n  - >-\n    x [\n    ]\n  - {b: \"it's }\\\" \"\n}\n", json!({"a": ["x [ ]", {"b": "it's }\" "}]}))]
    #[case("a:\n  \"k: {\": &x {\n  b: it's\n}\n  c: *x\n", json!({"a": {"k: {": {"b": "it's"}, "c": {"b": "it's"}}}))]
    fn brackets_may_go_on_at_the_start_of_a_line(
        #[case] text: &str,
        #[case] expected: serde_json::Value,
    ) {
        let node = read(text, 0, &mut Vec::new()).expect(text);
        assert_eq!(node.to_json(), expected);
    }

    #[test]
    fn values_keep_their_lines() {
        let node = read("a:\n  b: {\n    c: 1\n  }\n  d: 2\n", 0, &mut Vec::new()).unwrap();
        let line = |pointer: &str| node.pointer(pointer).unwrap().place.line;
        assert_eq!((line("/a/b/c"), line("/a/d")), (3, 5));
    }

    #[test]
    fn what_is_wrong_otherwise_keeps_its_message() {
        let error = read("a:\n  b: {\n  }\n c: 1\n", 0, &mut Vec::new()).unwrap_err();
        assert_eq!(error.place.line, 4, "{error}");
    }
}
