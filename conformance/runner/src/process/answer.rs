//! What the command answers: one JSON line a task.

use serde::{Deserialize, Serialize};

use crate::script::{Failure, Outcome, Success};

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Answer {
    /// The task succeeded.
    Ok(Success),
    /// The task failed.
    Error(Failure),
    /// Why the client cannot do this, although it declares the features.
    Unsupported(String),
}

impl Answer {
    /// Reads a line. A byte order mark before it, which some runtimes write, is no part of it.
    ///
    /// # Errors
    ///
    /// What is wrong with it. The text may quote the line.
    pub fn read(line: &str) -> Result<Self, String> {
        serde_json::from_str(line.trim_start_matches('\u{feff}')).map_err(|error| error.to_string())
    }

    /// The line, without its end.
    pub fn line(&self) -> String {
        // Texts and numbers can always be written.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// The other texts of an answer; `said` and `url` are judged separately.
    pub(super) fn shown(&self) -> &str {
        match self {
            Self::Error(failure) => failure.code.as_deref().unwrap_or_default(),
            Self::Unsupported(why) => why,
            Self::Ok(_) => "",
        }
    }
}

impl From<Outcome> for Answer {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Ok(success) => Self::Ok(success),
            Outcome::Error(failure) => Self::Error(failure),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::script::ErrorKind;

    #[test]
    fn the_smallest_answers_are_enough() {
        let ok = Answer::read(r#"{"ok": {}}"#);
        assert_eq!(ok, Ok(Answer::Ok(Success::default())));
        let error = Answer::read(r#"{"error": {"kind": "invalid-grant"}}"#);
        assert_eq!(
            error,
            Ok(Answer::Error(Failure::of(ErrorKind::InvalidGrant)))
        );
    }

    #[test]
    fn a_byte_order_mark_before_an_answer_is_skipped() {
        let ok = Answer::read("\u{feff}{\"ok\": {}}");
        assert_eq!(ok, Ok(Answer::Ok(Success::default())));
        assert!(Answer::read("{\"ok\": {}}\u{feff}").is_err());
    }

    #[test]
    fn an_invalid_answer_is_refused_with_a_valid_example() {
        for (line, part) in [
            ("hello", "expected value"),
            ("{}", "expected value"),
            (
                r#"{"okay": {}}"#,
                "expected one of `ok`, `error`, `unsupported`",
            ),
            (r#"{"ok": {"state": 200}}"#, "unknown field `state`"),
            (r#"{"error": {}}"#, "missing field `kind`"),
            (r#"{"error": {"kind": "bad"}}"#, "`invalid-grant`"),
            (r#"{"ok": {}} {"ok": {}}"#, "trailing characters"),
        ] {
            let error = Answer::read(line).unwrap_err();
            assert!(error.contains(part), "{line}: {error}");
        }
    }
}
