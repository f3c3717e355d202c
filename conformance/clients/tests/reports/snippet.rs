//! The guide's snippet for the CI of users.

use std::process::Command;

use serde_json::Value;

fn steps() -> Vec<Value> {
    let guide = include_str!("../../../docs/testing-clients.md");
    let (_, rest) = guide.split_once("<!-- ci -->\n```yaml\n").unwrap();
    let (yaml, _) = rest.split_once("```").unwrap();
    let workflow: Value = serde_norway::from_str(yaml).unwrap();
    let steps = workflow["jobs"]["conformance"]["steps"].as_array();
    steps.unwrap_or_else(|| panic!("{workflow}")).clone()
}

/// The words of a command line that has plain words and quoted ones only.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (index, piece) in line.split('"').enumerate() {
        if index % 2 == 1 {
            words.push(piece.to_owned());
        } else {
            words.extend(piece.split_whitespace().map(str::to_owned));
        }
    }
    words
}

fn command(word: &str) -> Vec<String> {
    let steps = steps();
    let runs = steps.iter().filter_map(|step| step["run"].as_str());
    let mut found = runs.map(words).filter(|line| line[0] == word);
    found
        .next()
        .unwrap_or_else(|| panic!("no step runs {word}"))
}

#[test]
fn the_program_takes_the_options_that_the_snippet_gives() {
    let line = command("tegata-conformance");
    assert_eq!(line[1..4], ["run", "--client", "./conform"]);
    let mut program = Command::new(env!("CARGO_BIN_EXE_tegata-clients"));
    // Help ends the program, unless an argument before it is wrong.
    let output = program.args(&line[1..]).arg("--help").output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(0), "{said}");
}

#[test]
fn the_written_reports_are_shown_and_kept() {
    let line = command("tegata-conformance");
    let written: Vec<&String> = line
        .iter()
        .filter(|word| word.starts_with("conformance."))
        .collect();
    assert_eq!(written.len(), 4, "{line:?}");
    let summary = line
        .iter()
        .skip_while(|word| *word != "--markdown")
        .nth(1)
        .unwrap();
    let shown = command("cat");
    assert_eq!(shown[1..], [summary.as_str(), ">>", "$GITHUB_STEP_SUMMARY"]);
    let steps = steps();
    let kept = steps
        .iter()
        .find(|step| step["with"]["path"] == "conformance.*")
        .unwrap();
    assert_eq!(
        kept["if"], "always()",
        "also if the client does not conform"
    );
}
