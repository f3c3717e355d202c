//! `cargo xtask demo`: first the check, then the walk, whose exit code is passed on.
#![cfg(unix)]

mod support;

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;

use support::{EXAMPLE, Ran, Repo};

/// Runs the demo with a cargo that says how it was called and ends with 7.
#[allow(clippy::unwrap_used, reason = "a helper of tests fails as a test does")]
fn demo(repo: &Repo) -> Ran {
    let cargo = repo.path("cargo");
    fs::write(&cargo, "#!/bin/sh\necho \"$@\"\npwd -P\nexit 7\n").unwrap();
    fs::set_permissions(&cargo, Permissions::from_mode(0o755)).unwrap();
    repo.run_with(&["demo"], &[("CARGO", &cargo)])
}

#[test]
fn the_walk_runs_in_the_repository_and_passes_its_exit_code_on() {
    let repo = Repo::with(EXAMPLE);
    repo.run(&["gen"]);
    let ran = demo(&repo);
    assert_eq!(ran.code, Some(7), "{ran:?}");
    let folder = repo.path("").canonicalize().unwrap();
    let expected = format!(
        "example: up to date (5 files)\nrun --quiet -p tegata-clients -- demo\n{}\n",
        folder.display()
    );
    assert_eq!(ran.out, expected);
}

#[test]
fn generated_code_that_is_not_up_to_date_stops_it() {
    let ran = demo(&Repo::with(EXAMPLE));
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(!ran.out.contains("tegata-conformance"), "{ran:?}");
}

#[test]
fn a_cargo_that_cannot_be_started_is_named() {
    let repo = Repo::with(EXAMPLE);
    repo.run(&["gen"]);
    let ran = repo.run_with(&["demo"], &[("CARGO", &repo.path("nothing"))]);
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(ran.err.contains("the demo cannot be started"), "{ran:?}");
}
