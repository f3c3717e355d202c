//! Processes of a fleet: this very test program, started again.

use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tegata::{ManualClock, SharedClock, TokenStore as _};
use tegata_jooto::Client;
use tegata_redis::RedisStore;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::endpoint::app;
use super::{Endpoint, LONG, Place, START, record, soon};

const VARIABLE: &str = "TEGATA_REDIS_TEST_WORKER";

/// Marks the output of a worker within that of the test program.
const PREFIX: &str = "worker: ";

pub(crate) const TASKS: usize = 200;

/// What a process of the fleet has to know.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Fleet {
    redis: String,
    namespace: String,
    endpoint: String,
    account: String,
}

/// A process of the fleet.
pub(crate) struct Worker {
    process: Child,
    input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
}

impl Fleet {
    /// Its account has the name of its family of tokens.
    pub(crate) fn new(place: &Place, endpoint: &Endpoint, account: &str) -> Self {
        Self {
            redis: place.url().to_owned(),
            namespace: place.namespace().to_owned(),
            endpoint: endpoint.url().to_owned(),
            account: account.to_owned(),
        }
    }

    pub(crate) fn worker(&self) -> Worker {
        let program = std::env::current_exe().expect("this program");
        let mut process = Command::new(program)
            .args([
                "support::worker::a_process_of_the_fleet",
                "--exact",
                "--nocapture",
            ])
            .env(VARIABLE, serde_json::to_string(self).expect("JSON"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("a process");
        let input = process.stdin.take().expect("piped");
        let output = process.stdout.take().expect("piped");
        Worker {
            process,
            input,
            output: BufReader::new(output).lines(),
        }
    }
}

impl Worker {
    /// Sends an order: `run 3600` (at that time all tasks use the API), `insist 3600` (and try again while that
    /// may help), `renew 3600` (it makes sure of a token), `hold` (it takes the lease, saves the token number
    /// 1, and goes no further).
    pub(crate) async fn order(&mut self, order: &str) {
        let order = format!("{order}\n");
        self.input
            .write_all(order.as_bytes())
            .await
            .expect("written");
    }

    /// Its answer.
    pub(crate) async fn answer(&mut self) -> String {
        loop {
            let line = soon("an answer of a worker", self.output.next_line()).await;
            let line = line.expect("readable").expect("the worker is alive");
            // The test harness may print before it on the same line.
            if let Some((_, answer)) = line.split_once(PREFIX) {
                return answer.to_owned();
            }
        }
    }

    /// As the system does when memory runs out.
    pub(crate) async fn kill(mut self) {
        self.process.kill().await.expect("killed");
    }
}

/// Not a test by itself: the other side of [`Worker`].
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_of_the_fleet() {
    let Ok(fleet) = std::env::var(VARIABLE) else {
        return;
    };
    let fleet: Fleet = serde_json::from_str(&fleet).expect("JSON");
    let clock = ManualClock::at(START);
    let store = RedisStore::builder(&fleet.redis)
        .namespace(&fleet.namespace)
        // Eight processes on one machine may take a while to get to it.
        .timeout(Duration::from_secs(10))
        .build("jooto", &fleet.account)
        .expect("a store");
    let client = app(&fleet.endpoint, SharedClock::new(clock.clone()))
        .client_from(Arc::new(store.clone()))
        .build()
        .expect("a client");
    let mut input = BufReader::new(tokio::io::stdin()).lines();
    while let Ok(Some(order)) = input.next_line().await {
        let (order, time) = order.split_once(' ').unwrap_or((&order, "0"));
        clock.set(START + Duration::from_secs(time.parse().expect("a time")));
        let answer = match order {
            "run" => run(&client, false).await,
            "insist" => run(&client, true).await,
            "renew" => match client.warm_up().await {
                Ok(()) => "renewed".to_owned(),
                Err(error) => format!("{error}"),
            },
            "hold" => {
                let lease = store.lease(LONG).await.expect("a lease");
                let saved = store.save(&record(&fleet.account, 1, 4000)).await;
                std::mem::forget(lease);
                format!("holding {}", saved.is_ok())
            }
            order => panic!("no such order: {order}"),
        };
        println!("\n{PREFIX}{answer}");
    }
}

/// All tasks ask for a token at once, and use it; not so many at once that files run out.
async fn run(client: &Client, insist: bool) -> String {
    let few = Arc::new(Semaphore::new(16));
    let mut tasks = JoinSet::new();
    for _ in 0..TASKS {
        let (client, few) = (client.clone(), Arc::clone(&few));
        tasks.spawn(async move {
            loop {
                match use_once(&client, &few).await {
                    Err(error) if insist && error.is_transient() => {
                        tokio::time::sleep(Duration::from_millis(20)).await;
                    }
                    outcome => return outcome,
                }
            }
        });
    }
    let mut good = 0;
    let mut bad = None;
    while let Some(outcome) = tasks.join_next().await {
        match outcome.expect("no task panics") {
            Ok(true) => good += 1,
            Ok(false) => bad = Some("an answer that was no success".to_owned()),
            Err(error) => bad = Some(error.to_string()),
        }
    }
    bad.map_or_else(
        || format!("{good} good"),
        |bad| format!("{good} good and {bad}"),
    )
}

async fn use_once(client: &Client, few: &Semaphore) -> Result<bool, tegata::Error> {
    client.warm_up().await?;
    let _turn = few.acquire().await;
    let answer = client.get("/organizations").send().await?;
    Ok(answer.status().is_success())
}
