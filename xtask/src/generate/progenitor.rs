//! progenitor, with our settings, and with its failures turned into findings.

use std::collections::BTreeSet;
use std::panic::AssertUnwindSafe;

use openapiv3::OpenAPI;
use progenitor_impl::{GenerationSettings, Generator, HooksMode, InterfaceStyle, TypeImpl};
use quote::quote;
use serde::de::DeserializeOwned;
use serde_norway::Value;

use super::document::Document;
use super::finding::Finding;
use super::findings::Findings;
use super::node::Node;
use super::panics;
use super::place::Place;
use super::spec::{each_schema, schema_name, sites};
use super::strip::strip;

const FIX: &str = "describe this part in another way; it is valid OpenAPI perhaps, but the generator \
    cannot express it";

const COMPLETE: &str = "give it what OpenAPI 3.0.3 asks for here";

/// The client as progenitor writes it.
pub(crate) fn client(document: &Document) -> Result<syn::File, Vec<Finding>> {
    let stripped = strip(&document.value);
    let whole: OpenAPI = match serde_norway::from_value(stripped.clone()) {
        Ok(whole) => whole,
        Err(error) => return Err(misread(document, &stripped, &error.to_string())),
    };
    generate(&whole).map_err(|said| blame(document, &whole, &said))
}

fn generate(spec: &OpenAPI) -> Result<syn::File, String> {
    let tokens = panics::catch(AssertUnwindSafe(|| {
        let settings = settings().map_err(|error| error.to_string())?;
        Generator::new(&settings)
            .generate_tokens(spec)
            .map_err(|error| error.to_string())
    }))??;
    syn::parse2(tokens).map_err(|error| format!("the generated code is no Rust: {error}"))
}

fn settings() -> Result<GenerationSettings, serde_norway::Error> {
    let mut settings = GenerationSettings::default();
    settings
        .with_interface(InterfaceStyle::Positional)
        // Without an implementation the code must not compile, rather than send no credential.
        .with_hooks(HooksMode::Expected)
        .with_inner_type(quote!(::tegata::provider::Transport))
        .with_map_type("::std::collections::BTreeMap")
        .with_replacement(
            "Secret",
            "::tegata::Secret",
            [TypeImpl::FromStr].into_iter(),
        );
    for (name, replacement) in [
        ("Seconds", "::tegata::provider::Seconds"),
        ("ErrorCode", "::tegata::ErrorCode"),
    ] {
        let impls = [TypeImpl::FromStr, TypeImpl::Display].into_iter();
        settings.with_replacement(name, replacement, impls);
    }
    // A second safeguard besides the component `Secret`; it matches exact names only.
    settings.with_conversion(
        serde_norway::from_str("{type: string, format: password}")?,
        "::tegata::Secret",
        [TypeImpl::FromStr].into_iter(),
    );
    Ok(settings)
}

/// The parts that the reader of OpenAPI refuses, found by reading them one by one.
fn misread(document: &Document, stripped: &Value, said: &str) -> Vec<Finding> {
    let root = Node {
        value: stripped,
        place: Place::default(),
    };
    let mut findings = Findings::new(document);
    for (_, item) in root.members_of("paths") {
        for (_, node) in item.members() {
            if node.value.is_mapping() {
                try_read::<openapiv3::Operation>(&node, &mut findings);
            }
        }
    }
    for (_, schema) in root.members_of_path(&["components", "schemas"]) {
        try_read::<openapiv3::ReferenceOr<openapiv3::Schema>>(&schema, &mut findings);
    }
    for (_, scheme) in root.members_of_path(&["components", "securitySchemes"]) {
        try_read::<openapiv3::ReferenceOr<openapiv3::SecurityScheme>>(&scheme, &mut findings);
    }
    findings.into_result().err().unwrap_or_else(|| {
        vec![Finding::of_file(
            &document.file,
            format!("cannot be read as OpenAPI 3.0: {said}"),
            COMPLETE,
        )]
    })
}

fn try_read<T: DeserializeOwned>(node: &Node<'_>, findings: &mut Findings<'_>) {
    if let Err(error) = serde_norway::from_value::<T>(node.value.clone()) {
        findings.at(
            node,
            format!("cannot be read as OpenAPI 3.0: {error}"),
            COMPLETE,
        );
    }
}

/// Finds the operation or schema that the generator failed on, by generating each alone.
fn blame(document: &Document, whole: &OpenAPI, said: &str) -> Vec<Finding> {
    let mut findings = Findings::new(document);
    if generate(&only(whole, None)).is_err() {
        blame_schemas(document, whole, &mut findings);
    } else {
        for site in sites(document)
            .iter()
            .filter(|site| !site.is_browser_only())
        {
            if let Err(said) = generate(&only(whole, Some((&site.path, &site.method)))) {
                findings.at(
                    &site.node,
                    format!("progenitor fails on this operation: {said}"),
                    FIX,
                );
            }
        }
    }
    findings.into_result().err().unwrap_or_else(|| {
        vec![Finding::of_file(
            &document.file,
            format!("progenitor fails on this document: {said}"),
            FIX,
        )]
    })
}

/// The document with one operation, or with none.
fn only(whole: &OpenAPI, operation: Option<(&str, &str)>) -> OpenAPI {
    let mut part = whole.clone();
    part.paths.paths.retain(|path, item| {
        let Some((kept_path, kept_method)) = operation else {
            return false;
        };
        if let openapiv3::ReferenceOr::Item(item) = item {
            for (method, slot) in [
                ("get", &mut item.get),
                ("put", &mut item.put),
                ("post", &mut item.post),
                ("delete", &mut item.delete),
                ("options", &mut item.options),
                ("head", &mut item.head),
                ("patch", &mut item.patch),
                ("trace", &mut item.trace),
            ] {
                if method != kept_method {
                    *slot = None;
                }
            }
        }
        path == kept_path
    });
    part
}

/// Blames each schema that fails with what it is made of, unless a part of it fails already.
fn blame_schemas(document: &Document, whole: &OpenAPI, findings: &mut Findings<'_>) {
    let bare = only(whole, None);
    let mut failed = Vec::new();
    for (name, schema) in schemas(document) {
        let parts = reached(document, &name);
        let mut alone = bare.clone();
        if let Some(components) = &mut alone.components {
            components.schemas.retain(|other, _| parts.contains(other));
        }
        if let Err(said) = generate(&alone) {
            failed.push((name, schema, parts, said));
        }
    }
    for (name, schema, parts, said) in &failed {
        let inner = |other: &str| other != name && parts.contains(other);
        if !failed
            .iter()
            .any(|(other, _, around, _)| inner(other) && !around.contains(name))
        {
            findings.at(
                schema,
                format!("progenitor fails on this schema: {said}"),
                FIX,
            );
        }
    }
}

fn schemas(document: &Document) -> Vec<(String, Node<'_>)> {
    document.root().members_of_path(&["components", "schemas"])
}

/// The names of a schema and of all that it refers to.
fn reached(document: &Document, name: &str) -> BTreeSet<String> {
    let mut reached = BTreeSet::new();
    let mut next = vec![name.to_owned()];
    while let Some(name) = next.pop() {
        if !reached.insert(name.clone()) {
            continue;
        }
        if let Some(schema) = document.root().at(&["components", "schemas", &name]) {
            each_schema(&schema, &mut |part| {
                next.extend(schema_name(part).map(str::to_owned));
            });
        }
    }
    reached
}
