//! A provider is data: a new one needs only files, and a wrong file is refused with its key.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use rstest::rstest;
use tegata_suite::case::{Provider, Suite};
use tegata_suite::{Finding, Server};

#[path = "support/toy.rs"]
mod toy;

use toy::{PROVIDER, files};

/// The toy's suite with another file in place of one.
fn with(path: &str, content: &str) -> Vec<(String, String)> {
    let mut files = files();
    let file = files.iter_mut().find(|(known, _)| known == path).unwrap();
    content.clone_into(&mut file.1);
    files
}

fn error_of(provider: &str) -> String {
    let files = with("providers/toy.toml", provider);
    Suite::from_files(&files).unwrap_err().to_string()
}

#[test]
fn a_further_provider_is_loaded_from_data_alone() {
    let suite = Suite::from_files(&files()).unwrap_or_else(|error| panic!("{error}"));
    let findings: Vec<String> = suite.check().iter().map(Finding::to_string).collect();
    assert!(findings.is_empty(), "{}", findings.join("\n"));
    let known = |one: &Provider| Provider::all().contains(one);
    let (build, further): (Vec<Provider>, Vec<Provider>) =
        suite.providers.iter().partition(|one| known(one));
    assert_eq!(build, Provider::all());
    assert!(further.iter().map(|one| one.name()).eq(["toy"]));
    assert!(suite.providers.is_sorted());
    let case = suite.case("toy.key.header").unwrap();
    assert_eq!(case.provider.title(), "The Toy Company");
    assert_eq!(case.provider.key_headers(), ["x-toy-key"]);
    assert_eq!(Server::of(case.provider, "/grant/x").name(), "toy-grants");
    assert_eq!(Server::of(case.provider, "/x").name(), "toy-calls");
    assert_eq!(
        suite.fixtures.values(case.provider).get("api-key"),
        Some("CANARY-toy-key")
    );
    // It is that suite's alone.
    assert!("toy".parse::<Provider>().is_err());
}

#[test]
fn a_suite_without_a_provider_s_file_does_not_know_it() {
    let mut files = files();
    files.retain(|(path, _)| path != "providers/toy.toml");
    let error = Suite::from_files(&files).unwrap_err().to_string();
    assert!(
        error.contains("`toy` is no provider; it is one of fujitsu-aispf, jooto, marketo"),
        "{error}"
    );
}

#[test]
fn files_without_providers_have_those_of_the_build() {
    let mut files = files();
    files.retain(|(path, _)| !path.contains("toy") && !path.starts_with("providers/"));
    let suite = Suite::from_files(&files).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(suite.providers, Provider::all());
}

#[test]
fn a_file_takes_the_place_of_the_one_of_the_build() {
    let (_, jooto) = files()
        .into_iter()
        .find(|(path, _)| path == "providers/jooto.toml")
        .unwrap();
    let files = with(
        "providers/jooto.toml",
        &jooto.replace("\"Jooto\"", "\"Another\""),
    );
    let suite = Suite::from_files(&files).unwrap_or_else(|error| panic!("{error}"));
    let found = Provider::named("jooto", &suite.providers).unwrap();
    assert_eq!(found.title(), "Another");
    assert_eq!("jooto".parse::<Provider>().unwrap().title(), "Jooto");
}

#[rstest]
#[case("title =", "titel =", "titel")]
#[case("issues_tokens =", "issue_tokens =", "issue_tokens")]
#[case("reason =", "because =", "because")]
#[case("{ begin =", "{ beginning =", "beginning")]
#[case("title = \"The Toy Company\"\n", "", "missing field `title`")]
fn an_unknown_or_missing_key_is_named(#[case] from: &str, #[case] to: &str, #[case] part: &str) {
    assert!(PROVIDER.contains(from), "nothing is changed");
    let error = error_of(&PROVIDER.replacen(from, to, 1));
    assert!(
        error.starts_with("providers/toy.toml: ") && error.contains(part),
        "{error}"
    );
}

#[rstest]
#[case("\"toy\"", "\"top\"", "name: `top`", "name it as its file: `toy`")]
#[case("The Toy Company", " ", "title: ", "a name for people")]
#[case("short = \"Toy\"", "short = \"\"", "short: ", "a name for people")]
#[case("\"TOY\"", "\"toy\"", "environment: `toy`", "upper-case")]
#[case("\"TOY\"", "\"JOOTO\"", "environment: `JOOTO`", "jooto has it already")]
#[case("\"TO-\"", "\"TO\"", "citations: `TO`", "a dash")]
#[case("\"TO-\"", "\"W-\"", "citations: `W-`", "are taken")]
#[case(
    "\"TO-\"",
    "\"FJ-\"",
    "citations: `FJ-`",
    "fujitsu-aispf has it already"
)]
#[case("\"x-toy-key\"", "\"X-Toy-Key\"", "key_headers: ", "in lower case")]
#[case("\"x-toy-token\"", "\"\"", "token_headers: ", "in lower case")]
#[case(
    "legacy_paths = \"/",
    "legacy_paths = \"",
    "legacy_paths: ",
    "begin it"
)]
#[case("[\"/x/1\"]", "[\"x/1\"]", "example_paths: ", "begin it")]
#[case("\".toy.example\"", "\"toy.example\"", "customer_hosts: ", "a domain")]
#[case("\"toy-calls\"", "\"Toy\"", "server.name: `Toy`", "lower-case")]
#[case(
    "\"toy-calls\"",
    "\"rest\"",
    "server.name: `rest`",
    "marketo has a server"
)]
#[case(
    "\"toy-calls\"",
    "\"toy-grants\"",
    "server.toy-grants: ",
    "a name of its own"
)]
#[case("\"/grant/\"", "\"grant/\"", "server.toy-grants.paths: ", "begin it")]
#[case("paths = { begin = \"/grant/\" }\n", "", "server: `toy`", "but one")]
#[case("\"/sign-in\"", "\"sign-in\"", "server.toy-grants.login: ", "begin it")]
#[case(
    "issues_tokens = true",
    "",
    "server.toy-grants.login: ",
    "`issues_tokens`"
)]
#[case(
    "\"/grant\"",
    "\"/grant/\"",
    "server.toy-grants.printed: ",
    "end it without"
)]
#[case("${origin}", "http://x", "server.toy-grants.given: ", "`${origin}`")]
#[case(
    "https://toy.example",
    "http://toy.example",
    "server.toy-calls.usual: ",
    "https"
)]
fn a_fault_is_named_with_file_key_and_fix(
    #[case] from: &str,
    #[case] to: &str,
    #[case] key: &str,
    #[case] fix: &str,
) {
    assert!(PROVIDER.contains(from), "nothing is changed");
    let error = error_of(&PROVIDER.replacen(from, to, 1));
    let place = format!("providers/toy.toml: {key}");
    assert!(error.starts_with(&place) && error.contains(fix), "{error}");
}

#[test]
fn a_base_url_of_no_server_is_named_with_its_key() {
    let (_, case) = files()
        .into_iter()
        .find(|(path, _)| path == toy::CASE_PATH)
        .unwrap();
    let other = case.replace("[given]\n", "[given]\nurls = { rest = \"${origin}\" }\n");
    let error = Suite::from_files(&with(toy::CASE_PATH, &other)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "cases/toy/key.header.toml: given.urls.rest: toy has no such server; \
         name one of toy-grants, toy-calls"
    );
}

#[test]
fn a_citation_of_an_unknown_provider_is_named_by_its_id() {
    let rows = "[[assumption]]\nid = \"A-x\"\nprovider = \"top\"\nsays = \"x\"\nnote = \"y\"\n";
    let error = Suite::from_files(&with("citations/assumptions.toml", rows)).unwrap_err();
    let expected = "citations/assumptions.toml: A-x.provider: `top` is no provider";
    assert!(error.to_string().starts_with(expected), "{error}");
}

#[test]
fn a_draft_counts_only_where_it_is_asked_for() {
    let draft = format!("draft = true\n{PROVIDER}");
    let folder = tempfile::tempdir().unwrap();
    for (path, content) in with("providers/toy.toml", &draft) {
        // A draft has no document whose lines are cited.
        let path = folder
            .path()
            .join(path.replace("citations/toy", "citations/outside/toy"));
        let content = if content.starts_with("source = \"toy.en\"") {
            "[[witness]]\nid = \"TO-key\"\nclass = \"vendor\"\nprovider = \"toy\"\nsource = \"a\"\nsays = \"b\"\n".to_owned()
        } else {
            content
        };
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }
    let without = Suite::from_folder(folder.path()).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(without.providers, Provider::all());
    assert_eq!(without.case("toy.key.header"), None);
    let with = Suite::from_folder_with(folder.path(), &["toy"]);
    let with = with.unwrap_or_else(|error| panic!("{error}"));
    assert!(with.case("toy.key.header").is_some());
    assert_eq!(with.cases.len(), without.cases.len() + 1);
    let error = Suite::from_folder_with(folder.path(), &["none"])
        .unwrap_err()
        .to_string();
    assert!(
        error.starts_with("providers/none.toml: is not there"),
        "{error}"
    );
}
