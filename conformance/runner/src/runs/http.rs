//! The control server: runs are begun, answered and judged at it.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::extract::{Path, State as AppState};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::run::Run;
use super::{Begun, State};
use crate::case::Suite;
use crate::did_you_mean::did_you_mean;
use crate::process::Answer;
use crate::script::{Manner, ScriptServer};

/// How many runs may be kept at the same time; each holds two ports.
const MOST: usize = 256;
/// Where runs live.
const PATH: &str = "/__conform";

/// A control server that is running; dropping it ends it and every run.
#[derive(Debug)]
pub struct ControlServer {
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

struct Shared {
    suite: &'static Suite,
    manner: Manner,
    base_url: String,
    runs: Mutex<Runs>,
}

#[derive(Default)]
struct Runs {
    last: u64,
    live: BTreeMap<u64, Run>,
}

/// Why a request is not served.
struct Refusal(StatusCode, String);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Begin {
    case: String,
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared")
            .field("base_url", &self.base_url)
            .finish_non_exhaustive()
    }
}

impl ControlServer {
    /// Listens on a port of loopback, 0 for any; every case of the suite can be begun.
    ///
    /// # Errors
    ///
    /// If the port is taken.
    pub async fn start(suite: &'static Suite, manner: Manner, port: u16) -> std::io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
        let shared = Arc::new(Shared {
            suite,
            manner,
            base_url: format!("http://{}", listener.local_addr()?),
            runs: Mutex::default(),
        });
        let router = Router::new()
            .route(PATH, post(begin))
            .route(
                &format!("{PATH}/{{run}}"),
                get(state).post(answer).delete(end),
            )
            .fallback(usage)
            .with_state(Arc::clone(&shared));
        let task = tokio::spawn(async move {
            // Accepting is retried for ever.
            let _ = axum::serve(listener, router).await;
        });
        Ok(Self { shared, task })
    }

    /// Where it listens, without a slash at the end.
    pub fn base_url(&self) -> &str {
        &self.shared.base_url
    }

    /// Begins a run of a case.
    ///
    /// # Errors
    ///
    /// If there is no such case, no port is free, or there are too many runs already.
    pub async fn begin(&self, case: &str) -> Result<Begun, String> {
        let begun = self.shared.begin(case).await;
        begun.map_err(|Refusal(_, problem)| problem)
    }
}

impl Drop for ControlServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Shared {
    fn runs(&self) -> MutexGuard<'_, Runs> {
        self.runs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn begin(&self, id: &str) -> Result<Begun, Refusal> {
        let case = self.suite.case(id).ok_or_else(|| {
            let near = did_you_mean(id, self.suite.cases.iter().map(|case| case.id.as_str()));
            let hint = near.map_or_else(
                || "`tegata-conformance list` shows them all".to_owned(),
                |near| format!("did you mean `{near}`?"),
            );
            Refusal(StatusCode::NOT_FOUND, format!("`{id}` is no case; {hint}"))
        })?;
        if !case.role.judges_clients() {
            let problem = format!("`{id}` judges endpoints, not clients");
            return Err(Refusal(StatusCode::BAD_REQUEST, problem));
        }
        let failed = |error: &dyn std::fmt::Display| {
            Refusal(StatusCode::INTERNAL_SERVER_ERROR, error.to_string())
        };
        if self.runs().live.len() >= MOST {
            let problem = format!("there are {MOST} runs; end some by DELETE");
            return Err(Refusal(StatusCode::TOO_MANY_REQUESTS, problem));
        }
        let server = ScriptServer::start_with(&self.manner).await;
        let server = server.map_err(|error| failed(&error))?;
        let run = Run::begin(self.suite, case, server).map_err(|error| failed(&error))?;
        let mut runs = self.runs();
        runs.last += 1;
        let number = runs.last;
        let begun = Begun {
            run: number,
            case: case.id.clone(),
            base_url: run.origin().to_owned(),
            verdict: format!("{}{PATH}/{number}", self.base_url),
            message: run.message().cloned(),
        };
        runs.live.insert(number, run);
        Ok(begun)
    }

    fn with<T>(&self, number: u64, act: impl FnOnce(&mut Run) -> T) -> Result<T, Refusal> {
        let mut runs = self.runs();
        let run = runs.live.get_mut(&number).ok_or_else(|| {
            let problem = format!("there is no run {number}; begin one by POST {PATH}");
            Refusal(StatusCode::NOT_FOUND, problem)
        })?;
        Ok(act(run))
    }
}

async fn begin(AppState(shared): AppState<Arc<Shared>>, body: String) -> Response {
    let begun = match serde_json::from_str::<Begin>(&body) {
        Ok(begin) => shared.begin(&begin.case).await,
        Err(error) => Err(Refusal(
            StatusCode::BAD_REQUEST,
            format!("the body is no {{\"case\": \"<id>\"}}: {error}"),
        )),
    };
    answered(begun, StatusCode::CREATED)
}

async fn state(AppState(shared): AppState<Arc<Shared>>, Path(number): Path<u64>) -> Response {
    answered(shared.with(number, |run| run.state()), StatusCode::OK)
}

async fn answer(
    AppState(shared): AppState<Arc<Shared>>,
    Path(number): Path<u64>,
    body: String,
) -> Response {
    let taken = Answer::read(body.trim())
        .map_err(|problem| {
            let problem = format!("the body is no answer: {problem}");
            Refusal(StatusCode::BAD_REQUEST, problem)
        })
        .and_then(|answer| shared.with(number, |run| take(run, answer))?);
    answered(taken, StatusCode::OK)
}

fn take(run: &mut Run, answer: Answer) -> Result<State, Refusal> {
    match run.answer(answer) {
        Ok(true) => Ok(run.state()),
        Ok(false) => {
            let problem = "no task waits for an answer: the case is over".to_owned();
            Err(Refusal(StatusCode::CONFLICT, problem))
        }
        Err(error) => Err(Refusal(
            StatusCode::INTERNAL_SERVER_ERROR,
            error.to_string(),
        )),
    }
}

async fn end(AppState(shared): AppState<Arc<Shared>>, Path(number): Path<u64>) -> Response {
    let ended = shared.with(number, |run| run.state());
    shared.runs().live.remove(&number);
    answered(ended, StatusCode::OK)
}

async fn usage() -> Response {
    let problem = format!(
        "begin a run by POST {PATH} with {{\"case\": \"<id>\"}}; then GET, POST and DELETE {PATH}/<run>"
    );
    answered::<()>(Err(Refusal(StatusCode::NOT_FOUND, problem)), StatusCode::OK)
}

fn answered<T: Serialize>(result: Result<T, Refusal>, status: StatusCode) -> Response {
    let (status, json) = match result {
        Ok(value) => (status, serde_json::to_string(&value)),
        Err(Refusal(status, problem)) => {
            let error = BTreeMap::from([("error", problem)]);
            (status, serde_json::to_string(&error))
        }
    };
    // Texts, numbers and lists of them can always be written.
    let json = json.unwrap_or_default() + "\n";
    (status, [(CONTENT_TYPE, "application/json")], json).into_response()
}
