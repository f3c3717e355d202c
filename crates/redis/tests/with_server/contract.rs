//! The contract of token stores, on Redis.

use rstest::rstest;
use tegata::store::contract;
use tegata_redis::redis::{self, Commands as _};
use tegata_redis::{EncryptionKey, RedisStore, Unavailable};

use crate::support::{
    Make::{self, Redis6, Redis7, Valkey},
    Place, RedisServer,
};

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn stores_of_several_processes_keep_the_contract(
    #[values(Redis7, Redis6, Valkey)] make: Make,
) {
    let Some(place) = Place::find(make) else {
        return;
    };
    contract::check_shared(|| place.store()).await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn clones_of_one_store_keep_the_contract(#[values(Redis7, Redis6, Valkey)] make: Make) {
    let Some(place) = Place::find(make) else {
        return;
    };
    let store = place.store();
    contract::check_shared(|| store.clone()).await;
}

#[rstest]
#[tokio::test]
async fn it_keeps_the_contract_on_one_thread_with_every_setting(
    #[values(Redis7, Redis6, Valkey)] make: Make,
) {
    let Some(place) = Place::find(make) else {
        return;
    };
    let key = EncryptionKey::new(1, &[7; 32]);
    let open = || {
        let builder = place.builder().encrypt(key.clone());
        let builder = builder
            .unavailable(Unavailable::GoOn)
            .ttl(std::time::Duration::from_secs(600));
        builder.build("jooto", "main").expect("a store")
    };
    contract::check_shared(open).await;
}

#[rstest]
#[tokio::test]
async fn it_keeps_the_contract_with_a_client_that_was_handed_over(
    #[values(Redis7, Redis6, Valkey)] make: Make,
) {
    let Some(place) = Place::find(make) else {
        return;
    };
    let client = redis::Client::open(place.url()).expect("a client");
    let open = || {
        let builder = RedisStore::with_client(client.clone()).namespace(place.namespace());
        builder.build("jooto", "main").expect("a store")
    };
    contract::check_shared(open).await;
}

#[rstest]
#[tokio::test]
async fn all_keys_of_an_account_lie_in_one_slot_of_a_cluster(
    #[values(Redis7, Redis6, Valkey)] make: Make,
) {
    let Some(server) = RedisServer::start_with(make, &["--cluster-enabled", "yes"]) else {
        return;
    };
    let place = server.place();
    // The slots are all its own, but it refuses a script whose keys are in different ones.
    let mut raw = place.raw();
    let mut slots = redis::cmd("CLUSTER");
    slots.arg("ADDSLOTS").arg((0..16_384).collect::<Vec<_>>());
    slots.exec(&mut raw).expect("slots added");
    crate::support::until("the cluster is up", || {
        raw.exists::<_, bool>("anything").is_ok()
    })
    .await;
    contract::check_shared(|| place.store()).await;
}

#[rstest]
#[tokio::test]
async fn the_rights_that_the_readme_names_are_enough(#[values(Redis7, Redis6, Valkey)] make: Make) {
    let Some(server) = RedisServer::start(make) else {
        return;
    };
    let mut raw = server.place().raw();
    let rights = include_str!("../../README.md");
    let (_, rights) = rights.split_once("ACL SETUSER ").expect("the rights");
    let (rights, _) = rights.split_once('\n').expect("a line");
    let mut command = redis::cmd("ACL");
    command
        .arg("SETUSER")
        .arg(rights.split_whitespace().collect::<Vec<_>>());
    command.exec(&mut raw).expect("a user");
    let user = rights.split_whitespace().next().expect("a name");
    let password = rights
        .split('>')
        .nth(1)
        .and_then(|rest| rest.split_whitespace().next());
    let url = server.url().replace(
        "//",
        &format!("//{user}:{}@", password.expect("a password")),
    );
    let open = || {
        RedisStore::builder(&url)
            .build("jooto", "main")
            .expect("a store")
    };
    contract::check_shared(open).await;
    let log: Vec<redis::Value> = redis::cmd("ACL").arg("LOG").query(&mut raw).expect("asked");
    assert!(log.is_empty(), "refused, and noted by the server: {log:?}");
}
