//! The budget, the pause, the deadline, and the settings that a run requires.

use tegata_emulator::{Config, Endpoint, Fault, Provider};

use crate::support::{VARIABLES, command, said, vendor};

#[test]
fn the_budget_is_never_exceeded_and_what_was_left_out_is_named() {
    let vendor = vendor(Config::default());
    let (code, said) = vendor.run("marketo", &["--budget", "3"]);
    assert_eq!(code, Some(2), "{said}");
    assert_eq!(vendor.emulator.log(None).len(), 3, "{said}");
    assert!(said.contains("3 calls made\n"), "{said}");
    assert!(
        said.contains(
            "not run: marketo.use.header: the budget of calls is used up; raise it by --budget"
        ),
        "{said}"
    );
}

#[test]
fn a_call_that_is_repeated_counts_twice() {
    let vendor = vendor(Config::default());
    let busy = Fault::on(Endpoint::Token).status(503).times(1);
    vendor.emulator.fault(Provider::Marketo, busy).unwrap();
    let (code, said) = vendor.run("marketo", &["token.get", "--budget", "2"]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("2 calls made\n"), "{said}");
    assert_eq!(vendor.emulator.log(None).len(), 2, "{said}");
}

#[test]
fn a_call_is_not_repeated_beyond_the_budget() {
    let vendor = vendor(Config::default());
    let busy = Fault::on(Endpoint::Token).status(503).times(9);
    vendor.emulator.fault(Provider::Marketo, busy).unwrap();
    let (code, said) = vendor.run("marketo", &["token.get", "--budget", "1"]);
    // The answer to the one call is judged.
    assert_eq!(
        (code, vendor.emulator.log(None).len()),
        (Some(1), 1),
        "{said}"
    );
    assert!(said.contains("saw 503"), "{said}");
}

#[test]
fn a_case_that_cannot_be_ended_within_the_budget_is_not_begun() {
    let vendor = vendor(Config::default());
    let (code, said) = vendor.run("marketo", &["use.header", "--budget", "1"]);
    assert_eq!(
        (code, vendor.emulator.log(None).len()),
        (Some(2), 0),
        "{said}"
    );
}

#[test]
fn between_two_calls_there_is_a_pause_and_the_deadline_ends_it() {
    let vendor = vendor(Config::default());
    let arguments = ["--pause", "3600000", "--deadline", "1"];
    let (code, said) = vendor.run("marketo", &arguments);
    assert_eq!(code, Some(2), "{said}");
    assert_eq!(vendor.emulator.log(None).len(), 1, "{said}");
    assert!(
        said.contains("the time is over; raise it by --deadline"),
        "{said}"
    );
}

#[test]
fn a_vendor_that_is_not_there_is_no_verdict_on_it() {
    let base = ["--base", "api=http://127.0.0.1:1", "--pause", "0"].map(str::to_owned);
    let output = command("jooto", &base).envs(VARIABLES).output().unwrap();
    let text = said(&output);
    assert_eq!(output.status.code(), Some(2), "{text}");
    assert!(
        text.contains("not run: jooto.key.header: there was no answer"),
        "{text}"
    );
}

#[test]
fn missing_credentials_are_named_before_any_call() {
    let vendor = vendor(Config::default());
    let all = vendor.bases("fujitsu-aispf");
    for (arguments, variables, part) in [
        (
            &all[..2],
            true,
            "a base URL is missing; add --base services=URL",
        ),
        (
            &all[..],
            false,
            "set these environment variables: TEGATA_LIVE_AISPF_API_KEY, \
             TEGATA_LIVE_AISPF_CLIENT_ID, TEGATA_LIVE_AISPF_CLIENT_SECRET",
        ),
        (&["none".to_owned()], true, "no case of fujitsu-aispf"),
        (
            &["--read".to_owned(), "da".to_owned()],
            true,
            "begins with a slash",
        ),
        (
            &["--base".to_owned(), "auth=http://vendor.example".to_owned()],
            true,
            "over plain http",
        ),
    ] {
        let mut command = command("fujitsu-aispf", arguments);
        if variables {
            command.envs(VARIABLES);
        }
        let output = command.output().unwrap();
        let text = said(&output);
        assert_eq!(output.status.code(), Some(2), "{text}");
        assert!(
            text.contains(part) && !text.contains("CANARY"),
            "{part} / {text}"
        );
    }
    assert!(vendor.emulator.log(None).is_empty());
}

#[test]
fn another_path_is_read_where_the_documents_name_none() {
    let vendor = vendor(Config::default());
    let arguments = ["key.header", "--read", "/da/v1/healthcheck"];
    let (code, said) = vendor.run("fujitsu-aispf", &arguments);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("GET services /da/v1/healthcheck"), "{said}");
    let log = vendor.emulator.log(None);
    assert_eq!(log[0].path, "/da/v1/healthcheck");
}
