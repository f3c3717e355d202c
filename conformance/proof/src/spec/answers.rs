//! Answers: what clients are given.

use serde_json::Value;

use super::Differences;
use super::said::{Answer, Said};
use super::schema::{Seen, Site, declared, fits};
use super::tree::{Op, View, members};

pub(super) fn check(said: &Said, view: &View<'_>, all: &mut Differences) {
    let mut seen = Seen::new();
    for operation in &view.operations {
        let place = format!(
            "paths.{}.{}",
            operation.path,
            operation.method.to_ascii_lowercase()
        );
        let here = said
            .answers
            .iter()
            .filter(|answer| answer.operation.as_deref() == Some(operation.id));
        let here: Vec<&Answer> = here.collect();
        for answer in &here {
            one(view, operation, answer, &place, &mut seen, all);
        }
        for (status, response) in operation.responses() {
            let place = format!("{place}.responses.{status}");
            if let Ok(status) = status.parse::<u16>() {
                let given = here.iter().any(|answer| answer.status == status);
                all.add_if(!given, &place, "no fixture has it");
            } else {
                // No document shows the body of an error, and any error may come from a proxy.
                let raw = members(&response["content"]);
                let raw = raw.len() == 1
                    && raw
                        .get("*/*")
                        .is_some_and(|media| members(media).is_empty());
                all.add_if(!raw, &place, "an error is not raw");
            }
        }
        for class in ["4XX", "5XX"] {
            let declared = operation.responses().contains_key(class);
            all.add_if(
                !declared,
                &place,
                format!("{class} is not there, and anything can fail"),
            );
        }
    }
    for (place, (schema, presence)) in &seen {
        presence.check(place, declared(schema), all);
    }
}

fn one<'s>(
    view: &View<'s>,
    operation: &Op<'s>,
    answer: &Answer,
    place: &str,
    seen: &mut Seen<'s>,
    all: &mut Differences,
) {
    let status = answer.status.to_string();
    let node: &'s Value = &operation.node["responses"];
    let Some(response) = node.as_object().and_then(|all| all.get(&status)) else {
        // What leads elsewhere is no answer of the operation.
        let class = matches!(answer.status, 300..600);
        all.add_if(
            !class,
            place,
            format!("{}: the status {status} is not there", answer.fixture),
        );
        return;
    };
    let headers = members(&response["headers"]);
    let location = headers
        .keys()
        .any(|name| name.eq_ignore_ascii_case("location"));
    all.add_if(
        location != answer.location || (location && headers.len() > 1),
        place,
        format!("{}: other headers", answer.fixture),
    );
    for header in headers.values() {
        let text = header["schema"]["type"] == "string";
        all.add_if(!text, place, "a header is no text");
    }
    if !answer.used {
        return;
    }
    let content = members(&response["content"]);
    all.add_if(
        answer.media.as_ref() != content.keys().next(),
        place,
        format!("{}: another kind of body", answer.fixture),
    );
    let media = response["content"]
        .as_object()
        .and_then(|content| content.values().next());
    match (media, &answer.json) {
        (Some(media), Some(value)) => {
            let site = Site {
                place: answer.fixture.clone(),
                value,
                strange: answer.strange,
            };
            let replaceable = view.resolve(&media["schema"])["x-tegata-names"] == true;
            all.add_if(
                replaceable != answer.assumed,
                place,
                format!("{}: names that are assumed can be replaced", answer.fixture),
            );
            fits(view, &media["schema"], &site, seen, all);
        }
        (Some(_), None) => all.add(place, format!("{}: no JSON", answer.fixture)),
        (None, _) => {}
    }
}
