//! The cases: well formed, no stronger than their evidence, none forgotten.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use tegata_conformance::case::{Case, Provider, Suite, check_cases};
use tegata_conformance::judge::{check_mutants, prove_case};
use tegata_conformance::report::Counts;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../suite")
}

fn suite() -> Suite {
    Suite::embedded().unwrap_or_else(|error| panic!("{error}"))
}

fn files_below(folder: &Path) -> usize {
    std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| if path.is_dir() { files_below(&path) } else { 1 })
        .sum()
}

#[test]
fn the_suite_has_no_findings() {
    let mut findings = suite().check();
    findings.extend(check_mutants(&suite()));
    let mut findings: Vec<String> = findings.iter().map(ToString::to_string).collect();
    findings.dedup();
    assert!(findings.is_empty(), "{}", findings.join("\n"));
}

/// Those that `cargo xtask new` has made; usually there are none.
#[test]
fn every_draft_has_no_findings() {
    for entry in std::fs::read_dir(root().join("providers")).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        if !text.lines().any(|line| line == "draft = true") {
            continue;
        }
        let name = path.file_stem().unwrap().to_str().unwrap();
        let suite = Suite::embedded_with(&[name]).unwrap_or_else(|error| panic!("{error}"));
        let mut findings = suite.check();
        findings.extend(check_mutants(&suite));
        let findings: Vec<String> = findings.iter().map(ToString::to_string).collect();
        assert!(findings.is_empty(), "{}", findings.join("\n"));
    }
}

#[test]
fn no_case_on_disk_is_forgotten() {
    let suite = suite();
    let of = |one: &Provider| files_below(&root().join("cases").join(one.name()));
    let on_disk: usize = suite.providers.iter().map(of).sum();
    assert_eq!(
        on_disk,
        suite.files.len(),
        "case files on disk, and those that were embedded"
    );
    let registered: BTreeSet<&str> = suite.files.iter().map(|(_, id)| id.as_str()).collect();
    let judged: BTreeSet<&str> = suite
        .cases
        .iter()
        .filter(|case| {
            !prove_case(&suite, case)
                .unwrap_or_else(|e| panic!("{e}"))
                .is_empty()
        })
        .map(Case::base_id)
        .collect();
    assert_eq!(
        registered, judged,
        "ids of the files, and ids that were judged"
    );
    assert_eq!(
        on_disk,
        registered.len(),
        "case files on disk, and different ids"
    );
}

#[test]
fn a_folder_gives_the_same_suite_as_the_build() {
    let folder = Suite::from_folder(&root()).unwrap_or_else(|error| panic!("{error}"));
    let embedded = suite();
    let ids = |suite: &Suite| {
        suite
            .cases
            .iter()
            .map(|case| case.id.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(ids(&folder), ids(&embedded));
    assert_eq!(folder.cases, embedded.cases);
    let nowhere = tempfile::tempdir().unwrap();
    let error = Suite::from_folder(nowhere.path()).unwrap_err().to_string();
    assert!(error.starts_with("citations: cannot be read"), "{error}");
}

#[test]
fn every_operation_stands_in_the_spec() {
    let suite = suite();
    for provider in Provider::all().iter().copied() {
        let path = root().join(format!("../../specs/{}.yaml", provider.name()));
        let spec = std::fs::read_to_string(&path).unwrap();
        let ids: BTreeSet<&str> = spec
            .lines()
            .filter_map(|line| line.trim().strip_prefix("operationId:"))
            .map(|id| id.trim().trim_matches(['"', '\'']))
            .collect();
        let cases = suite.cases.iter().filter(|case| case.provider == provider);
        let files = suite.fixtures.files.iter();
        let of_files = files
            .filter(|(name, _)| name.starts_with(&format!("{}/", provider.name())))
            .filter_map(|(name, file)| Some((name.as_str(), file.operation.as_deref()?)));
        let of_cases =
            cases.filter_map(|case| Some((case.id.as_str(), case.operation.as_deref()?)));
        for (who, operation) in of_cases.chain(of_files) {
            assert!(
                ids.contains(operation),
                "{who}: `{operation}` is not in {ids:?}"
            );
        }
    }
}

#[test]
fn there_are_as_many_cases_of_each_kind_as_were_promised() {
    let counts = Counts::of(&suite());
    for (name, bar) in [("fujitsu-aispf", 35), ("jooto", 55), ("marketo", 70)] {
        let mut all = counts.providers.iter();
        let (_, cases) = all.find(|(provider, _)| provider.name() == name).unwrap();
        assert!(*cases >= bar, "{name}: {cases} of {bar}");
    }
    assert!(counts.rfc >= 40, "on RFCs: {}", counts.rfc);
    assert!(counts.leak >= 12, "on secrets: {}", counts.leak);
}

// A whole small suite, to be broken.

const RFC: &str = "[[clause]]\nid = \"RFC1-1\"\nrfc = 1\nsection = \"1\"\nkeyword = \"must\"\n\
    binds = \"client\"\nsays = \"x\"\n";
const WITNESSES: &str =
    "[[witness]]\nid = \"W-x\"\nclass = \"reported\"\nsource = \"y\"\nsays = \"x\"\n";
const ASSUMPTIONS: &str =
    "[[assumption]]\nid = \"A-x\"\nprovider = \"jooto\"\nsays = \"x\"\nnote = \"y\"\n";
const VALUES: &str = "[plain]\nclient-id = \"me\"\n\n[secret]\nclient-secret = \"CANARY-s\"\n\
    api-key = \"CANARY-key\"\n";
const FIXTURE: &str = "title = \"A call\"\ncite = [\"A-x\", \"W-x\"]\n\n[variables]\nsent = \"api-key\"\n\n\
    [request]\nmethod = \"GET\"\npath = \"/x\"\nheaders = [\"x-key: ${sent}\"]\n\n\
    [answer.ok]\ncite = [\"A-x\"]\nstatus = 200\n";
const CASE: &str = r#"id = "jooto.a.case"
title = "A case"
provider = "jooto"
role = "client"
level = "must"
evidence = "rfc"
cite = ["RFC1-1"]
mutants = [{ on = "call", do = { method = "PUT" }, killed_by = "call.method" }]

[given]
auth = "api-key"

[[step]]
name = "first"
do = { call = { method = "GET", path = "/x" } }
outcome = { result = "ok" }

[[step.exchange]]
name = "call"
respond = "jooto/call.ok"
method = "GET"
headers = { require = { x-key = "${api-key}" } }
"#;

fn toy(case: &str) -> Result<Suite, String> {
    let file = |path: &str, content: &str| (path.to_owned(), content.to_owned());
    Suite::from_files(&[
        file("cases/jooto/a.case.toml", case),
        file("citations/assumptions.toml", ASSUMPTIONS),
        file("citations/rfc.toml", RFC),
        file("citations/witnesses.toml", WITNESSES),
        file("fixtures/jooto/call.toml", FIXTURE),
        file("fixtures/jooto/values.toml", VALUES),
    ])
    .map_err(|error| error.to_string())
}

fn findings(case: &str) -> String {
    let suite = toy(case).unwrap_or_else(|error| panic!("{error}"));
    let mut findings = check_cases(&suite);
    findings.extend(check_mutants(&suite));
    let findings: Vec<String> = findings.iter().map(ToString::to_string).collect();
    findings.join("\n")
}

#[test]
fn a_whole_case_has_no_findings() {
    assert_eq!(findings(CASE), "");
}

#[test]
fn a_case_may_not_demand_more_than_its_evidence_carries() {
    let reported = CASE
        .replace("\"rfc\"", "\"reported\"")
        .replace("[\"RFC1-1\"]", "[\"W-x\"]");
    let assumed = CASE
        .replace("\"rfc\"", "\"assumed\"")
        .replace("[\"RFC1-1\"]", "[\"A-x\"]");
    for (case, expected) in [
        (reported.clone(), "`reported` evidence carries no `must`"),
        (
            reported.replace("\"must\"", "\"should\""),
            "`reported` evidence carries no `should`",
        ),
        (assumed.clone(), "`assumed` evidence carries no `must`"),
        (
            assumed.replace("\"must\"", "\"survive\""),
            "`assumed` evidence carries no `survive`",
        ),
        (
            CASE.replace("\"rfc\"", "\"documented\""),
            "no citation is `documented`",
        ),
        (CASE.replace("RFC1-1", "RFC1-2"), "`RFC1-2` is no citation"),
        (
            reported.replace("\"must\"", "\"survive\""),
            "may only demand an end and no leak",
        ),
    ] {
        let found = findings(&case);
        assert!(found.contains(expected), "{expected} / {found}");
        assert!(found.contains("cases/jooto/a.case.toml: "), "{found}");
    }
    let probe = assumed.replace("\"must\"", "\"probe\"");
    assert!(
        !findings(&probe).contains("evidence"),
        "{}",
        findings(&probe)
    );
}

#[test]
fn a_case_is_about_checks_that_it_has() {
    let about = |check: &str| {
        let key = format!("about = [\"{check}\"]\nmutants =");
        findings(&CASE.replace("mutants =", &key))
    };
    let problem = "about: `call.soul` is no check of this case";
    assert!(about("call.soul").contains(problem));
    assert!(!about("call.sent").contains("about: "));
}

#[test]
fn faults_of_a_case_are_found() {
    for (case, expected) in [
        (
            CASE.replace("jooto.a.case", "jooto.b"),
            "does not go with the file's name",
        ),
        (
            CASE.replace("provider = \"jooto\"", "provider = \"marketo\""),
            "is not the one of the id",
        ),
        (
            CASE.replace("name = \"call\"", "name = \"first\""),
            "`first` is taken",
        ),
        (
            CASE.replace("name = \"call\"", "name = \"a.b\""),
            "`a.b` is taken, empty, or has a `.`",
        ),
        (
            CASE.replace("jooto/call.ok", "jooto/call.no"),
            "`jooto/call.no` is no fixture",
        ),
        (
            CASE.replace("${api-key}", "${key}"),
            "`${key}` is no known value",
        ),
        (
            CASE.replace("x-key =", "X-Key ="),
            "write header names in lower case",
        ),
        (
            CASE.replace("respond", "with = { who = \"api-key\" }\nrespond"),
            "no variable `who`",
        ),
        (
            CASE.replace("respond", "with = { sent = \"who\" }\nrespond"),
            "`who` is no known value",
        ),
        (
            CASE.replace("respond", "body = { same_as = \"x\" }\nrespond"),
            "`x` is no earlier exchange",
        ),
        (
            CASE.replace("respond", "carries = [\"who\"]\nrespond"),
            "`who` is no known value",
        ),
        (
            CASE.replace("call.method\"", "call.path\""),
            "`call.path` is no check of this case",
        ),
        (
            CASE.replace("mutants =", "conflicts_with = [\"RFC9\"]\nmutants ="),
            "`RFC9` is no citation",
        ),
        (
            CASE.replace("result = \"ok\"", "result = \"answered\""),
            "`answered` without a status",
        ),
        (
            CASE.replace("respond", "answer = { status = [200] }\nrespond"),
            "a client is judged, yet",
        ),
        (
            CASE.replace("role = \"client\"", "role = \"both\""),
            "no answer is expected",
        ),
        (
            CASE.replace("role = \"client\"", "role = \"server\""),
            "only the suite may act",
        ),
        (
            CASE.replace("\n[given]", "\n[given]\nkeys = [\"who\"]"),
            "`who` is no known value",
        ),
        (
            CASE.replace("\n[given]", "\n[given]\nvalues = { who = \"x\" }"),
            "`who` replaces nothing",
        ),
        (
            CASE.replace("outcome", "account = \"b\"\noutcome"),
            "`b` is no account",
        ),
        (
            CASE.replace("cite = [\"RFC1-1\"]", "cite = []"),
            "no citation is `rfc`",
        ),
    ] {
        let found = findings(&case);
        assert!(found.contains(expected), "{expected} / {found}");
    }
    let idle = CASE.replace(
        "method = \"GET\"\nheaders = { require = { x-key = \"${api-key}\" } }\n",
        "",
    );
    assert!(findings(&idle).contains("a client that does nothing right could pass"));
    let kept: Vec<&str> = CASE
        .lines()
        .filter(|line| !line.starts_with("mutants"))
        .collect();
    let unproved = kept.join("\n");
    assert!(findings(&unproved).contains("no wrong exchange is named"));
}

#[test]
fn unchecked_and_unused_data_is_found() {
    let suite = |rfc: &str, fixture: &str| {
        let file = |path: &str, content: &str| (path.to_owned(), content.to_owned());
        let suite = Suite::from_files(&[
            file("cases/jooto/a.case.toml", CASE),
            file("citations/assumptions.toml", ASSUMPTIONS),
            file("citations/rfc.toml", rfc),
            file("citations/witnesses.toml", WITNESSES),
            file("fixtures/jooto/call.toml", fixture),
            file("fixtures/jooto/values.toml", VALUES),
        ])
        .unwrap();
        check_cases(&suite)
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join("\n")
    };
    let second = format!("{RFC}\n{}", RFC.replace("RFC1-1", "RFC1-2"));
    assert!(suite(&second, FIXTURE).contains("RFC1-2: it binds client, and no case checks that"));
    let excused = second.clone() + "unchecked = \"so\"\n";
    assert_eq!(suite(&excused, FIXTURE), "");
    let stale = RFC.to_owned() + "unchecked = \"so\"\n";
    assert!(suite(&stale, FIXTURE).contains("RFC1-1: `unchecked`, although cases check it"));
    let server = RFC.replace("\"client\"", "\"server\"");
    assert!(suite(&server, FIXTURE).contains("RFC1-1: it binds server, and no case checks that"));
    let more = FIXTURE.to_owned() + "\n[answer.more]\ncite = [\"A-x\"]\nstatus = 200\n";
    assert!(suite(RFC, &more).contains("jooto/call.more: no case uses it"));
    let unheard = FIXTURE.replace(", \"W-x\"", "");
    assert!(suite(RFC, &unheard).contains("W-x: no case or fixture rests on it"));
}

#[test]
fn a_file_that_cannot_be_read_is_named_with_the_key() {
    for (case, expected) in [
        (CASE.replace("title", "titel"), "unknown field `titel`"),
        (
            CASE.replace("level = \"must\"\n", ""),
            "missing field `level`",
        ),
        (
            CASE.replace("\"must\"", "\"shall\""),
            "unknown variant `shall`",
        ),
        (
            CASE.replace("{ call =", "{ ring ="),
            "unknown variant `ring`",
        ),
        (
            CASE.replace("jooto/call.ok", "@answer"),
            "`@answer` needs a table `variants`",
        ),
        (
            CASE.replace("\n[[step]]", "\n[variants.one]\nother = \"x\"\n\n[[step]]")
                .replace("jooto/call.ok", "@answer"),
            "variants.one does not say what `@answer` is",
        ),
        (
            CASE.replace("jooto.a.case", "jooto.a.case@x"),
            "no `@` at 12",
        ),
    ] {
        let error = toy(&case).unwrap_err();
        let named = error.starts_with("cases/jooto/a.case.toml: ") && error.contains(expected);
        assert!(named, "{expected} / {error}");
    }
}

#[test]
fn a_file_with_variants_is_one_case_for_each() {
    let case = CASE
        .replace("\n[[step]]", "\n[variants.one]\nanswer = \"jooto/call.ok\"\n\n[variants.two]\nanswer = \"jooto/call.ok\"\n\n[[step]]")
        .replacen("jooto/call.ok\"\nmethod", "@answer\"\nmethod", 1);
    let suite = toy(&case).unwrap_or_else(|error| panic!("{error}"));
    let ids: Vec<&str> = suite.cases.iter().map(|case| case.id.as_str()).collect();
    assert_eq!(ids, ["jooto.a.case@one", "jooto.a.case@two"]);
    assert_eq!(suite.cases[0].step[0].exchange[0].respond, "jooto/call.ok");
    assert_eq!(suite.cases[0].title, "A case (one)");
}
