//! Reading JSON and YAML with the place of each value, in one pass over the text.

mod files;
mod flow_lines;
mod folder;
mod json_text;
mod merge_keys;
mod scalar;
mod tree;

use std::fmt;

pub use files::Files;
pub(crate) use files::percent_decoded;
pub(crate) use folder::documents_in;

use crate::node::{Node, Place};

/// Why a text is no document.
#[derive(Clone, Debug)]
pub struct ReadError {
    /// Where.
    pub place: Place,
    /// What is wrong.
    pub what: String,
}

/// Two members of one name, of which the second counts.
#[derive(Clone, Debug, PartialEq)]
pub struct Duplicate {
    /// The name.
    pub key: String,
    /// Where the first has its value.
    pub first: Place,
    /// Where the second stands.
    pub second: Place,
}

/// Reads one text. Members that stand twice are named in `duplicates`.
///
/// # Errors
/// If it is neither JSON nor YAML, nested too deeply, or larger by its aliases than memory.
pub fn read(text: &str, file: u32, duplicates: &mut Vec<Duplicate>) -> Result<Node, ReadError> {
    tree::tree(text, file, duplicates)
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.what)
    }
}

impl std::error::Error for ReadError {}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;
    use serde_json::json;

    use super::*;

    fn json_of(text: &str) -> serde_json::Value {
        read(text, 0, &mut Vec::new()).expect(text).to_json()
    }

    #[rstest]
    #[case("{\"a\": [1, {\"b\": null}]}", json!({"a": [1, {"b": null}]}))]
    #[case("on: yes\n200: x\nno: ~\n", json!({"on": "yes", "200": "x", "no": null}))]
    #[case("a: &a {x: 1, y: 2}\nb: {<<: *a, y: 3}\n", json!({"a": {"x": 1, "y": 2}, "b": {"y": 3, "x": 1}}))]
    #[case("a: &a {x: 1}\nc: &c {z: 1, x: 9}\nb:\n  <<: [*a, *c]\n", json!({"a": {"x": 1}, "c": {"z": 1, "x": 9}, "b": {"x": 1, "z": 1}}))]
    #[case("{\"<<\": 1}", json!({"<<": 1}))]
    #[case("a: !!str 1.0\n", json!({"a": "1.0"}))]
    #[case("{\"a\": \"x\u{7f}\u{9f}\"}", json!({"a": "x\u{7f}\u{9f}"}))]
    #[case("a: 18446744073709551615\n", json!({"a": u64::MAX}))]
    #[case("\u{feff}{\"a\": 1}", json!({"a": 1}))]
    #[case("", json!(null))]
    fn documents_are_read_as_vendors_write_them(
        #[case] text: &str,
        #[case] expected: serde_json::Value,
    ) {
        assert_eq!(json_of(text), expected);
    }

    #[test]
    fn each_value_knows_its_line() {
        let node = read("a: 1\nb:\n  - x\n  - {c:\n      d}\n", 3, &mut Vec::new()).unwrap();
        let line = |pointer: &str| node.pointer(pointer).unwrap().place.line;
        assert_eq!((line("/a"), line("/b/0"), line("/b/1/c")), (1, 3, 5));
        assert_eq!(line("/b"), 2, "a list is where its key is");
        assert_eq!(node.place.file, 3);
    }

    #[test]
    fn a_key_that_stands_twice_is_named_with_both_lines() {
        let mut duplicates = Vec::new();
        let node = read("a: 1\nb: 2\na: 3\n", 0, &mut duplicates).unwrap();
        assert_eq!(node.to_json(), json!({"a": 3, "b": 2}));
        let lines = |it: &Duplicate| (it.key.clone(), it.first.line, it.second.line);
        assert_eq!(
            duplicates.iter().map(lines).collect::<Vec<_>>(),
            [("a".to_owned(), 1, 3)]
        );
    }

    #[rstest]
    #[case(&"[".repeat(100_000), "recursion")]
    #[case(&format!("a0: &a0 [x,x,x,x,x,x,x,x,x]\n{}", bomb()), "millions")]
    #[case("{\"a\": \"b", "")]
    #[case("? [a]\n: 1\n", "")]
    fn what_cannot_be_read_is_an_error_with_its_line(#[case] text: &str, #[case] what: &str) {
        let error = read(text, 0, &mut Vec::new()).unwrap_err();
        assert!(error.what.contains(what) && error.place.line > 0, "{error}");
    }

    fn bomb() -> String {
        let line = |n: usize| {
            format!(
                "a{n}: &a{n} [{}]\n",
                vec![format!("*a{}", n - 1); 9].join(",")
            )
        };
        (1..12).map(line).collect()
    }

    proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(text in r#"[\[\]{}:,"'\\ua-f0-9&*<>|?!%@#\- \n\t\u{80}-\u{ffff}]{0,60}"#) {
            let _ = read(&text, 0, &mut Vec::new());
        }

        #[test]
        fn json_is_read_as_a_reader_of_json_does(value in any_json()) {
            let text = serde_json::to_string_pretty(&value).unwrap();
            prop_assert_eq!(json_of(&text), value);
        }
    }

    fn any_json() -> impl Strategy<Value = serde_json::Value> {
        let leaf = prop_oneof![
            Just(json!(null)),
            any::<bool>().prop_map(|it| json!(it)),
            any::<i64>().prop_map(|it| json!(it)),
            any::<String>().prop_map(|it| json!(it)),
        ];
        leaf.prop_recursive(4, 32, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(|it| json!(it)),
                prop::collection::btree_map(any::<String>(), inner, 0..6).prop_map(|it| json!(it)),
            ]
        })
    }
}
