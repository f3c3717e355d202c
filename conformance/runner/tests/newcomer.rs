//! The commands that the README gives to a newcomer.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

const README: &str = include_str!("../../../README.md");

/// The lines of the README's shell blocks.
fn commands() -> Vec<&'static str> {
    let blocks = README
        .split("```sh\n")
        .skip(1)
        .filter_map(|rest| rest.split("```").next());
    blocks.flat_map(str::lines).collect()
}

struct Serving(Child);

impl Drop for Serving {
    fn drop(&mut self) {
        // It may have ended by itself, which the test notices.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn every_command_of_the_readme_is_run_here_or_by_ci() {
    let script = include_str!("../../../.ci/run");
    for command in commands() {
        let by_ci = script.contains(command) || command == "cargo xtask gen";
        let here = command.starts_with("curl ") || command.contains(" -- serve ");
        // With the names of the tests' documents.
        let renamed = command.strip_suffix(" openapi.yaml --out my-client");
        let generated = renamed.is_some_and(|command| script.contains(command));
        assert!(by_ci || here || generated, "nothing runs {command:?}");
    }
}

#[test]
fn the_emulator_answers_the_readmes_curl_commands() {
    if Command::new("curl").arg("--version").output().is_err() {
        eprintln!("skipped: curl is not installed (apt-get install curl)");
        return;
    }
    let serve = commands()
        .into_iter()
        .find(|line| line.contains(" -- serve "))
        .expect("a serve line");
    let (_, arguments) = serve
        .split_once(" -- ")
        .expect("arguments after the double dash");
    let arguments = arguments.replace("8080", "0");
    let mut serving = Command::new(env!("CARGO_BIN_EXE_tegata-conformance"))
        .args(arguments.split_whitespace())
        .stdout(Stdio::piped())
        .spawn()
        .map(Serving)
        .expect("serve starts");
    let mut ready = String::new();
    let out = serving.0.stdout.as_mut().expect("piped");
    BufReader::new(out)
        .read_line(&mut ready)
        .expect("the ready line");
    let ready: serde_json::Value = serde_json::from_str(&ready).expect("JSON");
    let base = ready["base_url"].as_str().expect("a base URL");

    let curls: Vec<_> = commands()
        .into_iter()
        .filter(|line| line.starts_with("curl "))
        .collect();
    assert!(curls.len() >= 3, "{curls:?}");
    for command in curls {
        let command = command.replace("http://127.0.0.1:8080", base);
        let command = command.replacen("curl ", "curl -sS --fail --noproxy '*' ", 1);
        let output = Command::new("sh")
            .args(["-c", &command])
            .output()
            .expect("a shell");
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{command}: {stderr}");
        let answer: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
        assert!(answer.is_object(), "{command}: {answer}");
    }
}
