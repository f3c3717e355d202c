//! `Cargo.toml`.

use std::fmt::Write as _;

use heck::ToKebabCase as _;

use super::features::{ALL, Features};
use super::forms;
use crate::lower::Lowered;
use crate::{Options, Tegata};

pub(super) fn manifest(lowered: &Lowered, features: &Features, options: &Options) -> String {
    let name = package_name(lowered, options);
    let has_forms = forms::all(lowered).next().is_some();
    let with = if has_forms {
        ", features = [\"multipart\"]"
    } else {
        ""
    };
    let tegata = match &options.tegata {
        Tegata::Version(version) if with.is_empty() => format!("{version:?}"),
        Tegata::Version(version) => format!("{{ version = {version:?}{with} }}"),
        Tegata::Path(path) => format!(
            "{{ path = {:?}, default-features = false{with} }}",
            path.display().to_string()
        ),
    };
    let default = if features.all.is_empty() {
        String::new()
    } else {
        format!("{ALL:?}, ")
    };
    let tags = of_tags(features);
    format!(
        r#"[package]
name = "{name}"
version = "0.1.0"
edition = "2024"
publish = false

[lib]
doctest = false

[features]
default = [{default}"rustls"]
{tags}rustls = ["tegata/rustls"]
native-tls = ["tegata/native-tls"]

[dependencies]
http = "1"
# The generated code and this library must match to the patch version.
progenitor-client = "=0.15.1"
reqwest = {{ version = "0.13", default-features = false, features = ["form", "json", "query", "stream"] }}
serde = {{ version = "1", features = ["derive"] }}
serde_json = "1"
tegata = {tegata}
"#
    )
}

/// The name of the package: the one that is wanted, or one made of the title.
pub(crate) fn package_name(lowered: &Lowered, options: &Options) -> String {
    let wanted = options.name.clone();
    wanted.unwrap_or_else(|| of_title(&lowered.report.title))
}

/// The features of tags, and one of all of them.
fn of_tags(features: &Features) -> String {
    if features.all.is_empty() {
        return String::new();
    }
    let mut text = String::from("# The operations of each tag, with the types that they need.\n");
    text.push_str(ALL);
    text.push_str(" = [\n");
    for (_, name) in &features.all {
        let _ = writeln!(text, "    \"{name}\",");
    }
    text.push_str("]\n");
    for (_, name) in &features.all {
        let _ = writeln!(text, "\"{name}\" = []");
    }
    text
}

/// The title as a name that cargo takes.
fn of_title(title: &str) -> String {
    let ascii: String = title
        .chars()
        .map(|it| if it.is_ascii() { it } else { ' ' })
        .collect();
    let name = ascii.to_kebab_case();
    match name.chars().next() {
        Some(first) if first.is_ascii_alphabetic() => format!("{name}-client"),
        Some(_) => format!("api-{name}-client"),
        None => "api-client".to_owned(),
    }
}
