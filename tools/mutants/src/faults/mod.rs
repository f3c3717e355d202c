//! Breaks the token cache in one way after the other, and sees whether the tests that are named for each
//! fault notice it.

mod list;
#[cfg(test)]
mod tests;

use std::path::Path;

use crate::code::{CodeError, Scratch};
use list::{Fault, Suite, faults};

/// What came of all faults.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Planted {
    /// Tests that should notice a fault and did not.
    pub(crate) unnoticed: usize,
    /// Faults that could not be tried: their text is not there, or the copy does not build with them.
    pub(crate) untried: usize,
}

/// Plants each fault whose name contains `only`.
///
/// # Errors
///
/// If there is none, or the copy cannot be made or written.
pub(crate) fn plant_all(
    root: &Path,
    target: Option<&Path>,
    only: &str,
    progress: &dyn Fn(&str),
) -> Result<Planted, CodeError> {
    if !faults().any(|fault| fault.name.contains(only)) {
        return Err(CodeError::new(format!(
            "no fault has `{only}` in its name: README.md lists them"
        )));
    }
    let scratch = Scratch::copy(root, target)?;
    let mut planted = Planted::default();
    for fault in faults().filter(|fault| fault.name.contains(only)) {
        progress(fault.name);
        let path = Path::new("crates/tegata/src").join(fault.file);
        let wrong = scratch.read(&path).and_then(|right| {
            let wrong = broken(fault, &right)?;
            Ok((right, wrong))
        });
        let alive = match wrong {
            Ok((right, wrong)) => {
                scratch.write(&path, &wrong)?;
                let alive = alive(&scratch, fault, progress);
                // Restored before the outcome is looked at, so that an error leaves no fault behind.
                scratch.write(&path, &right)?;
                alive
            }
            Err(error) => Err(error),
        };
        match alive {
            Ok(alive) => planted.unnoticed += alive,
            // The others can still be tried.
            Err(error) => {
                planted.untried += 1;
                progress(&format!("  NOT TRIED: {error}"));
            }
        }
    }
    Ok(planted)
}

fn broken(fault: &Fault, right: &str) -> Result<String, CodeError> {
    if right.matches(fault.before).count() == 1 {
        return Ok(right.replace(fault.before, fault.after));
    }
    let file = fault.file;
    Err(CodeError::new(format!("its text is not once in {file}")))
}

/// How many of the tests that should notice a fault do not.
fn alive(scratch: &Scratch, fault: &Fault, progress: &dyn Fn(&str)) -> Result<usize, CodeError> {
    let mut alive = 0;
    for suite in Suite::ALL {
        let expected = fault.noticed_by.iter().filter(|by| by.0 == suite);
        let expected: Vec<_> = expected.map(|by| by.1).collect();
        if expected.is_empty() {
            continue;
        }
        let failed = scratch.failures(suite.arguments(), &expected)?;
        for test in expected {
            let noticed = failed.iter().any(|path| is_named(path, test));
            alive += usize::from(!noticed);
            let mark = if noticed {
                "noticed by"
            } else {
                "NOT NOTICED by"
            };
            progress(&format!("  {mark} {suite:?}: {test}"));
        }
    }
    Ok(alive)
}

impl Suite {
    const ALL: [Self; 4] = [Self::Cache, Self::Schedule, Self::Transport, Self::Races];

    /// The tests, for `cargo test`.
    fn arguments(self) -> &'static [&'static str] {
        match self {
            Self::Races => &["-p", "tegata-model", "--test", "races"],
            Self::Schedule => &["-p", "tegata", "--test", "schedule"],
            Self::Cache => &["-p", "tegata", "--lib"],
            Self::Transport => &["-p", "tegata", "--test", "transport"],
        }
    }

    /// Where they are, below the root.
    #[cfg(test)]
    fn place(self) -> std::path::PathBuf {
        Path::new("crates/tegata").join(match self {
            Self::Races => "model/tests/races",
            Self::Schedule => "tests/schedule",
            Self::Cache => "src",
            Self::Transport => "tests/transport",
        })
    }
}

/// Whether a test of this path, perhaps one case of it, has this name.
fn is_named(path: &str, name: &str) -> bool {
    path.split("::").any(|part| part == name)
}
