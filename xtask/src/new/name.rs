//! Names of providers: what a crate, a folder of cases and a file in `specs/` can be called.

use std::fs;
use std::path::Path;

use crate::generate::Finding;

/// Words that stand in `crates/`, `specs/` or `conformance/` for something else than a provider, or that other tools
/// would take for one of their own.
const RESERVED: [&str; 8] = [
    "documents",
    "outside",
    "redocly",
    "rfc",
    "sources",
    "test",
    "tests",
    "values",
];

/// Crates that come with Rust: in the paths of other crates, these names mean them.
const OF_RUST: [&str; 7] = [
    "alloc",
    "compiler-builtins",
    "core",
    "panic-abort",
    "panic-unwind",
    "proc-macro",
    "std",
];

/// Devices of Windows, where no file or folder can have such a name, also with an ending.
const DEVICES: [&str; 6] = ["aux", "con", "conin", "conout", "nul", "prn"];

/// Longer names make paths that not every system takes.
const LONGEST: usize = 40;

/// Refuses a name that cannot be a provider's, or that something else has.
pub(crate) fn check(root: &Path, name: &str) -> Result<(), Finding> {
    form(name)?;
    if let Some(what) = meaning(name) {
        return Err(Finding::of_use(
            format!("`{name}` means something else: {what}"),
            format!("choose another, such as `{name}-api`"),
        ));
    }
    if let Some(place) = taken(root, name) {
        return Err(Finding::of_use(
            format!("the name `{name}` is taken: there is {place}"),
            format!(
                "choose another; a crate of `cargo xtask new` is taken out by `cargo xtask remove {name}`"
            ),
        ));
    }
    Ok(())
}

/// Refuses a text that is no name at all.
pub(crate) fn form(name: &str) -> Result<(), Finding> {
    let refuse = |what: String| {
        let fix =
            "use small letters, digits and single dashes, with a letter first, such as `acme-mail`";
        Err(Finding::of_use(what, fix))
    };
    let shown: String = name
        .chars()
        .filter(|it| !it.is_control())
        .take(60)
        .collect();
    let fits = |it: char| it.is_ascii_lowercase() || it.is_ascii_digit() || it == '-';
    let is_name = name.starts_with(|it: char| it.is_ascii_lowercase())
        && name.chars().all(fits)
        && !name.ends_with('-')
        && !name.contains("--");
    if !is_name {
        return refuse(format!("`{shown}` is no name of a provider"));
    }
    if name.len() > LONGEST {
        return refuse(format!("`{shown}` is longer than {LONGEST} letters"));
    }
    if RESERVED.contains(&name)
        || syn::parse_str::<syn::Ident>(name).is_err() && !name.contains('-')
    {
        return refuse(format!(
            "`{name}` means something else here: it is a reserved word"
        ));
    }
    Ok(())
}

/// What a name means outside of this workspace. `cargo xtask remove` takes such names: there may be an older crate.
fn meaning(name: &str) -> Option<&'static str> {
    let numbered = |kind| {
        let digit = name.strip_prefix(kind);
        digit
            .is_some_and(|it: &str| it.len() == 1 && it.starts_with(|it: char| it.is_ascii_digit()))
    };
    if OF_RUST.contains(&name) {
        return Some("a crate that comes with Rust");
    }
    let is_device = DEVICES.contains(&name) || numbered("com") || numbered("lpt");
    is_device.then_some("a device of Windows, where no file can be called so")
}

/// What has the name already.
fn taken(root: &Path, name: &str) -> Option<String> {
    let spec = format!("specs/{name}.yaml");
    let mut places = super::places(name).into_iter().chain([spec]);
    let place = places.find(|it| fs::symlink_metadata(root.join(it)).is_ok());
    place.or_else(|| {
        let package = format!("tegata-{name}");
        let lock = fs::read_to_string(root.join("Cargo.lock")).unwrap_or_default();
        let line = format!("name = \"{package}\"");
        lock.lines()
            .any(|it| it == line)
            .then(|| format!("a package `{package}`"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_a_folder_and_a_package_is_no_name() {
        let long = "a".repeat(LONGEST + 1);
        for name in [
            "", "A", "a_b", "1a", "-a", "a-", "a--b", "a/b", "..", "ä", "a\nb", &long,
        ] {
            let said = form(name)
                .map_err(|finding| finding.to_string())
                .unwrap_err();
            assert!(said.contains("small letters"), "{name}: {said}");
        }
        for name in ["a", "acme-mail", "x2", "in-time"] {
            assert!(form(name).is_ok(), "{name}");
        }
    }

    #[test]
    fn reserved_words_are_refused() {
        for name in ["fn", "self", "async", "test", "redocly", "values"] {
            let said = form(name)
                .map_err(|finding| finding.to_string())
                .unwrap_err();
            assert!(said.contains("reserved"), "{name}: {said}");
        }
    }

    #[test]
    fn names_of_rust_and_of_devices_are_refused() {
        let root = tempfile::tempdir().unwrap();
        for (name, said) in [
            ("alloc", "with Rust"),
            ("core", "with Rust"),
            ("proc-macro", "with Rust"),
            ("std", "with Rust"),
            ("aux", "a device"),
            ("com1", "a device"),
            ("con", "a device"),
            ("lpt9", "a device"),
            ("nul", "a device"),
        ] {
            let error = check(root.path(), name).unwrap_err().to_string();
            assert!(
                error.contains(said) && error.contains(&format!("`{name}-api`")),
                "{error}"
            );
        }
        for name in ["com", "com10", "con-way", "core-api", "lptx", "nulls"] {
            assert!(check(root.path(), name).is_ok(), "{name}");
        }
    }
}
