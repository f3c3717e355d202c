//! `cargo xtask gen` for crates that are made of a vendor's own document, which may not be at hand.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod new_support;

use std::fs;

use new_support::{DOCUMENT, Workspace};

/// The spec of a provider of our own, beside which the others are.
const OWN: &str = include_str!("specs/example.yaml");

fn with_a_crate() -> Workspace {
    let workspace = Workspace::new();
    workspace.write("specs/example.yaml", OWN);
    workspace.write("crates/example/src/lib.rs", "");
    assert_eq!(workspace.run(&["gen"]).code, Some(0));
    assert_eq!(workspace.new_crate(&[]).code, Some(0));
    workspace
}

#[test]
fn a_document_that_is_not_at_hand_is_skipped_and_named() {
    let workspace = with_a_crate();
    for check in [&["gen", "--check"][..], &["gen"], &["gen", "shelf"]] {
        let before = workspace.files();
        let ran = workspace.run(check);
        assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""), "{ran:?}");
        let said = "shelf: skipped, because the vendor's library.yaml (sha256 ";
        assert!(ran.out.contains(said), "{ran:?}");
        assert!(
            ran.out.contains("`--documents DIR` or TEGATA_DOCUMENTS"),
            "{ran:?}"
        );
        assert_eq!(
            ran.out.contains("example: up to date"),
            check.len() < 2 || check[1] == "--check"
        );
        workspace.assert_files(&before);
    }
}

#[test]
fn a_document_at_hand_is_compared_with_the_crate() {
    let workspace = with_a_crate();
    let documents = workspace.documents().display().to_string();
    let check = ["gen", "--check", "--documents", &documents];
    let ran = workspace.run(&check);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.out.contains("shelf: up to date (8 files)"), "{ran:?}");
    let path = "crates/shelf/src/generated/operations.rs";
    let written = workspace.read(path);
    workspace.write(path, "// by hand\n");
    workspace.write("conformance/emulator/profiles/shelf.json", "{}");
    let before = workspace.files();
    let ran = workspace.run(&check);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(ran.out.contains(&format!("{path} differs")), "{ran:?}");
    assert!(ran.out.contains("profiles/shelf.json differs"), "{ran:?}");
    assert!(ran.out.contains("run `cargo xtask gen shelf`"), "{ran:?}");
    workspace.assert_files(&before);
    let ran = workspace.run(&["gen", "shelf", "--documents", &documents]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.out.contains("shelf: 2 files written"), "{ran:?}");
    assert_eq!(workspace.read(path), written);
}

#[test]
fn a_form_that_was_filled_in_changes_the_crate() {
    let workspace = with_a_crate();
    let path = "specs/shelf.overlay.yaml";
    let filled = workspace
        .read(path)
        .replace("client-auth: basic", "client-auth: post");
    workspace.write(path, &filled);
    let documents = workspace.documents().display().to_string();
    let ran = workspace.run(&["gen", "--documents", &documents]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let security = workspace.read("crates/shelf/src/generated/security.rs");
    assert!(security.contains("ClientAuth::Post"), "{security}");
    let profile = workspace.read("conformance/emulator/profiles/shelf.json");
    assert!(profile.contains("\"post\""), "{profile}");
}

#[test]
fn a_newer_document_is_recorded_when_it_is_named() {
    let workspace = with_a_crate();
    let newer = DOCUMENT.replace("operationId: hours", "operationId: openingHours");
    let path = workspace.documents().join("library.yaml");
    fs::write(&path, newer).unwrap();
    let documents = workspace.documents().display().to_string();
    // It is no longer the one that was recorded, so it is not taken by itself.
    let ran = workspace.run(&["gen", "--check", "--documents", &documents]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.out.contains("its hash differs"), "{ran:?}");
    let spec = path.display().to_string();
    let ran = workspace.run(&["gen", "--check", "shelf", "--spec", &spec]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(ran.out.contains("not the one that was recorded"), "{ran:?}");
    let ran = workspace.run(&["gen", "shelf", "--spec", &spec]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let operations = workspace.read("crates/shelf/src/generated/operations.rs");
    assert!(operations.contains("fn opening_hours("), "{operations}");
    let ran = workspace.run(&["gen", "--check", "--documents", &documents]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.out.contains("shelf: up to date"), "{ran:?}");
    // The record still knows what was written by hand: nothing.
    let ran = workspace.run(&["remove", "shelf"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
}

#[test]
fn nothing_is_written_if_one_of_several_cannot_be_generated() {
    let workspace = with_a_crate();
    workspace.write("crates/shelf/src/generated/wire.rs", "// by hand\n");
    workspace.write("specs/example.yaml", "openapi: 3.0.3\n");
    let before = workspace.files();
    let documents = workspace.documents().display().to_string();
    let ran = workspace.run(&["gen", "--documents", &documents]);
    assert_eq!(ran.code, Some(2), "{ran:?}");
    workspace.assert_files(&before);
}

#[test]
fn options_for_other_crates_are_refused() {
    let workspace = with_a_crate();
    let document = workspace.document();
    for (arguments, said) in [
        (&["gen", "--spec", &document][..], "not one such is named"),
        (
            &["gen", "example", "--spec", &document],
            "not one such is named",
        ),
        (&["gen", "--documents", &document], "is no folder"),
        (&["gen", "shel"], "no provider `shel`"),
    ] {
        let ran = workspace.run(arguments);
        assert_eq!(ran.code, Some(2), "{ran:?}");
        assert!(ran.err.contains(said), "{ran:?}");
    }
    workspace.write("specs/shelf.source.toml", "from = 1\n");
    let ran = workspace.run(&["gen", "--check"]);
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(ran.err.contains("specs/shelf.source.toml: "), "{ran:?}");
}
