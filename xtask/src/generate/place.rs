//! A place in a document: the keys that lead to it, and the line.

use std::fmt;

/// The keys from the root of a document down to a value.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Place {
    keys: Vec<String>,
}

impl Place {
    /// The place of a member.
    pub(crate) fn child(&self, key: &str) -> Self {
        let mut keys = self.keys.clone();
        keys.push(key.to_owned());
        Self { keys }
    }

    /// The last key.
    pub(crate) fn last(&self) -> &str {
        self.keys.last().map_or("", String::as_str)
    }

    /// The line of this place in block-style YAML, or of the innermost known place around it.
    ///
    /// The YAML reader keeps no positions, so the keys are looked up by their indentation.
    pub(crate) fn line_in(&self, text: &str) -> Option<usize> {
        let mut block = lines(text);
        let mut found = None;
        for key in &self.keys {
            let Some((number, rest)) = step(&block, key) else {
                break;
            };
            found = Some(number);
            block = rest;
        }
        found
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.keys.join("."))
    }
}

#[derive(Clone, Copy)]
struct Line<'a> {
    number: usize,
    indent: usize,
    content: &'a str,
}

fn lines(text: &str) -> Vec<Line<'_>> {
    let mut lines = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let content = line.trim_start_matches(' ');
        if content.is_empty() || content.starts_with('#') || content == "---" {
            continue;
        }
        lines.push(Line {
            number: index + 1,
            indent: line.len() - content.len(),
            content,
        });
    }
    lines
}

/// The line of a member of a block, and the block below that line.
fn step<'a>(block: &[Line<'a>], key: &str) -> Option<(usize, Vec<Line<'a>>)> {
    let indent = block.first()?.indent;
    if is_item(block.first()?) {
        item(block, indent, key.parse().ok()?)
    } else {
        member(block, indent, key)
    }
}

fn is_item(line: &Line<'_>) -> bool {
    line.content == "-" || line.content.starts_with("- ")
}

fn item<'a>(block: &[Line<'a>], indent: usize, index: usize) -> Option<(usize, Vec<Line<'a>>)> {
    let mut starts = block
        .iter()
        .enumerate()
        .filter(|(_, line)| line.indent == indent && is_item(line))
        .map(|(position, _)| position);
    let start = starts.nth(index)?;
    let end = starts.next().unwrap_or(block.len());
    let first = block[start];
    let content = first.content[1..].trim_start_matches(' ');
    let mut rest = Vec::new();
    if !content.is_empty() {
        rest.push(Line {
            indent: indent + first.content.len() - content.len(),
            content,
            ..first
        });
    }
    rest.extend_from_slice(&block[start + 1..end]);
    Some((first.number, rest))
}

fn member<'a>(block: &[Line<'a>], indent: usize, key: &str) -> Option<(usize, Vec<Line<'a>>)> {
    let position = block
        .iter()
        .position(|line| line.indent == indent && split(line.content).0 == key)?;
    let line = block[position];
    let is_block = !split(line.content)
        .1
        .starts_with(['{', '[', '|', '>', '"', '\'']);
    let rest = block[position + 1..]
        .iter()
        .take_while(|line| {
            is_block && (line.indent > indent || line.indent == indent && is_item(line))
        })
        .copied()
        .collect();
    Some((line.number, rest))
}

/// The key of a line and what follows it.
fn split(content: &str) -> (&str, &str) {
    for quote in ['"', '\''] {
        if let Some((key, value)) = content
            .strip_prefix(quote)
            .and_then(|rest| rest.split_once(quote))
        {
            return (key, value.trim_start_matches([':', ' ']));
        }
    }
    match content.split_once(": ") {
        Some((key, value)) => (key, value.trim_start()),
        None => (content.strip_suffix(':').unwrap_or(""), ""),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const TEXT: &str = "\
---
# a comment
openapi: 3.0.3
info:
  description: |
    paths:
      /trap: 1

  title: t
paths:
  /a/{id}:
    get:
      parameters:
      - name: id
        in: path
      - {name: q, in: query}
      responses:
        '200': {description: d}
        \"4XX\":
          content:
            '*/*': {}
list:
  -
    deep: 1
";

    #[rstest]
    #[case(&["openapi"], Some(3))]
    #[case(&["info", "title"], Some(9))]
    #[case(&["paths"], Some(10))]
    #[case(&["paths", "/a/{id}", "get"], Some(12))]
    #[case(&["paths", "/a/{id}", "get", "parameters", "0", "in"], Some(15))]
    #[case(&["paths", "/a/{id}", "get", "parameters", "1", "in"], Some(16))]
    #[case(&["paths", "/a/{id}", "get", "responses", "200", "description"], Some(18))]
    #[case(&["paths", "/a/{id}", "get", "responses", "4XX", "content", "*/*"], Some(21))]
    #[case(&["list", "0", "deep"], Some(24))]
    #[case(&["nothing"], None)]
    #[case(&[], None)]
    fn the_line_of_a_place_is_found(#[case] keys: &[&str], #[case] line: Option<usize>) {
        let place = keys
            .iter()
            .fold(Place::default(), |place, key| place.child(key));
        assert_eq!(place.line_in(TEXT), line, "{place}");
    }

    #[test]
    fn a_missing_place_is_shown_at_its_parent() {
        let place = Place::default().child("info").child("version");
        assert_eq!(place.line_in(TEXT), Some(4));
    }
}
