//! Each kind of thing that documents have, with the report and the code that come of it.
//!
//! The code is compiled by `tests/compile.rs`. `TEGATA_GEN_UPDATE=1` writes what is compared here.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::{env, fs};

use rstest::rstest;
use syn::punctuated::Punctuated;
use syn::visit_mut::{self, VisitMut};
use tegata_gen::{Encoder, Options, Package, Tegata, documents_in, generate, generate_together};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests")
}

fn options(overlay: PathBuf) -> Options {
    Options {
        overlays: overlay.exists().then_some(overlay).into_iter().collect(),
        encoder: Encoder::Process(env!("CARGO_BIN_EXE_tegata-gen").into()),
        tegata: Tegata::Version("0.1.0".to_owned()),
        ..Options::default()
    }
}

fn package(document: &str) -> Package {
    let path = folder().join("documents").join(document);
    let options = options(path.with_extension("overlay.yaml"));
    generate(&path, &options).unwrap_or_else(|error| panic!("{error}"))
}

/// The documents of the folder `together`, as one crate with a feature for each tag.
fn together() -> Package {
    let folder = folder().join("documents/together");
    let options = Options {
        tag_features: true,
        ..options(folder.join("upload.overlay.yaml"))
    };
    let documents = documents_in(&folder).expect("documents");
    generate_together(&documents, &options).unwrap_or_else(|error| panic!("{error}"))
}

#[rstest]
#[case("answers", "answers.yaml")]
#[case("authorization_code", "authorization-code.yaml")]
#[case("bodies", "bodies.yaml")]
#[case("client_credentials", "client-credentials.yaml")]
#[case("credentials", "credentials.yaml")]
#[case("discovery", "discovery.yaml")]
#[case("device_code", "device-code.yaml")]
#[case("key_and_signature", "key-and-signature.yaml")]
#[case("heirs", "heirs.yaml")]
#[case("modern", "modern.yaml")]
#[case("names", "names.yaml")]
#[case("next", "next.yaml")]
#[case("odd", "odd.yaml")]
#[case("parameters", "parameters.yaml")]
#[case("references", "references/main.yaml")]
#[case("secrets", "secrets.yaml")]
#[case("swagger", "swagger.json")]
#[case("uploads", "uploads.yaml")]
#[case("values", "values.yaml")]
fn a_document_becomes_the_code_and_report_that_are_kept(
    #[case] name: &str,
    #[case] document: &str,
) {
    let package = package(document);
    let mut files = package.files.clone();
    files.insert("report.json".to_owned(), package.report.to_json() + "\n");
    files.remove("Cargo.toml");
    compare(name, &files);
}

#[test]
fn several_documents_become_one_crate_with_features() {
    let package = together();
    let mut files = package.files.clone();
    files.insert("report.json".to_owned(), package.report.to_json() + "\n");
    // A folder with a `Cargo.toml` would be a package of its own.
    let manifest = files.remove("Cargo.toml").expect("a manifest");
    files.insert("manifest.toml".to_owned(), manifest);
    compare("together", &files);
}

#[rstest]
#[case("together_all", &["cards-new", "orders", "cards", "upload"])]
#[case("together_cards", &["cards-new"])]
#[case("together_none", &[])]
fn what_a_feature_leaves_is_kept_to_be_compiled(#[case] name: &str, #[case] on: &[&str]) {
    let mut files = together().files;
    files.retain(|path, _| Path::new(path).extension().is_some_and(|it| it == "rs"));
    for text in files.values_mut() {
        *text = with_features(text, on);
    }
    compare(name, &files);
}

#[test]
fn types_of_forms_and_failures_are_there_for_their_tag_alone() {
    let code = &together().files["src/generated/client.rs"];
    for name in ["BadLine", "UploadCardsForm", "UploadCardsFormMode"] {
        let kind = if name.ends_with("Mode") {
            "enum"
        } else {
            "struct"
        };
        let before = code.split(&format!("pub {kind} {name} {{")).next();
        let before = before.and_then(|it| it.trim_end().lines().last());
        let condition = before.map(str::trim);
        assert_eq!(condition, Some("#[cfg(feature = \"upload\")]"), "{name}");
    }
}

/// The code as the compiler sees it with these features.
fn with_features(code: &str, on: &[&str]) -> String {
    let mut file = syn::parse_file(code).expect("Rust");
    Configured(on).visit_file_mut(&mut file);
    prettyplease::unparse(&file)
}

struct Configured<'a>(&'a [&'a str]);

impl Configured<'_> {
    /// Whether it is there; it loses its conditions.
    fn keep(&self, attributes: &mut Vec<syn::Attribute>) -> bool {
        let (conditions, rest): (Vec<_>, Vec<_>) = std::mem::take(attributes)
            .into_iter()
            .partition(|it| it.path().is_ident("cfg"));
        *attributes = rest;
        let holds = |it: &syn::Attribute| it.parse_args().is_ok_and(|it| self.holds(&it));
        conditions.iter().all(holds)
    }

    fn holds(&self, condition: &syn::Meta) -> bool {
        match condition {
            syn::Meta::NameValue(it) => {
                let value = &it.value;
                let value = quote::quote!(#value).to_string();
                self.0.contains(&value.trim_matches('"'))
            }
            syn::Meta::List(list) => {
                let parser = Punctuated::<syn::Meta, syn::Token![,]>::parse_terminated;
                let all = list.parse_args_with(parser).expect("conditions");
                let mut each = all.iter().map(|it| self.holds(it));
                if list.path.is_ident("any") {
                    each.any(|it| it)
                } else {
                    each.all(|it| it)
                }
            }
            syn::Meta::Path(_) => panic!("no condition of ours"),
        }
    }
}

impl VisitMut for Configured<'_> {
    fn visit_file_mut(&mut self, file: &mut syn::File) {
        file.items.retain_mut(|it| self.keep_item(it));
        visit_mut::visit_file_mut(self, file);
    }

    fn visit_item_mod_mut(&mut self, module: &mut syn::ItemMod) {
        if let Some((_, items)) = &mut module.content {
            items.retain_mut(|it| self.keep_item(it));
        }
        visit_mut::visit_item_mod_mut(self, module);
    }

    fn visit_item_impl_mut(&mut self, block: &mut syn::ItemImpl) {
        block.items.retain_mut(|it| match it {
            syn::ImplItem::Fn(it) => self.keep(&mut it.attrs),
            _ => true,
        });
    }
}

impl Configured<'_> {
    fn keep_item(&self, item: &mut syn::Item) -> bool {
        match item {
            syn::Item::Struct(it) => self.keep(&mut it.attrs),
            syn::Item::Enum(it) => self.keep(&mut it.attrs),
            syn::Item::Type(it) => self.keep(&mut it.attrs),
            syn::Item::Impl(it) => self.keep(&mut it.attrs),
            _ => true,
        }
    }
}

/// Compares files with those that are kept, or keeps them.
fn compare(name: &str, files: &BTreeMap<String, String>) {
    let kept = folder().join("expected").join(name);
    if env::var_os("TEGATA_GEN_UPDATE").is_some() {
        let _ = fs::remove_dir_all(&kept);
        for (path, text) in files {
            let path = kept.join(path);
            fs::create_dir_all(path.parent().expect("a folder")).expect("made");
            fs::write(path, text).expect("written");
        }
        return;
    }
    for (path, text) in files {
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
        let Package { files, report, .. } = package(document);
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
