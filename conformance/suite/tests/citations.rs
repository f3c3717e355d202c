//! The citations: their structure, and, if the documents are available, their hashes.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::path::PathBuf;

use tegata_suite::Finding;
use tegata_suite::case::Suite;
use tegata_suite::citation::{check_folder, check_source, check_structure, hash_lines, sha256};

/// A document of five lines; the second is blank.
const TEXT: &str = "Heading\n\nA client sends a key.\nClick here.\nA key does not expire.\n";

fn citations(rows: &str) -> String {
    let whole = sha256(TEXT.as_bytes());
    format!(
        "source = \"toy.en\"\nfile = \"toy.txt\"\nprovider = \"jooto\"\nlanguage = \"en\"\n\
         sha256 = \"{whole}\"\nlines = 5\nblank = \"2\"\n{rows}"
    )
}

fn row(id: &str, lines: &str, more: &str) -> String {
    let hash = hash_lines(TEXT, &lines.parse().unwrap()).unwrap();
    format!(
        "\n[[citation]]\nid = \"{id}\"\nlines = \"{lines}\"\nsha256 = \"{hash}\"\n\
         keyword = \"must\"\nbinds = \"client\"\n{more}\n"
    )
}

fn excluded(lines: &str) -> String {
    let hash = hash_lines(TEXT, &lines.parse().unwrap()).unwrap();
    format!("\n[[excluded]]\nlines = \"{lines}\"\nsha256 = \"{hash}\"\nreason = \"no statement\"\n")
}

fn good() -> String {
    let says = "says = \"Keys are sent\"";
    citations(&(row("JO-key", "3", says) + &row("JO-life", "5", says) + &excluded("1,4")))
}

fn toy(content: &str) -> Suite {
    let files = [("citations/toy.en.toml".to_owned(), content.to_owned())];
    Suite::from_files(&files).unwrap_or_else(|error| panic!("{error}"))
}

fn places(findings: &[Finding]) -> Vec<String> {
    findings
        .iter()
        .map(|finding| format!("{}: {}", finding.place, finding.problem))
        .collect()
}

fn structure(content: &str) -> Vec<String> {
    places(&check_structure(&toy(content).registry))
}

#[test]
fn every_citation_file_is_whole() {
    let suite = Suite::embedded().unwrap_or_else(|error| panic!("{error}"));
    let findings = check_structure(&suite.registry);
    assert!(findings.is_empty(), "{}", places(&findings).join("\n"));
    for (source, provider) in [
        ("fujitsu-aispf.en", "fujitsu-aispf"),
        ("fujitsu-aispf.ja", "fujitsu-aispf"),
        ("jooto.ja", "jooto"),
        ("marketo.ja", "marketo"),
    ] {
        let mut all = suite
            .registry
            .documents
            .iter()
            .map(|(_, document)| document);
        let found = all.find(|document| document.source == source);
        assert_eq!(found.unwrap().provider.name(), provider);
    }
}

/// Runs on the documents themselves where `TEGATA_SOURCES` names their folder.
#[test]
fn the_documents_say_what_is_cited() {
    let suite = Suite::embedded().unwrap_or_else(|error| panic!("{error}"));
    let Some(folder) = std::env::var_os("TEGATA_SOURCES") else {
        eprintln!("NOT checked: the documents themselves; TEGATA_SOURCES is not set");
        return;
    };
    let findings = check_folder(&suite.registry, &PathBuf::from(folder));
    assert!(findings.is_empty(), "{}", places(&findings).join("\n"));
}

#[test]
fn a_whole_citation_file_has_no_findings() {
    assert_eq!(structure(&good()), Vec::<String>::new());
    let suite = toy(&good());
    let (file, document) = &suite.registry.documents[0];
    assert_eq!(
        places(&check_source(file, document, TEXT)),
        Vec::<String>::new()
    );
}

#[test]
fn a_line_that_changed_is_found_by_its_row() {
    let suite = toy(&good());
    let (file, document) = &suite.registry.documents[0];
    let changed = TEXT.replace("sends a key", "sends no key");
    let found = places(&check_source(file, document, &changed));
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(
        found[0].starts_with("sha256: toy.txt is not the document"),
        "{found:?}"
    );
    assert!(found[1].starts_with("JO-key: lines 3 hash to"), "{found:?}");
    let longer = format!("{TEXT}More.\n");
    let found = places(&check_source(file, document, &longer));
    assert!(
        found[0].starts_with("lines: toy.txt has 6 lines, recorded are 5"),
        "{found:?}"
    );
}

#[test]
fn a_blank_line_that_is_none_is_found() {
    let content = good().replace("blank = \"2\"", "blank = \"1\"");
    let suite = toy(&content);
    let (file, document) = &suite.registry.documents[0];
    let found = places(&check_source(file, document, TEXT)).join("\n");
    for line in [1, 2] {
        assert!(
            found.contains(&format!("line {line} is recorded wrongly")),
            "{found}"
        );
    }
}

#[test]
fn a_sentence_of_the_document_is_no_paraphrase() {
    let long = "A client sends the key in the header that is named below.\n";
    let content = good().replace(
        "Keys are sent",
        "A client sends the key in the header that is named",
    );
    let suite = toy(&content);
    let (file, document) = &suite.registry.documents[0];
    let found = places(&check_source(file, document, long)).join("\n");
    assert!(found.contains("stands in toy.txt as it is"), "{found}");
}

#[test]
fn a_document_that_is_not_there_is_said_to_be_missing() {
    let folder = tempfile::tempdir().unwrap();
    let found = places(&check_folder(&toy(&good()).registry, folder.path()));
    assert!(
        found[0].starts_with("file: toy.txt cannot be read"),
        "{found:?}"
    );
}

#[test]
fn a_line_in_no_row_is_found() {
    let content = citations(&(row("JO-key", "3", "says = \"Keys\"") + &excluded("1,4")));
    assert_eq!(structure(&content), ["line 5: no row speaks of this line"]);
}

#[test]
fn faults_of_single_rows_are_found() {
    let says = "says = \"Keys\"";
    let rest = row("JO-life", "5", says) + &excluded("1,4");
    for (rows, expected) in [
        (
            row("JO-life", "3", says),
            "JO-life: the id is already taken",
        ),
        (row("JO-key", "3", ""), "JO-key: the row says nothing"),
        (
            row("JO-key", "3-4", says),
            "JO-key: line 4 is cited and excluded at once",
        ),
        (
            row("JO-key", "3", "same_as = \"JO-x\""),
            "JO-key: `same_as` names `JO-x`",
        ),
        (
            row("JO-key", "3", "says = \"a\"\ndiffers = \"b\""),
            "JO-key: `differs` without",
        ),
        (row("W-key", "3", says), "W-key: the id does not show"),
        (row("key", "3", says), "key: the id does not show"),
        (row("FJ-key", "3", says), "FJ-key: the id does not show"),
        (
            row("JO-key", "3", says).replace("client", "nobody") + "unchecked = \"so\"\n",
            "JO-key: `unchecked` on a row that binds nobody",
        ),
        (
            row("JO-key", "3", "same_as = \"JO-life\"").replace("must", "may"),
            "JO-key: `JO-life` has another keyword",
        ),
    ] {
        let found = structure(&citations(&(rows + &rest))).join("\n");
        assert!(found.contains(expected), "{expected} / {found}");
    }
    let behind = good().replace("lines = \"1,4\"", "lines = \"1,4,9\"");
    assert!(
        structure(&behind)
            .join("\n")
            .contains("line 9 lies behind the end")
    );
    let short = good().replace(&sha256(TEXT.as_bytes()), "abc");
    assert!(structure(&short).join("\n").contains("`abc` is no sha256"));
}

#[test]
fn ids_may_begin_with_any_letters_that_a_provider_may_choose() {
    let servers = "[[server]]\nname = \"toy\"\n";
    for begin in ["AS-", "WX-", "RE-", "TO-"] {
        let provider = format!(
            "name = \"toy\"\ntitle = \"Toy\"\nshort = \"Toy\"\nenvironment = \"TOY\"\n\
             citations = \"{begin}\"\n{servers}"
        );
        let document = good().replace("\"jooto\"", "\"toy\"");
        let found = |document: String| {
            let files = [
                ("providers/toy.toml".to_owned(), provider.clone()),
                ("citations/toy.en.toml".to_owned(), document),
            ];
            let suite = Suite::from_files(&files).unwrap_or_else(|error| panic!("{error}"));
            check_structure(&suite.registry)
        };
        let own = document.replace("JO-", begin);
        assert_eq!(places(&found(own)), Vec::<String>::new());
        let fixes: Vec<String> = found(document).iter().map(Finding::to_string).collect();
        assert_eq!(fixes.len(), 2, "{fixes:?}");
        let fix = format!("call it {begin}<name>");
        assert!(fixes.iter().all(|text| text.contains(&fix)), "{fixes:?}");
    }
}

#[test]
fn both_languages_of_the_guide_lead_to_the_same_rows() {
    let suite = Suite::embedded().unwrap_or_else(|error| panic!("{error}"));
    let of = |source: &str| {
        let mut documents = suite
            .registry
            .documents
            .iter()
            .map(|(_, document)| document);
        documents
            .find(|document| document.source == source)
            .unwrap()
    };
    let (english, japanese) = (of("fujitsu-aispf.en"), of("fujitsu-aispf.ja"));
    let mirrored: Vec<&str> = japanese
        .citation
        .iter()
        .filter_map(|row| row.same_as.as_deref())
        .collect();
    let ids: Vec<&str> = english.citation.iter().map(|row| row.id.as_str()).collect();
    assert_eq!(mirrored, ids);
}
