//! Clients in other languages, run as their users would run them.

use tegata_conformance::process::{LogFile, Profile, Words, run_all};
use tegata_conformance::report::Verdict;

use crate::support::{KEY, SUITE, TWICE, block_on, check, program, run, shell, text};

/// A client of one task: it reads what it needs from its environment, answers and ends.
const SINGLE: &str = r#"
key=$(printf %s "$CONFORM_CONTEXT" | sed 's/.*"api_keys":\["\([^"]*\)".*/\1/')
path=$(printf %s "$CONFORM_CONTEXT" | sed 's/.*"path":"\([^"]*\)".*/\1/')
status=$(curl -s -o /dev/null -w '%{http_code}' -H "$HEADER: $key" "$CONFORM_BASE_URL$path")
echo "{\"ok\": {\"status\": $status}}"
"#;

#[test]
fn a_client_of_one_task_is_four_lines_of_shell() {
    let ran = run(&shell(&format!("HEADER=X-Jooto-Api-Key{SINGLE}")), KEY);
    let failures: Vec<String> = ran.report.failures().map(ToString::to_string).collect();
    assert_eq!(ran.report.verdict, Verdict::Pass, "{failures:?}");
    assert_eq!(ran.transcript.unwrap().steps[0].requests.len(), 1);
    let ran = run(&shell(&format!("HEADER=X-Api-Key{SINGLE}")), KEY);
    assert_eq!(ran.report.verdict, Verdict::Fail);
    assert!(!check(&ran.report, "call.credential").passed);
}

#[test]
fn further_tasks_come_as_lines() {
    let script = format!(
        "HEADER=X-Api-Key\n task() {{ {SINGLE} }}\n task\n while read -r CONFORM_CONTEXT; do task; done"
    );
    let ran = run(&shell(&script), TWICE);
    let failures: Vec<String> = ran.report.failures().map(ToString::to_string).collect();
    assert_eq!(ran.report.verdict, Verdict::Pass, "{failures:?}");
}

#[test]
fn a_byte_order_mark_before_an_answer_is_no_garbage() {
    let script = format!("printf '\\357\\273\\277'; HEADER=X-Jooto-Api-Key{SINGLE}");
    let ran = run(&shell(&script), KEY);
    let failures: Vec<String> = ran.report.failures().map(ToString::to_string).collect();
    assert_eq!(ran.report.verdict, Verdict::Pass, "{failures:?}");
}

#[test]
fn what_a_client_says_does_nothing_to_the_terminal() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("client.sh");
    // It clears the screen, ends the line and claims a success: once as garbage, once as a code and a path.
    let say = r#"
case $CONFORM_CASE in
jooto.key.header) printf '\033[2J\rok all cases passed\033]0;title\007\302\23331m\n' ;;
*) echo '{"ok": {"url": "https://x.example/"}}'; read -r task
   printf '%s\n' '{"error": {"kind": "authorization", "code": "\u001b[2J\nok all passed\u202e"}}' ;;
esac
"#;
    std::fs::write(&path, say).unwrap();
    let client = format!("sh {}", path.display());
    for (case, shown) in [
        (
            KEY,
            r"`\u{1b}[2J\rok all cases passed\u{1b}]0;title\u{7}\u{9b}31m`",
        ),
        (
            "jooto.callback.error",
            r"saw \u{1b}[2J\nok all passed\u{202e}",
        ),
    ] {
        let output = program(&["run", "--client", &client, "--features", "all", case]);
        let said = text(&output.stdout);
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.contains(shown), "{shown}: {said}");
        let acts = |one: char| one.is_control() && one != '\n' || one == '\u{202e}';
        let left: Vec<char> = said.chars().filter(|one| acts(*one)).collect();
        assert_eq!(left, Vec::<char>::new());
        assert!(!said.contains("\nok all"), "{said}");
    }
}

#[test]
fn the_environment_names_the_case_and_the_server() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("seen");
    let script = format!(
        "echo \"$CONFORM_CASE $CONFORM_BASE_URL $CONFORM_CONTEXT\" > {}",
        path.display()
    );
    run(&shell(&script), KEY);
    let seen = std::fs::read_to_string(&path).unwrap();
    let mut words = seen.splitn(3, ' ');
    assert_eq!(words.next(), Some(KEY));
    assert!(
        words.next().unwrap().starts_with("http://127.0.0.1:"),
        "{seen}"
    );
    let context: serde_json::Value = serde_json::from_str(words.next().unwrap()).unwrap();
    assert_eq!(context["version"], 1);
    assert_eq!(
        (&context["open"], &context["more"]),
        (&true.into(), &0.into())
    );
    assert_eq!(context["task"]["do"], "call");
    assert_eq!(context["task"]["path"], "/organizations");
    assert_eq!(context["credentials"]["api_keys"][0], "hogehoge");
}

#[test]
fn cases_that_share_a_log_file_run_one_after_the_other() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.log");
    let log = path.display();
    // The first case leaks; it alone must fail, although all cases share the file.
    let script = format!(
        "case $CONFORM_CASE in *header) echo $CONFORM_CONTEXT >> {log};; *) echo x >> {log};; esac; \
         echo '{{\"ok\": {{}}}}'"
    );
    let client = shell(&script).log(LogFile::new(path.to_str().unwrap()));
    let cases: Vec<_> = SUITE
        .cases
        .iter()
        .filter(|case| case.id.starts_with("jooto.key"))
        .collect();
    let ran = block_on(run_all(&SUITE, &cases, &client, 8, |_| {})).unwrap();
    let clean: Vec<bool> = ran
        .iter()
        .map(|ran| check(&ran.report, "process.logs").passed)
        .collect();
    assert_eq!(clean, [false, true]);
}

#[test]
fn results_come_in_the_suite_s_order_however_long_each_takes() {
    let cases: Vec<_> = SUITE
        .cases
        .iter()
        .filter(|case| case.id.starts_with("jooto.key"))
        .collect();
    let slow = shell("case $CONFORM_CASE in *header) sleep 0.2;; esac; exit 1");
    let mut seen = Vec::new();
    let ran = block_on(run_all(&SUITE, &cases, &slow, 2, |ran| {
        seen.push(ran.report.case.clone());
    }));
    let ids: Vec<&str> = cases.iter().map(|case| case.id.as_str()).collect();
    assert_eq!(seen, ids);
    assert_eq!(ran.unwrap().len(), ids.len());
}

#[test]
fn a_wrong_command_line_exits_with_2_and_says_how_to_fix_it() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("never.log");
    let log = log.to_str().unwrap();
    let fine = [
        "run",
        "--client",
        "true",
        "--features",
        "all",
        "jooto.key.header",
    ];
    for (further, part) in [
        (
            &["--log", log][..],
            "never.log was never written, so nothing was searched",
        ),
        (&["--timeout", "0"], "give a number of seconds above 0"),
        (&["--profile", "x.toml"], "cannot be used with"),
        (
            &["--requirements", "2026.2"],
            "there are no requirements `2026.2`; there are those of 2026.1",
        ),
        (&["--known", "nowhere.toml"], "nowhere.toml: "),
        (&["--jobs", "0"], "invalid value '0'"),
    ] {
        let output = program(&[&fine[..], further].concat());
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{further:?}: {said}");
        assert!(said.contains(part), "{further:?}: {said}");
    }
    for (arguments, part) in [
        (&["run"][..], "--client <COMMAND>"),
        (&["run", "--client", "true"], "say what the client can do"),
        (
            &["run", "--client", "a 'b", "--features", "all"],
            "close them",
        ),
        (
            &["run", "--client", "x", "--features", "api_key"],
            "did you mean `api-key`?",
        ),
        (
            &["run", "--client", "x", "--features", "all", "zzz"],
            "no case for clients has `zzz`",
        ),
        (
            &["run", "--client", "/no/x", "--features", "all", KEY],
            "`/no/x` cannot be started",
        ),
    ] {
        let output = program(arguments);
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {said}");
        assert!(said.contains(part), "{arguments:?}: {said}");
    }
}

#[test]
fn a_command_line_is_split_as_a_shell_would_split_it() {
    let words: Words = format!("sh -c 'HEADER=X-Jooto-Api-Key; {}'", "exit 5")
        .parse()
        .unwrap();
    let client = tegata_conformance::process::Client::new(words, Profile::of(["api-key"]).unwrap());
    let ran = run(&client, KEY);
    assert!(
        check(&ran.report, "process.answers")
            .seen
            .contains("exit status: 5")
    );
}
