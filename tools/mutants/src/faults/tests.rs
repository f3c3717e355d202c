//! Checks that the list of faults matches the cache and its tests.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::list::faults;
use super::{Planted, plant_all};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

#[test]
fn every_fault_can_be_planted_in_one_place() {
    let source = root().join("crates/tegata/src");
    for fault in faults() {
        let text = fs::read_to_string(source.join(fault.file)).expect(fault.file);
        assert_eq!(text.matches(fault.before).count(), 1, "{}", fault.name);
        assert_ne!(fault.before, fault.after, "{}", fault.name);
    }
}

#[test]
fn every_fault_names_tests_that_there_are() {
    for fault in faults() {
        assert!(!fault.noticed_by.is_empty(), "{}", fault.name);
        for (suite, test) in fault.noticed_by {
            let place = root().join(suite.place());
            let text = text_of(&place).expect("source");
            let is_there = text.contains(&format!("fn {test}("));
            assert!(is_there, "{}: no {test} in {place:?}", fault.name);
        }
    }
}

#[test]
fn a_fault_that_cannot_be_tried_is_counted_and_the_others_go_on() {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path().join("workspace");
    let source = root.join("crates/tegata/src");
    // There is a place for the first fault only, and no workspace to build.
    let first = faults().next().expect("a fault");
    let file = source.join(first.file);
    fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
    fs::write(&file, first.before).expect("a file");
    let git = std::process::Command::new("git")
        .args(["init", "--quiet"])
        .current_dir(&root)
        .status();
    assert!(git.expect("git").success());
    let target = folder.path().join("target");
    let planted = plant_all(&root, Some(&target), "", &|_| {}).expect("all are tried");
    let all = Planted {
        unnoticed: 0,
        untried: faults().count(),
    };
    assert_eq!(planted, all);
    let left = target.join("copy/crates/tegata/src").join(first.file);
    assert_eq!(fs::read_to_string(left).expect("a file"), first.before);
}

/// The content of this file, or of all files in this folder.
fn text_of(place: &Path) -> io::Result<String> {
    if !place.is_dir() {
        return fs::read_to_string(place);
    }
    let within = fs::read_dir(place)?.map(|entry| text_of(&entry?.path()));
    Ok(within.collect::<io::Result<Vec<_>>>()?.concat())
}

#[test]
fn the_table_of_faults_is_complete() {
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let readme = fs::read_to_string(readme).expect("README.md");
    for fault in faults() {
        let row = readme
            .lines()
            .find(|line| line.starts_with(&format!("| {} |", fault.name)));
        let row = row.unwrap_or_else(|| panic!("no row for {:?}", fault.name));
        for (suite, test) in fault.noticed_by {
            assert!(row.contains(&format!("{suite:?}: `{test}`")), "{row}");
        }
        assert_eq!(
            row.matches('`').count(),
            fault.noticed_by.len() * 2,
            "{row}"
        );
    }
    let rows = readme
        .lines()
        .filter(|line| line.contains('`') && line.starts_with("| "));
    assert_eq!(rows.count(), faults().count());
}
