//! The controls as forms: one for each control that changes something, with a field for each of its
//! parameters. A control that is added to the list of controls gets its form by that alone.

use maud::{Markup, html};

use crate::control::{CONTROLS, usage};

/// How a control is called on the page: its name, its button, and what it does.
struct Wording {
    name: &'static str,
    title: &'static str,
    button: &'static str,
    hint: &'static str,
}

const WORDINGS: [Wording; 11] = [
    wording(
        "advance",
        "Clock",
        "Advance",
        "Moves the emulator's time forward: tokens expire.",
    ),
    wording(
        "expire",
        "Expire tokens",
        "Expire",
        "Every live access token expires now.",
    ),
    wording(
        "forget",
        "Forget tokens",
        "Forget",
        "Access tokens are unknown from now on.",
    ),
    wording(
        "fault",
        "Fault",
        "Queue fault",
        "Answers the next requests so, whatever their credential.",
    ),
    wording(
        "refuse-next",
        "Refusal",
        "Queue refusal",
        "Refuses the next calls though their credential is right.",
    ),
    wording(
        "answers",
        "Rule",
        "Add rule",
        "Answers calls that fit it and whose credential is right, before the other rules.",
    ),
    wording(
        "hold",
        "Hold",
        "Hold",
        "Lets requests wait until they are released.",
    ),
    wording(
        "release",
        "Release",
        "Release",
        "Answers what is held, and holds no more.",
    ),
    wording(
        "revoke-key",
        "Revoke an API key",
        "Revoke",
        "The key is refused from now on.",
    ),
    wording(
        "decide",
        "Decision of a user",
        "Decide",
        "For the device with this code, or for all who log in from now on.",
    ),
    wording(
        "add-key",
        "Add an API key",
        "Add",
        "The key is good from now on.",
    ),
];

const fn wording(
    name: &'static str,
    title: &'static str,
    button: &'static str,
    hint: &'static str,
) -> Wording {
    Wording {
        name,
        title,
        button,
        hint,
    }
}

/// These stand where they belong: beside the requests, and at the end.
const ELSEWHERE: [&str; 2] = ["log/clear", "reset"];

/// These take a body, too: its label, and whether it must be there.
const WITH_BODY: [(&str, &str, bool); 2] = [
    ("answers", "Rule, as JSON", true),
    ("fault", "Text of the body", false),
];

/// Steps of the clock, as seconds and in words.
const STEPS: [(&str, &str); 3] = [("60", "1 minute"), ("3600", "1 hour"), ("86400", "1 day")];

pub(super) fn controls(providers: &[&str]) -> Markup {
    html! {
        section aria-labelledby="controls" {
            div.row {
                h2 #controls { "Controls" }
                form.scripted data-control method="post" action="/__control/reset" {
                    button { "Reset everything" }
                    output {}
                }
            }
            p.hint {
                "Tests of any language ask for the same: "
                code { "POST /__control/…" } "."
            }
            div.cards.forms.scripted {
                @for (name, parameters) in forms() { (form(name, parameters, providers)) }
            }
            details {
                summary { "Every control, as a program asks for it" }
                pre tabindex="0" { @for line in usage() { (line) "\n" } }
            }
        }
    }
}

/// In the order of the wordings; those without one come last.
fn forms() -> Vec<(&'static str, &'static [&'static str])> {
    let posted = CONTROLS.iter().copied();
    let posted = posted.filter(|(method, name, _)| *method == "POST" && !ELSEWHERE.contains(name));
    let mut forms: Vec<_> = posted
        .map(|(_, name, parameters)| (name, parameters))
        .collect();
    let place = |name: &str| WORDINGS.iter().position(|wording| wording.name == name);
    forms.sort_by_key(|(name, _)| place(name).unwrap_or(usize::MAX));
    forms
}

fn form(name: &str, parameters: &[&str], providers: &[&str]) -> Markup {
    let known = WORDINGS.iter().find(|wording| wording.name == name);
    let title = known.map_or(name, |wording| wording.title);
    html! {
        form.card.large[parameters.len() > 6] data-control method="post" action={ "/__control/" (name) } aria-labelledby={ "form-" (name) } {
            h3 id={ "form-" (name) } { (title) }
            @if let Some(wording) = known { p.hint { (wording.hint) } }
            div.fields {
                @for parameter in parameters { (field(name, parameter, providers)) }
            }
            @for (_, label, needed) in WITH_BODY.iter().filter(|(of, ..)| *of == name) {
                div {
                    label for={ (name) "-text" } { (label) @if !needed { " " small { "optional" } } }
                    textarea id={ (name) "-text" } rows="2" spellcheck="false" data-body required[*needed] {}
                }
            }
            p.buttons {
                button.main { (known.map_or("Send", |wording| wording.button)) }
                @if name == "advance" {
                    @for (seconds, words) in STEPS {
                        button name="seconds" value=(seconds) formnovalidate { (words) }
                    }
                }
            }
            output {}
        }
    }
}

fn field(control: &str, parameter: &str, providers: &[&str]) -> Markup {
    let name = parameter.trim_end_matches('?');
    let needed = name.len() == parameter.len();
    let id = format!("{control}-{name}");
    let label = name.replace('_', " ");
    let label = label.as_str();
    match name {
        "provider" => {
            let all = (!needed).then_some("all");
            select(&id, label, name, all, providers)
        }
        // The first of both is what holds and faults are about if they do not say it.
        "endpoint" => {
            let both = (control == "release").then_some("both");
            select(&id, label, name, both, &["token", "resource"])
        }
        "body" => {
            let own = Some("provider's");
            select(&id, label, name, own, &["html", "empty"])
        }
        "agrees" => select(&id, label, name, None, &["true", "false"]),
        "refresh_tokens" | "keep_token" => html! {
            div.check {
                input type="checkbox" id=(id) name=(name) value="true";
                label for=(id) { (label) }
            }
        },
        _ => {
            let number = matches!(
                name,
                "code"
                    | "cut_after_bytes"
                    | "delay_ms"
                    | "retry_after"
                    | "seconds"
                    | "slow_ms"
                    | "status"
                    | "times"
            );
            html! {
                div {
                    label for=(id) { (label) @if !needed { " " small { "optional" } } }
                    input id=(id) name=(name) type="text" autocomplete="off" spellcheck="false"
                        inputmode=[number.then_some("numeric")] pattern=[number.then_some("[0-9]+")]
                        title=[number.then_some("a whole number")] required[needed];
                }
            }
        }
    }
}

/// `without` is what it means to choose none, where that is possible.
fn select(id: &str, label: &str, name: &str, without: Option<&str>, values: &[&str]) -> Markup {
    html! {
        div {
            label for=(id) { (label) }
            select id=(id) name=(name) {
                @if let Some(without) = without { option value="" { (without) } }
                @for value in values { option { (value) } }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_control_that_changes_something_is_on_the_page() {
        let world = crate::world::World::new(crate::Config::default(), String::new()).unwrap();
        let page = super::super::view::page(&world).into_string();
        let posted = CONTROLS.iter().filter(|(method, ..)| *method == "POST");
        for (_, name, parameters) in posted {
            assert!(
                page.contains(&format!("action=\"/__control/{name}\"")),
                "{name}"
            );
            for parameter in *parameters {
                let id = format!("id=\"{name}-{}\"", parameter.trim_end_matches('?'));
                assert!(page.contains(&id), "{id}");
            }
        }
    }

    #[test]
    fn every_wording_is_of_a_control() {
        for wording in WORDINGS {
            assert!(
                forms().iter().any(|(name, _)| *name == wording.name),
                "{}",
                wording.name
            );
        }
    }

    #[test]
    fn a_new_control_with_new_parameters_gets_a_form() {
        let form = form("cut-short", &["provider", "after_bytes?"], &["jooto"]).into_string();
        for part in ["/__control/cut-short", "cut-short-provider", "after bytes"] {
            assert!(form.contains(part), "{form}");
        }
    }
}
