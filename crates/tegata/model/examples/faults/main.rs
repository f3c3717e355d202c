//! Breaks the cache in one way after the other, in a copy, and sees which tests notice.
//!
//! ```text
//! cargo run -p tegata-model --example faults            # all of them: some minutes
//! cargo run -p tegata-model --example faults -- lease   # those with one of these words in their name
//! ```

mod list;
mod workshop;

use std::error::Error;
use std::io::Write as _;
use std::process::ExitCode;

use list::{FAULTS, Suite};
use workshop::Workshop;

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let words: Vec<_> = std::env::args().skip(1).collect();
    let is_asked_for = |name: &str| words.is_empty() || words.iter().any(|w| name.contains(w));
    let workshop = Workshop::open()?;
    let mut out = std::io::stdout();
    let mut unnoticed = 0;
    for fault in FAULTS.iter().filter(|fault| is_asked_for(fault.name)) {
        workshop.plant(fault)?;
        writeln!(out, "{}", fault.name)?;
        for suite in [
            Suite::Cache,
            Suite::Schedule,
            Suite::Transport,
            Suite::Races,
        ] {
            let expected = fault.noticed_by.iter().filter(|by| by.0 == suite);
            let expected: Vec<_> = expected.map(|by| by.1).collect();
            if expected.is_empty() {
                continue;
            }
            let failed = workshop.failures(suite, &expected)?;
            for test in expected {
                let noticed = failed.iter().any(|name| is_named(name, test));
                unnoticed += usize::from(!noticed);
                let mark = if noticed {
                    "noticed by"
                } else {
                    "NOT NOTICED by"
                };
                writeln!(out, "  {mark} {suite:?}: {test}")?;
            }
        }
        workshop.fix(fault)?;
    }
    writeln!(out, "{unnoticed} not noticed where they should be")?;
    Ok(ExitCode::from(u8::from(unnoticed > 0)))
}

/// Whether a test of this path, perhaps one case of it, has this name.
fn is_named(path: &str, name: &str) -> bool {
    path.split("::").any(|part| part == name)
}
