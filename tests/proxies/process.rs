//! A server program of the system, with a folder of its own, that ends with the test.

use std::fs;
use std::io::Write as _;
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

pub(crate) struct Process {
    child: Child,
    folder: tempfile::TempDir,
    pub(crate) port: u16,
}

impl Process {
    /// Starts a program with a configuration, in which `{folder}` and `{port}` are filled in. `None` if it is
    /// not installed.
    pub(crate) fn start(
        program: &str,
        arguments: &[&str],
        configuration: &str,
        files: &[(&str, &str)],
    ) -> Option<Self> {
        if !is_installed(program) {
            let text = format!("skipped: install {program} with `apt-get install {program}`");
            let is_required =
                std::env::var("TEGATA_REQUIRE_PROXIES").is_ok_and(|value| value == "1");
            assert!(!is_required, "{text} (TEGATA_REQUIRE_PROXIES is 1)");
            // Not by `eprintln!`, whose output is kept back for tests that pass.
            let _ = writeln!(std::io::stderr(), "{text}");
            return None;
        }
        let started =
            (0..5).find_map(|_| Self::try_start(program, arguments, configuration, files));
        Some(started.unwrap_or_else(|| panic!("{program} does not start")))
    }

    fn try_start(
        program: &str,
        arguments: &[&str],
        configuration: &str,
        files: &[(&str, &str)],
    ) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let port = tegata_test_support::port::free();
        let place = folder.path().to_str().unwrap();
        let fill = |text: &str| {
            text.replace("{folder}", place)
                .replace("{port}", &port.to_string())
        };
        fs::write(folder.path().join("conf"), fill(configuration)).unwrap();
        for (name, text) in files {
            fs::write(folder.path().join(name), text).unwrap();
        }
        let mut child = Command::new(program)
            .args(arguments.iter().map(|argument| fill(argument)))
            .stdin(Stdio::null())
            .stdout(fs::File::create(folder.path().join("stdout")).unwrap())
            .stderr(fs::File::create(folder.path().join("stderr")).unwrap())
            .env("PATH", path())
            .spawn()
            .unwrap();
        let patience = Instant::now() + Duration::from_secs(60);
        while Instant::now() < patience {
            if child.try_wait().unwrap().is_some() {
                let said = fs::read_to_string(folder.path().join("stderr")).unwrap_or_default();
                let _ = writeln!(std::io::stderr(), "{program} ended: {said}");
                return None;
            }
            if TcpStream::connect(("127.0.0.1", port)).is_ok() {
                return Some(Self {
                    child,
                    folder,
                    port,
                });
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        let _ = child.kill();
        let _ = child.wait();
        None
    }

    /// All that it wrote.
    pub(crate) fn log(&self) -> String {
        let read = |entry: std::io::Result<fs::DirEntry>| {
            fs::read(entry.unwrap().path()).unwrap_or_default()
        };
        let files = fs::read_dir(self.folder.path()).unwrap().map(read);
        String::from_utf8_lossy(&files.collect::<Vec<_>>().concat()).into_owned()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Debian has these programs where only root looks for them.
fn path() -> String {
    format!(
        "{}:/usr/sbin:/sbin",
        std::env::var("PATH").unwrap_or_default()
    )
}

fn is_installed(program: &str) -> bool {
    path()
        .split(':')
        .any(|folder| Path::new(folder).join(program).is_file())
}
