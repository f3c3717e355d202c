//! Running many cases, on as many threads as there are cores.

use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use super::{Driver, RunError, Runner, Servers};
use crate::case::Case;
use crate::report::CaseReport;

/// The number of threads that suits this machine.
pub fn cores() -> NonZeroUsize {
    thread::available_parallelism().unwrap_or(NonZeroUsize::MIN)
}

impl Runner<'_> {
    /// Runs cases on so many threads. Each thread has a runtime and servers of its own; the
    /// reports come in the order of the cases, whatever the number of threads. Call it outside of
    /// any runtime.
    ///
    /// # Errors
    ///
    /// If the harness fails or a case's data is wrong: the first case in order that it happened to,
    /// named.
    pub fn run_all<D: Driver>(
        &self,
        cases: &[&Case],
        driver: &D,
        threads: NonZeroUsize,
    ) -> Result<Vec<CaseReport>, RunError> {
        self.run_each(cases, driver, threads, &|_| {})
    }

    /// As [`Runner::run_all`], and reports each case as soon as it has ended.
    ///
    /// # Errors
    ///
    /// As for [`Runner::run_all`].
    pub fn run_each<D: Driver>(
        &self,
        cases: &[&Case],
        driver: &D,
        threads: NonZeroUsize,
        ended: &(dyn Fn(&CaseReport) + Sync),
    ) -> Result<Vec<CaseReport>, RunError> {
        let next = AtomicUsize::new(0);
        let all = Mutex::new(Vec::with_capacity(cases.len()));
        let work = || {
            let Ok(runtime) = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
            else {
                return;
            };
            let servers = Servers::default();
            let runner = self.servers(&servers);
            loop {
                let index = next.fetch_add(1, Ordering::Relaxed);
                let Some(case) = cases.get(index) else {
                    break;
                };
                let report = runtime.block_on(runner.run(case, driver));
                if let Ok(report) = &report {
                    ended(report);
                }
                let mut all = all.lock().unwrap_or_else(PoisonError::into_inner);
                all.push((index, report));
            }
        };
        thread::scope(|scope| {
            for _ in 0..threads.get().min(cases.len()) {
                scope.spawn(work);
            }
        });
        let mut all = all.into_inner().unwrap_or_else(PoisonError::into_inner);
        all.sort_by_key(|(index, _)| *index);
        if all.len() < cases.len() {
            let error = std::io::Error::other("no thread could start its runtime");
            return Err(RunError::Server(error));
        }
        let named = |(index, report): (usize, Result<_, RunError>)| {
            report.map_err(|error| error.in_case(&cases[index].id))
        };
        all.into_iter().map(named).collect()
    }
}
