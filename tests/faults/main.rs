//! Five hundred faults of token endpoints, drawn reproducibly at random, and a recovery after each few.
//!
//! The emulator stands behind a [`front`] that misbehaves as ordered: slow, silent, cut off, garbled, too
//! long, redirecting, refusing. Time is moved by the test alone, so what is waited is exact.
//!
//! Nothing that misbehaves reaches the emulator. Jooto's refresh token is good once, and an answer that is
//! lost after it was given takes the new one with it, which no client can help; the tests called `crash`
//! show that window.

mod draw;
mod front;
mod run;

use draw::Draw;
use run::Run;
use tegata_test_support::Flow;
use tegata_test_support::raw::RawServer;

/// Of each of the five flows.
const FAULTS: usize = 100;

/// Where the faults are drawn from. A failure names the seed of its run.
const SEED: u64 = 0x7e6a_7a22;

async fn faults(flow: Flow) {
    let elsewhere = RawServer::silent().await;
    let (mut met, mut run) = (0, 0);
    while met < FAULTS {
        run += 1;
        let seed = SEED + 1000 * run + flow as u64;
        let draw = Draw::from(seed, elsewhere.origin());
        met += Run::begin(flow, seed, draw).await.play().await;
    }
    assert_eq!(
        elsewhere.seen(),
        [""; 0],
        "{flow:?}: a redirect was followed"
    );
}

#[tokio::test(start_paused = true)]
async fn nothing_is_lost_by_aispf_oauth2() {
    faults(Flow::AispfOAuth2).await;
}

#[tokio::test(start_paused = true)]
async fn nothing_is_lost_by_aispf_conventional_method() {
    faults(Flow::AispfLegacy).await;
}

#[tokio::test(start_paused = true)]
async fn nothing_is_lost_by_jooto() {
    faults(Flow::JootoOAuth2).await;
}

#[tokio::test(start_paused = true)]
async fn nothing_is_lost_by_marketo_with_secrets_in_the_url() {
    faults(Flow::MarketoGet).await;
}

#[tokio::test(start_paused = true)]
async fn nothing_is_lost_by_marketo_with_a_form() {
    faults(Flow::MarketoForm).await;
}
