//! Running one case against one client.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::time::Duration;

use super::given::{context, task};
use super::{Driver, Lent, Outcome, Script, ScriptServer, Servers, Session};
use crate::case::{Case, Step, Suite};
use crate::fixture::{ValueError, Values};
use crate::judge::{StepRecord, Transcript, capture_state, case_values, judge_client};
use crate::report::CaseReport;

/// How long a step may take before the client is held to hang.
const PATIENCE: Duration = Duration::from_secs(30);

/// Why a case could not be run: the harness or the data, never the client.
#[derive(Debug)]
pub enum RunError {
    /// The scripted server could not be started.
    Server(std::io::Error),
    /// The case names something that does not exist.
    Data(String),
}

impl fmt::Display for RunError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Server(error) => write!(f, "the scripted server cannot be started: {error}"),
            Self::Data(problem) => write!(f, "the case cannot be run: {problem}"),
        }
    }
}

impl std::error::Error for RunError {}

impl RunError {
    /// The same, naming the case.
    pub(super) fn in_case(self, id: &str) -> Self {
        match self {
            Self::Data(problem) => Self::Data(format!("{id}: {problem}")),
            Self::Server(error) => Self::Server(error),
        }
    }
}

impl From<ValueError> for RunError {
    fn from(error: ValueError) -> Self {
        Self::Data(error.to_string())
    }
}

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

    /// Runs a case and hands back what was recorded.
    ///
    /// # Errors
    ///
    /// If the harness fails or the case's data is wrong.
    pub async fn record<D: Driver>(&self, case: &Case, driver: &D) -> Result<Transcript, RunError> {
        let server = match self.servers {
            Some(servers) => servers.lend().await,
            None => ScriptServer::start().await.map(Lent::once),
        };
        let server = server.map_err(RunError::Server)?;
        let mut values = case_values(self.suite, case);
        values.set("origin", server.origin());
        values.set("other-origin", server.other_origin());
        let begin = values.clone();
        let mut sessions: BTreeMap<String, D::Session> = BTreeMap::new();
        let mut auth = case.given.auth;
        let mut now = case.given.clock;
        let mut steps = Vec::new();
        for step in &case.step {
            now += step.advance;
            if let Some(reopen) = &step.reopen {
                auth = reopen.auth;
                sessions.clear();
            }
            let account = step.account.as_deref().unwrap_or("default");
            server.set(self.script(step, &values)?);
            let context = context(case, &values, account, auth, now)?;
            let task = task(&step.operation, &values)?;
            let acted = async {
                if !sessions.contains_key(account) {
                    match driver.open(&context).await {
                        Ok(session) => drop(sessions.insert(account.to_owned(), session)),
                        Err(failure) => return Outcome::Error(failure),
                    }
                }
                match sessions.get_mut(account) {
                    Some(session) => session.perform(&task, now).await,
                    None => Outcome::Error(super::Failure::of(super::ErrorKind::Other)),
                }
            };
            let outcome = tokio::time::timeout(self.patience, acted).await.ok();
            let ended = outcome.is_some();
            let record = StepRecord {
                requests: server.take(),
                outcome,
                answers: Vec::new(),
            };
            if let Some(url) = record.url() {
                capture_state(&mut values, &url);
            }
            steps.push(record);
            if !ended {
                break;
            }
        }
        Ok(Transcript {
            steps,
            values: begin,
        })
    }

    fn script(&self, step: &Step, values: &Values) -> Result<Script, RunError> {
        let find = |id: &str| {
            self.suite
                .fixtures
                .get(id)
                .ok_or_else(|| RunError::Data(format!("`{id}` is no fixture")))
        };
        let mut answers = VecDeque::new();
        for exchange in &step.exchange {
            let (file, answer) = find(&exchange.respond)?;
            answers.push_back(file.answered(answer, values, &exchange.with)?);
        }
        let mut otherwise = BTreeMap::new();
        for further in &step.otherwise {
            let (file, answer) = find(&further.respond)?;
            let request = file.recorded(values, &further.with)?;
            let key = (request.method.clone(), request.path().to_owned());
            otherwise.insert(key, file.answered(answer, values, &further.with)?);
        }
        Ok(Script { answers, otherwise })
    }
}
