//! The encoder's code for a spec, and the parts that it cannot encode as findings.

use openapiv3::OpenAPI;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;
use tegata_gen::parts::{self, Blamed, Replaced};

use super::document::Document;
use super::finding::Finding;
use super::findings::Findings;
use super::node::Node;
use super::strip::strip;

const FIX: &str = "describe this part in another way; it is valid OpenAPI perhaps, but the generator \
    cannot express it";

const COMPLETE: &str = "give it what OpenAPI 3.0.3 asks for here";

/// The components that become types of the shared crate.
const OURS: [Replaced; 3] = [
    Replaced {
        schema: "Secret",
        by: "::tegata::Secret",
        is_shown: false,
    },
    Replaced {
        schema: "Seconds",
        by: "::tegata::provider::Seconds",
        is_shown: true,
    },
    Replaced {
        schema: "ErrorCode",
        by: "::tegata::ErrorCode",
        is_shown: true,
    },
];

/// The client as progenitor writes it.
pub(crate) fn client(document: &Document) -> Result<syn::File, Vec<Finding>> {
    let mut stripped = strip(document);
    check_parts(document, &stripped)?;
    let of_document = |what: String| vec![Finding::of_file(&document.file, what, FIX)];
    let (code, blamed) = parts::encode(&mut stripped, &OURS)
        .map_err(|said| of_document(format!("progenitor fails on this document: {said}")))?;
    findings(document, blamed)?;
    syn::parse_str(&code)
        .map_err(|error| of_document(format!("the generated code is no Rust: {error}")))
}

/// The parts that progenitor fails on.
fn findings(document: &Document, blamed: Blamed) -> Result<(), Vec<Finding>> {
    let mut findings = Findings::new(document);
    let root = document.root();
    for (name, said) in blamed.schemas {
        let place = root.place.child("components").child("schemas").child(&name);
        let what = format!("progenitor fails on this schema: {said}");
        findings.at_place(&place, what, FIX);
    }
    for (path, method, said) in blamed.operations {
        let place = root.place.child("paths").child(&path).child(&method);
        let what = format!("progenitor fails on this operation: {said}");
        findings.at_place(&place, what, FIX);
    }
    findings.into_result()
}

/// Refuses what the reader of OpenAPI refuses, part by part, so that each has its place.
fn check_parts(document: &Document, stripped: &Json) -> Result<(), Vec<Finding>> {
    let Err(error) = read::<OpenAPI>(stripped) else {
        return Ok(());
    };
    let mut findings = Findings::new(document);
    let root = document.root();
    for (path, item) in root.members_of("paths") {
        for (method, node) in item.members() {
            let operation = &stripped["paths"][&path][&method];
            if operation.is_object() {
                try_read::<openapiv3::Operation>(&node, operation, &mut findings);
            }
        }
    }
    for (name, node) in root.members_of_path(&["components", "schemas"]) {
        let schema = &stripped["components"]["schemas"][&name];
        try_read::<openapiv3::ReferenceOr<openapiv3::Schema>>(&node, schema, &mut findings);
    }
    for (name, node) in root.members_of_path(&["components", "securitySchemes"]) {
        let scheme = &stripped["components"]["securitySchemes"][&name];
        try_read::<openapiv3::ReferenceOr<openapiv3::SecurityScheme>>(&node, scheme, &mut findings);
    }
    findings.into_result()?;
    let what = format!("cannot be read as OpenAPI 3.0: {error}");
    Err(vec![Finding::of_file(&document.file, what, COMPLETE)])
}

fn try_read<T: DeserializeOwned>(node: &Node<'_>, part: &Json, findings: &mut Findings<'_>) {
    if let Err(error) = read::<T>(part) {
        let what = format!("cannot be read as OpenAPI 3.0: {error}");
        findings.at(node, what, COMPLETE);
    }
}

fn read<T: DeserializeOwned>(value: &Json) -> Result<T, serde_json::Error> {
    T::deserialize(value)
}
