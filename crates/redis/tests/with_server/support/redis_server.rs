//! A Redis server of the test's own, or one that was given.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::Once;
use std::time::{Duration, Instant};

use tegata_redis::redis::{self, Commands as _};
use tegata_redis::{RedisStore, RedisStoreBuilder};

use super::DEADLINE;

/// A server that was started here. It keeps nothing on disk unless it is told to, and ends with the test.
pub(crate) struct RedisServer {
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
    /// `None`, after saying so, if there is no `redis-server` here.
    pub(crate) fn start() -> Option<Self> {
        Self::start_with(&[])
    }

    pub(crate) fn start_with(arguments: &[&str]) -> Option<Self> {
        if Command::new("redis-server")
            .arg("--version")
            .stdout(Stdio::null())
            .status()
            .is_err()
        {
            skipped();
            return None;
        }
        let mut server = Self {
            process: None,
            port: 0,
            folder: tempfile::tempdir().expect("a folder"),
            arguments: arguments.iter().map(ToString::to_string).collect(),
        };
        // Somebody else may take the port between its choice and its use.
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

    /// From now on it takes what is sent and answers nothing.
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
        let port = self.port.to_string();
        let process = Command::new("redis-server")
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
    /// `None`, after saying so, if there is no server to be had.
    pub(crate) fn find() -> Option<Self> {
        let Ok(url) = std::env::var("TEGATA_REDIS_URL") else {
            let own = RedisServer::start()?;
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

    /// The version of the record, which is the third word of what lies there.
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

fn is_ready(port: u16) -> bool {
    let ping = || {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
        stream.set_read_timeout(Some(Duration::from_secs(1)))?;
        stream.write_all(b"PING\r\n")?;
        let mut answer = [0; 5];
        stream.read_exact(&mut answer)?;
        std::io::Result::Ok(answer)
    };
    // One with a password answers too, in its way; one that still reads its data says so.
    ping().is_ok_and(|answer| matches!(&answer, b"+PONG" | b"-NOAU"))
}

static SAID: Once = Once::new();

fn skipped() {
    let text =
        "skipped: there is no redis-server here; install it with `apt-get install redis-server`";
    assert!(
        std::env::var("TEGATA_REQUIRE_REDIS").as_deref() != Ok("1"),
        "{text} (TEGATA_REQUIRE_REDIS is 1)"
    );
    // Not by `println!`, whose output is kept back for tests that pass.
    SAID.call_once(|| {
        let _ = writeln!(std::io::stderr(), "{text}");
    });
}
