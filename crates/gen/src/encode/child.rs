//! The encoder in a process of its own: what it does to that process, by recursion, memory or time, is a message here.

use std::io::{self, Read as _, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use serde_json::Value as Json;

/// How long one try may take, and how much memory.
const LIMIT: Duration = Duration::from_secs(60);
#[cfg(unix)]
const MEMORY: u64 = 4 << 30;

/// What stands before the code.
const GOOD: &str = "code\n";

pub(super) fn encode(program: &Path, document: &Json) -> Result<String, String> {
    let mut command = Command::new(program);
    command
        .arg("encode")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    let mut child = command
        .spawn()
        .map_err(|error| format!("{} cannot be started: {error}", program.display()))?;
    let text = document.to_string();
    let (stdin, stdout) = (child.stdin.take(), child.stdout.take());
    std::thread::scope(|scope| {
        let (sender, receiver) = mpsc::channel();
        scope.spawn(move || {
            if let Some(mut stdin) = stdin {
                // A process that has ended says so by its status.
                let _ = stdin.write_all(text.as_bytes());
            }
        });
        scope.spawn(move || {
            let mut out = String::new();
            let read = stdout.map(|mut it| it.read_to_string(&mut out));
            let _ = sender.send(read.and_then(Result::ok).map(|_| out));
        });
        let out = receiver.recv_timeout(LIMIT);
        if matches!(out, Err(RecvTimeoutError::Timeout)) {
            let _ = child.kill();
            let _ = child.wait();
            return Err(format!("it did not end within {} seconds", LIMIT.as_secs()));
        }
        result(&mut child, &out.ok().flatten().unwrap_or_default())
    })
}

fn result(child: &mut Child, out: &str) -> Result<String, String> {
    let status = child.wait().map_err(|error| error.to_string())?;
    if !status.success() && out.is_empty() {
        return Err(format!(
            "it ended the process ({status}): it recursed without end, or needed too much memory"
        ));
    }
    match out.strip_prefix(GOOD) {
        Some(code) => Ok(code.to_owned()),
        None => Err(out.lines().next().unwrap_or("it said nothing").to_owned()),
    }
}

/// What a program that is started by [`Encoder::Process`](super::Encoder::Process) does: it reads a document from its input
/// and writes the code, or the error, to its output.
///
/// # Errors
/// If input or output fail.
pub fn answer() -> io::Result<()> {
    let mut text = String::new();
    io::stdin().read_to_string(&mut text)?;
    let document = serde_json::from_str::<Json>(&text).map_err(io::Error::other)?;
    drop(text);
    let out = match super::here(&document, &[]) {
        Ok(code) => format!("{GOOD}{code}"),
        Err(said) => said,
    };
    io::stdout().write_all(out.as_bytes())
}

/// Limits the memory of this process, where the system can.
pub fn limit_this_process() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, setrlimit};
        let limit = Rlimit {
            current: Some(MEMORY),
            maximum: Some(MEMORY),
        };
        // Without the limit the system's own is left.
        let _ = setrlimit(Resource::As, limit);
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use rstest::rstest;
    use serde_json::json;

    use super::*;

    /// A program that does this.
    fn encode_with(script: &str) -> Result<String, String> {
        let folder = tempfile::tempdir().expect("a folder");
        let program = folder.path().join("encoder");
        std::fs::write(&program, format!("#!/bin/sh\n{script}\n")).expect("written");
        let mode = std::fs::Permissions::from_mode(0o700);
        std::fs::set_permissions(&program, mode).expect("runnable");
        encode(&program, &json!({"text": "a".repeat(1 << 20)}))
    }

    #[rstest]
    #[case("kill -9 $$", "recursed without end, or needed too much memory")]
    #[case("cat > /dev/null; exit 3", "exit status: 3")]
    #[case("cat > /dev/null; echo 'panicked at x'", "panicked at x")]
    #[case("cat > /dev/null", "said nothing")]
    fn what_happens_to_the_process_is_a_message(#[case] script: &str, #[case] message: &str) {
        let said = encode_with(script).unwrap_err();
        assert!(said.contains(message), "{said}");
    }

    #[test]
    fn code_comes_back_as_it_is() {
        assert_eq!(
            encode_with("cat > /dev/null; printf 'code\\nstruct A;\\n'").unwrap(),
            "struct A;\n"
        );
    }

    #[test]
    fn a_program_that_is_missing_is_named() {
        let said = encode(Path::new("/nowhere/encoder"), &json!({})).unwrap_err();
        assert!(
            said.contains("/nowhere/encoder cannot be started"),
            "{said}"
        );
    }
}
