//! Bad input: each is refused with a message that names file, place and fix, and nothing is
//! written.

#[path = "refusals/document.rs"]
mod document;
#[path = "refusals/extensions.rs"]
mod extensions;
#[path = "refusals/operations.rs"]
mod operations;
#[path = "refusals/repository.rs"]
mod repository;
mod support;

use rstest::Context;
use support::{Ran, Repo, example_with};

const OLD: &str = "// what was there before\n";

/// Runs the task on a bad spec and checks what all refusals have in common.
fn refused(repo: &Repo, arguments: &[&str]) -> Ran {
    repo.write("crates/example/src/generated/client.rs", OLD);
    let ran = repo.run(arguments);
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert_eq!(ran.out, "", "{ran:?}");
    let left = repo.generated();
    assert_eq!(left.len(), 1, "{:?}", left.keys());
    assert_eq!(left["client.rs"], OLD);
    ran
}

/// The only place that asserts: insta names folder and source by the file in which its macro stands.
fn snapshot(name: &str, input: &str, ran: &Ran) {
    insta::with_settings!({
        omit_expression => true,
        prepend_module_to_snapshot => false,
        description => input,
    }, {
        insta::assert_snapshot!(format!("refusal_{name}"), ran.err);
    });
}

/// Checks that the example is refused after a passage is replaced.
fn edit(context: &Context, from: &str, to: &str) {
    let repo = Repo::with(&example_with(from, to));
    let ran = refused(&repo, &["gen"]);
    assert!(ran.err.contains("specs/example.yaml"), "{ran:?}");
    assert!(ran.err.contains("  fix: "), "{ran:?}");
    snapshot(context.description.unwrap_or_default(), to, &ran);
}
