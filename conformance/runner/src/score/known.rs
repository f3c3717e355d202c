//! Failures that are known: each names its checks, a reason and, where there is one, a link.

use std::collections::BTreeSet;
use std::fmt;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::case::{Case, Suite};
use crate::did_you_mean::did_you_mean;
use crate::judge::check_ids;
use crate::process::CHECKS;

/// A file of known failures.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Known {
    /// The entries.
    #[serde(default, rename = "known")]
    pub entries: Vec<Entry>,
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Why these checks fail, in a sentence.
    pub reason: String,
    /// Where it is reported or decided.
    pub link: Option<String>,
    /// The checks, `<case>#<check>`.
    pub checks: Vec<String>,
}

/// Why a file of known failures cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownError(String);

impl fmt::Display for KnownError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for KnownError {}

impl Known {
    /// Reads a file.
    ///
    /// # Errors
    ///
    /// If it cannot be read, gives no reason, or names a check that does not exist or twice: the
    /// error names the place and the most similar check.
    pub fn read(path: &Path, suite: &Suite) -> Result<Self, KnownError> {
        let bad = |error: &dyn fmt::Display| {
            KnownError(format!(
                "{}: {}",
                path.display(),
                error.to_string().trim_end()
            ))
        };
        let text = std::fs::read_to_string(path).map_err(|error| bad(&error))?;
        Self::parse(&text, suite).map_err(|error| bad(&error))
    }

    /// The same from a text.
    ///
    /// # Errors
    ///
    /// As [`Known::read`].
    pub fn parse(text: &str, suite: &Suite) -> Result<Self, KnownError> {
        let known: Self = toml::from_str(text).map_err(|error| KnownError(error.to_string()))?;
        let mut seen = BTreeSet::new();
        for entry in &known.entries {
            if entry.reason.trim().is_empty() || entry.checks.is_empty() {
                return Err(KnownError(format!(
                    "an entry of {:?} gives no reason or no check; give both",
                    entry.checks
                )));
            }
            for id in &entry.checks {
                exists(id, suite)?;
                if !seen.insert(id) {
                    return Err(KnownError(format!("`{id}` stands there twice; keep one")));
                }
            }
        }
        Ok(known)
    }

    /// The entry that names a check.
    pub fn of(&self, check: &str) -> Option<&Entry> {
        let names = |entry: &&Entry| entry.checks.iter().any(|id| id == check);
        self.entries.iter().find(names)
    }

    /// Every check that is named.
    pub fn checks(&self) -> impl Iterator<Item = &str> {
        self.entries
            .iter()
            .flat_map(|entry| &entry.checks)
            .map(String::as_str)
    }
}

fn exists(id: &str, suite: &Suite) -> Result<(), KnownError> {
    let no = |what: String, near: Option<String>| {
        let hint = near.map_or_else(
            || "`show CASE` lists the checks of a case".to_owned(),
            |near| format!("did you mean `{near}`?"),
        );
        Err(KnownError(format!("{what}; {hint}")))
    };
    let Some((case, check)) = id.split_once('#') else {
        return no(format!("`{id}` is not `case#check`"), None);
    };
    let Some(found) = suite.case(case) else {
        let ids = suite.cases.iter().map(|case| case.id.as_str());
        let near = did_you_mean(case, ids).map(|near| format!("{near}#{check}"));
        return no(format!("`{case}` is no case"), near);
    };
    let all = checks_of(suite, found);
    if all.iter().any(|known| known == check) {
        return Ok(());
    }
    let near = did_you_mean(check, all.iter().map(String::as_str));
    no(
        format!("`{case}` has no check `{check}`"),
        near.map(|near| format!("{case}#{near}")),
    )
}

fn checks_of(suite: &Suite, case: &Case) -> Vec<String> {
    let mut all = check_ids(suite, case);
    all.extend(CHECKS.map(|name| format!("process.{name}")));
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(checks: &str) -> Result<Known, String> {
        let suite = Suite::embedded().unwrap_or_else(|error| panic!("{error}"));
        let text = format!("[[known]]\nreason = \"x\"\nchecks = {checks}\n");
        Known::parse(&text, &suite).map_err(|error| error.to_string())
    }

    #[test]
    fn checks_of_the_judge_and_of_the_process_can_be_named() {
        let known =
            parse(r#"["jooto.key.header#call.credential", "jooto.key.header#process.logs"]"#);
        let known = known.unwrap();
        assert_eq!(
            known.of("jooto.key.header#process.logs").unwrap().reason,
            "x"
        );
        assert!(known.of("jooto.key.header#call.method").is_none());
    }

    #[test]
    fn an_unknown_check_is_an_error_with_a_suggestion() {
        for (checks, part) in [
            (
                r#"["jooto.key.heder#call.credential"]"#,
                "`jooto.key.heder` is no case; did you mean `jooto.key.header#call.credential`?",
            ),
            (
                r#"["jooto.key.header#call.credentials"]"#,
                "has no check `call.credentials`; did you mean `jooto.key.header#call.credential`?",
            ),
            (
                r#"["jooto.key.header#process.stdot"]"#,
                "did you mean `jooto.key.header#process.stdout`?",
            ),
            (
                r#"["jooto.key.header"]"#,
                "is not `case#check`; `show CASE`",
            ),
            (r#"["jooto.key.header#x.y.z"]"#, "`show CASE` lists"),
            (
                r#"["jooto.key.header#process.end", "jooto.key.header#process.end"]"#,
                "stands there twice",
            ),
            ("[]", "gives no reason or no check"),
        ] {
            let error = parse(checks).unwrap_err();
            assert!(error.contains(part), "{checks}: {error}");
        }
    }
}
