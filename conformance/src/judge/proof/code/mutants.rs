//! M2: the mutants of cargo-mutants.

use std::path::Path;
use std::process::{Command, Stdio};

use serde::Deserialize;

use super::{CodeError, Family, Scratch, Shard};

/// The version that the configuration and the list of survivors were made with.
pub const MUTANTS_VERSION: &str = "27.1.0";

/// Packages, and the tests that they are held to: their own where most of what they do never
/// shows on the wire, the cases where all of it does.
const RUNS: [(&[&str], &[&str]); 2] = [
    (
        &["--package=tegata", "--test-package=tegata"],
        &["--lib", "--tests"],
    ),
    (
        &[
            "--package=tegata-fujitsu-aispf",
            "--package=tegata-jooto",
            "--package=tegata-marketo",
            "--test-package=tegata-conformance",
        ],
        &["--test", "our_clients"],
    ),
];

#[derive(Deserialize)]
struct Outcomes {
    outcomes: Vec<Outcome>,
}

#[derive(Deserialize)]
struct Outcome {
    scenario: serde_json::Value,
    summary: String,
}

/// Runs cargo-mutants on the crates of the workspace at `root`.
///
/// # Errors
///
/// If cargo-mutants is missing or of another version, or fails itself.
pub fn code_mutants(
    root: &Path,
    target: Option<&Path>,
    shard: Shard,
    told: &dyn Fn(&str),
) -> Result<Family, CodeError> {
    installed()?;
    let scratch = Scratch::copy(root, target)?;
    let mut family = Family::default();
    for (packages, tests) in RUNS {
        told(&format!("cargo mutants {}", packages.join(" ")));
        let out = scratch.root().join("mutants-out");
        let status = Command::new("cargo")
            .args(["mutants", "--in-place", "--no-shuffle", "--colors=never"])
            .args([
                "--cap-lints=true",
                "--timeout=120",
                "--sharding=round-robin",
            ])
            .arg(format!("--shard={}/{}", shard.part - 1, shard.of))
            .arg("--output")
            .arg(&out)
            .args(packages)
            .arg("--")
            .args(tests)
            .current_dir(scratch.root())
            .env("CARGO_TARGET_DIR", scratch.target())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .status()
            .map_err(|error| CodeError(format!("cargo mutants cannot be started: {error}")))?;
        // 2 and 3: some mutants survived, or ran into the time limit. 4 is a broken baseline.
        if !matches!(status.code(), Some(0 | 2 | 3)) {
            return Err(CodeError(format!(
                "cargo mutants fails with {status}; its log is not kept, run it by hand in a copy"
            )));
        }
        let path = out.join("mutants.out/outcomes.json");
        let text = std::fs::read_to_string(&path)
            .map_err(|error| CodeError(format!("cargo mutants left no outcomes: {error}")))?;
        family.add(read(&text)?);
        let _ = std::fs::remove_dir_all(&out);
    }
    family.partial = shard.partial("cargo-mutants");
    Ok(family)
}

fn installed() -> Result<(), CodeError> {
    let mend =
        format!("install it: cargo install cargo-mutants --locked --version {MUTANTS_VERSION}");
    let output = Command::new("cargo")
        .args(["mutants", "--version"])
        .output()
        .map_err(|error| CodeError(format!("cargo cannot be started: {error}")))?;
    let text = String::from_utf8_lossy(&output.stdout);
    if !output.status.success() {
        return Err(CodeError(format!("cargo-mutants is missing; {mend}")));
    }
    if text.split_whitespace().next_back() != Some(MUTANTS_VERSION) {
        return Err(CodeError(format!(
            "{} is not the version wanted; {mend}",
            text.trim()
        )));
    }
    Ok(())
}

/// Reads the outcomes that cargo-mutants writes.
fn read(text: &str) -> Result<Family, CodeError> {
    let all: Outcomes = serde_json::from_str(text)
        .map_err(|error| CodeError(format!("the outcomes of cargo mutants: {error}")))?;
    let named = all.outcomes.into_iter().filter_map(|outcome| {
        let name = outcome.scenario["Mutant"]["name"].as_str()?;
        let killed = match outcome.summary.as_str() {
            // A client that comes to no end is noticed as well.
            "CaughtMutant" | "Timeout" => true,
            "MissedMutant" => false,
            _ => return None,
        };
        Some((format!("code {}", without_place(name)), killed))
    });
    Ok(Family::of(named))
}

/// `file.rs:12:5: what` without line and column, which other edits move.
fn without_place(name: &str) -> String {
    match name.split_once(": ") {
        Some((place, what)) => {
            let file = place.split(':').next().unwrap_or(place);
            format!("{file}: {what}")
        }
        None => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outcomes_are_read_and_what_does_not_build_is_left_out() {
        let outcome = |name: &str, summary: &str| serde_json::json!({"scenario": {"Mutant": {"name": name}}, "summary": summary});
        let text = serde_json::json!({"outcomes": [
            {"scenario": "Baseline", "summary": "Success"},
            outcome("a.rs:1:2: replace f with ()", "CaughtMutant"),
            outcome("a.rs:3:2: replace g with ()", "MissedMutant"),
            outcome("a.rs:4:2: replace h with ()", "Unviable"),
            outcome("a.rs:5:2: replace i with ()", "Timeout"),
        ]});
        let family = read(&text.to_string()).unwrap();
        assert_eq!((family.mutants, family.killed), (3, 2));
        assert_eq!(family.survivors[0].name, "code a.rs: replace g with ()");
    }
}
