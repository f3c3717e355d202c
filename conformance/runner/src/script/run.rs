//! Running one case against one client.

use std::collections::BTreeMap;
use std::time::Duration;

use super::{Driver, Outcome, PooledServer, RunError, ScriptServer, Servers, Session, Stage};
use crate::case::{Case, Suite};
use crate::judge::{Transcript, judge_client};
use crate::report::CaseReport;

/// How long a step may take before the client is held to hang.
const PATIENCE: Duration = Duration::from_secs(30);

/// Runs cases of a suite.
#[derive(Clone, Copy, Debug)]
pub struct Runner<'a> {
    suite: &'a Suite,
    patience: Duration,
    servers: Option<&'a Servers>,
}

impl<'a> Runner<'a> {
    /// A runner of a suite's cases.
    pub fn new(suite: &'a Suite) -> Self {
        Self {
            suite,
            patience: PATIENCE,
            servers: None,
        }
    }

    /// The same with another patience: how long a step may take before the client is held to
    /// hang.
    #[must_use]
    pub fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// The same with servers that are used again; otherwise each case starts one.
    #[must_use]
    pub fn servers(mut self, servers: &'a Servers) -> Self {
        self.servers = Some(servers);
        self
    }

    /// Runs a case and judges the client by it.
    ///
    /// # Errors
    ///
    /// If the harness fails or the case's data is wrong.
    pub async fn run<D: Driver>(&self, case: &Case, driver: &D) -> Result<CaseReport, RunError> {
        let able = case
            .needs
            .iter()
            .all(|need| driver.features().contains(need));
        if !case.role.judges_clients() || !able {
            return Ok(CaseReport::not_applicable(&case.id));
        }
        let transcript = self.record(case, driver).await?;
        let checks = judge_client(self.suite, case, &transcript);
        Ok(CaseReport::of(&case.id, case.level, checks))
    }

    /// Runs a case and returns its record.
    ///
    /// # Errors
    ///
    /// If the harness fails or the case's data is wrong.
    pub async fn record<D: Driver>(&self, case: &Case, driver: &D) -> Result<Transcript, RunError> {
        let server = match self.servers {
            Some(servers) => servers.acquire().await,
            None => ScriptServer::start().await.map(PooledServer::once),
        };
        let server = server.map_err(RunError::Server)?;
        let mut stage = Stage::on(self.suite, case, server);
        let mut sessions: BTreeMap<String, D::Session> = BTreeMap::new();
        while let Some(turn) = stage.turn()? {
            let account = &turn.context.account;
            if turn.open {
                sessions.remove(account);
            }
            let acted = async {
                if !sessions.contains_key(account) {
                    match driver.open(&turn.context).await {
                        Ok(session) => drop(sessions.insert(account.clone(), session)),
                        Err(failure) => return Outcome::Error(failure),
                    }
                }
                match sessions.get_mut(account) {
                    Some(session) => session.perform(&turn.task, turn.context.now).await,
                    None => Outcome::Error(super::Failure::of(super::ErrorKind::Other)),
                }
            };
            let outcome = tokio::time::timeout(self.patience, acted).await.ok();
            stage.ended(outcome);
        }
        Ok(stage.transcript())
    }
}
