//! `lib.rs`: the documentation, with the operations that have no types or no method.

use std::fmt::Write as _;

use super::docs::{code, one_line};
use super::features::Features;
use super::login::Argument;
use super::operations::group_name;
use super::{MADE_BY, builder, login};
use crate::lower::{Grant, Lowered, Placement};
use crate::report::Listed;
use crate::text::is_refused;

pub(super) fn module(has_forms: bool) -> syn::File {
    let forms: Option<syn::Item> = has_forms.then(|| {
        syn::parse_quote!(
            mod forms;
        )
    });
    syn::parse_quote! {
        mod builder;
        mod client;
        #forms
        mod operations;
        mod request;
        /// How requests are authenticated.
        pub mod security;
        mod wire;

        pub use builder::{Client, ClientBuilder};
        pub use client::types;
        pub use operations::*;
    }
}

pub(super) fn root(lowered: &Lowered, features: &Features, source: &str) -> String {
    let report = &lowered.report;
    let mut text = String::new();
    let mut line = |it: &str| {
        text.push_str(if it.is_empty() { "//!" } else { "//! " });
        // A line break in a name would end the comment, and what follows it would be code.
        text.push_str(&it.replace(|it| it == '\n' || is_refused(it), " "));
        text.push('\n');
    };
    line(&format!("Client for {}.", one_line(&report.title)));
    line("");
    line(&format!("{MADE_BY}{}.", code(source)));
    line(&format!(
        "{} of {} operations have a method, {} of them with types throughout.",
        report.operations - report.refused.len(),
        report.operations,
        report.typed
    ));
    line("");
    line("```ignore");
    for it in example(lowered) {
        line(&it);
    }
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
                "* {}: {}{not}",
                code(&way.name),
                one_line(&way.kind)
            ));
        }
    }
    if !features.all.is_empty() {
        line("");
        line("# Features");
        line("");
        line(
            "The operations of each tag, with the types that they need. By default all of them are there.",
        );
        line("");
        for (tag, name) in &features.all {
            line(&format!("* {}: {}", code(name), one_line(tag)));
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
        "\n#![allow(clippy::doc_markdown)]\n\n#[rustfmt::skip]\n#[allow(clippy::all, clippy::pedantic, clippy::unwrap_used, missing_docs, nonstandard_style, \
         unreachable_pub, unused, rustdoc::all)]\nmod generated;\n\n/// The crate of the shared types.\n\
         pub use tegata;\n\npub use generated::{{Client, ClientBuilder}};\n\n/// The operations of the document.\n#[rustfmt::skip]\n\
         pub mod api {{\n    pub use super::generated::{{{}}};\n}}\n",
        groups.join(", ")
    );
    text
}

/// How a client is built, with each credential of the document in a line of its own.
fn example(lowered: &Lowered) -> Vec<String> {
    let mut lines = Vec::new();
    let mut calls = Vec::new();
    let servers = login::named(lowered);
    let schemes = lowered.schemes.iter().zip(builder::method_names(lowered));
    for ((scheme, methods), servers) in schemes.zip(&servers) {
        let name = methods.own;
        let simplest = servers.iter().min_by_key(|it| it.arguments.len());
        if let Some(server) = simplest {
            let argument = |it: &Argument| match it {
                Argument::Metadata => "issuer",
                Argument::BaseUrl => "base_url",
                Argument::ClientAuth => "ClientAuth::Basic(..)",
            };
            let arguments: Vec<_> = server.arguments.iter().map(argument).collect();
            let fetched = if server.is_discovered { ".await?" } else { "" };
            let (start, secret) = if server.is_public {
                ("public", "")
            } else {
                ("builder", ", \"client secret\"")
            };
            lines.push(format!(
                "let app = App::{start}(api::security::{}({}){fetched}, \"client id\"{secret}).build()?;",
                server.name,
                arguments.join(", ")
            ));
            let tokens = if server.grants.contains(&Grant::ClientCredentials) {
                "client_credentials"
            } else {
                "refresh_tokens"
            };
            calls.push(format!("    .{name}(app.{tokens}())"));
        } else if scheme.placement == Placement::Basic {
            calls.push(format!("    .{name}(\"user\", \"password\")"));
        } else if scheme.is_token() {
            calls.push(format!("    .{}(\"token\")", methods.access_token));
        } else {
            calls.push(format!("    .{name}(\"key\")"));
        }
    }
    let url = builder::default_url(lowered).map_or("base_url", |_| "");
    lines.push(format!("let client = Client::builder({url})"));
    if calls.len() > 1 {
        lines.push("    // Those that the program has:".to_owned());
    }
    lines.extend(calls);
    lines.push("    .build()?;".to_owned());
    if lowered.operations.iter().any(|it| it.server == 0) {
        lines.push("let api = client.api();".to_owned());
    }
    lines
}

fn listed(it: &Listed) -> String {
    let call = code(&format!("{} {}", it.method, it.path));
    let reason = one_line(&it.reason);
    format!("* {call} ({}): {reason}", code(&it.operation))
}
