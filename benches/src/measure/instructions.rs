//! Instructions for each operation, counted by callgrind. The clock is read by a system call there, of
//! which the kernel's part does not count, for all subjects alike.

use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::process::Command;

/// The word that makes this program run the windows of a topic and nothing else.
pub(crate) const CHILD: &str = "callgrind-windows";

const WINDOW: &str = "tegata_bench_window";

/// Callgrind counts from its entry to its end, and finds it by its name.
#[unsafe(no_mangle)]
#[allow(clippy::no_mangle_with_rust_abi)] // Only callgrind looks for the name.
#[inline(never)]
pub(crate) fn tegata_bench_window(work: &mut dyn FnMut()) {
    work();
    // So that the call above is no jump.
    black_box(());
}

/// Runs this program under callgrind with the windows of a topic. Gives the instructions of one operation
/// in each of them.
///
/// # Errors
/// Why they could not be counted.
pub(crate) fn count(topic: &str, windows: usize, operations: usize) -> Result<Vec<u64>, String> {
    let folder = std::env::temp_dir().join(format!("tegata-bench-{}", std::process::id()));
    fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
    let counts = count_in(&folder, topic, windows);
    let _ = fs::remove_dir_all(&folder);
    let counts = counts?;
    Ok(counts.iter().map(|all| all / operations as u64).collect())
}

fn count_in(folder: &Path, topic: &str, windows: usize) -> Result<Vec<u64>, String> {
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let out = folder.join("out");
    let run = Command::new("valgrind")
        .arg("--tool=callgrind")
        .arg(format!("--callgrind-out-file={}", out.display()))
        .arg("--collect-atstart=no")
        .arg(format!("--zero-before={WINDOW}"))
        .arg(format!("--toggle-collect={WINDOW}"))
        .arg(format!("--dump-after={WINDOW}"))
        .arg(program)
        .args([CHILD, topic])
        .output()
        .map_err(|_| "valgrind is not installed: `apt-get install valgrind`".to_owned())?;
    if !run.status.success() {
        return Err(format!("valgrind ended with {}", run.status));
    }
    (1..=windows)
        .map(|number| {
            let path = folder.join(format!("out.{number}"));
            let text = fs::read_to_string(path).map_err(|error| error.to_string())?;
            total(&text).ok_or_else(|| "callgrind wrote no total".to_owned())
        })
        .collect()
}

fn total(dump: &str) -> Option<u64> {
    dump.lines()
        .find_map(|line| {
            line.strip_prefix("totals:")
                .or_else(|| line.strip_prefix("summary:"))
        })?
        .trim()
        .parse()
        .ok()
}
