//! The last requests, as they come.

use maud::{Markup, html};

use super::redact::{Redaction, carried};
use crate::log::LogEntry;
use crate::world::World;

/// As many as a person looks through.
const SHOWN: usize = 100;

pub(super) fn requests(world: &World) -> Markup {
    let redaction = Redaction::new(world);
    let (kept, rows) = world.log().latest(SHOWN, |entry| row(&redaction, entry));
    html! {
        section aria-labelledby="requests" {
            div.row {
                h2 #requests { "Requests" }
                button.scripted type="button" #pause aria-pressed="false" { "Pause" }
                form.scripted data-control method="post" action="/__control/log/clear" {
                    button { "Clear" }
                    output {}
                }
            }
            p.hint {
                span data-live="kept" { (summary(kept, rows.len())) }
                " Values that may be credentials are left out here; the "
                a href="/__control/log" { "whole log" } " shows them."
            }
            div.table role="region" tabindex="0" aria-label="Table of requests" {
                // A narrow screen shows rows as blocks, and would take them for no table without the roles.
                table role="table" {
                    thead role="rowgroup" {
                        tr role="row" {
                            th scope="col" role="columnheader" { "No." }
                            th scope="col" role="columnheader" { "Provider" }
                            th scope="col" role="columnheader" { "Request" }
                            th scope="col" role="columnheader" { "Credential" }
                            th scope="col" role="columnheader" { "Status" }
                            th scope="col" role="columnheader" { "Why it was answered so" }
                        }
                    }
                    tbody #log role="rowgroup" { @for row in rows { (row) } }
                }
            }
        }
    }
}

fn summary(kept: usize, shown: usize) -> String {
    match (kept, shown) {
        (0, _) => "No request yet.".to_owned(),
        (kept, shown) if kept == shown => format!("{kept} so far, the newest first."),
        (kept, shown) => format!("The newest {shown} of {kept}, the newest first."),
    }
}

fn row(redaction: &Redaction, entry: &LogEntry) -> Markup {
    let (method, target) = redaction.method_and_target(entry);
    let why = entry.note.iter().chain(&entry.rule);
    let why: Vec<_> = why.map(|why| redaction.sentence(why)).collect();
    html! {
        tr role="row" id={ "request-" (entry.sequence) } {
            td role="cell" { (entry.sequence) }
            td role="cell" { (entry.provider.unwrap_or("none")) }
            td role="cell" { b { (method) } " " code { (target) } }
            td role="cell" { (carried(redaction, entry).join(", ")) }
            td role="cell" { (status(entry)) }
            td role="cell" { (why.join(" · ")) }
        }
    }
}

fn status(entry: &LogEntry) -> Markup {
    let kind = match entry.status {
        Some(200..400) if !refused_in_envelope(entry) => "good",
        Some(_) => "bad",
        None => "open",
    };
    html! {
        span.status.(kind) {
            @match entry.status {
                Some(status) => (status),
                None => "waits",
            }
        }
    }
}

/// Marketo refuses with status 200, and the reason then begins with its code.
fn refused_in_envelope(entry: &LogEntry) -> bool {
    let code = entry.note.as_deref().and_then(|why| why.split_once(':'));
    code.is_some_and(|(code, _)| code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_digit()))
}
