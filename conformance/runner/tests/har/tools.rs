//! What tools do to a recording besides leaving something out.

use std::io::Read as _;
use std::process::{Command, Output};

use serde_json::{Value, json};
use tegata_conformance::har::Judged;
use tegata_conformance::record::find_leak;
use tegata_conformance::report::{CaseReport, Verdict};

use crate::exchange::{self, request};
use crate::session::{
    DONE, REFUSED, SECRETS, answer, call, entries, exchanged, issue, session, token,
};
use crate::support::{BASES, har, judge, suite};

fn judged(entries: &[Value]) -> Judged {
    judge(suite(), &har(entries), "")
}

fn failures(judged: &Judged) -> Vec<String> {
    let reports = judged.results.iter().map(|(report, _)| report);
    let failed = reports.flat_map(CaseReport::failures);
    failed.map(ToString::to_string).collect()
}

fn passed(judged: &Judged, check: &str) -> bool {
    let mut reports = judged.results.iter().flat_map(|(report, _)| &report.checks);
    reports.any(|one| one.id == check && one.passed)
}

fn why(judged: &Judged, case: &str) -> Option<String> {
    let one = judged.unjudged.iter().find(|one| one.case == case);
    one.map(|one| one.why.to_string())
}

/// Judges a file of this name, and others beside it.
fn run(name: &str, bytes: &[u8], beside: &[(&str, &[u8])]) -> Output {
    let folder = tempfile::tempdir().unwrap();
    let inner = folder.path().join("inner");
    std::fs::create_dir(&inner).unwrap();
    std::fs::write(inner.join(name), bytes).unwrap();
    for (name, bytes) in beside {
        std::fs::write(inner.join(name), bytes).unwrap();
    }
    let mut command = Command::new(env!("CARGO_BIN_EXE_tegata-conformance"));
    command.arg("judge").arg(inner.join(name)).arg("--all");
    for base in BASES {
        command.args(["--base", base]);
    }
    command.output().unwrap()
}

fn said(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    format!("{}{}", text(&output.stdout), text(&output.stderr))
}

#[test]
fn a_file_is_read_in_each_encoding_and_a_zip_is_named() {
    let text = har(&entries(SECRETS[1]));
    let plain = said(&run("a.har", text.as_bytes(), &[]));
    assert!(plain.contains("FAILED marketo.refused.602"), "{plain}");
    let mut gzip = Vec::new();
    let level = flate2::Compression::default();
    let mut encoder = flate2::read::GzEncoder::new(text.as_bytes(), level);
    encoder.read_to_end(&mut gzip).unwrap();
    let marked = format!("\u{feff}{text}");
    let utf16: Vec<u8> = marked.encode_utf16().flat_map(u16::to_le_bytes).collect();
    for (name, bytes) in [
        ("a.har.gz", &gzip),
        ("b.har", &marked.into_bytes()),
        ("c.har", &utf16),
    ] {
        assert_eq!(said(&run(name, bytes, &[])), plain, "{name}");
    }
    let output = run("a.zip", b"PK\x03\x04\x14\0", &[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        said(&output).contains("a.zip: this is a ZIP archive: unpack it"),
        "{}",
        said(&output)
    );
}

#[test]
fn bodies_in_files_beside_the_recording_are_read() {
    let mut all = entries(SECRETS[1]);
    let mut files = Vec::new();
    for (index, entry) in all.iter_mut().enumerate() {
        let text = entry["response"]["content"]["text"]
            .as_str()
            .unwrap()
            .to_owned();
        let name = format!("{index}.json");
        entry["response"]["content"] = json!({"size": text.len(), "_file": &name});
        files.push((name, text));
    }
    let beside: Vec<(&str, &[u8])> = files
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_bytes()))
        .collect();
    let found = said(&run("a.har", har(&all).as_bytes(), &beside));
    assert!(
        found.contains("FAILED marketo.refused.602") && found.contains("again.credential: "),
        "{found}"
    );
    assert!(!found.contains("are not in the recording"), "{found}");
    // Without them, and where they are somewhere else, they are unknown.
    let missing = said(&run("a.har", har(&all).as_bytes(), &[]));
    for entry in &mut all {
        let name = entry["response"]["content"]["_file"].as_str().unwrap();
        entry["response"]["content"]["_file"] = json!(format!("../inner/{name}"));
    }
    let elsewhere = said(&run("a.har", har(&all).as_bytes(), &beside));
    for text in [missing, elsewhere] {
        assert!(!text.contains("FAILED"), "{text}");
        assert!(
            text.contains("note: the bodies of log.entries 0, 1, 2, 3, 4, 5 are not"),
            "{text}"
        );
        assert!(text.contains("    marketo.refused.602\n"), "{text}");
    }
}

#[test]
fn preflights_are_left_out_and_counted() {
    let [_, one, two, ..] = SECRETS;
    let headers = [
        ("Access-Control-Request-Method", "POST"),
        ("origin", "https://app.example"),
    ];
    let nothing = exchange::answer(204, &[], "");
    let preflight = |target: &str| {
        exchanged(
            "marketo",
            &request("OPTIONS", target, &headers, ""),
            &nothing,
        )
    };
    let mut all = Vec::new();
    // Chromium writes them behind the request that they belong to.
    for entry in entries(two) {
        let url = entry["request"]["url"].as_str().unwrap().to_owned();
        all.extend([
            entry,
            preflight(url.trim_start_matches("https://h.example/marketo")),
        ]);
    }
    let right = judged(&all);
    assert_eq!(failures(&right), Vec::<String>::new());
    assert_eq!(right.concerned["marketo"], 6);
    assert_eq!(
        right.notes,
        ["6 requests are CORS preflights, which a browser sends by itself: left out"]
    );
    assert!(passed(&right, "marketo.refused.602#again.credential"));
    // The client's own request of this method is none.
    let bearer = format!("Bearer \"{one}\"");
    let own = request(
        "OPTIONS",
        "/rest/v1/leads/push.json",
        &[("authorization", &bearer)],
        "",
    );
    let all = [
        exchanged("marketo", &issue(), &token(one)),
        exchanged("marketo", &own, &answer(200, DONE)),
    ];
    let wrong = judged(&all);
    assert!(
        failures(&wrong)
            .join("\n")
            .contains("marketo.use.header#call.credential")
    );
}

#[test]
fn a_refusal_in_a_body_left_out_is_neither_found_nor_missed() {
    let [_, one, two, ..] = SECRETS;
    for again in [one, two] {
        let mut all = entries(again);
        all[2]["response"]["content"] = json!({"size": REFUSED.len()});
        let judged = judged(&all);
        assert_eq!(failures(&judged), Vec::<String>::new());
        let why = why(&judged, "marketo.refused.602").unwrap();
        assert_eq!(
            why,
            "the recording lacks the body of an answer that it needs"
        );
        assert!(
            judged.notes[0].starts_with("the bodies of log.entries 2 are not in"),
            "{:?}",
            judged.notes
        );
    }
}

#[test]
fn a_refusal_that_is_shown_does_not_vouch_for_one_that_is_not() {
    let [_, _, two, ..] = SECRETS;
    let mut all = entries(two).to_vec();
    // Once more, and this time the refusal is not in the recording.
    let mut later = session(&call("SECRET-token-number-three"));
    later[2] = exchanged("marketo", &call(two), &answer(200, REFUSED));
    later[3] = exchanged("marketo", &issue(), &token("SECRET-token-number-three"));
    let shown = [later[2].clone(), later[3].clone(), later[4].clone()];
    all.extend(shown);
    assert!(passed(
        &judged(&all),
        "marketo.refused.602#again.credential"
    ));
    all[6]["response"]["content"] = json!({"size": REFUSED.len()});
    let hidden = judged(&all);
    assert_eq!(failures(&hidden), Vec::<String>::new());
    assert!(why(&hidden, "marketo.refused.602").is_some());
    // A body that is missing where nothing was renewed hides no refusal.
    let mut all = entries(two).to_vec();
    all[5]["response"]["content"] = json!({"size": DONE.len()});
    assert!(passed(
        &judged(&all),
        "marketo.refused.602#again.credential"
    ));
}

#[test]
fn masked_values_are_not_judged_but_what_stands_round_them_is() {
    for (mask, wrong) in [
        ("Bearer [REDACTED]", false),
        ("[REDACTED]", false),
        ("Bearer ***", false),
        ("<hidden>", false),
        ("Bearer \"[REDACTED]\"", true),
        ("Token ***", true),
    ] {
        let mut all = entries(SECRETS[2]);
        for entry in &mut all {
            for header in entry["request"]["headers"].as_array_mut().unwrap() {
                if header["name"] == "authorization" {
                    header["value"] = json!(mask);
                }
            }
        }
        let judged = judged(&all);
        let failed = failures(&judged).join("\n");
        assert_eq!(
            failed.contains("marketo.use.header#call.credential"),
            wrong,
            "{mask}: {failed}"
        );
        assert!(wrong || failed.is_empty(), "{mask}: {failed}");
        assert!(
            !passed(&judged, "marketo.use.header#call.credential"),
            "{mask}"
        );
        let notes = judged.notes.join("\n");
        assert!(
            wrong || notes.starts_with("values of log.entries 1, 2, 4, 5 are masked"),
            "{notes}"
        );
        let shown = format!("{judged:?}");
        assert_eq!(find_leak(shown.as_bytes(), SECRETS), None, "{mask}");
    }
}

#[test]
fn a_masked_token_answer_leaves_the_tokens_value_open() {
    let mut all = entries(SECRETS[1]);
    for index in [0, 3] {
        let text = all[index]["response"]["content"]["text"].as_str().unwrap();
        let text = SECRETS
            .iter()
            .fold(text.to_owned(), |text, secret| text.replace(secret, "***"));
        all[index]["response"]["content"]["text"] = json!(text);
    }
    let judged = judged(&all);
    assert_eq!(failures(&judged), Vec::<String>::new());
    assert!(!passed(&judged, "marketo.refused.602#again.credential"));
    assert!(passed(&judged, "marketo.refused.602#renew.sent"));
}

#[test]
fn a_header_doubled_by_the_tool_is_one_credential() {
    let double = |value: Option<&str>, others: bool| {
        let mut all = entries(SECRETS[2]);
        for entry in &mut all {
            let headers = entry["request"]["headers"].as_array_mut().unwrap();
            let mut more = headers.clone();
            more.retain(|header| others || header["name"] == "authorization");
            for header in &mut more {
                if let (Some(value), "authorization") = (value, header["name"].as_str().unwrap()) {
                    header["value"] = json!(value);
                }
            }
            headers.extend(more);
        }
        judged(&all)
    };
    let check = "marketo.use.header#call.one-credential";
    let by_tool = double(None, true);
    assert!(failures(&by_tool).is_empty() && passed(&by_tool, check));
    let open = double(None, false);
    assert!(failures(&open).is_empty() && !passed(&open, check));
    assert!(
        open.notes[0].starts_with("log.entries 1, 2, 4, 5 have a credential's header twice"),
        "{:?}",
        open.notes
    );
    let two = failures(&double(Some("Bearer another"), false)).join("\n");
    assert!(two.contains(check), "{two}");
}

#[test]
fn what_nothing_needed_is_not_noted() {
    // A key in a header of its own, and a token in the query: nothing asks for Authorization.
    let key = request(
        "GET",
        "/organizations",
        &[("x-jooto-api-key", "SECRET-key")],
        "",
    );
    let mut by_query = request("GET", "/rest/v1/leads/describe.json", &[], "");
    by_query.target.push_str("?access_token=");
    by_query.target.push_str(SECRETS[1]);
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let fields = "grant_type=authorization_code&code=SECRET-code&client_id=i&client_secret=SECRET-s&redirect_uri=https%3A%2F%2Fx";
    let refused = request("POST", "/oauth2/token", &form, fields);
    let all = [
        exchanged("jooto", &key, &answer(200, "[]")),
        exchanged("marketo", &issue(), &token(SECRETS[1])),
        exchanged("marketo", &by_query, &answer(200, DONE)),
        exchanged(
            "jooto",
            &refused,
            &answer(400, "{\"error\":\"invalid_grant\"}"),
        ),
    ];
    let judged = judged(&all);
    assert_eq!(judged.notes, Vec::<String>::new());
    assert!(passed(&judged, "jooto.key.header#call.one-credential"));
    assert!(passed(&judged, "marketo.use.query#call.one-credential"));
    assert!(
        judged
            .results
            .iter()
            .all(|(report, _)| report.verdict != Verdict::Fail),
        "{:?}",
        failures(&judged)
    );
}
