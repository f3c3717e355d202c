//! The rules by which Jenkins' xUnit plugin reads `JUnit` files, as its schema `junit-10.xsd` has them: other
//! attributes and elements than these are refused.

use roxmltree::{Document, Node};

/// An element, its attributes, those that it must have, and what may be in it.
struct Rule {
    name: &'static str,
    attributes: &'static [&'static str],
    required: &'static [&'static str],
    children: &'static [&'static str],
    text: bool,
}

const RULES: [Rule; 9] = [
    Rule {
        name: "testsuites",
        attributes: &["name", "time", "tests", "failures", "errors"],
        required: &[],
        children: &["testsuite"],
        text: false,
    },
    Rule {
        name: "testsuite",
        attributes: &[
            "name",
            "tests",
            "failures",
            "errors",
            "group",
            "time",
            "skipped",
            "timestamp",
            "hostname",
            "id",
            "package",
            "file",
            "log",
            "url",
        ],
        required: &["name", "tests", "failures", "errors"],
        children: &[
            "testsuite",
            "properties",
            "testcase",
            "system-out",
            "system-err",
        ],
        text: false,
    },
    Rule {
        name: "properties",
        attributes: &[],
        required: &[],
        children: &["property"],
        text: false,
    },
    Rule {
        name: "property",
        attributes: &["name", "value"],
        required: &["name", "value"],
        children: &[],
        text: false,
    },
    Rule {
        name: "testcase",
        attributes: &["name", "time", "classname", "group"],
        required: &["name"],
        children: &["skipped", "error", "failure", "system-out", "system-err"],
        text: false,
    },
    message("failure"),
    message("error"),
    message("skipped"),
    Rule {
        name: "system-out",
        attributes: &[],
        required: &[],
        children: &[],
        text: true,
    },
];

const fn message(name: &'static str) -> Rule {
    Rule {
        name,
        attributes: &["type", "message"],
        required: &[],
        children: &[],
        text: true,
    }
}

/// What Jenkins would refuse in a file, and what it would show badly: an attribute of several lines.
pub(crate) fn refused(xml: &str) -> Vec<String> {
    let document = Document::parse(xml).unwrap_or_else(|error| panic!("{error}\n{xml}"));
    let mut problems = Vec::new();
    let root = document.root_element();
    if root.tag_name().name() != "testsuites" {
        problems.push(format!("the root is <{}>", root.tag_name().name()));
    }
    for node in document.descendants().filter(Node::is_element) {
        let name = node.tag_name().name();
        let Some(rule) = RULES.iter().find(|rule| rule.name == name) else {
            problems.push(format!("<{name}> is unknown"));
            continue;
        };
        for attribute in node.attributes() {
            let (attribute, value) = (attribute.name(), attribute.value());
            if !rule.attributes.contains(&attribute) {
                problems.push(format!("<{name}> has {attribute}"));
            }
            if attribute == "time" && name != "testcase" && !is_time(value) {
                problems.push(format!("<{name}> has the time {value}"));
            }
            if value.contains(['\n', '\r']) {
                problems.push(format!("<{name}> has several lines as {attribute}"));
            }
        }
        for needed in rule.required {
            if !node.has_attribute(*needed) {
                problems.push(format!("<{name}> lacks {needed}"));
            }
        }
        for child in node.children() {
            let inner = child.tag_name().name();
            if child.is_element() && !rule.children.contains(&inner) {
                problems.push(format!("<{inner}> stands in <{name}>"));
            }
            if child.text().is_some_and(|text| !text.trim().is_empty())
                && child.is_text()
                && !rule.text
            {
                problems.push(format!("<{name}> has a text"));
            }
        }
    }
    problems
}

/// Whether it is digits, perhaps with a point and more digits.
fn is_time(value: &str) -> bool {
    let (whole, rest) = value.split_once('.').unwrap_or((value, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    digits(whole) && digits(rest)
}
