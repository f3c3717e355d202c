//! `operations.rs`: the operations of each server, with their evidence.

use proc_macro2::TokenStream;
use tegata_gen::parts::{self, Group, Method, escape, pascal};

use super::super::document::Document;
use super::super::finding::Finding;
use super::super::spec::{Api, Evidence, Operation, Server};

pub(super) fn tokens(
    document: &Document,
    api: &Api,
    client: &syn::File,
) -> Result<TokenStream, Vec<Finding>> {
    let groups: Vec<Group> = api
        .servers
        .iter()
        .map(|it| group(document, api, it))
        .collect();
    parts::operations(&groups, client).map_err(|id| {
        let what = format!("progenitor made no method of the operation `{id}`");
        let fix = "choose another operationId, or describe the operation in another way";
        vec![Finding::of_file(&document.file, what, fix)]
    })
}

fn group(document: &Document, api: &Api, server: &Server) -> Group {
    let called = api.operations.iter();
    let called = called.filter(|it| it.server == server.name && it.browser_query.is_none());
    Group {
        name: format!("{}Operations", pascal(&server.name)),
        doc: format!(
            "The operations of `{}` on the server `{}`, `{}`.",
            document.provider, server.name, server.url
        ),
        methods: called.map(method).collect(),
    }
}

fn method(operation: &Operation) -> Method {
    Method {
        id: operation.id.clone(),
        doc: documentation(operation),
        secrets: Vec::new(),
        condition: None,
        form: None,
    }
}

fn documentation(operation: &Operation) -> String {
    let mut paragraphs = Vec::new();
    paragraphs.extend(operation.summary.as_deref().map(escape));
    paragraphs.extend(
        operation
            .description
            .as_deref()
            .map(|text| escape(text.trim_end())),
    );
    paragraphs.push(format!("`{} {}`", operation.method, operation.path));
    paragraphs.push(Evidence::sentence(&operation.evidence));
    paragraphs.push("# Errors".to_owned());
    paragraphs.push(
        "When no credential can be had, the request does not get through, or the answer is no \
         success or cannot be read."
            .to_owned(),
    );
    paragraphs.join("\n\n")
}
