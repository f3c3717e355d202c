//! Differences between a vendor and the documents, and the results of the probes.

use std::fmt::Write as _;

use serde::Serialize;

use crate::case::{Case, Level, Suite};
use crate::fixture::Answer;
use crate::judge::Transcript;
use crate::report::CaseReport;

/// The report of one run. The same run gives the same bytes: it holds no time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Differences {
    /// The version of this form.
    pub version: u32,
    /// What differs from the documents.
    pub differences: Vec<Difference>,
    /// The results of the probes, where nothing is documented.
    pub probes: Vec<Difference>,
    /// The exchanges, without their values.
    pub exchanges: Vec<Exchanged>,
}

/// One check and what was seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// The check's id.
    pub check: String,
    /// The case's title.
    pub title: String,
    /// The case's level.
    pub level: &'static str,
    /// What the case rests on.
    pub citations: Vec<Cited>,
    /// What was expected.
    pub expected: String,
    /// What was seen.
    pub seen: String,
    /// Whether it is what was expected; for probes either is an answer.
    pub as_expected: bool,
}

/// A citation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Cited {
    /// Its id.
    pub id: String,
    /// Where it stands.
    pub place: String,
    /// What it says, in our words.
    pub says: String,
}

/// One exchange, without its values.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Exchanged {
    /// The case and the exchange, `<case>#<exchange>`.
    pub exchange: String,
    /// The status of the answer.
    pub status: u16,
    /// The media type of the answer, if it is one.
    pub media_type: Option<String>,
    /// The members of the answer, where it is a JSON object.
    pub members: Vec<String>,
    /// Notes for the reader.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<&'static str>,
}

impl Exchanged {
    /// The exchanges of a case that was run.
    pub(super) fn of(case: &Case, run: &Transcript, same_either_way: bool) -> Vec<Self> {
        let mut all = Vec::new();
        for (step, record) in case.step.iter().zip(&run.steps) {
            for (exchange, answer) in step.exchange.iter().zip(&record.answers) {
                let Some(answer) = answer else { continue };
                all.push(Self {
                    exchange: format!("{}#{}", case.id, exchange.name),
                    status: answer.status,
                    media_type: media_type(answer),
                    members: members(answer),
                    note: same_either_way.then_some(
                        "id and secret are the same form-encoded: this shows nothing about the \
                         encoding",
                    ),
                });
            }
        }
        all
    }
}

fn media_type(answer: &Answer) -> Option<String> {
    let value = *answer.header("content-type").first()?;
    let kind = value.split(';').next().unwrap_or_default();
    Some(kind.trim().to_owned())
}

fn members(answer: &Answer) -> Vec<String> {
    let json = serde_json::from_slice(&answer.body);
    match json {
        Ok(serde_json::Value::Object(members)) => {
            members.into_iter().map(|(name, _)| name).collect()
        }
        _ => Vec::new(),
    }
}

impl Differences {
    /// The report of these results.
    pub(super) fn of(
        suite: &Suite,
        results: &[(CaseReport, Transcript)],
        exchanges: Vec<Exchanged>,
    ) -> Self {
        let mut all = Self {
            version: 1,
            exchanges,
            ..Self::default()
        };
        for (report, _) in results {
            let Some(case) = suite.case(&report.case) else {
                continue;
            };
            for check in &report.checks {
                let difference = || Difference {
                    check: check.id.clone(),
                    title: case.title.clone(),
                    level: case.level.word(),
                    citations: cited(suite, case),
                    expected: check.expected.clone(),
                    seen: check.seen.clone(),
                    as_expected: check.passed,
                };
                if case.level == Level::Probe {
                    all.probes.push(difference());
                } else if !check.passed {
                    all.differences.push(difference());
                }
            }
        }
        all
    }

    /// As JSON.
    pub fn to_json(&self) -> String {
        let text = serde_json::to_string_pretty(self);
        // Texts, numbers and lists of them can always be written.
        text.unwrap_or_default() + "\n"
    }

    /// As Markdown.
    pub fn to_markdown(&self) -> String {
        let mut text = String::from("# Differences from the documents\n");
        if self.differences.is_empty() {
            text.push_str("\nNone was seen.\n");
        }
        by_case(&mut text, &self.differences);
        if !self.probes.is_empty() {
            text.push_str("\n# What the probes found\n");
        }
        by_case(&mut text, &self.probes);
        text.push_str("\n# What was exchanged\n\n| exchange | status | media type | members |\n|---|---|---|---|\n");
        for one in &self.exchanges {
            let _ = writeln!(
                text,
                "| `{}` | {} | {} | {} |",
                one.exchange,
                one.status,
                one.media_type.as_deref().unwrap_or("none"),
                one.members.join(", "),
            );
            if let Some(note) = one.note {
                let _ = writeln!(text, "| | | | {note} |");
            }
        }
        text
    }
}

/// The checks of each case below what the case rests on.
fn by_case(text: &mut String, all: &[Difference]) {
    let mut last = None;
    for one in all {
        let case = one.check.split('#').next();
        if case != last {
            let _ = write!(
                text,
                "\n## {} (`{}`, {})\n\n",
                one.title,
                case.unwrap_or_default(),
                one.level
            );
            for cited in &one.citations {
                let _ = writeln!(text, "- `{}` ({}): {}", cited.id, cited.place, cited.says);
            }
            text.push_str("\n| check | expected | seen |\n|---|---|---|\n");
            last = case;
        }
        let check = one.check.split_once('#').map_or("", |(_, check)| check);
        let cell = |text: &str| text.replace('|', "\\|");
        let _ = writeln!(
            text,
            "| `{check}` | {} | {} |",
            cell(&one.expected),
            cell(&one.seen)
        );
    }
}

fn cited(suite: &Suite, case: &Case) -> Vec<Cited> {
    let ids = case.cite.iter().chain(&case.conflicts_with);
    ids.filter_map(|id| {
        let row = suite.registry.get(id)?;
        Some(Cited {
            id: id.clone(),
            place: row.place.clone(),
            says: row.says.to_owned(),
        })
    })
    .collect()
}
