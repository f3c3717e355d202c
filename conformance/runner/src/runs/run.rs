//! One run.

use serde::Serialize;

use crate::case::{Case, Suite};
use crate::judge::judge_client;
use crate::process::{Answer, Message};
use crate::report::CaseReport;
use crate::script::{Outcome, PooledServer, RunError, ScriptServer, Stage};

/// A run in the middle of its case.
pub(super) struct Run {
    suite: &'static Suite,
    case: &'static Case,
    stage: Stage<'static>,
    message: Option<Message>,
}

/// A run that was begun.
#[derive(Clone, Debug, Serialize)]
pub struct Begun {
    /// Its number.
    pub run: u64,
    /// The case.
    pub case: String,
    /// The origin that the client is given.
    pub base_url: String,
    /// Where the verdict is, and where answers are posted.
    pub verdict: String,
    /// The first task; none if the case has none.
    pub message: Option<Message>,
}

/// The state of a run.
#[derive(Clone, Debug, Serialize)]
pub struct State {
    /// Whether every step has ended.
    pub over: bool,
    /// The task that waits for an answer.
    pub message: Option<Message>,
    /// The verdict on what was sent and answered so far.
    pub report: CaseReport,
}

impl Run {
    pub(super) fn begin(
        suite: &'static Suite,
        case: &'static Case,
        server: ScriptServer,
    ) -> Result<Self, RunError> {
        let mut run = Self {
            suite,
            case,
            stage: Stage::on(suite, case, PooledServer::once(server)),
            message: None,
        };
        run.next()?;
        Ok(run)
    }

    fn next(&mut self) -> Result<(), RunError> {
        let turn = self.stage.turn()?;
        let more = self.case.step.len() - self.stage.transcript().steps.len();
        self.message = turn.map(|turn| Message::of(&turn, more));
        Ok(())
    }

    pub(super) fn origin(&self) -> &str {
        self.stage.origin()
    }

    pub(super) fn message(&self) -> Option<&Message> {
        self.message.as_ref()
    }

    /// Takes the client's outcome; false if no task waits for it.
    pub(super) fn answer(&mut self, answer: Answer) -> Result<bool, RunError> {
        if self.message.take().is_none() {
            return Ok(false);
        }
        self.stage.ended(match answer {
            Answer::Ok(success) => Some(Outcome::Ok(success)),
            Answer::Error(failure) => Some(Outcome::Error(failure)),
            // The step did not end, and the verdict says so.
            Answer::Unsupported(_) => None,
        });
        self.next()?;
        Ok(true)
    }

    pub(super) fn state(&self) -> State {
        let transcript = self.stage.transcript();
        let checks = judge_client(self.suite, self.case, &transcript);
        State {
            over: self.stage.is_over(),
            message: self.message.clone(),
            report: CaseReport::of(&self.case.id, self.case.level, checks),
        }
    }
}
