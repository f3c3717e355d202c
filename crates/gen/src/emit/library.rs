//! `lib.rs`: the documentation, with the operations that have no types or no method.

use std::fmt::Write as _;

use super::docs::one_line;
use super::operations::group_name;
use crate::lower::Lowered;
use crate::report::Listed;

pub(super) fn module() -> syn::File {
    syn::parse_quote! {
        mod client;
        mod operations;
        mod request;
        /// How requests are authenticated.
        pub mod security;
        mod wire;

        pub use client::types;
        pub use operations::*;
    }
}

pub(super) fn root(lowered: &Lowered, source: &str) -> String {
    let report = &lowered.report;
    let mut text = String::new();
    let mut line = |it: &str| {
        text.push_str(if it.is_empty() { "//!" } else { "//! " });
        text.push_str(it);
        text.push('\n');
    };
    line(&format!("Client for {}.", one_line(&report.title)));
    line("");
    line(&format!(
        "Made by tegata-gen from `{}`.",
        source.replace('`', "")
    ));
    line(&format!(
        "{} of {} operations have a method, {} of them with types throughout.",
        report.operations - report.refused.len(),
        report.operations,
        report.typed
    ));
    line("");
    line("```ignore");
    line("let transport = Transport::new(http_client, base_url, auth, &api::security::PROVIDER);");
    line("let api = api::Operations::new(transport);");
    line("```");
    if !report.schemes.is_empty() {
        line("");
        line("# Authentication");
        line("");
        for way in &report.schemes {
            let not = if way.usable {
                ""
            } else {
                ", which cannot be attached"
            };
            line(&format!(
                "* `{}`: {}{not}",
                way.name.replace('`', ""),
                one_line(&way.kind)
            ));
        }
    }
    for (title, list) in [
        ("Without types", &report.raw),
        ("Without a method", &report.refused),
    ] {
        if !list.is_empty() {
            line("");
            line(&format!("# {title}"));
            line("");
            for it in list {
                line(&listed(it));
            }
        }
    }
    if !report.changes.is_empty() {
        line("");
        line("# What differs from the document");
        line("");
        for change in report.changes.values() {
            line(&format!("* {}: {}", change.what, change.count));
        }
    }
    let groups = (0..lowered.servers.len())
        .filter(|index| lowered.operations.iter().any(|it| it.server == *index));
    let mut groups: Vec<String> = groups
        .map(|index| group_name(&lowered.servers, index))
        .collect();
    groups.extend(["security".to_owned(), "types".to_owned()]);
    let _ = write!(
        text,
        "\n#[rustfmt::skip]\n#[allow(clippy::all, clippy::pedantic, clippy::unwrap_used, missing_docs, nonstandard_style, \
         unreachable_pub, unused, rustdoc::all)]\nmod generated;\n\n/// The crate of the shared types.\n\
         pub use tegata;\n\n/// The operations of the document.\npub mod api {{\n    \
         pub use super::generated::{{{}}};\n}}\n",
        groups.join(", ")
    );
    text
}

fn listed(it: &Listed) -> String {
    let text = |it: &str| it.replace('`', "");
    format!(
        "* `{} {}` (`{}`): {}",
        it.method,
        text(&it.path),
        text(&it.operation),
        one_line(&it.reason)
    )
}
