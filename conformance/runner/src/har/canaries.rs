//! What stands in a stream for each value of the recording.

use std::collections::{BTreeMap, HashMap};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::fixture::{Answer, Recorded, Values, ValuesFile};

/// How each of them begins.
const MARK: &str = "CANARY-";

/// The canaries in a text.
pub(super) fn canaries_in(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices(MARK).map(|(at, _)| {
        let rest = &text[at + MARK.len()..];
        let end = rest
            .find(|end: char| !end.is_ascii_alphanumeric() && end != '-')
            .unwrap_or(rest.len());
        let end = rest[..end].find(MARK).unwrap_or(end);
        let name = rest[..end].trim_end_matches('-');
        &text[at..at + MARK.len() + name.len()]
    })
}

/// The canaries in a few exchanges, with their names.
#[derive(Default)]
pub(super) struct Canaries {
    found: BTreeMap<String, String>,
}

impl Canaries {
    /// Adds those of a request.
    pub(super) fn request(&mut self, names: &HashMap<String, String>, request: &Recorded) {
        self.text(names, &request.target);
        for (_, value) in &request.headers {
            self.text(names, value);
            // HTTP Basic holds two of them.
            let pair = value.split_once(' ').map(|(_, pair)| pair.trim());
            if let Some(pair) = pair.and_then(|pair| STANDARD.decode(pair).ok()) {
                self.text(names, &String::from_utf8_lossy(&pair));
            }
        }
        self.text(names, &String::from_utf8_lossy(&request.body));
    }

    /// Adds those of an answer.
    pub(super) fn answer(&mut self, names: &HashMap<String, String>, answer: &Answer) {
        for (_, value) in &answer.headers {
            self.text(names, value);
        }
        self.text(names, &String::from_utf8_lossy(&answer.body));
    }

    /// As values of their names, all of them secret.
    pub(super) fn values(self) -> Values {
        Values::from(&ValuesFile {
            plain: BTreeMap::new(),
            secret: self.found,
        })
    }

    fn text(&mut self, names: &HashMap<String, String>, text: &str) {
        for canary in canaries_in(text) {
            if let Some(name) = names.get(canary) {
                self.found.insert(name.clone(), canary.to_owned());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_canaries_in_a_text_are_found_between_marks_and_side_by_side() {
        let text = "Bearer \"CANARY-recorded-token-1\"; CANARY-2CANARY-recorded-x-9- CANARY-";
        let found: Vec<&str> = canaries_in(text).collect();
        assert_eq!(
            found,
            [
                "CANARY-recorded-token-1",
                "CANARY-2",
                "CANARY-recorded-x-9",
                "CANARY-"
            ]
        );
    }
}
