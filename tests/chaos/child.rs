//! A process of its own: this very test program, started again. It calls the API all the while.

use std::process::Stdio;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rustix::process::{Pid, Signal, getpid, kill_process};
use tegata::provider::BoxFuture;
use tegata::reqwest;
use tegata::store::{Lease, LeaseTerms, Record};
use tegata::{Error, FileStore, RenewalPolicy, Settings, Token, TokenStore};
use tegata_jooto::{App, Client};
use tegata_redis::RedisStore;
use tokio::io::AsyncWriteExt as _;
use tokio::process::{Child as Process, Command};

use crate::orders::{Order, Orders, Where, Wrong};
use crate::{awake, diary, relay};

const VARIABLE: &str = "TEGATA_CHAOS_TEST_CHILD";

/// The time that callers have.
pub(crate) const DEADLINE: Duration = Duration::from_millis(400);

/// What a call may take beyond that on a machine that is busy with other things.
const SLACK: Duration = Duration::from_secs(4);

/// Between two calls.
const PAUSE: Duration = Duration::from_millis(30);

/// A process, as its parent has it.
pub(crate) struct Child {
    pub(crate) number: u64,
    process: Process,
    input: tokio::process::ChildStdin,
}

impl Child {
    pub(crate) fn start(orders: &Orders) -> Self {
        let program = std::env::current_exe().expect("this program");
        let mut process = Command::new(program)
            .args(["child::a_process_of_its_own", "--exact", "--nocapture"])
            .env(VARIABLE, serde_json::to_string(orders).expect("JSON"))
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("a process");
        let input = process.stdin.take().expect("piped");
        Self {
            number: orders.number,
            process,
            input,
        }
    }

    pub(crate) async fn send(&mut self, order: &Order) {
        let line = format!("{}\n", serde_json::to_string(order).expect("JSON"));
        // A process that has ended hears nothing.
        let _ = self.input.write_all(line.as_bytes()).await;
    }

    pub(crate) async fn kill(&mut self) {
        self.process.kill().await.expect("killed");
    }

    pub(crate) fn has_ended(&mut self) -> bool {
        self.process.try_wait().expect("a status").is_some()
    }

    pub(crate) fn stop(&self) {
        self.signal(Signal::STOP);
    }

    pub(crate) fn go_on(&self) {
        self.signal(Signal::CONT);
    }

    pub(crate) fn is_stopped(&self) -> bool {
        let Some(pid) = self.process.id() else {
            return false;
        };
        let status = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        // `4711 (name) T …`; the name may have blanks.
        status
            .rsplit(") ")
            .next()
            .is_some_and(|rest| rest.starts_with('T'))
    }

    fn signal(&self, signal: Signal) {
        let pid = self
            .process
            .id()
            .and_then(|pid| Pid::from_raw(pid.cast_signed()));
        if let Some(pid) = pid {
            let _ = kill_process(pid, signal);
        }
    }
}

static ORDER: Mutex<Order> = Mutex::new(Order::Nothing);

fn order() -> std::sync::MutexGuard<'static, Order> {
    ORDER.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Ends or stops the process here, if that is its order.
pub(crate) fn reached(step: &'static str) {
    let now = {
        let mut order = order();
        match &*order {
            Order::EndAt(at) | Order::StopAt(at) if at == step => {
                std::mem::replace(&mut *order, Order::Nothing)
            }
            _ => return,
        }
    };
    diary::write("order", &step.replace(' ', "_"));
    match now {
        Order::EndAt(_) => std::process::abort(),
        _ => kill_process(getpid(), Signal::STOP).expect("stopped"),
    }
}

fn time_to_stall() -> Option<Duration> {
    let mut order = order();
    let Order::StallSave(millis) = *order else {
        return None;
    };
    *order = Order::Nothing;
    Some(Duration::from_millis(millis))
}

/// A step of the file.
fn file_step(step: &'static str) {
    if step == "opened" {
        // The disk is slow.
        if let Some(stall) = time_to_stall() {
            std::thread::sleep(stall);
        }
    }
    if step == "written" {
        let newest = SAVING
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        diary::write("written", &newest);
    }
    reached(step);
}

/// The token that is being saved.
static SAVING: Mutex<String> = Mutex::new(String::new());

/// Records every load and save.
struct Stepping {
    inner: Box<dyn TokenStore>,
    wrong: Option<Wrong>,
    is_leased: Arc<AtomicBool>,
}

impl TokenStore for Stepping {
    fn load(&self) -> BoxFuture<'_, Result<Option<Record>, Error>> {
        Box::pin(async {
            reached("load");
            let loaded = self.inner.load().await;
            if let Ok(Some(record)) = &loaded {
                diary::write("loaded", &name(record));
            }
            reached("loaded");
            if self.is_leased.load(Ordering::SeqCst) {
                reached("loaded under the lease");
            }
            loaded
        })
    }

    fn save<'a>(&'a self, record: &'a Record) -> BoxFuture<'a, Result<(), Error>> {
        Box::pin(async move {
            reached("save");
            if matches!(self.wrong, Some(Wrong::DropsSaves)) {
                return Ok(());
            }
            *SAVING.lock().unwrap_or_else(PoisonError::into_inner) = name(record);
            let saved = self.inner.save(record).await;
            match &saved {
                Ok(()) => diary::write("saved", &name(record)),
                Err(error) => diary::write("unsaved", &error.to_string().replace(' ', "_")),
            }
            reached("saved");
            saved
        })
    }

    fn lease(&self, terms: LeaseTerms) -> BoxFuture<'_, Result<Lease, Error>> {
        if matches!(self.wrong, Some(Wrong::LeasesToAll)) {
            return Box::pin(std::future::ready(Ok(Lease::unneeded())));
        }
        Box::pin(async move {
            reached("lease");
            let lease = self.inner.lease(terms).await?;
            reached("leased");
            self.is_leased.store(true, Ordering::SeqCst);
            let is_leased = Arc::clone(&self.is_leased);
            let lease = Arc::new(tokio::sync::Mutex::new(lease));
            let held = Arc::clone(&lease);
            let outer = Lease::new(move || {
                is_leased.store(false, Ordering::SeqCst);
                drop(lease);
                reached("given back");
            });
            Ok(outer.prolonged_by(move |lifetime| {
                let held = Arc::clone(&held);
                Box::pin(async move { held.lock().await.prolong(lifetime).await })
            }))
        })
    }
}

/// A refresh token without its prefix: session and number.
fn name(record: &Record) -> String {
    let refresh_token = record.token().and_then(Token::refresh_token);
    let name = refresh_token.map_or("none", |token| token.expose());
    name.trim_start_matches("R-").to_owned()
}

/// Not a test by itself: the other side of [`Child`].
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_of_its_own() {
    let Ok(orders) = std::env::var(VARIABLE) else {
        return;
    };
    let orders: Orders = serde_json::from_str(&orders).expect("JSON");
    // One that is stopped would not notice that its parent has gone.
    #[cfg(target_os = "linux")]
    rustix::process::set_parent_process_death_signal(Some(Signal::KILL)).expect("set");
    awake::begin();
    diary::open(orders.number, &orders.diary);
    std::thread::spawn(|| {
        for line in std::io::stdin().lines().map_while(Result::ok) {
            *order() = serde_json::from_str(&line).expect("an order");
        }
        // The parent has gone.
        std::process::exit(0);
    });
    let client = client(&orders).await;
    loop {
        call(&client).await;
        tokio::time::sleep(PAUSE).await;
    }
}

/// One call, with an eye on the time that its caller waits.
async fn call(client: &Client) {
    let began = awake::time();
    let warmed_up = client.warm_up().await;
    check_time("warm_up", began, DEADLINE);
    if let Err(error) = &warmed_up {
        diary::write("failed", &format!("{:?}", error.kind()));
        return;
    }
    let began = awake::time();
    let answer = client.get("/v1/boards").send().await;
    // A token that is refused is replaced, once or, if that was adopted, twice.
    check_time("call", began, DEADLINE * 3);
    match answer {
        Ok(answer) if answer.status().is_success() => {
            let token = answer.text().await.unwrap_or_default();
            diary::write("served", &token);
        }
        Ok(answer) => diary::write("refused", answer.status().as_str()),
        Err(error) => diary::write("failed", &format!("{:?}", error.kind())),
    }
}

fn check_time(what: &str, began: Duration, limit: Duration) {
    let took = awake::time().saturating_sub(began);
    if took > limit + SLACK {
        diary::write("hung", &format!("{what}:{}ms", took.as_millis()));
    }
}

async fn client(orders: &Orders) -> Client {
    let inner: Box<dyn TokenStore> = match &orders.store {
        Where::File(path) => Box::new(FileStore::new(path).at_each_step(file_step)),
        Where::Redis(url) => {
            let store = RedisStore::builder(url).build("jooto", "chaos");
            Box::new(store.expect("a store"))
        }
    };
    let store = Stepping {
        inner,
        wrong: orders.wrong,
        is_leased: Arc::default(),
    };
    let settings = Settings::new()
        .renewal(
            RenewalPolicy::new()
                .deadline(DEADLINE)
                .retry_interval(Duration::from_millis(200)),
        )
        .lease_reserve(Duration::from_millis(orders.lease_reserve_ms))
        .http_client(
            reqwest::Client::builder()
                .no_proxy()
                .pool_max_idle_per_host(0),
        );
    let relay = relay::start(orders.endpoint).await;
    let app = App::builder("CANARY-id", "CANARY-secret", "https://client.example/back")
        .oauth_url(format!("http://127.0.0.1:{relay}/{}", orders.number))
        .base_url(format!(
            "http://127.0.0.1:{}/{}",
            orders.endpoint, orders.number
        ))
        .settings(settings);
    let app = app.build().expect("valid");
    app.client_from(Arc::new(store)).build().expect("valid")
}
