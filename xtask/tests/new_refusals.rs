//! What `cargo xtask new` and `cargo xtask remove` refuse, and that nothing is written then.

mod new_support;

use std::fs;

use new_support::Workspace;
use rstest::rstest;

const TINY: &str = "openapi: 3.0.3\ninfo: {title: T, version: '1'}\npaths: {/a: {get: {responses: {'204': {description: d}}}}}\n";

/// The refusal of a call, after which all files are as they were.
fn refusal(workspace: &Workspace, arguments: &[&str]) -> String {
    let before = workspace.files();
    let ran = workspace.run(arguments);
    assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""), "{ran:?}");
    assert!(ran.err.contains("\n  fix: "), "{ran:?}");
    assert!(
        ran.err.ends_with("1 error; nothing was written\n"),
        "{ran:?}"
    );
    workspace.assert_files(&before);
    ran.err
}

#[rstest]
#[case(
    "marketo",
    "the name `marketo` is taken: there is conformance/suite/providers/marketo.toml"
)]
#[case(
    "emulator",
    "the name `emulator` is taken: there is a package `tegata-emulator`"
)]
#[case("Acme", "`Acme` is no name of a provider")]
#[case("../x", "`../x` is no name of a provider")]
#[case("type", "`type` means something else here")]
fn a_name_that_cannot_be_used_is_refused(#[case] name: &str, #[case] said: &str) {
    let workspace = Workspace::new();
    let error = refusal(&workspace, &["new", name, "--spec", &workspace.document()]);
    assert!(error.contains(said), "{error}");
}

#[rstest]
#[case(&[], "nothing.yaml", "cannot be read")]
#[case(&[("a.yaml", "a: 1\n")], "a.yaml", "neither `openapi` nor `swagger`")]
#[case(&[("a.yaml", "a: [1\n")], "a.yaml", "a.yaml:")]
#[case(&[("a.yaml", "openapi: 4.0.0\n")], "a.yaml", "version `4.0.0`")]
#[case(&[("a.yaml", "openapi: 3.0.3\ninfo: {title: T, version: '1'}\npaths: {}\n")], "a.yaml", "no operation")]
#[case(&[("d/a.yaml", TINY), ("d/b.yaml", TINY)], "d", "2 files there are OpenAPI documents: a.yaml, b.yaml")]
#[case(&[("d/a.yaml", "a: 1\n"), ("d/b.txt", TINY)], "d", "no file there is an OpenAPI document")]
fn a_document_that_is_none_is_refused(
    #[case] files: &[(&str, &str)],
    #[case] spec: &str,
    #[case] said: &str,
) {
    let workspace = Workspace::new();
    for (path, text) in files {
        workspace.write(path, text);
    }
    let spec = workspace.path(spec).display().to_string();
    let error = refusal(&workspace, &["new", "shelf", "--spec", &spec]);
    assert!(error.contains(said), "{error}");
}

#[rstest]
#[case(
    "overlay: 1.0.0\nactions:\n  - target: $.nothing\n    update: {}\n",
    "mine.yaml:3: the target `$.nothing` matches nothing"
)]
#[case("a: 1\n", "this is no overlay")]
#[case("overlay: 1.0.0\nactions: []\n", "no list with an action in it")]
#[case(
    "overlay: 1.0.0\nactions:\n  - target: $.components.securitySchemes.login\n    update: {x-tegata-client-auth: bosic}\n",
    "mine.yaml:4: `x-tegata-client-auth` has an unknown value"
)]
fn an_overlay_that_does_not_fit_is_refused(#[case] overlay: &str, #[case] said: &str) {
    let workspace = Workspace::new();
    workspace.write("mine.yaml", overlay);
    let overlay = workspace.path("mine.yaml").display().to_string();
    let document = workspace.document();
    let arguments = ["new", "shelf", "--spec", &document, "--overlay", &overlay];
    let error = refusal(&workspace, &arguments);
    assert!(error.contains(said), "{error}");
    let nothing = workspace.path("nothing.yaml").display().to_string();
    let arguments = ["new", "shelf", "--spec", &document, "--overlay", &nothing];
    let error = refusal(&workspace, &arguments);
    assert!(
        error.contains("--overlay") && error.contains("cannot be read"),
        "{error}"
    );
}

#[test]
fn a_table_that_lost_its_line_is_named() {
    let workspace = Workspace::new();
    let text = workspace.read("ARCHITECTURE.md");
    workspace.write(
        "ARCHITECTURE.md",
        &text.replace("| `crates/fujitsu-aispf`, ", "| crates: "),
    );
    let error = refusal(
        &workspace,
        &["new", "shelf", "--spec", &workspace.document()],
    );
    assert!(
        error.contains("ARCHITECTURE.md: no line begins with"),
        "{error}"
    );
}

#[test]
fn a_file_that_cannot_be_written_takes_all_back() {
    let workspace = Workspace::new();
    // A file stands where a folder has to be.
    workspace.write("conformance/emulator/profiles", "");
    let error = refusal(
        &workspace,
        &["new", "shelf", "--spec", &workspace.document()],
    );
    assert!(
        error.contains("conformance/emulator/profiles/shelf.json: cannot be written"),
        "{error}"
    );
}

#[rstest]
#[case("marketo", "`marketo` was not made by `cargo xtask new`")]
#[case("nothing", "`nothing` was not made by `cargo xtask new`")]
#[case("../shelf", "`../shelf` is no name of a provider")]
fn what_was_not_made_is_not_removed(#[case] name: &str, #[case] said: &str) {
    let workspace = Workspace::new();
    workspace.new_crate(&[]);
    let error = refusal(&workspace, &["remove", name]);
    assert!(error.contains(said), "{error}");
}

#[rstest]
#[case("crates/shelf/src/mine.rs")]
#[case("crates/shelf/README.md")]
#[case("conformance/suite/cases/shelf/mine.toml")]
#[case("conformance/suite/cases/shelf/operation.list-books.toml")]
#[case("conformance/suite/fixtures/shelf/more/mine.json")]
#[case("conformance/suite/fixtures/shelf/values.toml")]
#[case("conformance/suite/providers/shelf.toml")]
#[case("conformance/suite/citations/outside/shelf.toml")]
fn files_made_by_hand_are_removed_only_if_asked_for(#[case] file: &str) {
    let workspace = Workspace::new();
    let before = workspace.files();
    workspace.new_crate(&[]);
    workspace.write(file, "# mine\n");
    let error = refusal(&workspace, &["remove", "shelf"]);
    let said = format!("1 files were made or changed by hand: {file}\n");
    assert!(
        error.contains(&said) && error.contains("`--all`"),
        "{error}"
    );
    let ran = workspace.run(&["remove", "shelf", "--all"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    workspace.assert_files(&before);
}

#[test]
fn a_record_that_cannot_be_read_vouches_for_no_file() {
    let workspace = Workspace::new();
    let before = workspace.files();
    workspace.new_crate(&[]);
    workspace.write("specs/shelf.source.toml", "a: [\n");
    let error = refusal(&workspace, &["remove", "shelf"]);
    assert!(error.contains("made or changed by hand"), "{error}");
    let ran = workspace.run(&["remove", "shelf", "--all"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    workspace.assert_files(&before);
}

#[cfg(unix)]
#[rstest]
#[case("conformance/suite/cases/shelf", true)]
#[case("conformance/suite/fixtures/shelf", true)]
#[case("crates/shelf", true)]
#[case("crates/shelf/linked", true)]
#[case("crates/shelf/dangling", false)]
#[case("conformance/suite/providers/shelf.toml", false)]
fn a_link_is_removed_and_not_what_it_leads_to(#[case] place: &str, #[case] is_there: bool) {
    let workspace = Workspace::new();
    let before = workspace.files();
    workspace.new_crate(&[]);
    let elsewhere = tempfile::tempdir().unwrap();
    let target = elsewhere.path().join("target");
    if is_there {
        fs::create_dir(&target).unwrap();
        fs::write(target.join("theirs.toml"), "theirs").unwrap();
    }
    let whole = workspace.path(place);
    if whole.is_dir() {
        fs::remove_dir_all(&whole).unwrap();
    } else if whole.exists() {
        fs::remove_file(&whole).unwrap();
    }
    std::os::unix::fs::symlink(&target, &whole).unwrap();
    let ran = workspace.run(&["remove", "shelf"]);
    let said = format!("1 files were made or changed by hand: {place}\n");
    assert!(ran.code == Some(2) && ran.err.contains(&said), "{ran:?}");
    let ran = workspace.run(&["remove", "shelf", "--all"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(!whole.is_symlink(), "{place}");
    workspace.assert_files(&before);
    assert_eq!(target.join("theirs.toml").exists(), is_there);
}

#[test]
fn what_is_left_of_a_crate_is_removed_as_well() {
    let workspace = Workspace::new();
    let before = workspace.files();
    workspace.new_crate(&[]);
    fs::remove_dir_all(workspace.path("crates/shelf")).unwrap();
    fs::remove_file(workspace.path("conformance/suite/providers/shelf.toml")).unwrap();
    let ran = workspace.run(&["remove", "shelf"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    workspace.assert_files(&before);
}
