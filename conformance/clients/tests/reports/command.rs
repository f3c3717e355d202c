//! Where the reports go.

use std::process::{Command, Output};

fn run(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_tegata-clients"))
        .args(arguments)
        .output()
        .expect("the program starts")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn each_report_goes_to_the_file_that_is_named_for_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let names = ["json", "junit", "markdown", "html"];
    let options: Vec<String> = names
        .iter()
        .flat_map(|name| [format!("--{name}"), path(name)])
        .collect();
    let mut arguments = vec!["ours", "marketo.refused.602"];
    arguments.extend(options.iter().map(String::as_str));
    let output = run(&arguments);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let starts = ["{\n", "<?xml ", "## tegata conforms", "<!DOCTYPE html>"];
    for (name, start) in names.iter().zip(starts) {
        let content = std::fs::read_to_string(path(name)).unwrap();
        assert!(content.starts_with(start), "{name}: {content:.40}");
    }
    let count = std::fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(count, names.len(), "nothing else is left there");
}

#[test]
fn a_report_on_standard_output_stands_there_alone() {
    let output = run(&["ours", "marketo.refused.602", "--markdown", "-"]);
    let text = text(&output.stdout);
    assert!(text.starts_with("## tegata conforms"), "{text}");
    assert!(text.trim_end().ends_with("</sub>"), "{text}");
}

#[test]
fn a_failing_client_exits_with_1_and_reports_are_written() {
    let arguments = [
        "ours",
        "marketo.refused.602",
        "--bug",
        "OldTokenAgain",
        "--junit",
        "-",
    ];
    let output = run(&arguments);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stdout).contains("<failure "));
}

#[test]
fn wrong_arguments_end_with_2_before_anything_is_run() {
    let folder = tempfile::tempdir().unwrap();
    let bad = folder.path().join("bad.json");
    std::fs::write(&bad, "{\"families\": 1}").unwrap();
    let bad = bad.display().to_string();
    for (arguments, problem) in [
        (
            ["--json", "-", "--html", "-"],
            "two reports go to standard output",
        ),
        (
            ["--json", "/no/such/folder/x", "--html", "y"],
            "in a folder that exists",
        ),
        (["--proof", &bad, "--html", "-"], "is no proof: "),
        (["--proof", "none.json", "--html", "-"], "cannot be read"),
        (
            ["--bug", "NoSuchBug", "--html", "-"],
            "is no bug; there are BearerAtAispf",
        ),
    ] {
        let output = run(&[&["ours", "marketo.refused.602"], &arguments[..]].concat());
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        let said = text(&output.stderr);
        assert!(said.starts_with("tegata-clients: "), "{said}");
        assert!(said.contains(problem), "{said}");
        assert!(output.stdout.is_empty(), "{arguments:?}");
    }
}
