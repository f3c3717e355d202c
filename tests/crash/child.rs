//! A process of its own: this very test program, started again.

use std::process::{ExitStatus, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};
use tegata::provider::BoxFuture;
use tegata::reqwest;
use tegata::store::{Lease, LeaseTerms, Record};
use tegata::{Error, FileStore, ManualClock, RenewalEvent, RenewalPolicy, Settings, TokenStore};
use tegata_emulator::Provider;
use tegata_jooto::App;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{Child as Process, ChildStdin, ChildStdout, Command};
use tokio::sync::Semaphore;
use tokio::sync::mpsc::unbounded_channel;
use tokio::task::JoinSet;

use tegata_test_support::loopback::{
    AISPF_ID, AISPF_SECRET, JOOTO_CALLBACK, JOOTO_ID, JOOTO_SECRET,
};
use tegata_test_support::{Flow, Subject, soon};

const VARIABLE: &str = "TEGATA_CRASH_TEST_CHILD";

/// Marks its answers among the output of the test program around it.
const PREFIX: &str = "child: ";

pub(crate) const TASKS: usize = 50;

/// The configuration of a process.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Orders {
    pub(crate) file: String,
    pub(crate) emulator: String,
    pub(crate) is_aispf: bool,
    /// The step at which it ends itself.
    pub(crate) end_at: Option<String>,
}

/// A process, as its parent has it.
pub(crate) struct Child {
    process: Process,
    input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
}

impl Child {
    pub(crate) fn start(orders: &Orders) -> Self {
        let program = std::env::current_exe().expect("this program");
        let mut process = Command::new(program)
            .args(["child::a_process_of_its_own", "--exact", "--nocapture"])
            .env(VARIABLE, serde_json::to_string(orders).expect("JSON"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("a process");
        let input = process.stdin.take().expect("piped");
        let output = process.stdout.take().expect("piped");
        Self {
            process,
            input,
            output: BufReader::new(output).lines(),
        }
    }

    /// `call`: calls the API once. `renew`: makes sure of a token, and waits for what runs behind its back.
    /// `many`: all tasks call at once. `churn`: renews without end. All at this time.
    pub(crate) async fn send(&mut self, order: &str, time: SystemTime) {
        let time = time.duration_since(SystemTime::UNIX_EPOCH);
        let order = format!("{order} {}\n", time.expect("after 1970").as_secs());
        // A process that has ended hears nothing.
        drop(self.input.write_all(order.as_bytes()).await);
    }

    /// What it answers; nothing if it ends before.
    pub(crate) async fn answer(&mut self) -> Option<String> {
        loop {
            let line = soon("an answer of a child", self.output.next_line()).await;
            let line = line.expect("readable")?;
            if let Some((_, answer)) = line.split_once(PREFIX) {
                return Some(answer.to_owned());
            }
        }
    }

    /// As the system does when memory runs out.
    pub(crate) async fn kill(mut self) {
        self.process.kill().await.expect("killed");
    }

    pub(crate) async fn ended(mut self) -> ExitStatus {
        let status = soon("the end of a child", self.process.wait()).await;
        status.expect("a status")
    }
}

static END_AT: OnceLock<String> = OnceLock::new();

/// Aborts the process, without any cleanup, if this is the step at which it is to end.
fn reached(step: &'static str) {
    if END_AT.get().is_some_and(|end_at| end_at == step) {
        std::process::abort();
    }
}

/// How many renewals the observer has seen.
static OBSERVED: AtomicU64 = AtomicU64::new(0);

/// A renewal has ended a moment before the observer sees it.
async fn all_observed(client: &Subject) {
    let snapshot = client.token_cache().expect("tokens").snapshot();
    let ended = snapshot.generation + u64::from(snapshot.failures);
    let caught_up = async {
        while OBSERVED.load(Ordering::SeqCst) < ended {
            tokio::task::yield_now().await;
        }
    };
    soon("the observer", caught_up).await;
}

/// How many leases are held.
static LEASES: AtomicU64 = AtomicU64::new(0);

/// The token is there before the lease has been released.
async fn all_released() {
    let released = async {
        while LEASES.load(Ordering::SeqCst) > 0 {
            tokio::task::yield_now().await;
        }
    };
    soon("the release of the lease", released).await;
}

/// A token file that says how far it has come.
struct Stepping(FileStore, AtomicU64);

impl TokenStore for Stepping {
    fn load(&self) -> BoxFuture<'_, Result<Option<Record>, Error>> {
        Box::pin(async {
            // The last look before an exchange is the one under the lease: the second if the token had
            // expired, the third if it was taken over first because it would still do.
            let number = self.1.fetch_add(1, Ordering::SeqCst);
            let [before, after] = match number {
                0 => ["load", "loaded"],
                1 => ["load again", "loaded again"],
                _ => ["load once more", "loaded once more"],
            };
            reached(before);
            let loaded = self.0.load().await;
            reached(after);
            loaded
        })
    }

    fn save<'a>(&'a self, record: &'a Record) -> BoxFuture<'a, Result<(), Error>> {
        Box::pin(async move {
            reached("exchanged");
            let saved = self.0.save(record).await;
            reached("saved");
            saved
        })
    }

    fn lease(&self, terms: LeaseTerms) -> BoxFuture<'_, Result<Lease, Error>> {
        Box::pin(async move {
            reached("lease");
            let lease = self.0.lease(terms).await?;
            LEASES.fetch_add(1, Ordering::SeqCst);
            reached("leased");
            Ok(Lease::new(move || {
                drop(lease);
                reached("given back");
                LEASES.fetch_sub(1, Ordering::SeqCst);
            }))
        })
    }
}

/// Not a test by itself: the other side of [`Child`].
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_of_its_own() {
    let Ok(orders) = std::env::var(VARIABLE) else {
        return;
    };
    let orders: Orders = serde_json::from_str(&orders).expect("JSON");
    if let Some(step) = &orders.end_at {
        END_AT.set(step.clone()).expect("set once");
    }
    let clock = ManualClock::default();
    let (client, flow) = client(&orders, &clock);
    // On a thread of its own, which is not joined at the end.
    let (orders, mut input) = unbounded_channel();
    std::thread::spawn(move || {
        let lines = std::io::stdin().lines().map_while(Result::ok);
        lines.for_each(|order| drop(orders.send(order)));
    });
    while let Some(order) = input.recv().await {
        let (order, time) = order.split_once(' ').expect("an order and a time");
        let time = Duration::from_secs(time.parse().expect("a time"));
        clock.set(SystemTime::UNIX_EPOCH + time);
        reached("prepare");
        let answer = match order {
            "call" => {
                let outcome = client.get(flow.path()).await;
                all_released().await;
                outcome_line(outcome)
            }
            "renew" => {
                let outcome = client.warm_up().await;
                client.settled().await;
                all_observed(&client).await;
                all_released().await;
                outcome_line(outcome.map(|()| 200))
            }
            "many" => many(&client, flow).await,
            "churn" => loop {
                client.token_cache().expect("tokens").invalidate();
                client.warm_up().await.expect("a token");
                // Kills fall between two renewals as well.
                for _ in 0..5 {
                    client.get(flow.path()).await.expect("served");
                }
            },
            order => panic!("no such order: {order}"),
        };
        reached("served");
        println_to_parent(&answer);
    }
}

#[allow(clippy::print_stdout, reason = "it is how a child answers its parent")]
fn println_to_parent(answer: &str) {
    println!("\n{PREFIX}{answer}");
}

fn client(orders: &Orders, clock: &ManualClock) -> (Subject, Flow) {
    let store = FileStore::new(&orders.file).at_each_step(reached);
    let store = Arc::new(Stepping(store, 0.into()));
    let settings = Settings::new()
        // The clock that a test sets is not the one by which pauses are counted.
        .renewal(RenewalPolicy::new().retry_interval(Duration::ZERO))
        .clock(clock.clone())
        .http_client(reqwest::Client::builder().no_proxy())
        .observer(|event: &RenewalEvent| {
            if event.outcome.as_str() == "issued" {
                reached("observed");
            }
            OBSERVED.fetch_add(1, Ordering::SeqCst);
        });
    let url = |provider: Provider| format!("{}/{provider}", orders.emulator);
    if orders.is_aispf {
        let url = url(Provider::FujitsuAispf);
        let client = tegata_fujitsu_aispf::Client::builder(tegata_fujitsu_aispf::LegacyOAuth::new(
            AISPF_ID,
            AISPF_SECRET,
        ))
        .auth_url(url.clone())
        .base_url(url)
        .settings(settings)
        .store(store);
        let client = Subject::Aispf(client.build().expect("valid"));
        return (client, Flow::AispfLegacy);
    }
    let url = url(Provider::Jooto);
    let app = App::builder(JOOTO_ID, JOOTO_SECRET, JOOTO_CALLBACK)
        .oauth_url(url.clone())
        .base_url(url)
        .settings(settings);
    let app = app.build().expect("valid");
    let client = app.client_from(store).build().expect("valid");
    (Subject::Jooto(client), Flow::JootoOAuth2)
}

/// All tasks at once, with few requests in flight, since file descriptors are limited.
async fn many(client: &Subject, flow: Flow) -> String {
    let few = Arc::new(Semaphore::new(8));
    let mut tasks = JoinSet::new();
    for _ in 0..TASKS {
        let (client, few) = (client.clone(), Arc::clone(&few));
        tasks.spawn(async move {
            client.warm_up().await?;
            let _turn = few.acquire().await;
            client.get(flow.path()).await
        });
    }
    let mut good = 0;
    while let Some(outcome) = tasks.join_next().await {
        match outcome.expect("no task panics") {
            Ok(200) => good += 1,
            other => return outcome_line(other),
        }
    }
    format!("{good} good")
}

fn outcome_line(outcome: Result<u16, Error>) -> String {
    match outcome {
        Ok(status) => status.to_string(),
        Err(error) => format!("{:?} {}", error.kind(), error.code().unwrap_or_default()),
    }
}
