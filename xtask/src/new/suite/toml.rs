//! TOML as people write it: one key a line.

use std::fmt::Write as _;

/// A text that grows.
#[derive(Default)]
pub(super) struct Toml(String);

impl Toml {
    pub(super) fn comment(&mut self, words: &str) {
        self.0.push_str("# ");
        self.0.push_str(words);
        self.0.push('\n');
    }

    /// A table, or with brackets of its own an item of a list of tables.
    pub(super) fn table(&mut self, name: &str) {
        if !self.0.is_empty() {
            self.0.push('\n');
        }
        let _ = writeln!(self.0, "[{name}]");
    }

    pub(super) fn text(&mut self, key: &str, value: &str) {
        self.raw(key, &quoted(value));
    }

    pub(super) fn texts<'t>(&mut self, key: &str, values: impl Iterator<Item = &'t str>) {
        let values: Vec<String> = values.map(quoted).collect();
        self.raw(key, &format!("[{}]", values.join(", ")));
    }

    /// A value that is TOML already.
    pub(super) fn raw(&mut self, key: &str, value: &str) {
        // Writing to a text does not fail.
        let _ = writeln!(self.0, "{key} = {value}");
    }

    pub(super) fn finish(self) -> String {
        self.0
    }
}

/// A text as TOML has it, on one line.
pub(super) fn quoted(text: &str) -> String {
    // What TOML escapes in basic strings is what JSON escapes, and one character more.
    let json = serde_json::Value::from(text).to_string();
    json.replace('\u{7f}', "\\u007f")
}

/// An inline table.
pub(super) fn inline(pairs: &[(String, String)]) -> String {
    if pairs.is_empty() {
        return "{}".to_owned();
    }
    let pairs: Vec<String> = pairs
        .iter()
        .map(|(key, value)| format!("{} = {value}", quoted(key)))
        .collect();
    format!("{{ {} }}", pairs.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_text_is_read_as_it_was_written() {
        for text in [
            "",
            "a \"b\" \\ c",
            "a\nb\tc\r\u{1}\u{7f}\u{85}",
            "日本語 '''",
        ] {
            let written = format!("k = {}", quoted(text));
            let read: std::collections::BTreeMap<String, String> =
                ::toml::from_str(&written).unwrap();
            assert_eq!(read["k"], text, "{written}");
        }
    }
}
