//! `crates/NAME`: what is around the generated code.

mod call;
mod emulator;
mod example;
mod tests;

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use tegata_gen::{CredentialPlace, Package};

use super::changes::Changes;
use call::Call;

/// What `Cargo.lock` has to know of the crate.
pub(crate) struct Manifest {
    pub(crate) package: String,
    pub(crate) dependencies: Vec<&'static str>,
}

/// Dependencies of the crate, each on a line of its own.
const DEPENDENCIES: [&str; 6] = [
    "http",
    "progenitor-client",
    "reqwest",
    "serde",
    "serde_json",
    "tegata",
];

/// What its example and its tests need besides.
const OF_TESTS: [&str; 3] = ["tegata-clients", "tegata-emulator", "tokio"];

/// Writes the crate's files.
pub(crate) fn write(
    root: &Path,
    name: &str,
    title: &str,
    package: &Package,
    has_cases: bool,
    changes: &mut Changes,
) -> Manifest {
    let home = format!("crates/{name}");
    for (file, text) in &package.files {
        changes.write(format!("{home}/{file}"), text.as_str());
    }
    let call = Call::of(name, &package.outline);
    changes.write(format!("{home}/Cargo.toml"), manifest(name, title));
    changes.write(format!("{home}/README.md"), readme(name, title, &call));
    let example = formatted(root, example::example(name, title, &call));
    changes.write(format!("{home}/examples/{name}.rs"), example);
    if has_cases {
        let cases = formatted(root, tests::cases(name, &package.outline));
        changes.write(format!("{home}/tests/cases.rs"), cases);
    }
    let profile = package.profile.as_deref().unwrap_or_default();
    let emulated = formatted(root, emulator::test(name, &call, profile));
    changes.write(format!("{home}/tests/emulator.rs"), emulated);
    Manifest {
        package: format!("tegata-{name}"),
        dependencies: DEPENDENCIES.into_iter().chain(OF_TESTS).collect(),
    }
}

/// How calls are authenticated, in words for a table.
pub(crate) fn authentication(package: &Package) -> String {
    let mut words: Vec<&str> = Vec::new();
    for scheme in &package.outline.schemes {
        let flows = scheme.servers.iter().flat_map(|it| &it.flows);
        let mut of_scheme: Vec<&str> = flows
            .map(|flow| match *flow {
                "authorizationCode" => "OAuth 2.0 by authorization code",
                "clientCredentials" => "OAuth 2.0 by client credentials",
                _ => "OAuth 2.0 by device code",
            })
            .collect();
        if of_scheme.is_empty() {
            of_scheme.push(match &scheme.place {
                _ if scheme.access_token.is_some() => "access token",
                CredentialPlace::Basic => "HTTP Basic",
                CredentialPlace::Bearer => "bearer token",
                _ => "API key",
            });
        }
        for it in of_scheme {
            if !words.contains(&it) {
                words.push(it);
            }
        }
    }
    if words.is_empty() {
        return "none is documented".to_owned();
    }
    words.join("; ")
}

fn manifest(name: &str, title: &str) -> String {
    let title = super::record::quoted(&format!("Typed, authenticated client for {title}"));
    let dependencies: Vec<String> = DEPENDENCIES
        .iter()
        .map(|it| match *it {
            // Also without a form: a newer document may have one, and `cargo xtask gen` leaves this file alone.
            "tegata" => "tegata = { workspace = true, features = [\"multipart\"] }\n".to_owned(),
            it => format!("{it}.workspace = true\n"),
        })
        .collect();
    let dependencies = dependencies.concat();
    format!(
        r#"[package]
name = "tegata-{name}"
description = {title}
version.workspace = true
edition.workspace = true
rust-version.workspace = true
license.workspace = true
readme = "README.md"
publish = false

[lints]
workspace = true

[lib]
doctest = false

[features]
default = ["rustls"]
## TLS by rustls, with the platform's trust store.
rustls = ["tegata/rustls"]
## TLS by the operating system's library.
native-tls = ["tegata/native-tls"]

[dependencies]
{dependencies}
[dev-dependencies]
tegata = {{ workspace = true, features = ["rustls", "test-util"] }}
tegata-clients.workspace = true
tegata-emulator.workspace = true
tokio = {{ workspace = true, features = ["macros", "net", "rt", "time"] }}
"#
    )
}

fn readme(name: &str, title: &str, call: &Call<'_>) -> String {
    let variables: Vec<String> = call
        .variables()
        .iter()
        .map(|(name, what)| format!("| `{name}` | {what} |\n"))
        .collect();
    let variables = variables.concat();
    format!(
        "# tegata-{name}\n\n\
         A client for {title}, generated from the vendor's OpenAPI document: each request goes out with the\n\
         credential that its operation takes, and tokens are renewed before they expire and when they are refused.\n\n\
         ```sh\ncargo run -p tegata-{name} --example {name}\n```\n\n\
         calls it once, with what the environment gives:\n\n\
         | variable | what |\n|---|---|\n{variables}\n\
         Which document it is made of: [`specs/{name}.source.toml`](../../specs/{name}.source.toml). What that does\n\
         not say: [`specs/{name}.overlay.yaml`](../../specs/{name}.overlay.yaml), where assumed values have a note.\n\
         After a change:\n\n\
         ```sh\ncargo xtask gen {name} --documents FOLDER\n```\n\n\
         `src/lib.rs` and `src/generated` are written by that, and not by hand. `cargo xtask remove {name}` takes\n\
         the crate out again, with all that belongs to it.\n"
    )
}

/// The code as `cargo fmt` has it; as it is where the formatter is not installed.
fn formatted(root: &Path, code: String) -> String {
    let run = || {
        let mut child = Command::new("rustfmt")
            .args(["--edition", "2024", "--config-path"])
            .arg(root)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        child.stdin.take()?.write_all(code.as_bytes()).ok()?;
        let output = child.wait_with_output().ok()?;
        output
            .status
            .success()
            .then_some(String::from_utf8(output.stdout).ok()?)
    };
    run().filter(|it| !it.is_empty()).unwrap_or(code)
}
