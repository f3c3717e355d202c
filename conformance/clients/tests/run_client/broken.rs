//! Commands that break the protocol: each gets a verdict that says what is wrong, none is waited for
//! in vain, and none leaves anything behind.

use tegata_conformance::process::{Client, LogFile, Profile, Words};
use tegata_conformance::report::Verdict;
use tegata_conformance::script::RunError;

use crate::support::{KEY, SECRET, SUITE, TWICE, block_on, check, later, run, shell, soon};

/// The output of a client that answers every task in the same way.
const OK: &str = r#"{"ok": {"status": 200}}"#;

#[track_caller]
fn assert_fault(client: &Client, case: &str, part: &str) {
    let ran = run(client, case);
    let answers = check(&ran.report, "process.answers");
    assert!(!answers.passed && answers.seen.contains(part), "{answers}");
    assert_eq!(ran.report.verdict, Verdict::Fail);
}

#[test]
fn a_crash_is_reported_with_its_exit_status_or_signal() {
    assert_fault(
        &shell("exit 3"),
        KEY,
        "ended before it answered: exit status: 3",
    );
    assert_fault(
        &shell("kill -9 $$"),
        KEY,
        "ended before it answered: signal: 9",
    );
    let second = format!("echo '{OK}'; exit 0");
    assert_fault(
        &shell(&second),
        TWICE,
        "ended before it answered: exit status: 0",
    );
}

#[test]
fn a_probe_does_not_excuse_a_crash() {
    assert_fault(
        &shell("exit 3"),
        "fujitsu-aispf.key.trailing-blank",
        "exit status: 3",
    );
}

#[test]
fn a_line_that_is_no_answer_is_shown_without_its_secrets() {
    let client = shell(&format!("echo 'token is {SECRET}'"));
    assert_fault(
        &client,
        KEY,
        "a line that is no answer: `token is [client-secret]`: expected",
    );
    let client = shell(&format!("echo '{{\"ok\": {{\"{SECRET}\": 1}}}}'"));
    assert_fault(&client, KEY, "unknown field `[client-secret]`");
}

#[test]
fn silence_ends_with_the_time_that_a_case_has() {
    assert_fault(
        &shell("sleep 1000").limit(soon()),
        KEY,
        "no answer within 0.3 s",
    );
    // Not even one that has closed its standard output is waited for.
    assert_fault(
        &shell("exec >&-; sleep 1000").limit(later()),
        KEY,
        "closed its standard output",
    );
}

#[test]
fn giant_output_is_read_to_a_limit() {
    let long = "head -c 2000000 /dev/zero | tr '\\0' x; sleep 1000";
    assert_fault(&shell(long), KEY, "a line of more than 1048576 bytes");
    assert_fault(
        &shell("yes '' ; sleep 1000"),
        KEY,
        "bytes on its standard output",
    );
    assert_fault(
        &shell("yes >&2; sleep 1000"),
        KEY,
        "bytes on its standard error",
    );
    let late = format!("echo '{OK}'; yes >&2; sleep 1000");
    assert_fault(&shell(&late), KEY, "bytes on its standard error");
}

#[test]
fn an_answer_too_many_is_one() {
    let client = shell(&format!("echo '{OK}'; echo '{OK}'"));
    assert_fault(&client, KEY, "an answer more than there were tasks");
}

#[test]
fn a_declared_feature_that_does_not_work_is_a_failure() {
    let client = shell("echo '{\"unsupported\": \"no such header\"}'");
    assert_fault(&client, KEY, "not testable, although");
    assert_fault(&client, KEY, "declared: no such header");
}

#[test]
fn a_client_must_end_by_itself_and_well() {
    let ran = run(
        &shell(&format!("echo '{OK}'; cat > /dev/null; exit 4")),
        KEY,
    );
    let end = check(&ran.report, "process.end");
    assert!(!end.passed && end.seen == "exit status: 4", "{end}");
    let stays = shell(&format!("echo '{OK}'; sleep 1000")).limit(later());
    let ran = run(&stays, KEY);
    let end = check(&ran.report, "process.end");
    assert!(
        !end.passed && end.seen == "it still ran and was killed",
        "{end}"
    );
    assert_eq!(ran.report.verdict, Verdict::Fail);
}

#[test]
fn a_secret_is_found_in_every_place_and_encoding() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("x.log");
    let log = log.to_str().unwrap();
    let encoded = "$(printf %s CANARY-jo-client-secret | base64 -w0)";
    for (line, name) in [
        (format!("echo 'x {SECRET} y' >&2"), "stderr"),
        (format!("echo \"x{encoded}y\" >&2"), "stderr"),
        (format!("echo 'x {SECRET} y'"), "stdout"),
        (format!("echo 'x {SECRET} y' >> {log}"), "logs"),
        (
            format!("echo '{{\"unsupported\": \"{SECRET}\"}}'"),
            "stdout",
        ),
    ] {
        std::fs::write(log, "").unwrap();
        let client = shell(&format!("{line}; echo '{OK}'")).log(LogFile::new(log));
        let ran = run(&client, KEY);
        for other in ["stdout", "stderr", "logs"] {
            let check = check(&ran.report, &format!("process.{other}"));
            assert_eq!(check.passed, other != name, "{line}: {check}");
            assert!(!check.seen.contains("CANARY"), "{check}");
        }
        let leak = check(&ran.report, &format!("process.{name}"));
        assert_eq!(leak.seen, "client-secret");
    }
}

#[test]
fn a_logs_earlier_content_does_not_fail_the_case() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.log");
    std::fs::write(&path, format!("{SECRET}\n")).unwrap();
    let script = format!("echo fine >> {}; echo '{OK}'", path.display());
    let ran = run(
        &shell(&script).log(LogFile::new(path.to_str().unwrap())),
        KEY,
    );
    let logs = check(&ran.report, "process.logs");
    assert!(logs.passed, "{logs}");
}

#[test]
fn a_command_that_cannot_be_started_is_no_verdict() {
    let words: Words = "/nowhere/at-all".parse().unwrap();
    let client = Client::new(words, Profile::of(["all"]).unwrap());
    let error = block_on(client.run(&SUITE, SUITE.case(KEY).unwrap())).unwrap_err();
    assert!(matches!(error, RunError::Command(_)), "{error}");
    assert!(
        error
            .to_string()
            .starts_with("`/nowhere/at-all` cannot be started"),
        "{error}"
    );
}

/// Whether a process is there and no mere remainder of one.
#[cfg(target_os = "linux")]
fn lives(id: &str) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", id.trim()));
    stat.is_ok_and(|stat| {
        !stat
            .rsplit(')')
            .next()
            .unwrap_or_default()
            .starts_with(" Z")
    })
}

/// Whether a process still runs although it was killed. The system takes a moment to end one.
#[cfg(target_os = "linux")]
fn outlives(id: &str) -> bool {
    let begun = std::time::Instant::now();
    while lives(id) {
        if begun.elapsed().as_secs() > 20 {
            return true;
        }
        std::thread::yield_now();
    }
    false
}

#[cfg(target_os = "linux")]
#[test]
fn processes_started_by_the_command_end_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let ids = folder.path().join("ids");
    let start = format!("sleep 1000 & echo $! >> {}", ids.display());
    for script in [
        format!("{start}; echo '{OK}'"),
        format!("{start}; exit 3"),
        format!("{start}; echo $$ >> {}; sleep 1000", ids.display()),
    ] {
        run(&shell(&script).limit(later()), KEY);
    }
    let ids = std::fs::read_to_string(ids).unwrap();
    assert_eq!(ids.lines().count(), 4);
    let left: Vec<&str> = ids.lines().filter(|id| outlives(id)).collect();
    assert!(left.is_empty(), "{left:?}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_run_that_is_ended_from_outside_leaves_no_client_behind() {
    use std::process::{Command, Stdio};

    let folder = tempfile::tempdir().unwrap();
    let fifo = folder.path().join("ids");
    assert!(
        Command::new("mkfifo")
            .arg(&fifo)
            .status()
            .unwrap()
            .success()
    );
    let script = format!("sh -c 'echo $$ > {}; sleep 1000'", fifo.display());
    let mut run = Command::new(env!("CARGO_BIN_EXE_tegata-clients"))
        .args([
            "run",
            "--features",
            "all",
            "--jobs",
            "1",
            "--client",
            &script,
            KEY,
        ])
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Opening it waits for the client to write.
    let id = std::fs::read_to_string(&fifo).unwrap();
    assert!(lives(&id), "{id}");
    let kill = Command::new("kill").arg(run.id().to_string()).status();
    assert!(kill.unwrap().success());
    assert_eq!(run.wait().unwrap().code(), Some(2));
    assert!(!outlives(&id), "{id}");
}
