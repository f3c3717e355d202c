//! Several processes on one machine, and one file.
//!
//! cloudflare/workers-sdk#15089, jdx/mise#10995, aws/aws-cli#10628, stacklok/toolhive#4122; a dead process's lock:
//! AzureAD/microsoft-authentication-library-for-js#7148

use tegata_emulator::{Endpoint, Provider};

use crate::child::{Child, TASKS};
use crate::machine::Machine;
use tegata_test_support::loopback::HOUR;
use tegata_test_support::wire::credential;
use tegata_test_support::{Flow, soon};

const PROCESSES: usize = 8;

async fn served(processes: &mut [Child]) {
    for process in processes {
        let answer = process.answer().await;
        assert_eq!(answer, Some(format!("{TASKS} good")));
    }
}

async fn send(processes: &mut [Child], machine: &Machine) {
    for process in processes {
        process.send("many", machine.now()).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn eight_processes_make_one_renewal_for_each_expiry() {
    let machine = Machine::with_a_due_token(Flow::JootoOAuth2).await;
    let mut processes: Vec<_> = (0..PROCESSES).map(|_| machine.process()).collect();
    for expiry in 1..=4 {
        send(&mut processes, &machine).await;
        served(&mut processes).await;
        assert_eq!(machine.refreshes().len(), expiry, "expiry {expiry}");
        let calls = machine.loopback.calls(Provider::Jooto);
        assert_eq!(calls.len(), expiry * PROCESSES * TASKS);
        let round: Vec<_> = calls[(expiry - 1) * PROCESSES * TASKS..]
            .iter()
            .map(credential)
            .collect();
        assert!(
            round.iter().all(|credential| *credential == round[0]),
            "expiry {expiry}: two tokens are in use"
        );
        machine.loopback.advance(HOUR);
    }
    assert_eq!(machine.sent_again(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_others_go_on_when_the_one_that_renews_is_killed() {
    let machine = Machine::with_a_due_token(Flow::JootoOAuth2).await;
    let emulator = &machine.loopback.emulator;
    let mut processes: Vec<_> = (0..PROCESSES).map(|_| machine.process()).collect();
    let mut renewals = 0;
    for killed in 1..=3 {
        emulator.hold(Provider::Jooto);
        let mut first = processes.pop().expect("one");
        first.send("many", machine.now()).await;
        machine
            .loopback
            .until_held(Provider::Jooto, Endpoint::Token, 1)
            .await;
        send(&mut processes, &machine).await;
        let asked = || machine.loopback.counts(Provider::Jooto).token_requests;
        let before = asked();
        first.kill().await;
        // The lock ends with its process: another one asks.
        let taken_over = async {
            while asked() == before {
                tokio::task::yield_now().await;
            }
        };
        soon("another process", taken_over).await;
        emulator.release(Provider::Jooto);
        served(&mut processes).await;
        renewals += 1;
        let statuses: Vec<_> = machine
            .refreshes()
            .iter()
            .map(|(_, entry)| entry.status)
            .collect();
        let good = statuses
            .iter()
            .filter(|status| **status == Some(200))
            .count();
        let unanswered = statuses.iter().filter(|status| status.is_none()).count();
        assert_eq!(
            (good, unanswered, statuses.len()),
            (renewals, killed, renewals + killed)
        );
        machine.loopback.advance(HOUR);
    }
}
