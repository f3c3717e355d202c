//! The foot of the page: which suite judged whom, and how secrets are shown.

use maud::{Markup, html};

use crate::report::{Run, Subject, SubjectKind};

pub(super) fn markup(run: &Run) -> Markup {
    let subject = &run.subject;
    html! {
        footer {
            dl {
                div { dt { "Suite" } dd { (run.suite.id) } }
                div { dt { "Its data, sha256" } dd.mono { (run.suite.sha256) } }
                div { dt { "Subject" } dd { (subject.name) ", " (subject.kind.word()) } }
                @if subject.kind == SubjectKind::Client {
                    div { dt { "Features it declares" } dd { (features(subject)) } }
                }
            }
            p {
                "Secrets stand here by name, in square brackets; "
                @match subject.kind {
                    SubjectKind::Client => {
                        "the hosts " code { "main.invalid" } " and " code { "other.invalid" }
                        " are those that the suite listened on."
                    }
                    SubjectKind::Endpoint => "so does whatever the endpoint answered of its own.",
                    SubjectKind::Recording => "so does every other value that the recording holds.",
                }
                " What sources say is given in our own words."
            }
        }
    }
}

/// What a client declares that it can do.
fn features(subject: &Subject) -> String {
    let features: Vec<String> = subject
        .features
        .iter()
        .filter_map(|feature| serde_json::to_value(feature).ok())
        .filter_map(|feature| feature.as_str().map(str::to_owned))
        .collect();
    if features.is_empty() {
        "none".to_owned()
    } else {
        features.join(", ")
    }
}
