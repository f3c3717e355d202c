//! `evidence.md`: every fact of the spec, and why we believe it.

use tegata_gen::parts::one_line;

use super::super::spec::{Api, Evidence, Fact};

pub(super) fn text(api: &Api) -> String {
    let mut text = String::from(
        "\nWhat is in brackets is part of the fact before it and has the same evidence.\n\n\
         | fact | evidence | source |\n| --- | --- | --- |\n",
    );
    for fact in &api.facts {
        let classes = Evidence::classes(&fact.evidence);
        let origins = cell(&Evidence::origins(&fact.evidence));
        let row = [label(fact), classes, origins].join(" | ");
        text.extend(["| ", &row, " |\n"]);
    }
    text
}

fn label(fact: &Fact) -> String {
    let label = if fact.members.is_empty() {
        fact.label.clone()
    } else {
        format!("{} ({})", fact.label, fact.members.join(", "))
    };
    cell(&one_line(&label))
}

/// A bar would end the cell.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}
