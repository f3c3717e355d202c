//! Many callers at once: one token request, whatever happens.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use rstest::rstest;
use tegata::{ErrorKind, MemoryStore, RenewalPolicy};
use tegata_emulator::{Config, Endpoint, Fault, Provider};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use tegata_test_support::loopback::{
    HOUR, JOOTO_ID, JOOTO_SECRET, Loopback, MARKETO_ID, MARKETO_ID_2, MARKETO_SECRET,
    MARKETO_SECRET_2, WINDOW,
};
use tegata_test_support::pool::bounded;
use tegata_test_support::wire::{credential, statuses};
use tegata_test_support::{Flow, Subject, soon, waits};

const CALLERS: usize = 10_000;

/// As many connections as a busy program may well have.
const CONNECTIONS: usize = 64;

/// Callers that have all been polled once: each has either got its credential or waits for one.
struct Herd {
    callers: Vec<JoinHandle<Result<u16, tegata::Error>>>,
    begun: watch::Receiver<usize>,
}

impl Herd {
    fn call(client: &Subject, flow: Flow, callers: usize) -> Self {
        Self::of(client, flow, callers, 1)
    }

    /// One in so many makes a call, and the others only need a valid credential.
    fn of(client: &Subject, flow: Flow, callers: usize, one_in: usize) -> Self {
        let (count, begun) = watch::channel(0);
        let count = Arc::new(count);
        let callers = (0..callers)
            .map(|caller| {
                let (client, count) = (client.clone(), Arc::clone(&count));
                let calls = caller % one_in == 0;
                tokio::spawn(async move {
                    let mut call = pin!(async {
                        if calls {
                            return client.get(flow.path()).await;
                        }
                        client.warm_up().await.map(|()| 200)
                    });
                    let first = poll_fn(|cx| Poll::Ready(call.as_mut().poll(cx))).await;
                    count.send_modify(|begun| *begun += 1);
                    match first {
                        Poll::Ready(outcome) => outcome,
                        Poll::Pending => call.await,
                    }
                })
            })
            .collect();
        Self { callers, begun }
    }

    async fn begun(&mut self) {
        let all = self.callers.len();
        let begun = self.begun.wait_for(|begun| *begun == all);
        soon("the callers", begun).await.expect("they count");
    }

    async fn all_served(self) {
        for caller in self.callers {
            let status = caller.await.expect("no panic");
            assert_eq!(status.expect("served"), 200);
        }
    }
}

fn loopback() -> Loopback {
    Loopback::with(|config: &mut Config| config.emulator.log_limit = 10)
}

async fn cold(flow: Flow, loopback: &Loopback) -> Subject {
    let settings = loopback.settings_with(bounded(CONNECTIONS));
    // No outcome depends on the deadline, and so many callers may take half a minute on a loaded machine.
    let settings = settings.renewal(RenewalPolicy::new().deadline(Duration::from_secs(600)));
    flow.cold_with(loopback, settings).await
}

/// All callers wait for one token request; then one in so many calls.
async fn one_request_for_all(flow: Flow, loopback: &Loopback, client: &Subject, one_in: usize) {
    let provider = flow.provider();
    let before = loopback.counts(provider);
    loopback.emulator.hold(provider);
    let mut herd = Herd::of(client, flow, CALLERS, one_in);
    herd.begun().await;
    loopback.until_held(provider, Endpoint::Token, 1).await;
    assert_eq!(loopback.emulator.held(provider, Endpoint::Token), 1);
    loopback.emulator.release(provider);
    herd.all_served().await;
    let after = loopback.counts(provider);
    assert_eq!(after.token_requests - before.token_requests, 1, "{after:?}");
    let calls = after.resource_requests - before.resource_requests;
    assert_eq!(usize::try_from(calls), Ok(CALLERS / one_in), "{after:?}");
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_callers_of_a_cold_client_make_one_token_request(
    #[values(Flow::AispfOAuth2, Flow::JootoOAuth2, Flow::MarketoGet)] flow: Flow,
) {
    let loopback = loopback();
    let client = cold(flow, &loopback).await;
    one_request_for_all(flow, &loopback, &client, 1).await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_callers_of_an_expired_token_send_one_request(
    #[values(Flow::AispfLegacy, Flow::JootoOAuth2, Flow::MarketoForm)] flow: Flow,
) {
    let loopback = loopback();
    let client = cold(flow, &loopback).await;
    assert_eq!(client.get(flow.path()).await.expect("served"), 200);
    loopback.advance(HOUR);
    one_request_for_all(flow, &loopback, &client, 10).await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_callers_of_a_refused_token_send_one_request(
    #[values(Flow::AispfLegacy, Flow::JootoOAuth2, Flow::MarketoGet)] flow: Flow,
) {
    let loopback = loopback();
    let provider = flow.provider();
    let client = cold(flow, &loopback).await;
    client.warm_up().await.expect("a token");
    let before = loopback.counts(provider);
    loopback.emulator.hold_resources(provider);
    let mut herd = Herd::call(&client, flow, CALLERS);
    // All hold the token in their hands, and as many as have a connection are at the server's gate.
    herd.begun().await;
    let emulator = &loopback.emulator;
    loopback
        .until_held(provider, Endpoint::Resource, CONNECTIONS)
        .await;
    assert_eq!(emulator.forget(provider), 1);
    emulator.release(provider);
    herd.all_served().await;
    let after = loopback.counts(provider);
    assert_eq!(after.token_requests - before.token_requests, 1, "{after:?}");
    // Each caller was refused once and served once.
    let calls = after.resource_requests - before.resource_requests;
    assert_eq!(usize::try_from(calls), Ok(2 * CALLERS), "{after:?}");
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn callers_of_a_failing_endpoint_share_one_error(
    #[values(Flow::AispfOAuth2, Flow::JootoOAuth2, Flow::MarketoGet)] flow: Flow,
) {
    let loopback = loopback();
    let provider = flow.provider();
    let client = cold(flow, &loopback).await;
    let before = loopback.counts(provider);
    loopback.fault(provider, Fault::on(Endpoint::Token).status(503));
    loopback.emulator.hold(provider);
    let mut herd = Herd::call(&client, flow, CALLERS);
    herd.begun().await;
    loopback.until_held(provider, Endpoint::Token, 1).await;
    loopback.emulator.release(provider);
    for caller in herd.callers {
        let error = caller.await.expect("no panic").expect_err("no token");
        assert_eq!(
            (error.kind(), error.status().map(u16::from)),
            (ErrorKind::Status, Some(503))
        );
    }
    let after = loopback.counts(provider);
    assert_eq!(after.token_requests - before.token_requests, 1, "{after:?}");
    assert_eq!(after.resource_requests, before.resource_requests);
}

#[rstest]
#[tokio::test]
async fn a_late_refusal_of_an_old_token_renews_nothing(
    #[values(
        Flow::AispfOAuth2,
        Flow::AispfLegacy,
        Flow::JootoOAuth2,
        Flow::MarketoGet
    )]
    flow: Flow,
) {
    let loopback = Loopback::start();
    let provider = flow.provider();
    let client = flow.warm(&loopback).await;
    loopback.emulator.hold_resources(provider);
    let mut late = Box::pin(client.get(flow.path()));
    assert!(waits(&mut late).await);
    let at_the_gate = loopback.until_held(provider, Endpoint::Resource, 1);
    let waiting = tokio::select! {
        outcome = &mut late => Err(outcome),
        () = at_the_gate => Ok(()),
    };
    waiting.expect("the gate holds");

    // Meanwhile the token expires and another caller gets the next one.
    loopback.advance(HOUR);
    client.warm_up().await.expect("a token");
    loopback.emulator.release(provider);
    assert_eq!(late.await.expect("served"), 200);
    assert_eq!(loopback.token_requests(provider).len(), 1);
    let calls = loopback.calls(provider);
    assert_eq!(calls.len(), 2);
    assert_ne!(credential(&calls[0]), credential(&calls[1]));
}

#[rstest]
#[tokio::test]
async fn callers_that_leave_neither_stop_a_renewal_nor_lose_it(
    #[values(
        Flow::AispfOAuth2,
        Flow::AispfLegacy,
        Flow::JootoOAuth2,
        Flow::MarketoGet
    )]
    flow: Flow,
) {
    let loopback = Loopback::start();
    let provider = flow.provider();
    let client = flow.cold(&loopback).await;
    loopback.emulator.hold(provider);
    let callers: Vec<_> = (0..100)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { client.get(flow.path()).await })
        })
        .collect();
    loopback.until_held(provider, Endpoint::Token, 1).await;
    for caller in callers {
        caller.abort();
        assert!(caller.await.is_err_and(|gone| gone.is_cancelled()));
    }
    // The request for the token is still at the gate, though no caller waits for it.
    assert_eq!(loopback.emulator.held(provider, Endpoint::Token), 1);
    loopback.emulator.release(provider);
    assert_eq!(client.get(flow.path()).await.expect("served"), 200);
    assert_eq!(loopback.token_requests(provider).len(), 1);
    assert_eq!(statuses(&loopback.calls(provider)), [200]);
}

#[tokio::test]
async fn a_rotated_refresh_token_is_stored_though_its_caller_has_gone() {
    let loopback = Loopback::start();
    let app = loopback
        .jooto_app(JOOTO_ID, JOOTO_SECRET)
        .build()
        .expect("valid");
    let store = MemoryStore::holding(loopback.token(&app).await);
    let client = app
        .client_from(Arc::new(store.clone()))
        .build()
        .expect("valid");
    let old = store.token();
    loopback.advance(HOUR);
    loopback.emulator.hold(Provider::Jooto);
    let mut caller = Box::pin(client.warm_up());
    assert!(waits(&mut caller).await);
    let emulator = &loopback.emulator;
    loopback
        .until_held(Provider::Jooto, Endpoint::Token, 1)
        .await;
    drop(caller);
    emulator.release(Provider::Jooto);
    client.warm_up().await.expect("a token");
    assert_ne!(store.token(), old);
    assert_eq!(loopback.counts(Provider::Jooto).token_requests, 2);
    loopback.advance(HOUR);
    client
        .warm_up()
        .await
        .expect("the stored refresh token is the newest");
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn callers_of_a_stale_token_do_not_wait_and_send_one_request(
    #[values(Flow::AispfOAuth2, Flow::AispfLegacy, Flow::JootoOAuth2)] flow: Flow,
) {
    let loopback = loopback();
    let provider = flow.provider();
    let client = cold(flow, &loopback).await;
    client.warm_up().await.expect("a token");
    let before = loopback.counts(provider);
    loopback.advance(HOUR - WINDOW);
    loopback.emulator.hold(provider);
    // Served while the token endpoint does not answer.
    Herd::call(&client, flow, 1000).all_served().await;
    loopback.until_held(provider, Endpoint::Token, 1).await;
    let after = loopback.counts(provider);
    assert_eq!(after.token_requests - before.token_requests, 1, "{after:?}");
    loopback.emulator.release(provider);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn refusals_of_two_accounts_make_one_token_request_each() {
    let loopback = loopback();
    let provider = Provider::Marketo;
    let accounts = [
        (MARKETO_ID, MARKETO_SECRET),
        (MARKETO_ID_2, MARKETO_SECRET_2),
    ];
    let clients = accounts.map(|(id, secret)| {
        let settings = loopback.settings_with(bounded(CONNECTIONS));
        let client = loopback.marketo(id, secret).settings(settings).build();
        Subject::Marketo(client.expect("valid settings"))
    });
    for client in &clients {
        client.warm_up().await.expect("a token");
    }
    loopback.emulator.hold_resources(provider);
    let herds = clients.each_ref();
    let mut herds = herds.map(|client| Herd::call(client, Flow::MarketoGet, 1000));
    for herd in &mut herds {
        herd.begun().await;
    }
    let emulator = &loopback.emulator;
    let at_the_gate = 2 * CONNECTIONS;
    loopback
        .until_held(provider, Endpoint::Resource, at_the_gate)
        .await;
    assert_eq!(emulator.forget(provider), 2);
    emulator.release(provider);
    for herd in herds {
        herd.all_served().await;
    }
    let counts = loopback.counts(provider);
    assert_eq!((counts.token_requests, counts.resource_requests), (4, 4000));
}
