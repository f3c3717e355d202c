//! What a recording hides is neither right nor wrong: the fourth outcome, in every output.

use serde_json::{Value, json};

use crate::exchange::request;
use crate::jenkins::refused;
use crate::outputs::{FORMATS, case, command, judge, read, report, said};
use crate::report::problems;
use crate::session::{DONE, REFUSED, SECRETS, answer, call, entries, exchanged, issue, token};
use crate::support::har;

const CASE: &str = "marketo.use.header";

/// A session with Marketo as a tool exports it that leaves out `Authorization`.
fn without_authorization(entries: &[Value]) -> String {
    let mut entries = entries.to_vec();
    for entry in &mut entries {
        let headers = entry["request"]["headers"].as_array_mut().unwrap();
        headers.retain(|header| header["name"] != "authorization");
    }
    har(&entries)
}

/// A client that puts the token into quotation marks, and is refused.
fn quoted() -> [Value; 2] {
    let [_, one, ..] = SECRETS;
    let refused = REFUSED.replace("602", "601");
    let call = call(&format!("\"{one}\""));
    [
        exchanged("marketo", &issue(), &token(one)),
        exchanged("marketo", &call, &answer(200, &refused)),
    ]
}

#[test]
fn a_hidden_mistake_is_not_judged_and_ends_with_3() {
    let folder = tempfile::tempdir().unwrap();
    let output = judge(folder.path(), &without_authorization(&quoted()), &[]);
    let text = said(&output);
    assert_eq!(output.status.code(), Some(3), "{text}");
    assert!(text.contains("NOT JUDGED: record with a tool"), "{text}");
    assert!(text.contains(&format!("    {CASE}\n")), "{text}");
    assert!(!text.contains("FAILED"), "{text}");

    let report = report(folder.path());
    assert_eq!(problems(&report), None);
    assert_eq!(report["summary"]["conforms"], false);
    assert_eq!(report["summary"]["fail"], 0);
    let all = report["cases"].as_array().unwrap();
    let lost = all.iter().filter(|case| case["verdict"] == "not-judged");
    assert_eq!(report["summary"]["not_judged"], lost.count());
    let lost = case(&report, CASE);
    assert_eq!(
        (&lost["verdict"], &lost["standing"]),
        (&json!("not-judged"), &json!("not-judged"))
    );
    let hidden = json!({"id": format!("{CASE}#call.credential"), "part": "credential"});
    assert_eq!(lost["hidden"][0], hidden);
    let reason = lost["reason"].as_str().unwrap();
    assert!(reason.contains("call.credential"), "{reason}");
    assert_eq!(
        lost["entries"],
        json!([0, 1]),
        "where it took place is known"
    );

    let junit = read(folder.path(), "junit");
    assert_eq!(refused(&junit), Vec::<String>::new());
    let skipped = format!("<skipped message=\"not judged: {reason}\" type=\"not-judged\">");
    assert!(junit.contains(&skipped), "{junit}");
    let markdown = read(folder.path(), "markdown");
    assert!(markdown.contains("| not judged |"), "{markdown}");
    assert!(markdown.contains("### Not judged\n"), "{markdown}");
    assert!(markdown.contains(&format!("- **`{CASE}`**")), "{markdown}");
    let html = read(folder.path(), "html");
    for part in [
        "<h2>Not judged ",
        "<tr id=\"marketo.use.header\" class=\"unjudged\">",
        "<td class=\"unjudged\">?</td>",
    ] {
        assert!(html.contains(part), "{part}");
    }
    for format in FORMATS {
        let text = read(folder.path(), format);
        assert!(
            !text.contains("conforms: none") && !text.contains(">Conforms<"),
            "{format}"
        );
    }
}

#[test]
fn a_right_client_of_which_a_part_is_hidden_is_not_judged_either() {
    let folder = tempfile::tempdir().unwrap();
    let recording = without_authorization(&entries(SECRETS[2]));
    let output = judge(folder.path(), &recording, &[]);
    assert_eq!(output.status.code(), Some(3), "{}", said(&output));
    let report = report(folder.path());
    for id in ["marketo.refused.602", CASE] {
        assert_eq!(case(&report, id)["verdict"], "not-judged", "{id}");
    }
    // The token request is all there.
    assert_eq!(case(&report, "marketo.token.get")["verdict"], "pass");
    let statement = &report["citations"]["MK-renew-on-601-602"];
    assert_eq!(statement["verdict"], "not-judged", "{statement}");
}

#[test]
fn what_is_hidden_can_be_allowed() {
    let folder = tempfile::tempdir().unwrap();
    let recording = without_authorization(&quoted());
    let output = judge(folder.path(), &recording, &["--allow-hidden"]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert!(said(&output).contains("NOT JUDGED"), "{}", said(&output));
    assert_eq!(report(folder.path())["summary"]["conforms"], false);
    let only = ["--case", CASE];
    let with = |arguments: &[&str]| {
        let mut command = command(folder.path(), &recording);
        command.args(arguments).output().unwrap()
    };
    let output = with(&only);
    assert_eq!(output.status.code(), Some(3), "{}", said(&output));
    // Then there is nothing else that would have been judged.
    let output = with(&[&only[..], &["--allow-hidden"]].concat());
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
}

#[test]
fn a_failure_is_one_whatever_else_is_hidden() {
    let folder = tempfile::tempdir().unwrap();
    let [_, one, ..] = SECRETS;
    // The token stands in the URL as well, which is seen.
    let mut twice = call(one);
    twice.target.extend(["?access_token=", one]);
    let all = [
        exchanged("marketo", &issue(), &token(one)),
        exchanged("marketo", &call(one), &answer(200, DONE)),
        exchanged("marketo", &twice, &answer(200, DONE)),
        exchanged(
            "fujitsu-aispf",
            &request("GET", "/da/v3/async/jobs", &[("x-access-token", one)], ""),
            &answer(200, "{}"),
        ),
    ];
    let output = command(folder.path(), &har(&all)).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    // A part of it cannot be judged without the headers, and what fails nevertheless is a failure.
    let output = judge(folder.path(), &without_authorization(&all), &["--complete"]);
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    let failed = &report(folder.path())["summary"]["fail"];
    assert_ne!(failed, &json!(0));
}

#[test]
fn nothing_is_said_of_it_where_nothing_is_hidden() {
    let folder = tempfile::tempdir().unwrap();
    let output = judge(folder.path(), &har(&entries(SECRETS[2])), &[]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert!(!said(&output).contains("NOT JUDGED"));
    let report = report(folder.path());
    assert_eq!(report["summary"]["conforms"], true);
    assert!(report["summary"].get("not_judged").is_none());
    assert!(!read(folder.path(), "json").contains("\"hidden\""));
}
