//! Citations are verified if the cited documents are available.

mod support;

use support::{EXAMPLE, Ran, Repo, example_with};

const GUIDE: &str = include_str!("specs/guide.txt");

#[allow(clippy::unwrap_used, reason = "a helper of tests fails as a test does")]
fn verify(spec: &str, guide: Option<&str>) -> Ran {
    let repo = Repo::with(spec);
    repo.write("sources/README.md", "none of them");
    if let Some(guide) = guide {
        repo.write("sources/guide.txt", guide);
    }
    let folder = repo.path("sources");
    repo.run(&["gen", "--sources", folder.to_str().unwrap()])
}

#[test]
fn citations_that_hold_pass() {
    let ran = verify(EXAMPLE, Some(GUIDE));
    assert_eq!(ran.code, Some(0), "{ran:?}");
}

#[test]
fn a_source_that_changed_is_refused() {
    let ran = verify(EXAMPLE, Some("another text\n"));
    assert_eq!(ran.code, Some(2));
    insta::assert_snapshot!(ran.err);
}

#[test]
fn a_source_that_is_not_there_is_refused() {
    let ran = verify(EXAMPLE, None);
    assert_eq!(ran.code, Some(2));
    insta::assert_snapshot!(ran.err);
}

#[test]
fn lines_behind_the_end_of_a_source_are_refused() {
    let spec = example_with("lines: \"7-8\"", "lines: \"7-10\"");
    let ran = verify(&spec, Some(GUIDE));
    assert_eq!(ran.code, Some(2));
    insta::assert_snapshot!(ran.err);
}

#[test]
fn a_folder_that_is_not_there_is_refused() {
    let ran = Repo::with(EXAMPLE).run(&["gen", "--sources", "/nowhere/at/all"]);
    assert_eq!(ran.code, Some(2));
    insta::assert_snapshot!(ran.err);
}

#[test]
fn the_folder_can_be_named_by_the_environment() {
    let repo = Repo::with(EXAMPLE);
    repo.write("sources/guide.txt", "another text\n");
    let folder = repo.path("sources");
    let ran = repo.run_with(&["gen"], &[("TEGATA_SOURCES", &folder)]);
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(ran.err.contains("guide.txt has changed"), "{ran:?}");
}

#[test]
fn without_a_folder_only_a_verbose_run_reports_it() {
    let spec = example_with("lines: \"7-8\"", "lines: \"7-99\"");
    let ran = Repo::with(&spec).run(&["gen"]);
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""));
    let ran = Repo::with(&spec).run(&["gen", "--verbose"]);
    assert!(ran.err.contains("sources not verified"), "{ran:?}");
}
