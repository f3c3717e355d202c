//! The scripted server: it answers a step's fixtures in order and records the requests.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::read_request;
use crate::fixture::{Answer, Recorded};
use tegata_emulator::tls::Tls;

/// The answers that the server is to give.
#[derive(Clone, Debug, Default)]
pub struct Script {
    /// The answers, in order, whatever is asked.
    pub answers: VecDeque<Answer>,
    /// After those: the answers by method and path, any number of times.
    pub otherwise: BTreeMap<(String, String), Answer>,
}

/// How the server speaks.
#[derive(Clone, Debug, Default)]
pub struct Manner {
    /// Over TLS, with this certificate.
    pub tls: Option<Tls>,
    /// How long it waits before each answer, in real time.
    pub delay: Duration,
}

#[derive(Debug, Default)]
struct State {
    /// Counts how often the server was cleared. A connection belongs to the time in which it was opened.
    age: u64,
    script: Script,
    recorded: Vec<Recorded>,
    faults: Vec<String>,
}

/// Two listeners on loopback that share a script: the origin that a client is given, and another
/// one that it must not follow to with a credential.
#[derive(Debug)]
pub struct ScriptServer {
    state: Arc<Mutex<State>>,
    main: String,
    other: String,
    tasks: Vec<JoinHandle<()>>,
}

impl ScriptServer {
    /// Starts the server on two free ports.
    ///
    /// # Errors
    ///
    /// If no port is free.
    pub async fn start() -> std::io::Result<Self> {
        Self::start_with(&Manner::default()).await
    }

    /// The same in another manner.
    ///
    /// # Errors
    ///
    /// If no port is free.
    pub async fn start_with(manner: &Manner) -> std::io::Result<Self> {
        let state = Arc::new(Mutex::new(State::default()));
        let (main, main_task) = listen("main", &state, manner).await?;
        let (other, other_task) = listen("other", &state, manner).await?;
        Ok(Self {
            state,
            main,
            other,
            tasks: vec![main_task, other_task],
        })
    }

    /// The origin that a client is given.
    pub fn origin(&self) -> &str {
        &self.main
    }

    /// The other origin.
    pub fn other_origin(&self) -> &str {
        &self.other
    }

    /// Sets the script of answers.
    pub fn set(&self, script: Script) {
        lock(&self.state).script = script;
    }

    /// Takes the requests recorded since the last call.
    pub fn take(&self) -> Vec<Recorded> {
        std::mem::take(&mut lock(&self.state).recorded)
    }

    /// Forgets the script and the record. A request that still arrives on a connection that was
    /// opened before is not recorded any more.
    pub fn clear(&self) {
        let mut state = lock(&self.state);
        *state = State {
            age: state.age + 1,
            ..State::default()
        };
    }

    /// The requests recorded since the last call of `take`.
    pub fn seen(&self) -> Vec<Recorded> {
        lock(&self.state).recorded.clone()
    }

    /// Takes the received bytes that were no HTTP request.
    pub fn faults(&self) -> Vec<String> {
        std::mem::take(&mut lock(&self.state).faults)
    }
}

impl Drop for ScriptServer {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

async fn listen(
    origin: &'static str,
    state: &Arc<Mutex<State>>,
    manner: &Manner,
) -> std::io::Result<(String, JoinHandle<()>)> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let scheme = if manner.tls.is_some() {
        "https"
    } else {
        "http"
    };
    let address = format!("{scheme}://{}", listener.local_addr()?);
    let (state, manner) = (Arc::clone(state), manner.clone());
    let task = tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (state, manner) = (Arc::clone(&state), manner.clone());
            let age = lock(&state).age;
            tokio::spawn(async move {
                match &manner.tls {
                    None => serve(stream, origin, age, &state, manner.delay).await,
                    // A client that does not trust the authority has sent nothing.
                    Some(tls) => {
                        if let Ok(stream) = tls.accept(stream).await {
                            serve(stream, origin, age, &state, manner.delay).await;
                        }
                    }
                }
            });
        }
    });
    Ok((address, task))
}

async fn serve<S>(mut stream: S, origin: &str, age: u64, state: &Mutex<State>, delay: Duration)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let read = read_request(&mut stream, origin).await;
    let answer = {
        let mut state = lock(state);
        if state.age != age {
            return;
        }
        let recorded = match read {
            Ok(recorded) => recorded,
            Err(super::ReadError::Closed) => return,
            Err(error) => {
                state.faults.push(error.to_string());
                return;
            }
        };
        let answer = next(&mut state.script, &recorded);
        state.recorded.push(recorded);
        answer
    };
    if !delay.is_zero() {
        tokio::time::sleep(delay).await;
    }
    // The request of a client that went away has been recorded.
    let _ = stream.write_all(&answer.to_bytes()).await;
    let _ = stream.shutdown().await;
}

fn next(script: &mut Script, recorded: &Recorded) -> Answer {
    script.answers.pop_front().unwrap_or_else(|| {
        let key = (recorded.method.clone(), recorded.path().to_owned());
        script
            .otherwise
            .get(&key)
            .cloned()
            .unwrap_or_else(unexpected)
    })
}

/// The answer to a request that the case does not foresee. The judge fails the case for it.
pub(crate) fn unexpected() -> Answer {
    Answer {
        status: 500,
        reason: None,
        headers: vec![("content-type".to_owned(), "text/plain".to_owned())],
        body: b"the case foresees no such request".to_vec(),
        cut_after: None,
        raw: None,
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}
