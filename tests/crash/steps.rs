//! A process that ends at each single step.

use rstest::rstest;
use tegata_emulator::{Endpoint, Provider};

use crate::machine::Machine;
use tegata_test_support::{Flow, soon};

/// The state that a process leaves if it ends there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Left {
    /// The old pair, which is good.
    Old,
    /// The old pair, which the endpoint has already replaced: the window that no client can close.
    Spent,
    /// The old pair, and beside it the new one, whole.
    Beside,
    /// The new pair.
    New,
}

/// Every step of a renewal.
const STEPS: [(&str, Left); 19] = [
    ("prepare", Left::Old),
    ("load", Left::Old),
    ("loaded", Left::Old),
    ("lease", Left::Old),
    ("leased", Left::Old),
    ("load again", Left::Old),
    ("loaded again", Left::Old),
    ("load once more", Left::Old),
    ("loaded once more", Left::Old),
    // Here the endpoint has answered.
    ("exchanged", Left::Spent),
    ("opened", Left::Spent),
    ("written", Left::Beside),
    ("synced", Left::Beside),
    ("renamed", Left::New),
    ("saved", Left::New),
    ("given back", Left::New),
    // Here the callers have the new token.
    ("observed", Left::New),
    ("served", Left::New),
    ("never", Left::New),
];

fn order(flow: Flow) -> &'static str {
    // AISPF's token is renewed in the background while callers have a valid one.
    if flow == Flow::JootoOAuth2 {
        "call"
    } else {
        "renew"
    }
}

#[cfg(unix)]
#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_that_ends_at_any_step_leaves_a_whole_pair(
    #[values(Flow::JootoOAuth2, Flow::AispfLegacy)] flow: Flow,
) {
    // Only a token that would still do is taken over first, and its file looked into once more.
    let skipped = |step: &str| flow == Flow::JootoOAuth2 && step.ends_with("once more");
    for (step, left) in STEPS.into_iter().filter(|(step, _)| !skipped(step)) {
        let machine = Machine::with_a_due_token(flow).await;
        let old = machine.stored().await;
        let mut first = machine.process_that_ends_at(Some(step));
        first.send(order(flow), machine.now()).await;
        let answer = first.answer().await;
        if step == "never" {
            assert_eq!(answer.as_deref(), Some("200"), "{flow:?}");
        } else {
            assert_eq!(answer, None, "{flow:?}: it did not end at {step}");
            let signal = std::os::unix::process::ExitStatusExt::signal(&first.ended().await);
            assert_eq!(
                signal,
                Some(6),
                "{flow:?}: it did not end by itself at {step}"
            );
        }

        let stored = machine.stored().await;
        assert_eq!(
            stored == old,
            left != Left::New,
            "{flow:?}: the file after {step}"
        );
        let asked = machine.refreshes().len();
        assert_eq!(asked, usize::from(left != Left::Old), "{flow:?}: {step}");

        let mut second = machine.process();
        second.send(order(flow), machine.now()).await;
        let answer = second.answer().await.expect("an answer");
        let refreshes = machine.refreshes();
        let statuses: Vec<_> = refreshes
            .iter()
            .filter_map(|(_, entry)| entry.status)
            .collect();
        match (left, flow) {
            (Left::Old | Left::Beside | Left::New, _) => {
                assert_eq!(answer, "200", "{flow:?}: after {step}");
                assert_eq!(
                    statuses,
                    [200],
                    "{flow:?}: {step}: renewed once, and only once"
                );
            }
            (Left::Spent, Flow::JootoOAuth2) => {
                assert_eq!(answer, "TokenDenied invalid_grant", "after {step}");
                assert_eq!(statuses, [200, 400], "{step}");
                assert_eq!(
                    machine.stored().await,
                    old,
                    "{step}: a refusal overwrites nothing"
                );
                // The same process goes on as soon as access is granted anew.
                machine.grant().await;
                second.send("call", machine.now()).await;
                assert_eq!(
                    second.answer().await.as_deref(),
                    Some("200"),
                    "after {step}"
                );
            }
            (Left::Spent, _) => {
                // Client id and secret are good for a new pair, and no caller notices.
                assert_eq!(answer, "200", "{flow:?}: after {step}");
                assert_eq!(statuses, [200, 401], "{flow:?}: {step}");
            }
        }
        let again = usize::from(left == Left::Spent);
        assert_eq!(machine.sent_again(), again, "{flow:?}: {step}");
        if left != Left::Spent || flow != Flow::JootoOAuth2 {
            assert_ne!(machine.stored().await, old, "{flow:?}: {step}");
            machine.until_tidy().await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kill_before_the_endpoint_reads_the_request_loses_nothing() {
    let machine = Machine::with_a_due_token(Flow::JootoOAuth2).await;
    let (old, emulator) = (machine.stored().await, &machine.loopback.emulator);
    emulator.hold(Provider::Jooto);
    let mut first = machine.process();
    first.send("call", machine.now()).await;
    machine
        .loopback
        .until_held(Provider::Jooto, Endpoint::Token, 1)
        .await;
    first.kill().await;
    let gone = async {
        while emulator.held(Provider::Jooto, Endpoint::Token) > 0 {
            tokio::task::yield_now().await;
        }
    };
    soon("the end of the request", gone).await;
    emulator.release(Provider::Jooto);
    assert_eq!(machine.stored().await, old);
    let mut second = machine.process();
    second.send("call", machine.now()).await;
    assert_eq!(second.answer().await.as_deref(), Some("200"));
    let statuses: Vec<_> = machine
        .refreshes()
        .iter()
        .map(|(_, entry)| entry.status)
        .collect();
    assert_eq!(statuses, [None, Some(200)]);
}
