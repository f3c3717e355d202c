//! A Redis server of a fleet's own.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

pub(crate) struct RedisServer {
    process: Child,
    pub(crate) port: u16,
    _folder: tempfile::TempDir,
}

/// Says so if there is none, and fails if there has to be one.
pub(crate) fn is_there() -> bool {
    let found = Command::new("redis-server")
        .arg("--version")
        .stdout(Stdio::null())
        .status();
    if found.is_ok_and(|status| status.success()) {
        return true;
    }
    let text =
        "skipped: there is no redis-server here: install it with `apt-get install redis-server`";
    assert!(
        std::env::var("TEGATA_REQUIRE_REDIS").as_deref() != Ok("1"),
        "{text} (TEGATA_REQUIRE_REDIS is 1)"
    );
    crate::say(text);
    false
}

impl RedisServer {
    pub(crate) fn start() -> Self {
        // Another process may take the port between its choice and its use.
        (0..5)
            .find_map(|_| Self::try_start())
            .expect("redis-server starts")
    }

    fn try_start() -> Option<Self> {
        let port = tegata_test_support::port::free();
        let folder = tempfile::tempdir().expect("a folder");
        let process = Command::new("redis-server")
            .args([
                "--port",
                &port.to_string(),
                "--bind",
                "127.0.0.1",
                "--save",
                "",
            ])
            .arg("--dir")
            .arg(folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let mut server = Self {
            process: process.expect("redis-server starts"),
            port,
            _folder: folder,
        };
        let began = Instant::now();
        while began.elapsed() < Duration::from_secs(20) {
            if server.process.try_wait().expect("its state").is_some() {
                return None;
            }
            if is_ready(port) {
                return Some(server);
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        None
    }

    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/", self.port)
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
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
    ping().is_ok_and(|answer| &answer == b"+PONG")
}
