//! Many cases, several at a time, reported in the suite's order.

use std::fmt;

use futures_util::{StreamExt as _, stream};

use super::{Client, Ran};
use crate::case::{Case, Suite};
use crate::script::RunError;

/// A case that could not be run.
#[derive(Debug)]
pub struct Failed {
    /// The case.
    pub case: String,
    /// Why.
    pub error: RunError,
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.case, self.error)
    }
}

impl std::error::Error for Failed {}

/// Runs cases, so many at a time, and hands each to `done` as soon as it is its turn in the
/// suite's order.
///
/// # Errors
///
/// As [`Client::run`], with the case.
pub async fn run_all(
    suite: &Suite,
    cases: &[&Case],
    client: &Client,
    jobs: usize,
    mut done: impl FnMut(&Ran),
) -> Result<Vec<Ran>, Failed> {
    // Without this, cases would share a log file and their lines could not be separated.
    let apart = client.logs().iter().all(super::LogFile::is_by_case);
    let jobs = if apart { jobs.max(1) } else { 1 };
    let mut all = Vec::new();
    let mut running = stream::iter(cases.iter().copied())
        .map(|case| async move {
            let ran = client.run(suite, case).await;
            ran.map_err(|error| Failed {
                case: case.id.clone(),
                error,
            })
        })
        .buffered(jobs);
    while let Some(ran) = running.next().await {
        let ran = ran?;
        done(&ran);
        all.push(ran);
    }
    Ok(all)
}
