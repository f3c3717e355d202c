//! The guides: their tables are those of the data.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::path::PathBuf;

use tegata_conformance::case::Suite;
use tegata_conformance::report::{BEGIN, END, Table, refresh};
use tegata_conformance::script::ErrorKind;

fn guide(name: &str) -> String {
    let docs = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../docs");
    std::fs::read_to_string(docs.join(name)).unwrap()
}

fn table() -> Table {
    Table::of(&Suite::embedded().unwrap_or_else(|error| panic!("{error}")))
}

#[test]
fn the_table_of_statements_is_up_to_date() {
    let old = guide("statements.md");
    let new = refresh(&old, &table()).expect("the two marker lines are in the file");
    assert!(
        old == new,
        "run `cargo run -p tegata-conformance -- table --write`"
    );
}

#[test]
fn a_stale_table_is_replaced_and_nothing_else() {
    let old = format!("before\n{BEGIN}\nold\n{END}\nafter\n");
    let new = refresh(&old, &table()).unwrap();
    assert!(
        new.starts_with(&format!("before\n{BEGIN}\n\n| provider")),
        "{}",
        &new[..200]
    );
    assert!(new.ends_with(&format!("{END}\nafter\n")) && !new.contains("\nold\n"));
    assert_eq!(refresh(&new, &table()), Some(new));
    assert_eq!(refresh("no markers", &table()), None);
}

#[test]
fn every_statement_stands_in_the_table() {
    let suite = Suite::embedded().unwrap_or_else(|error| panic!("{error}"));
    let table = table().to_string();
    for row in suite.registry.rows() {
        let there = table.contains(&format!("`{}`", row.id));
        assert!(
            there || row.same_as.is_some(),
            "{} is not in the table",
            row.id
        );
    }
}

#[test]
fn every_kind_of_error_is_explained() {
    let guide = guide("testing-clients.md");
    for kind in ErrorKind::ALL {
        let word = serde_json::to_value(kind).unwrap();
        let cell = format!("| `{}` |", word.as_str().unwrap());
        assert!(guide.contains(&cell), "{cell}");
    }
}
