//! Several custom services in one process.

use tegata_emulator::{Provider, Refusal};

use tegata_test_support::Subject;
use tegata_test_support::loopback::{
    HOUR, Loopback, MARKETO_ID, MARKETO_ID_2, MARKETO_SECRET, MARKETO_SECRET_2,
};
use tegata_test_support::wire::{credential, query};

const MARKETO: Provider = Provider::Marketo;
const LEADS: &str = "/rest/v1/leads.json";

fn two(loopback: &Loopback) -> [Subject; 2] {
    let accounts = [
        (MARKETO_ID, MARKETO_SECRET),
        (MARKETO_ID_2, MARKETO_SECRET_2),
    ];
    accounts.map(|(id, secret)| {
        let client = loopback.marketo(id, secret).build();
        Subject::Marketo(client.expect("valid settings"))
    })
}

/// The tokens of the last calls; forgets them.
fn used(loopback: &Loopback) -> Vec<String> {
    let used = loopback.calls(MARKETO).iter().map(credential).collect();
    loopback.emulator.clear_log();
    used
}

#[tokio::test]
async fn each_service_has_its_own_token() {
    let loopback = Loopback::start();
    let [one, other] = two(&loopback);
    for client in [&one, &other, &one, &other] {
        assert_eq!(client.get(LEADS).await.expect("accepted"), 200);
    }
    let asked = loopback.token_requests(MARKETO);
    let fields = asked.iter().flat_map(query);
    let ids: Vec<_> = fields.filter(|(name, _)| name == "client_id").collect();
    let expected = [MARKETO_ID, MARKETO_ID_2].map(|id| ("client_id".to_owned(), id.to_owned()));
    assert_eq!(ids, expected);
    let used = used(&loopback);
    assert_eq!((&used[0], &used[1]), (&used[2], &used[3]));
    assert_ne!(used[0], used[1]);
}

#[tokio::test]
async fn a_refusal_of_one_leaves_the_others_token_alone() {
    let loopback = Loopback::start();
    let [one, other] = two(&loopback);
    for client in [&one, &other] {
        client.warm_up().await.expect("a token");
        assert_eq!(client.get(LEADS).await.expect("accepted"), 200);
    }
    let before = used(&loopback);
    loopback.refuse_next(MARKETO, Refusal::new(601));
    for client in [&one, &other] {
        assert_eq!(client.get(LEADS).await.expect("accepted"), 200);
    }
    assert_eq!(loopback.token_requests(MARKETO).len(), 1);
    let after = used(&loopback);
    assert_eq!(after[0], before[0]);
    assert!(!before.contains(&after[1]));
    assert_eq!(after[2], before[1]);
}

#[tokio::test]
async fn each_expires_by_itself() {
    let loopback = Loopback::start();
    let [one, other] = two(&loopback);
    one.warm_up().await.expect("a token");
    loopback.advance(HOUR / 2);
    other.warm_up().await.expect("a token");
    loopback.advance(HOUR / 2);
    loopback.emulator.clear_log();
    for client in [&one, &other] {
        assert_eq!(client.get(LEADS).await.expect("accepted"), 200);
    }
    let asked: Vec<_> = loopback.token_requests(MARKETO).iter().map(query).collect();
    assert_eq!(asked.len(), 1);
    assert!(asked[0].contains(&("client_id".to_owned(), MARKETO_ID.to_owned())));
}

#[tokio::test]
async fn wrong_credentials_of_one_do_not_hurt_the_other() {
    let loopback = Loopback::start();
    let wrong = loopback.marketo(MARKETO_ID, "CANARY-wrong").build();
    let wrong = Subject::Marketo(wrong.expect("valid settings"));
    let [_, other] = two(&loopback);
    wrong.get(LEADS).await.expect_err("refused");
    assert_eq!(other.get(LEADS).await.expect("accepted"), 200);
    wrong.get(LEADS).await.expect_err("refused");
    assert_eq!(other.get(LEADS).await.expect("accepted"), 200);
}
