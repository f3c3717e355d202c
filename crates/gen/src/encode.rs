//! The encoder: progenitor, kept in a process of its own by the command, and led around what it fails on.

mod blame;
mod check;
mod child;
mod panics;
mod progenitor;

use std::path::PathBuf;

use serde_json::Value as Json;

pub use blame::Blamed;
pub(crate) use blame::around;
pub(crate) use check::{Doubled, doubled};
pub use child::{answer as encode_for_parent, limit_this_process};
pub use progenitor::Replaced;

/// Where the encoder runs.
#[derive(Clone, Debug, Default)]
pub enum Encoder {
    /// In this process, as a `build.rs` wants it. A document that makes the encoder recurse without end ends the process.
    #[default]
    Here,
    /// In a process of this program, which is called with `encode` and must call [`encode_for_parent`].
    Process(PathBuf),
}

impl Encoder {
    /// The code for a lowered document, or what the encoder said.
    pub(crate) fn encode(&self, document: &Json) -> Result<String, String> {
        match self {
            Self::Here => here(document, &[]),
            Self::Process(program) => child::encode(program, document),
        }
    }
}

/// The encoder recurses as deep as schemas do.
const STACK: usize = 256 << 20;

/// The code for a lowered document, made in this process.
pub(crate) fn here(document: &Json, replaced: &[Replaced]) -> Result<String, String> {
    std::thread::scope(|scope| {
        let work = || {
            panics::catch(std::panic::AssertUnwindSafe(|| {
                progenitor::encode(document, replaced)
            }))
        };
        let thread = std::thread::Builder::new()
            .stack_size(STACK)
            .spawn_scoped(scope, work);
        let thread = thread.map_err(|error| format!("no thread can be had: {error}"))?;
        thread
            .join()
            .unwrap_or_else(|_| Err("the encoder panicked".to_owned()))?
    })
}
