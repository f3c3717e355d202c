//! The judge: what conforms passes, what does not fails by the check that is named for it, and no
//! report shows a secret.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::BTreeSet;
use std::sync::LazyLock;
use std::time::Duration;

use tegata_conformance::case::{Case, Feature, Level, Suite, case_values};
use tegata_conformance::judge::{
    Transcript, check_ids, derived_mutants, judge_client, judge_server, mutate, prove_case,
    reference,
};
use tegata_conformance::report::{CaseReport, Verdict};
use tegata_conformance::script::{
    Context, Driver, ErrorKind, Failure, Outcome, Replay, Runner, Session, Success, Task,
};

fn suite() -> Suite {
    Suite::embedded().unwrap_or_else(|error| panic!("{error}"))
}

fn for_clients(suite: &Suite) -> impl Iterator<Item = &Case> {
    suite.cases.iter().filter(|case| case.role.judges_clients())
}

#[test]
fn every_mutant_is_killed_by_the_check_named_for_it() {
    let suite = suite();
    let mut survivors = Vec::new();
    let mut count = 0;
    for case in &suite.cases {
        for report in prove_case(&suite, case).unwrap_or_else(|error| panic!("{error}")) {
            count += 1;
            if !report.killed {
                survivors.push(format!(
                    "{}: {:?} was to be killed by {}, failed were {:?}",
                    report.case, report.mutant.mutation, report.mutant.killed_by, report.failed
                ));
            }
        }
    }
    println!("{count} mutants, {} survivors", survivors.len());
    assert!(survivors.is_empty(), "{}", survivors.join("\n"));
}

#[test]
fn every_check_of_every_case_can_fail() {
    let suite = suite();
    let mut unproved = Vec::new();
    for case in &suite.cases {
        let killers: BTreeSet<String> = derived_mutants(&suite, case)
            .into_iter()
            .chain(case.mutants.clone())
            .map(|mutant| mutant.killed_by)
            .collect();
        let ids = check_ids(&suite, case).into_iter();
        unproved.extend(
            ids.filter(|id| !killers.contains(id))
                .map(|id| format!("{}#{id}", case.id)),
        );
    }
    assert!(unproved.is_empty(), "no mutant for {}", unproved.join("\n"));
}

#[test]
fn no_report_shows_a_secret() {
    let suite = suite();
    for case in &suite.cases {
        let redactor = case_values(&suite, case).redactor();
        let baseline = reference(&suite, case, None).unwrap();
        let mutants = derived_mutants(&suite, case)
            .into_iter()
            .chain(case.mutants.clone());
        for mutant in mutants {
            let mut run = baseline.clone();
            mutate(case, &mutant, &mut run).unwrap();
            let checks = judge_client(&suite, case, &run);
            for check in checks.into_iter().chain(judge_server(&suite, case, &run)) {
                let text = format!("{} {} {check}", check.expected, check.seen);
                assert!(
                    redactor.find(&text).is_empty(),
                    "{}: {:?}",
                    check.id,
                    redactor.find(&text)
                );
            }
        }
    }
}

#[test]
fn an_unknown_value_is_hidden_where_a_secret_belongs() {
    let suite = suite();
    let case = suite.case("marketo.use.header").unwrap();
    let mut run = reference(&suite, case, None).unwrap();
    let call = &mut run.steps[0].requests[1];
    call.headers[0].1 = "Bearer somebodys-live-token".to_owned();
    let checks = judge_client(&suite, case, &run);
    let check = checks
        .iter()
        .find(|check| check.id.ends_with("#call.credential"))
        .unwrap();
    assert!(!check.passed);
    assert_eq!(check.expected, "authorization: Bearer `[token-1]`");
    assert_eq!(
        check.seen,
        "authorization: Bearer an unknown value of 20 characters"
    );
}

#[tokio::test]
async fn the_reference_client_passes_every_case_over_http() {
    let suite = suite();
    let (runner, client) = (Runner::new(&suite), Replay::new(&suite));
    for case in for_clients(&suite) {
        let report = runner
            .run(case, &client)
            .await
            .unwrap_or_else(|error| panic!("{error}"));
        let failed: Vec<String> = report.failures().map(ToString::to_string).collect();
        assert_eq!(report.verdict, Verdict::Pass, "{}", failed.join("\n"));
    }
}

#[tokio::test]
async fn cases_can_run_in_tasks_of_their_own() {
    static SUITE: LazyLock<Suite> = LazyLock::new(suite);
    let tasks: Vec<_> = for_clients(&SUITE)
        .filter(|case| case.id.starts_with("marketo.refused."))
        .map(|case| {
            tokio::spawn(async move {
                Runner::new(&SUITE)
                    .run(case, &Replay::new(&SUITE))
                    .await
                    .map(|report| report.verdict)
            })
        })
        .collect();
    for task in tasks {
        assert_eq!(task.await.unwrap().unwrap(), Verdict::Pass);
    }
}

/// A client that does nothing and always reports the same outcome.
struct Vacuous(Outcome);

impl Driver for Vacuous {
    type Session = Self;

    fn features(&self) -> &[Feature] {
        &Feature::ALL
    }

    async fn open(&self, _: &Context) -> Result<Self, Failure> {
        Ok(Self(self.0.clone()))
    }
}

impl Session for Vacuous {
    async fn perform(&mut self, _: &Task, _: u64) -> Outcome {
        self.0.clone()
    }
}

#[tokio::test]
async fn a_client_that_does_nothing_passes_no_must_case() {
    let suite = suite();
    let runner = Runner::new(&suite);
    let success = Success {
        status: Some(200),
        ..Success::default()
    };
    let failures = ErrorKind::ALL.map(|kind| Outcome::Error(Failure::of(kind)));
    for outcome in failures.into_iter().chain([Outcome::Ok(success)]) {
        let client = Vacuous(outcome);
        for case in for_clients(&suite).filter(|case| case.level == Level::Must) {
            let report = runner.run(case, &client).await.unwrap();
            assert_eq!(
                report.verdict,
                Verdict::Fail,
                "{} with {:?}",
                case.id,
                client.0
            );
        }
    }
}

#[tokio::test]
async fn a_client_that_refuses_its_configuration_has_that_outcome() {
    struct Refusing;
    impl Driver for Refusing {
        type Session = Vacuous;

        fn features(&self) -> &[Feature] {
            &Feature::ALL
        }

        async fn open(&self, _: &Context) -> Result<Vacuous, Failure> {
            Err(Failure::of(ErrorKind::Config))
        }
    }
    let suite = suite();
    let case = suite.case("jooto.use.bearer").unwrap();
    let run = Runner::new(&suite).record(case, &Refusing).await.unwrap();
    assert_eq!(
        run.steps[0].outcome,
        Some(Outcome::Error(Failure::of(ErrorKind::Config)))
    );
    assert!(
        run.steps[0].requests.is_empty(),
        "{:?}",
        run.steps[0].requests
    );
}

#[tokio::test]
async fn a_client_that_comes_to_no_end_fails_and_the_suite_goes_on() {
    struct Hanging;
    impl Driver for Hanging {
        type Session = Self;

        fn features(&self) -> &[Feature] {
            &Feature::ALL
        }

        async fn open(&self, _: &Context) -> Result<Self, Failure> {
            Ok(Self)
        }
    }
    impl Session for Hanging {
        async fn perform(&mut self, _: &Task, _: u64) -> Outcome {
            std::future::pending().await
        }
    }
    let suite = suite();
    let runner = Runner::new(&suite).patience(Duration::ZERO);
    let case = suite.case("marketo.identity.survive@cut").unwrap();
    let report = runner.run(case, &Hanging).await.unwrap();
    let ended = failed(&report).contains("marketo.identity.survive@cut#first.outcome");
    assert!(ended && report.verdict == Verdict::Fail, "{report:?}");
    let several = suite.case("jooto.exchange.survive@cut").unwrap();
    let run = runner.record(several, &Hanging).await.unwrap();
    assert_eq!(run.steps.len(), 1, "the client is not asked again");
}

#[tokio::test]
async fn a_case_that_needs_more_than_the_client_can_is_not_run() {
    struct Plain;
    impl Driver for Plain {
        type Session = Vacuous;

        fn features(&self) -> &[Feature] {
            &[Feature::ClientCredentials]
        }

        async fn open(&self, _: &Context) -> Result<Vacuous, Failure> {
            panic!("the case must not be run")
        }
    }
    let suite = suite();
    let case = suite.case("marketo.token.partner").unwrap();
    let report = Runner::new(&suite).run(case, &Plain).await.unwrap();
    assert_eq!(report.verdict, Verdict::NotApplicable);
}

#[test]
fn a_scheme_in_lower_case_is_right_and_a_token_in_upper_case_is_not() {
    let suite = suite();
    let case = suite.case("jooto.use.bearer").unwrap();
    let judged = |change: &dyn Fn(&str) -> String| {
        let mut run = reference(&suite, case, None).unwrap();
        for (name, value) in &mut run.steps[0].requests[0].headers {
            if name.eq_ignore_ascii_case("authorization") {
                *value = change(value);
            }
        }
        let checks = judge_client(&suite, case, &run);
        let failed = checks.iter().find(|check| !check.passed);
        failed.map(|check| check.id.clone())
    };
    assert_eq!(judged(&|value| value.replace("Bearer", "bearer")), None);
    assert_eq!(judged(&|value| value.replace("Bearer", "BEARER")), None);
    let failed = Some("jooto.use.bearer#call.credential".to_owned());
    assert_eq!(judged(&str::to_ascii_uppercase), failed);
    assert_eq!(judged(&|value| value.replace("Bearer ", "bearer=")), failed);
}

#[test]
fn the_type_of_a_token_may_be_written_in_any_case() {
    let suite = suite();
    let case = suite.case("marketo.endpoint.token").unwrap();
    let judged = |kind: &str| {
        let mut run = reference(&suite, case, None).unwrap();
        let answer = run.steps[0].answers[0].as_mut().unwrap();
        let body = String::from_utf8(answer.body.clone()).unwrap();
        answer.body = body.replace("\"bearer\"", kind).into_bytes();
        let checks = judge_server(&suite, case, &run);
        checks.iter().all(|check| check.passed)
    };
    assert!(judged("\"bearer\"") && judged("\"Bearer\""));
    assert!(!judged("\"mac\"") && !judged("7"));
}

#[test]
fn a_failed_check_weighs_as_much_as_its_level() {
    let suite = suite();
    for (id, verdict) in [
        ("marketo.use.header", Verdict::Fail),
        ("marketo.refused.twice", Verdict::Warn),
        ("fujitsu-aispf.v1.field-names", Verdict::Info),
        ("marketo.use.survive@cut", Verdict::Fail),
    ] {
        let case = suite.case(id).unwrap();
        let mut run = reference(&suite, case, None).unwrap();
        let good = CaseReport::of(id, case.level, judge_client(&suite, case, &run));
        run.steps.clear();
        let bad = CaseReport::of(id, case.level, judge_client(&suite, case, &run));
        assert_eq!(
            (good.verdict, bad.verdict),
            (Verdict::Pass, verdict),
            "{id}"
        );
    }
}

fn failed(report: &CaseReport) -> BTreeSet<&str> {
    report.failures().map(|check| check.id.as_str()).collect()
}

#[test]
fn a_state_that_the_client_made_is_a_secret_from_then_on() {
    let suite = suite();
    let case = suite.case("jooto.callback.state-wrong").unwrap();
    let mut run = reference(&suite, case, None).unwrap_or_else(|error| panic!("{error}"));
    let made = "made-by-the-client-0123456789";
    let Some(Outcome::Ok(success)) = &mut run.steps[0].outcome else {
        panic!("the first step makes a URL");
    };
    let old = case_values(&suite, case).get("state").unwrap().to_owned();
    success.url = success.url.as_ref().map(|url| url.replace(&old, made));
    let failed = |run: &Transcript| {
        let checks = judge_client(&suite, case, run);
        assert!(checks.iter().all(|check| !check.seen.contains(made)));
        let failed = checks.into_iter().filter(|check| !check.passed);
        failed.map(|check| check.id).collect::<Vec<_>>()
    };
    assert_eq!(failed(&run), Vec::<String>::new());
    let outcome = run.steps[1].outcome.as_mut().unwrap();
    outcome.said_mut().push(format!("{made} was expected"));
    assert_eq!(failed(&run), ["jooto.callback.state-wrong#back.leak"]);
}
