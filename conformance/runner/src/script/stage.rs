//! One run of one case, step by step: the client's driver asks what it is to do next and
//! reports its outcome. Between the two, the client talks to the scripted server.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::given::{context, task};
use super::{Context, Outcome, PooledServer, RunError, Script, ScriptServer, Task};
use crate::case::{Auth, Case, Step, Suite, capture_state, case_values};
use crate::fixture::{Redactor, Values};
use crate::judge::{StepRecord, Transcript};

/// A case in the middle of a run.
#[derive(Debug)]
pub struct Stage<'a> {
    suite: &'a Suite,
    case: &'a Case,
    server: PooledServer<'a>,
    begin: Values,
    values: Values,
    auth: Auth,
    now: u64,
    /// The accounts for which there is a client already.
    opened: BTreeSet<String>,
    records: Vec<StepRecord>,
    /// Whether a step has begun that has not ended.
    acting: bool,
    broken_off: bool,
}

/// The client's next task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turn {
    /// The configuration, and the time.
    pub context: Context,
    /// Whether a client is to be made with it: at the first task of an account, and where the
    /// case starts it anew.
    pub open: bool,
    /// The task.
    pub task: Task,
}

impl<'a> Stage<'a> {
    /// Starts a server for a case.
    ///
    /// # Errors
    ///
    /// If no port is free.
    pub async fn start(suite: &'a Suite, case: &'a Case) -> Result<Self, RunError> {
        let server = ScriptServer::start().await.map_err(RunError::Server)?;
        Ok(Self::on(suite, case, PooledServer::once(server)))
    }

    /// The same on a server that was started before.
    pub fn on(suite: &'a Suite, case: &'a Case, server: PooledServer<'a>) -> Self {
        let mut values = case_values(suite, case);
        values.set("origin", server.origin());
        values.set("other-origin", server.other_origin());
        Self {
            suite,
            case,
            server,
            begin: values.clone(),
            values,
            auth: case.given.auth,
            now: case.given.clock,
            opened: BTreeSet::new(),
            records: Vec::new(),
            acting: false,
            broken_off: false,
        }
    }

    /// The origin that the client is given.
    pub fn origin(&self) -> &str {
        self.server.origin()
    }

    /// What turns the secrets of this run into their names.
    pub fn redactor(&self) -> Redactor {
        self.values.redactor()
    }

    /// Begins the next step and returns the client's task; none if the case has ended.
    /// A step that has begun lasts until [`Stage::ended`].
    ///
    /// # Errors
    ///
    /// If the case's data is wrong.
    pub fn turn(&mut self) -> Result<Option<Turn>, RunError> {
        if self.acting || self.broken_off {
            return Ok(None);
        }
        let Some(step) = self.case.step.get(self.records.len()) else {
            return Ok(None);
        };
        self.now += step.advance;
        if let Some(reopen) = &step.reopen {
            self.auth = reopen.auth;
            self.opened.clear();
        }
        let account = step.account.as_deref().unwrap_or("default");
        self.server.set(self.script(step)?);
        let context = context(self.case, &self.values, account, self.auth, self.now)?;
        let task = task(&step.operation, &self.values)?;
        self.acting = true;
        Ok(Some(Turn {
            context,
            open: self.opened.insert(account.to_owned()),
            task,
        }))
    }

    /// Ends the step with the client's outcome. Without an outcome the case ends here.
    pub fn ended(&mut self, outcome: Option<Outcome>) {
        if !std::mem::take(&mut self.acting) {
            return;
        }
        self.broken_off = outcome.is_none();
        let record = StepRecord {
            requests: self.server.take(),
            outcome,
            ..StepRecord::default()
        };
        if let Some(url) = record.url() {
            capture_state(&mut self.values, &url);
        }
        self.records.push(record);
    }

    /// What was recorded so far, with what the client has sent in a step that has not ended.
    pub fn transcript(&self) -> Transcript {
        let mut steps = self.records.clone();
        if self.acting {
            steps.push(StepRecord {
                requests: self.server.seen(),
                ..StepRecord::default()
            });
        }
        Transcript {
            steps,
            values: self.begin.clone(),
        }
    }

    /// Whether every step has ended, or the last one had no outcome.
    pub fn is_over(&self) -> bool {
        self.broken_off || (!self.acting && self.records.len() == self.case.step.len())
    }

    fn script(&self, step: &Step) -> Result<Script, RunError> {
        let find = |id: &str| {
            self.suite
                .fixtures
                .get(id)
                .ok_or_else(|| RunError::Data(format!("`{id}` is no fixture")))
        };
        let mut answers = VecDeque::new();
        for exchange in &step.exchange {
            let (file, answer) = find(&exchange.respond)?;
            answers.push_back(file.answered(answer, &self.values, &exchange.with)?);
        }
        let mut otherwise = BTreeMap::new();
        for further in &step.otherwise {
            let (file, answer) = find(&further.respond)?;
            let request = file.recorded(&self.values, &further.with)?;
            let key = (request.method.clone(), request.path().to_owned());
            otherwise.insert(key, file.answered(answer, &self.values, &further.with)?);
        }
        Ok(Script { answers, otherwise })
    }
}
