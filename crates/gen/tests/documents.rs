//! Each kind of thing that documents have, with the report and the code that come of it.
//!
//! The code is compiled by `tests/compile.rs`. `TEGATA_GEN_UPDATE=1` writes what is compared here.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::{env, fs};

use rstest::rstest;
use tegata_gen::{Encoder, Options, Package, Tegata, generate};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests")
}

fn package(document: &str) -> Package {
    let path = folder().join("documents").join(document);
    let overlay = path.with_extension("overlay.yaml");
    let options = Options {
        overlays: overlay.exists().then_some(overlay).into_iter().collect(),
        encoder: Encoder::Process(env!("CARGO_BIN_EXE_tegata-gen").into()),
        tegata: Tegata::Version("0.1.0".to_owned()),
        ..Options::default()
    };
    generate(&path, &options).unwrap_or_else(|error| panic!("{error}"))
}

#[rstest]
#[case("answers", "answers.yaml")]
#[case("bodies", "bodies.yaml")]
#[case("credentials", "credentials.yaml")]
#[case("heirs", "heirs.yaml")]
#[case("modern", "modern.yaml")]
#[case("names", "names.yaml")]
#[case("next", "next.yaml")]
#[case("odd", "odd.yaml")]
#[case("parameters", "parameters.yaml")]
#[case("references", "references/main.yaml")]
#[case("secrets", "secrets.yaml")]
#[case("swagger", "swagger.json")]
#[case("values", "values.yaml")]
fn a_document_becomes_the_code_and_report_that_are_kept(
    #[case] name: &str,
    #[case] document: &str,
) {
    let package = package(document);
    let kept = folder().join("expected").join(name);
    let mut files = package.files.clone();
    files.insert("report.json".to_owned(), package.report.to_json() + "\n");
    files.remove("Cargo.toml");
    if env::var_os("TEGATA_GEN_UPDATE").is_some() {
        let _ = fs::remove_dir_all(&kept);
        for (path, text) in &files {
            let path = kept.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        return;
    }
    for (path, text) in &files {
        let before = fs::read_to_string(kept.join(path)).unwrap_or_default();
        assert!(
            before == *text,
            "{name}/{path} differs: run with TEGATA_GEN_UPDATE=1 and read the difference"
        );
    }
}

#[test]
fn every_operation_has_a_method_or_a_reason() {
    for document in [
        "answers.yaml",
        "bodies.yaml",
        "parameters.yaml",
        "references/main.yaml",
        "next.yaml",
    ] {
        let Package { files, report } = package(document);
        let methods = files["src/generated/operations.rs"]
            .matches("pub async fn ")
            .count();
        assert_eq!(
            methods + report.refused.len(),
            report.operations,
            "{document}"
        );
        assert_eq!(report.typed + report.raw.len(), methods, "{document}");
        for it in report.refused.iter().chain(&report.raw) {
            assert!(!it.reason.is_empty() && it.place.contains(':'), "{it:?}");
            assert!(files["src/lib.rs"].contains(&it.path), "{it:?}");
        }
    }
}

#[test]
fn a_summary_has_at_most_ten_lines() {
    for document in fs::read_dir(folder().join("documents")).unwrap() {
        let path = document.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if path.is_file() && !name.ends_with(".overlay.yaml") {
            let report = package(name).report;
            let summary = report.summary();
            assert!(summary.lines().count() <= 10, "{summary}");
        }
    }
}

#[test]
fn two_runs_write_the_same() {
    assert_eq!(package("modern.yaml").files, package("modern.yaml").files);
}

#[test]
fn generated_code_needs_no_crate_that_its_manifest_lacks() {
    let names = |text: &str| -> BTreeSet<String> {
        let paths = text.split("::").zip(text.split("::").skip(1));
        let starts = paths.filter(|(before, _)| {
            before.ends_with([' ', '(', '<', '&', '\n', ',']) || before.is_empty()
        });
        starts
            .filter_map(|(_, it)| {
                it.split(|it: char| !it.is_alphanumeric() && it != '_')
                    .next()
            })
            .map(str::to_owned)
            .collect()
    };
    for document in ["values.yaml", "modern.yaml", "bodies.yaml"] {
        let used = names(&package(document).files["src/generated/client.rs"]);
        let known = [
            "core",
            "progenitor_client",
            "reqwest",
            "serde",
            "serde_json",
            "std",
            "tegata",
        ];
        let foreign: Vec<_> = used
            .iter()
            .filter(|it| !known.contains(&it.as_str()))
            .collect();
        let foreign: Vec<_> = foreign
            .into_iter()
            .filter(|it| ["chrono", "uuid", "regress", "schemars"].contains(&it.as_str()))
            .collect();
        assert!(
            foreign.is_empty() && used.contains("serde"),
            "{document}: {foreign:?}"
        );
    }
}
