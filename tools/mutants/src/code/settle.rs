//! Builds a copy with all mutants that can be switched at run time.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::mutant::{Genre, Mutant};
use super::switch::{Woven, switch, weave};
use super::{CodeError, Scratch};

/// The crates whose code is wrong.
pub(super) const PACKAGES: [&str; 4] = [
    "tegata",
    "tegata-fujitsu-aispf",
    "tegata-jooto",
    "tegata-marketo",
];

/// Where they begin.
const ROOTS: [&str; 4] = [
    BOTTOM.1,
    "crates/fujitsu-aispf/src/lib.rs",
    "crates/jooto/src/lib.rs",
    "crates/marketo/src/lib.rs",
];

/// The crate at the bottom, and the file in which the switch goes.
const BOTTOM: (&str, &str) = ("crates/tegata/", "crates/tegata/src/lib.rs");

/// The copy with all mutants in it.
pub(super) struct Settled {
    /// Those that cannot be switched on when a program runs.
    pub(super) rigid: BTreeSet<usize>,
    /// Those that do not build.
    pub(super) unviable: BTreeSet<usize>,
    /// The files as they were.
    pub(super) files: BTreeMap<PathBuf, String>,
}

/// Puts all mutants into the copy, and takes out those that do not build.
pub(super) fn settle(
    scratch: &Scratch,
    all: &[&Mutant],
    report: &dyn Fn(&str),
) -> Result<Settled, CodeError> {
    let mut files: BTreeMap<PathBuf, String> = BTreeMap::new();
    let paths = all.iter().map(|one| one.edit.file.as_path());
    for path in paths.chain(ROOTS.map(Path::new)) {
        if !files.contains_key(path) {
            files.insert(path.to_owned(), scratch.read(path)?);
        }
    }
    let (mut rigid, mut unviable) = (BTreeSet::new(), BTreeSet::new());
    loop {
        let mut woven: BTreeMap<PathBuf, Woven> = BTreeMap::new();
        for (path, content) in &files {
            let here: Vec<(usize, &Mutant)> = all
                .iter()
                .enumerate()
                .filter(|(number, one)| {
                    let is_out = rigid.contains(number) || unviable.contains(number);
                    one.edit.file == *path && !is_out
                })
                .map(|(number, one)| (number, *one))
                .collect();
            let (mut made, cannot) = weave(content, called(path), &here)
                .map_err(|error| CodeError(format!("{}: {error}", path.display())))?;
            rigid.extend(cannot);
            made.content.push_str(&added(path, all.len()));
            scratch.write(path, &made.content)?;
            woven.insert(path.clone(), made);
        }
        let errors = check(scratch)?;
        if errors.is_empty() {
            return Ok(Settled {
                rigid,
                unviable,
                files,
            });
        }
        let culprits = culprits(&errors, &woven);
        if culprits.is_empty() {
            let texts: Vec<&str> = errors
                .iter()
                .filter_map(|error| error["rendered"].as_str())
                .collect();
            return Err(CodeError(format!(
                "the copy does not build, and no mutant is to blame: {}",
                texts.join("\n")
            )));
        }
        for number in culprits {
            // A replaced name always builds; only the way it was woven in may not.
            if all[number].genre == Genre::Name {
                rigid.insert(number);
            } else {
                unviable.insert(number);
            }
        }
        report(&format!("{} mutants do not build", unviable.len()));
    }
}

/// The name of the switch in this file.
fn called(path: &Path) -> &'static str {
    if path.starts_with(BOTTOM.0) {
        "crate::__switch"
    } else {
        "::tegata::__switch"
    }
}

/// What stands at the end of this file, beside the mutants. Each crate names the switch once outside of them: if it
/// cannot, that is an error for which no mutant is to blame, while the mutants would all be taken for those that
/// do not build.
fn added(path: &Path, count: usize) -> String {
    let mut added = String::new();
    if ROOTS.iter().any(|root| path == Path::new(root)) {
        let called = called(path);
        added = format!("\nconst _: fn(usize) -> bool = {called};\n");
    }
    if path == Path::new(BOTTOM.1) {
        added.push_str(&switch(count));
    }
    added
}

/// The compiler's errors for the copy.
fn check(scratch: &Scratch) -> Result<Vec<Value>, CodeError> {
    let packages: Vec<String> = PACKAGES
        .iter()
        .map(|name| format!("--package={name}"))
        .collect();
    let fixed = [
        "build",
        "--lib",
        "--keep-going",
        "--message-format=json",
        // As the tests have them.
        "--features=tegata/test-util,tegata/multipart",
    ];
    let arguments: Vec<&str> = fixed
        .into_iter()
        .chain(packages.iter().map(String::as_str))
        .collect();
    let output = scratch.cargo(&arguments)?;
    if output.status.success() {
        return Ok(Vec::new());
    }
    let said = String::from_utf8_lossy(&output.stdout);
    let messages = said
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let errors: Vec<Value> = messages
        .filter(|message| message["message"]["level"] == "error")
        .map(|mut message| message["message"].take())
        .filter(|error| {
            error["spans"]
                .as_array()
                .is_some_and(|spans| !spans.is_empty())
        })
        .collect();
    if errors.is_empty() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(CodeError(format!("the copy cannot be checked: {said}")));
    }
    Ok(errors)
}

/// The mutants for which there are these errors: those whose own text is named. Only if there are none, those
/// that an error lies in, for the error may only follow from another; and only then those to which the compiler's
/// advice leads: of a match that lacks an arm it names the head.
fn culprits(errors: &[Value], woven: &BTreeMap<PathBuf, Woven>) -> BTreeSet<usize> {
    let named =
        |errors: &[Value], at: &dyn Fn(&Woven, usize) -> Option<usize>| -> BTreeSet<usize> {
            let culprit = |error| culprit(error, woven, at);
            errors.iter().filter_map(culprit).collect()
        };
    let advice = || {
        let of = |error: &Value| error["children"].as_array().cloned();
        let all: Vec<Value> = errors.iter().filter_map(of).flatten().collect();
        named(&all, &Woven::near)
    };
    let found = [named(errors, &Woven::at), named(errors, &Woven::near)];
    let found = found.into_iter().find(|found| !found.is_empty());
    found.unwrap_or_else(advice)
}

/// The mutant that is at one of the places of an error.
fn culprit(
    error: &Value,
    woven: &BTreeMap<PathBuf, Woven>,
    at: &dyn Fn(&Woven, usize) -> Option<usize>,
) -> Option<usize> {
    let spans = error["spans"].as_array()?;
    let (primary, other): (Vec<&Value>, Vec<&Value>) =
        spans.iter().partition(|span| span["is_primary"] == true);
    primary.into_iter().chain(other).find_map(|span| {
        // Code of a macro is located at the call.
        let mut span = span;
        while span["expansion"].is_object() {
            span = &span["expansion"]["span"];
        }
        let woven = woven.get(Path::new(span["file_name"].as_str()?))?;
        at(woven, usize::try_from(span["byte_start"].as_u64()?).ok()?)
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::listed::tests::mutant;
    use super::*;

    const CODE: &str = "fn f() -> u8 { 1 + 2 * 3 }";

    fn woven() -> BTreeMap<PathBuf, Woven> {
        let all = [
            mutant(CODE, "BinaryOperator", (1, 18), (1, 19), "-"),
            mutant(CODE, "BinaryOperator", (1, 22), (1, 23), "/"),
        ];
        let numbered: Vec<_> = all.iter().enumerate().collect();
        let (woven, _) = weave(CODE, "s", &numbered).unwrap();
        BTreeMap::from([(PathBuf::from("src/a.rs"), woven)])
    }

    fn span(file: &str, text: &str) -> Value {
        let woven = &woven()[Path::new("src/a.rs")];
        let byte = woven.content.find(text).unwrap();
        json!({"file_name": file, "byte_start": byte, "is_primary": true, "expansion": null})
    }

    fn found(errors: &[Value]) -> Vec<usize> {
        culprits(errors, &woven()).into_iter().collect()
    }

    #[test]
    fn an_error_is_for_the_mutant_whose_text_it_names() {
        let error = json!({"spans": [span("src/a.rs", "2 / 3")]});
        assert_eq!(found(&[error]), [1]);
    }

    #[test]
    fn an_error_in_macro_output_is_located_at_the_call() {
        let made = json!({"file_name": "elsewhere.rs", "byte_start": 7, "is_primary": true,
            "expansion": {"span": span("src/a.rs", "1 - 2")}});
        assert_eq!(found(&[json!({"spans": [made]})]), [0]);
    }

    #[test]
    fn an_enclosing_mutant_is_blamed_only_if_no_other_is() {
        let exact = json!({"spans": [span("src/a.rs", "2 / 3")]});
        let around = json!({"spans": [span("src/a.rs", "1 + ")]});
        assert_eq!(found(&[around.clone(), exact]), [1]);
        assert_eq!(found(&[around]), [0]);
    }

    #[test]
    fn where_advice_leads_is_to_blame_only_if_nothing_else_is() {
        let head = span("src/a.rs", "fn f");
        let advice = json!({"spans": [span("src/a.rs", "2 / 3")]});
        let error = json!({"spans": [head], "children": [advice]});
        assert_eq!(found(std::slice::from_ref(&error)), [1]);
        let exact = json!({"spans": [span("src/a.rs", "1 - 2")]});
        assert_eq!(found(&[error, exact]), [0]);
    }

    /// A workspace of the crates, of which all but the first have this dependency.
    fn workspace(dependency: &str) -> (tempfile::TempDir, Scratch) {
        let folder = tempfile::tempdir().unwrap();
        let write = |path: &str, content: &str| {
            let path = folder.path().join("workspace").join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, content).unwrap();
        };
        write(
            "Cargo.toml",
            "workspace = { members = [\"crates/*\"], resolver = \"3\" }",
        );
        for (name, root) in PACKAGES.iter().zip(ROOTS) {
            let depends = if root == BOTTOM.1 {
                "[features]\ntest-util = []\nmultipart = []\n"
            } else {
                dependency
            };
            let manifest = root.replace("src/lib.rs", "Cargo.toml");
            let package = format!("[package]\nname = \"{name}\"\nedition = \"2024\"\n{depends}");
            write(&manifest, &package);
            write(root, CODE);
        }
        let root = folder.path().join("workspace");
        let git = std::process::Command::new("git")
            .args(["init", "--quiet"])
            .current_dir(&root)
            .status();
        assert!(git.unwrap().success());
        let scratch = Scratch::copy(&root, Some(&folder.path().join("target"))).unwrap();
        (folder, scratch)
    }

    /// The same mutant in each of the crates.
    fn in_each_crate(scratch: &Scratch) -> Result<Settled, CodeError> {
        let all = ROOTS.map(|root| {
            let mut one = mutant(CODE, "BinaryOperator", (1, 22), (1, 23), "/");
            one.edit.file = root.into();
            one
        });
        settle(scratch, &all.each_ref(), &|_| {})
    }

    #[test]
    fn a_mutant_of_any_crate_builds() {
        let (_folder, scratch) = workspace("[dependencies]\ntegata.path = \"../tegata\"\n");
        let settled = in_each_crate(&scratch).unwrap();
        assert_eq!((settled.rigid.len(), settled.unviable.len()), (0, 0));
        for root in ROOTS {
            let content = scratch.read(Path::new(root)).unwrap();
            assert!(content.contains("{ 2 / 3 }"), "{root}: {content}");
        }
    }

    #[test]
    fn a_crate_that_cannot_call_the_switch_is_an_error() {
        let (_folder, scratch) = workspace("");
        let error = in_each_crate(&scratch).err().unwrap().to_string();
        assert!(error.contains("no mutant is to blame"), "{error}");
        assert!(error.contains("::tegata::__switch"), "{error}");
    }

    #[test]
    fn an_error_elsewhere_is_for_no_mutant() {
        let foreign = json!({"spans": [span("src/b.rs", "2 / 3")]});
        let before = json!({"spans": [span("src/a.rs", "fn f")]});
        assert!(found(&[foreign, before]).is_empty());
    }
}
