//! Processes that are killed anywhere at all.

use std::sync::Arc;

use tegata::ErrorKind;
use tegata_emulator::Provider;

use crate::machine::Machine;
use tegata_test_support::{Flow, soon};

const KILLS: u64 = 60;

/// Where the places of the kills are drawn from.
const SEED: u64 = 0x7e6a_7a11;

struct Random(u64);

impl Random {
    /// A number below this one (xorshift64).
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kill_keeps_the_file_whole_and_loses_only_unsaved_answers() {
    let machine = Machine::with_a_due_token(Flow::JootoOAuth2).await;
    let app = machine.loopback.app();
    let asked = || machine.loopback.counts(Provider::Jooto).token_requests;
    let mut random = Random(SEED);
    let mut next = machine.process();
    for kill in 0..KILLS {
        // The next one starts while this one is at work.
        let mut process = std::mem::replace(&mut next, machine.process());
        let before = asked();
        process.send("churn", machine.now()).await;
        let renewals = before + 1 + random.below(3);
        let under_way = async {
            while asked() < renewals {
                tokio::task::yield_now().await;
            }
        };
        soon("a renewal", under_way).await;
        for _ in 0..random.below(2000) {
            std::hint::spin_loop();
            tokio::task::yield_now().await;
        }
        process.kill().await;

        // Whole, or this fails; the next process goes on with it.
        let stored = machine.stored().await;
        let refresh_token = stored.refresh_token().expect("there").expose().to_owned();
        let client = app.client_from(Arc::new(machine.store.clone()));
        let client = client.build().expect("valid");
        if !stored.is_expired(machine.now()) {
            client.warm_up().await.expect("still good");
            client.token_cache().expect("tokens").invalidate();
        }
        let outcome = client.warm_up().await;
        let refreshes = machine.refreshes();
        let spent = refreshes
            .iter()
            .filter(|(token, entry)| *token == refresh_token && entry.status == Some(200));
        match (outcome, spent.count()) {
            (Ok(()), 1) => {}
            (Err(error), 1) => {
                let denied = (error.kind(), error.code());
                assert_eq!(denied, (ErrorKind::TokenDenied, Some("invalid_grant")));
                machine.grant().await;
            }
            (outcome, spent) => {
                panic!("seed {SEED:#x}, kill {kill}: {outcome:?}, spent {spent} times")
            }
        }
        machine.loopback.emulator.clear_log();
    }
}
