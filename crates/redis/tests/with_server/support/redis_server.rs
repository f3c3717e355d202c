//! A server started by the test, or the one from the environment.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{LazyLock, Mutex};
use std::time::{Duration, Instant};

use tegata_redis::redis::{self, Commands as _};
use tegata_redis::{RedisStore, RedisStoreBuilder};

use super::DEADLINE;

/// The kind of server that a test runs with. Later versions behave the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Make {
    Redis7,
    /// Any before 7.
    Redis6,
    Valkey,
}

use Make::{Redis6, Redis7, Valkey};

/// A server that was started here. It keeps nothing on disk unless it is set to, and ends with the test.
pub(crate) struct RedisServer {
    program: PathBuf,
    process: Option<Child>,
    port: u16,
    folder: tempfile::TempDir,
    arguments: Vec<String>,
}

/// Where a test can keep its stores: a namespace of its own at some server.
pub(crate) struct Place {
    url: String,
    namespace: String,
    _own: Option<RedisServer>,
}

impl RedisServer {
    /// `None`, after printing why, if there is no such server here.
    pub(crate) fn start(make: Make) -> Option<Self> {
        Self::start_with(make, &[])
    }

    pub(crate) fn start_with(make: Make, arguments: &[&str]) -> Option<Self> {
        let Some(program) = make.program() else {
            skipped(make);
            return None;
        };
        let mut server = Self {
            program,
            process: None,
            port: 0,
            folder: tempfile::tempdir().expect("a folder"),
            arguments: arguments.iter().map(ToString::to_string).collect(),
        };
        // Another process may take the port between its choice and its use.
        for _ in 0..5 {
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
            server.port = listener.local_addr().expect("an address").port();
            drop(listener);
            if server.try_start() {
                return Some(server);
            }
        }
        panic!("redis-server does not start");
    }

    /// Starts it on its former port.
    pub(crate) fn start_again(&mut self) {
        assert!(self.try_start(), "redis-server does not start again");
    }

    /// Ends it as a power cut would.
    pub(crate) fn stop(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill().expect("killed");
            process.wait().expect("ended");
        }
    }

    /// From now on it accepts data and answers nothing.
    pub(crate) fn suspend(&self) {
        self.signal("-STOP");
    }

    pub(crate) fn resume(&self) {
        self.signal("-CONT");
    }

    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/", self.port)
    }

    pub(crate) fn place(&self) -> Place {
        Place {
            url: self.url(),
            namespace: "tegata".to_owned(),
            _own: None,
        }
    }

    fn signal(&self, signal: &str) {
        let process = self.process.as_ref().expect("running").id().to_string();
        let sent = Command::new("kill").args([signal, &process]).status();
        assert!(sent.expect("kill is there").success());
    }

    /// Whether it came up, on its port and not another's.
    fn try_start(&mut self) -> bool {
        // A server that started too late is not left running.
        self.stop();
        let port = self.port.to_string();
        let process = Command::new(&self.program)
            .args([
                "--port",
                &port,
                "--bind",
                "127.0.0.1",
                "--save",
                "",
                "--daemonize",
                "no",
            ])
            .arg("--dir")
            .arg(self.folder.path())
            .args(&self.arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let process = self.process.insert(process.expect("redis-server starts"));
        let deadline = Instant::now() + DEADLINE;
        while Instant::now() < deadline {
            if process.try_wait().expect("its state").is_some() {
                return false;
            }
            if is_ready(self.port) {
                return true;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        false
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Place {
    /// `None`, after printing why, if there is no server. The one from the environment counts as the first
    /// kind.
    pub(crate) fn find(make: Make) -> Option<Self> {
        let given = std::env::var("TEGATA_REDIS_URL").ok();
        let Some(url) = given.filter(|_| make == Redis7) else {
            let own = RedisServer::start(make)?;
            let place = own.place();
            return Some(Self {
                _own: Some(own),
                ..place
            });
        };
        let nanos = std::time::UNIX_EPOCH
            .elapsed()
            .expect("after 1970")
            .as_nanos();
        Some(Self {
            url,
            namespace: format!("tegata-test:{}:{nanos}", std::process::id()),
            _own: None,
        })
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    pub(crate) fn namespace(&self) -> &str {
        &self.namespace
    }

    pub(crate) fn builder(&self) -> RedisStoreBuilder {
        RedisStore::builder(&self.url).namespace(&self.namespace)
    }

    /// The store of the account that most tests have.
    pub(crate) fn store(&self) -> RedisStore {
        self.builder().build("jooto", "main").expect("a store")
    }

    /// A connection that goes around the store.
    pub(crate) fn raw(&self) -> redis::Connection {
        let client = redis::Client::open(self.url.as_str()).expect("a URL");
        client.get_connection().expect("connected")
    }

    pub(crate) fn lease_key(&self) -> String {
        format!("{}:{{jooto:main}}:lease", self.namespace)
    }

    /// The version of the record, which is the third word of the stored value.
    pub(crate) fn version(&self) -> Option<u64> {
        let stored: Option<Vec<u8>> = self.raw().get(self.store().key()).expect("read");
        let stored = stored?;
        let version = stored
            .split(|byte| *byte == b' ')
            .nth(2)
            .expect("a version");
        Some(String::from_utf8_lossy(version).parse().expect("a number"))
    }
}

/// The numbers of all connections but the one that asks.
pub(crate) fn connections(server: &RedisServer) -> Vec<String> {
    let mut raw = server.place().raw();
    let own: u64 = redis::cmd("CLIENT")
        .arg("ID")
        .query(&mut raw)
        .expect("asked");
    let all: String = redis::cmd("CLIENT")
        .arg("LIST")
        .query(&mut raw)
        .expect("asked");
    let ids = all
        .lines()
        .filter_map(|line| line.split(' ').next()?.strip_prefix("id="));
    ids.filter(|id| *id != own.to_string())
        .map(str::to_owned)
        .collect()
}

fn is_ready(port: u16) -> bool {
    let ping = || {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
        stream.set_read_timeout(Some(Duration::from_secs(1)))?;
        stream.write_all(b"PING\r\n")?;
        let mut answer = [0; 5];
        stream.read_exact(&mut answer)?;
        std::io::Result::Ok(answer)
    };
    // An error answer also counts, such as from one with a password; one that is still loading answers so.
    ping().is_ok_and(|answer| matches!(&answer, b"+PONG" | b"-NOAU"))
}

/// All that were named or are installed.
static PROGRAMS: LazyLock<Vec<(Make, PathBuf)>> = LazyLock::new(|| {
    let named = std::env::var("TEGATA_REDIS_SERVERS").unwrap_or_default();
    let programs = named.split(':').filter(|program| !program.is_empty());
    let programs = programs.chain(["redis-server", "valkey-server"]);
    programs
        .filter_map(|program| Some((Make::of(program)?, program.into())))
        .collect()
});

impl Make {
    fn program(self) -> Option<PathBuf> {
        let found = PROGRAMS.iter().find(|(make, _)| *make == self)?;
        Some(found.1.clone())
    }

    /// By what it says of itself: `Redis server v=7.0.15 …`.
    fn of(program: &str) -> Option<Self> {
        let output = Command::new(program).arg("--version").output().ok()?;
        let text = String::from_utf8(output.stdout).ok()?;
        if text.starts_with("Valkey server") {
            return Some(Valkey);
        }
        let version = text.strip_prefix("Redis server v=")?;
        let major: u32 = version.split('.').next()?.parse().ok()?;
        Some(if major < 7 { Redis6 } else { Redis7 })
    }

    fn hint(self) -> &'static str {
        match self {
            Redis7 => "no Redis 7 here: install it with `apt-get install redis-server`",
            Redis6 => "no Redis before 7 here: name its `redis-server` in TEGATA_REDIS_SERVERS",
            Valkey => "no Valkey here: name its `valkey-server` in TEGATA_REDIS_SERVERS",
        }
    }
}

static SAID: Mutex<Vec<Make>> = Mutex::new(Vec::new());

fn skipped(make: Make) {
    let text = format!("skipped: there is {}", make.hint());
    assert!(
        std::env::var("TEGATA_REQUIRE_REDIS").as_deref() != Ok("1"),
        "{text} (TEGATA_REQUIRE_REDIS is 1)"
    );
    let mut said = SAID.lock().expect("not poisoned");
    if !said.contains(&make) {
        said.push(make);
        // Not by `println!`, whose output is kept back for tests that pass.
        let _ = writeln!(std::io::stderr(), "{text}");
    }
}
