//! Several specs, missing files, and the command line.

use std::fs;

use crate::support::{EXAMPLE, Repo, example_with};
use crate::{refused, snapshot};

#[test]
fn all_findings_of_all_specs_are_reported_at_once() {
    let repo = Repo::with(&example_with("operationId: raw_thing", "operationId: new"));
    let other = EXAMPLE
        .replace("operationId: raw_thing", "operationId: post")
        .replace("seconds: 3600", "seconds: -1")
        .replace("lines: \"7-8\"", "lines: \"0\"");
    repo.add("other", &other);
    let ran = refused(&repo, &["gen"]);
    snapshot("many", "two specs", &ran);
}

#[test]
fn one_bad_spec_keeps_the_good_ones_from_being_written() {
    let repo = Repo::with(EXAMPLE);
    repo.add("other", "openapi: 3.1.0");
    refused(&repo, &["gen"]);
}

#[test]
fn a_check_of_bad_input_is_bad_input_and_no_drift() {
    let repo = Repo::with(&example_with("operationId: raw_thing", "operationId: new"));
    refused(&repo, &["gen", "--check"]);
}

#[test]
fn a_provider_that_is_not_there() {
    let repo = Repo::with(EXAMPLE);
    repo.add("other", EXAMPLE);
    snapshot(
        "no_such_provider",
        "gen exmaple nothing",
        &refused(&repo, &["gen", "exmaple", "nothing"]),
    );
}

#[test]
fn a_spec_without_a_crate() {
    let repo = Repo::with(EXAMPLE);
    repo.write("specs/other.yaml", EXAMPLE);
    snapshot("no_crate", "specs/other.yaml", &refused(&repo, &["gen"]));
}

#[test]
fn a_spec_with_a_name_that_no_crate_has() {
    let repo = Repo::with(EXAMPLE);
    repo.write("specs/Other_One.yaml", EXAMPLE);
    snapshot(
        "bad_name",
        "specs/Other_One.yaml",
        &refused(&repo, &["gen"]),
    );
}

#[test]
fn a_repository_without_specs() {
    let repo = Repo::with(EXAMPLE);
    fs::remove_file(repo.path("specs/example.yaml")).unwrap();
    snapshot("no_spec", "specs/", &refused(&repo, &["gen"]));
    fs::remove_dir(repo.path("specs")).unwrap();
    snapshot("no_folder", "", &refused(&repo, &["gen"]));
}

#[test]
fn a_spec_that_is_no_text() {
    let repo = Repo::with(EXAMPLE);
    fs::write(repo.path("specs/example.yaml"), [0xff, 0xfe]).unwrap();
    snapshot("no_text", "bytes FF FE", &refused(&repo, &["gen"]));
}

#[test]
fn a_spec_that_is_a_list() {
    let repo = Repo::with("- openapi: 3.0.3\n");
    snapshot("list", "- openapi: 3.0.3", &refused(&repo, &["gen"]));
}

#[test]
fn an_empty_spec() {
    snapshot("empty", "", &refused(&Repo::with(""), &["gen"]));
}

#[test]
fn an_unknown_option() {
    let ran = refused(&Repo::with(EXAMPLE), &["gen", "--chekc"]);
    assert!(ran.err.contains("--check"), "{ran:?}");
}
