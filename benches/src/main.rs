//! Measures the shared crate against the least that its work can cost, and against other libraries.
//!
//! `cargo run --release --manifest-path benches/Cargo.toml` prints a table and writes JSON; see the README.

mod api;
mod endpoint;
mod measure;
mod report;
mod rows;
mod runtime;
mod subject;

use std::process::ExitCode;

use measure::allocations::Counting;
use measure::instructions;
use report::Verdict;
use rows::{Effort, TOPICS, Topic};

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const USAGE: &str = "\
usage: bench [TOPIC...] [--quick] [--json FILE]

Without a topic, all are measured. The table goes to standard output, and JSON to FILE, which is
results.json unless it is named. It ends with 0 if every bar that could be measured is met, with 1 if one
is not, and with 2 if it was called wrongly or could not write FILE.";

fn main() -> ExitCode {
    let mut arguments: Vec<_> = std::env::args().skip(1).collect();
    if arguments
        .first()
        .is_some_and(|first| first == instructions::CHILD)
    {
        return match rows::windows_of(&arguments.pop().unwrap_or_default()) {
            Some(windows) => {
                windows();
                ExitCode::SUCCESS
            }
            None => misused("there are no such windows"),
        };
    }
    match Wanted::read(arguments) {
        Ok(Some(wanted)) => run(&wanted),
        Ok(None) => {
            println!("{USAGE}\n\ntopics: {}", rows::names());
            ExitCode::SUCCESS
        }
        Err(why) => misused(&why),
    }
}

/// The topics to measure, the number of repetitions, and the file for the numbers.
#[derive(Debug)]
struct Wanted {
    effort: Effort,
    json: String,
    /// In the order of the table.
    topics: Vec<&'static Topic>,
}

impl Wanted {
    /// Nothing if only the usage is asked for.
    fn read(arguments: Vec<String>) -> Result<Option<Self>, String> {
        let (mut effort, mut json, mut named) =
            (Effort::FULL, "results.json".to_owned(), Vec::new());
        let mut arguments = arguments.into_iter();
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--help" | "-h" => return Ok(None),
                "--quick" => effort = Effort::QUICK,
                "--json" => json = arguments.next().ok_or("--json needs a file")?,
                name if TOPICS.iter().any(|topic| topic.name == name) => named.push(argument),
                name => return Err(format!("there is no topic or option {name:?}")),
            }
        }
        let is_wanted =
            |topic: &&Topic| named.is_empty() || named.iter().any(|name| name == topic.name);
        let topics = TOPICS.iter().filter(is_wanted).collect();
        Ok(Some(Self {
            effort,
            json,
            topics,
        }))
    }
}

fn run(wanted: &Wanted) -> ExitCode {
    println!("{}", report::HEAD);
    let mut all = Vec::new();
    for topic in &wanted.topics {
        eprintln!("measuring {}", topic.name);
        let rows = (topic.measure)(wanted.effort);
        for row in &rows {
            println!("{}", row.line());
        }
        all.extend(rows);
    }
    println!("\n{}", report::summary(&all));
    let text = format!("{:#}\n", report::json(&all, wanted.effort.rounds));
    if let Err(error) = std::fs::write(&wanted.json, text) {
        eprintln!("{} could not be written: {error}", wanted.json);
        return ExitCode::from(2);
    }
    if all.iter().any(|row| row.verdict == Verdict::Missed) {
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

fn misused(why: &str) -> ExitCode {
    eprintln!("{why}\n\n{USAGE}\n\ntopics: {}", rows::names());
    ExitCode::from(2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(arguments: &[&str]) -> Result<Option<Wanted>, String> {
        Wanted::read(arguments.iter().map(|&a| a.to_owned()).collect())
    }

    fn names(wanted: &Wanted) -> Vec<&str> {
        wanted.topics.iter().map(|topic| topic.name).collect()
    }

    #[test]
    fn without_a_topic_all_are_measured() {
        let wanted = read(&["--quick"]).expect("good").expect("not the usage");
        assert_eq!(wanted.topics.len(), TOPICS.len());
        assert_eq!(wanted.effort.rounds, Effort::QUICK.rounds);
    }

    #[test]
    fn topics_are_measured_once_and_in_the_order_of_the_table() {
        let wanted = read(&["body", "attach", "body", "--json", "x"]);
        let wanted = wanted.expect("good").expect("not the usage");
        assert_eq!(names(&wanted), ["attach", "body"]);
        assert_eq!(wanted.json, "x");
    }

    #[test]
    fn an_unknown_argument_is_named() {
        assert!(read(&["atach"]).expect_err("no topic").contains("atach"));
        assert!(read(&["--json"]).expect_err("no file").contains("--json"));
        assert!(read(&["--help"]).expect("good").is_none());
    }

    /// Every line, as small as it can be. Bars about counts are firm; times are not looked at.
    #[test]
    fn every_line_is_measured_and_every_firm_bar_is_met() {
        for topic in TOPICS {
            let rows = (topic.measure)(Effort::SMOKE);
            assert!(
                rows.iter().any(|row| row.verdict != Verdict::Informational),
                "{}",
                topic.name
            );
            for row in rows.iter().filter(|row| row.is_firm) {
                assert_eq!(row.verdict, Verdict::Met, "{}", row.line());
            }
        }
    }
}
