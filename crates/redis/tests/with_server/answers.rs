//! Error answers of different servers.

use rstest::rstest;
use tegata::{Error, ErrorKind, TokenStore as _};
use tegata_redis::RedisStore;
use tegata_redis::redis::{self, Commands as _, Connection};

use crate::support::Make::{self, Redis6, Redis7, Valkey};
use crate::support::{LONG, RedisServer, connections, record, soon, until};

fn says(error: &Error, why: &str, transient: bool) {
    let text = error.to_string();
    assert!(text.contains(why), "{text}");
    assert!(text.contains("tegata:{jooto:main}:"), "{text}");
    assert_eq!(
        (error.kind(), error.is_transient()),
        (ErrorKind::Store, transient),
        "{error:?}"
    );
}

fn set(raw: &mut Connection, setting: &str, value: &str) {
    let mut command = redis::cmd("CONFIG");
    command.arg("SET").arg(setting).arg(value);
    command.exec(raw).expect("set");
}

/// A user with these rights on the keys of the store.
fn user(server: &RedisServer, rights: &[&str]) -> String {
    let mut command = redis::cmd("ACL");
    command.arg("SETUSER").arg("u");
    command
        .arg(&["reset", "on", ">secret", "~tegata:*"])
        .arg(rights);
    command.exec(&mut server.place().raw()).expect("a user");
    server.url().replace("//", "//u:secret@")
}

fn store(url: &str) -> RedisStore {
    let builder = RedisStore::builder(url);
    builder.build("jooto", "main").expect("a store")
}

/// All three operations of a store.
async fn lease_load_save(store: &RedisStore) -> Result<(), Error> {
    let lease = store.lease(LONG).await?;
    store.load().await?;
    store.save(&record("main", 1, 0)).await?;
    drop(lease);
    Ok(())
}

const RIGHTS: [&str; 7] = [
    "+eval", "+get", "+set", "+del", "+incr", "+pexpire", "+pttl",
];

#[rstest]
#[tokio::test]
async fn a_demoted_server_is_named_and_its_connection_left(
    #[values(Redis7, Redis6, Valkey)] make: Make,
) {
    let Some(server) = RedisServer::start(make) else {
        return;
    };
    let store = server.place().store();
    let lease = store.lease(LONG).await.expect("a lease");
    let before = connections(&server);
    let mut raw = server.place().raw();
    let mut replicate = |of: [&str; 2]| {
        let mut command = redis::cmd("REPLICAOF");
        command.arg(&of).exec(&mut raw).expect("set");
    };
    replicate(["127.0.0.1", "1"]);
    let error = store
        .save(&record("main", 1, 0))
        .await
        .expect_err("a replica");
    says(
        &error,
        "a replica, which takes no writes (READONLY): connect to the primary",
        true,
    );
    replicate(["NO", "ONE"]);
    store
        .save(&record("main", 1, 0))
        .await
        .expect("promoted again");
    let after = connections(&server);
    assert!(
        after.iter().all(|id| !before.contains(id)),
        "the connection to the demoted server is used on: {before:?} {after:?}"
    );
    drop(lease);
}

#[rstest]
#[case("maxmemory", "1", "0", "not ready (OOM)")]
#[case("min-replicas-to-write", "1", "0", "not ready (NOREPLICAS)")]
#[tokio::test]
async fn a_server_that_takes_no_writes_for_a_while_is_away(
    #[case] setting: &str,
    #[case] on: &str,
    #[case] off: &str,
    #[case] why: &str,
    #[values(Redis7, Redis6, Valkey)] make: Make,
) {
    let Some(server) = RedisServer::start(make) else {
        return;
    };
    let store = server.place().store();
    let mut raw = server.place().raw();
    let lease = store.lease(LONG).await.expect("a lease");
    set(&mut raw, setting, on);
    let error = store
        .save(&record("main", 1, 0))
        .await
        .expect_err("no writes");
    says(&error, why, true);
    set(&mut raw, setting, off);
    store
        .save(&record("main", 1, 0))
        .await
        .expect("under the same lease");
    drop(lease);
}

#[rstest]
#[tokio::test]
async fn a_replica_without_its_primary_is_away(#[values(Redis7, Redis6, Valkey)] make: Make) {
    let Some(server) = RedisServer::start(make) else {
        return;
    };
    let mut raw = server.place().raw();
    set(&mut raw, "replica-serve-stale-data", "no");
    redis::cmd("REPLICAOF")
        .arg(&["127.0.0.1", "1"])
        .exec(&mut raw)
        .expect("set");
    let store = server.place().store();
    says(
        &store.load().await.expect_err("stale"),
        "its primary is down",
        true,
    );
    says(
        &store.lease(LONG).await.expect_err("stale"),
        "its primary is down",
        true,
    );
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_runs_a_long_script_is_away(#[values(Redis7, Redis6, Valkey)] make: Make) {
    let Some(server) = RedisServer::start_with(make, &["--lua-time-limit", "1"]) else {
        return;
    };
    let (mut busy, mut raw) = (server.place().raw(), server.place().raw());
    let running = std::thread::spawn(move || {
        let mut command = redis::cmd("EVAL");
        command.arg("while true do end").arg(0);
        command.exec(&mut busy).expect_err("killed");
    });
    until("the server is busy", || {
        raw.get::<_, Option<String>>("x").is_err()
    })
    .await;
    let store = server.place().store();
    says(
        &store.load().await.expect_err("busy"),
        "not ready (BUSY)",
        true,
    );
    redis::cmd("SCRIPT")
        .arg("KILL")
        .exec(&mut raw)
        .expect("killed");
    running.join().expect("no panic");
    soon("a lease", lease_load_save(&store))
        .await
        .expect("well again");
}

#[rstest]
#[tokio::test]
async fn each_right_that_is_missing_is_named(#[values(Redis7, Redis6, Valkey)] make: Make) {
    let Some(server) = RedisServer::start(make) else {
        return;
    };
    // It is needed only where there is a lease or a lifetime.
    let mut raw = server.place().raw();
    for missing in ["+eval", "+get", "+set", "+incr", "+pexpire"] {
        let rights: Vec<_> = RIGHTS
            .into_iter()
            .filter(|right| *right != missing)
            .collect();
        let store = store(&user(&server, &rights));
        let error = lease_load_save(&store).await.expect_err(missing);
        says(
            &error,
            "needs +eval +get +set +del +incr +pexpire +pttl",
            false,
        );
        let command = missing.trim_start_matches('+').to_ascii_uppercase();
        let by_name = missing == "+eval" || make == Valkey;
        let text = error.to_string();
        assert_eq!(
            text.contains(&format!("may not run {command}:")),
            by_name,
            "{text}"
        );
        store.released().await;
        redis::cmd("FLUSHALL").exec(&mut raw).expect("emptied");
    }
    let held = server.place().store();
    let lease = held.lease(LONG).await.expect("a lease");
    let rights: Vec<_> = RIGHTS
        .into_iter()
        .filter(|right| *right != "+pttl")
        .collect();
    let store = store(&user(&server, &rights));
    let error = store.lease(LONG).await.expect_err("+pttl");
    says(
        &error,
        "needs +eval +get +set +del +incr +pexpire +pttl",
        false,
    );
    drop(lease);
}

#[rstest]
#[tokio::test]
async fn a_key_pattern_that_leaves_the_keys_out_is_named(
    #[values(Redis7, Redis6, Valkey)] make: Make,
) {
    let Some(server) = RedisServer::start(make) else {
        return;
    };
    let url = user(&server, &RIGHTS);
    let builder = RedisStore::builder(&url).namespace("other");
    let store = builder.build("jooto", "main").expect("a store");
    for error in [
        store.load().await.expect_err("other keys"),
        store.lease(LONG).await.expect_err("other keys"),
    ] {
        assert!(
            error.to_string().contains("may not use the keys"),
            "{error}"
        );
        assert!(!error.is_transient(), "{error:?}");
    }
}

#[rstest]
#[tokio::test]
async fn a_database_that_cannot_be_chosen_says_why(#[values(Redis7, Redis6, Valkey)] make: Make) {
    let Some(server) = RedisServer::start(make) else {
        return;
    };
    let database = |url: &str, number: u32| store(&format!("{url}{number}"));
    let url = user(&server, &RIGHTS);
    let error = database(&url, 2).load().await.expect_err("no +select");
    says(&error, "give it the right +select", false);
    let error = database(&server.url(), 99)
        .load()
        .await
        .expect_err("no such database");
    says(&error, "no database of that number", false);
    let url = user(&server, &[RIGHTS.as_slice(), &["+select"]].concat());
    lease_load_save(&database(&url, 2))
        .await
        .expect("with +select");
    assert_eq!(store(&url).load().await.expect("another database"), None);

    let arguments = ["--cluster-enabled", "yes"];
    let cluster = RedisServer::start_with(make, &arguments).expect("as before");
    let error = database(&cluster.url(), 1)
        .load()
        .await
        .expect_err("a cluster");
    let why = "has database 0 only";
    // Valkey 9 has several databases in a cluster, and this one none of its slots.
    if make != Valkey {
        says(&error, why, false);
    }
}

#[rstest]
#[case("EVAL", "does not know EVAL")]
#[case("GET", "does not know GET")]
#[case("SET", "GET, SET, DEL, INCR, PEXPIRE or PTTL was renamed")]
#[case("INCR", "GET, SET, DEL, INCR, PEXPIRE or PTTL was renamed")]
#[tokio::test]
async fn a_command_that_was_renamed_away_is_named(
    #[case] command: &str,
    #[case] why: &str,
    #[values(Redis7, Redis6, Valkey)] make: Make,
) {
    let arguments = ["--rename-command", command, "CANARY"];
    let Some(server) = RedisServer::start_with(make, &arguments) else {
        return;
    };
    let store = server.place().store();
    let error = match command {
        "GET" => store.load().await,
        _ => lease_load_save(&store).await.map(|()| None),
    };
    let error = error.expect_err(command);
    says(&error, why, false);
    assert!(
        !format!("{error} {error:?}").contains("CANARY"),
        "{error:?}"
    );
}

#[rstest]
#[tokio::test]
async fn a_server_with_as_many_clients_as_it_takes_says_so(
    #[values("", "secret")] password: &str,
    #[values(Redis7, Redis6, Valkey)] make: Make,
) {
    let arguments = ["--requirepass", password];
    let arguments = if password.is_empty() {
        &[]
    } else {
        arguments.as_slice()
    };
    let Some(server) = RedisServer::start_with(make, arguments) else {
        return;
    };
    let url = server.url().replace("//", &format!("//:{password}@"));
    let url = if password.is_empty() {
        server.url()
    } else {
        url
    };
    let client = redis::Client::open(url.as_str()).expect("a URL");
    let mut raw = client.get_connection().expect("connected");
    set(&mut raw, "maxclients", "1");
    let store = store(&url);
    // Whether its answer or its closing the connection is seen first is chance.
    for _ in 0..10 {
        let error = store.load().await.expect_err("full");
        says(&error, "as many clients as it takes", true);
        assert!(error.to_string().contains("maxclients"), "{error}");
    }
    set(&mut raw, "maxclients", "100");
    lease_load_save(&store).await.expect("room again");
}
