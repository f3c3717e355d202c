//! The recording proxy: it listens on loopback, forwards requests, and records both sides.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use std::{fmt, io};

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use super::inflate::unread;
use super::server::Base;
use super::unmeant::{Other, no_path, refuse};
use super::write::{WriteError, Writer};
use super::{BODY_LIMIT, Redaction, Traffic};
use tegata_suite::Server;

use crate::fixture::{Answer, Recorded};
use crate::script::read_request;
use crate::trust::{NOT_TRUSTED, Trust, distrusts};
use crate::upstream::Upstream;

/// How long an upstream may take to begin its answer, and between two parts of it.
const PATIENCE: Duration = Duration::from_secs(60);
/// Headers that are about one connection (RFC 9110 section 7.6.1), and those that the client
/// library writes itself.
const OF_THE_CONNECTION: [&str; 12] = [
    "connection",
    "content-length",
    "expect",
    "host",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// What to record, and where to.
#[derive(Clone)]
pub struct Settings {
    /// Where the servers are.
    pub upstreams: Vec<Base>,
    /// The authorities that the proxy trusts besides those of the system.
    pub trust: Trust,
    /// A folder that is new or empty.
    pub folder: PathBuf,
    /// What keeps its value, and what a credential is.
    pub redaction: Redaction,
    /// The secrets that must not be in any file.
    pub canaries: Vec<String>,
    /// How many exchanges are recorded; any number if not given.
    pub exchanges: Option<usize>,
}

/// The recorded exchanges.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// The fixtures, in the order of the exchanges.
    pub fixtures: Vec<String>,
    /// Exchanges that were not recorded, and why, with what to do about it. They hold no values.
    pub dropped: Vec<String>,
    /// Fixtures in which a body is not what it was on the wire, for it could not be read, and why.
    pub unread: Vec<String>,
}

/// Why nothing, or nothing more, can be recorded.
#[derive(Debug)]
pub enum RecordError {
    /// No port is free, or the HTTP client cannot be made.
    Start(String),
    /// The recording failed.
    Write(WriteError),
}

impl fmt::Display for RecordError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Start(problem) => write!(f, "the proxy cannot be started: {problem}"),
            Self::Write(error) => write!(f, "{error}"),
        }
    }
}

impl std::error::Error for RecordError {}

impl From<WriteError> for RecordError {
    fn from(error: WriteError) -> Self {
        Self::Write(error)
    }
}

/// A running proxy; dropping it ends it. All files written by then are whole.
#[derive(Debug)]
pub struct Recorder {
    shared: Arc<Shared>,
    urls: BTreeMap<Server, String>,
    over: watch::Receiver<bool>,
    problems: Option<mpsc::UnboundedReceiver<String>>,
    tasks: JoinSet<()>,
}

#[derive(Debug)]
struct Shared {
    upstreams: Vec<Base>,
    client: Upstream,
    exchanges: Option<usize>,
    state: Mutex<State>,
    over: watch::Sender<bool>,
    problems: mpsc::UnboundedSender<String>,
}

#[derive(Debug)]
struct State {
    writer: Writer,
    summary: Summary,
    failure: Option<WriteError>,
}

impl Recorder {
    /// Listens on a free port of loopback for each server that has an upstream.
    ///
    /// # Errors
    ///
    /// If the folder is not empty, a canary is too short, or no port is free.
    pub async fn start(settings: Settings) -> Result<Self, RecordError> {
        let start = |error: &dyn fmt::Display| RecordError::Start(error.to_string());
        let client = Upstream::new(&settings.trust, |builder| {
            builder.connect_timeout(PATIENCE).read_timeout(PATIENCE)
        });
        let client = client.map_err(|error| start(&error))?;
        let writer = Writer::new(&settings.folder, settings.redaction, settings.canaries)?;
        let (over, seen) = watch::channel(false);
        let (problems, reported) = mpsc::unbounded_channel();
        let shared = Arc::new(Shared {
            upstreams: settings.upstreams,
            client,
            exchanges: settings.exchanges,
            state: Mutex::new(State {
                writer,
                summary: Summary::default(),
                failure: None,
            }),
            over,
            problems,
        });
        let mut tasks = JoinSet::new();
        let mut urls = BTreeMap::new();
        for base in &shared.upstreams {
            let listener = TcpListener::bind(("127.0.0.1", 0))
                .await
                .map_err(|error| start(&error))?;
            let address = listener.local_addr().map_err(|error| start(&error))?;
            urls.insert(base.server, format!("http://{address}"));
            tasks.spawn(listen(listener, Arc::clone(&shared), base.server));
        }
        Ok(Self {
            shared,
            urls,
            over: seen,
            problems: Some(reported),
            tasks,
        })
    }

    /// The origin at which a server is recorded. The documents' paths lie below it.
    pub fn url(&self, server: Server) -> Option<&str> {
        self.urls.get(&server).map(String::as_str)
    }

    /// All of them, as one line of JSON.
    pub fn ready_line(&self) -> String {
        let urls: BTreeMap<&str, &str> = self
            .urls
            .iter()
            .map(|(server, url)| (server.name(), url.as_str()))
            .collect();
        serde_json::json!({ "record": urls }).to_string()
    }

    /// What the summary will say of exchanges that were not recorded, or not whole, as soon as it is known: a user
    /// who waits for a recording has to know why nothing comes. Can be had once.
    pub fn problems(&mut self) -> Option<mpsc::UnboundedReceiver<String>> {
        self.problems.take()
    }

    /// Returns when as many exchanges are recorded as were asked for, or the recording failed.
    pub async fn finished(&mut self) {
        // The sender lives as long as this.
        let _ = self.over.wait_for(|over| *over).await;
    }

    /// Ends the proxy.
    ///
    /// # Errors
    ///
    /// If the recording failed: a canary survived, or the file system failed.
    pub fn stop(mut self) -> Result<Summary, RecordError> {
        self.tasks.abort_all();
        let mut state = self.shared.state();
        match state.failure.take() {
            Some(failure) => Err(failure.into()),
            None => Ok(std::mem::take(&mut state.summary)),
        }
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_over(&self) -> bool {
        *self.over.borrow()
    }

    /// The upstream of a target: that of the listener, or of the provider's other server whose printed part the
    /// target begins with. Many clients look for Marketo's identity at the address of REST.
    fn upstream(&self, server: Server, target: &str) -> Option<&Base> {
        let is_meant = |other: &Server| {
            let rest = target.strip_prefix(other.printed());
            !other.printed().is_empty() && rest.is_some_and(|rest| rest.starts_with('/'))
        };
        let meant = server.provider().servers().find(is_meant);
        let server = meant.unwrap_or(server);
        self.upstreams.iter().find(|base| base.server == server)
    }

    fn drop_exchange(&self, why: &str) {
        // If it is not listened to, the summary still says it.
        let _ = self.problems.send(format!("not recorded: {why}"));
        self.state().summary.dropped.push(why.to_owned());
    }

    fn drop_request(&self, request: &Recorded, why: &str) {
        let name = self.state().writer.name(request);
        self.drop_exchange(&format!("{name}: {why}"));
    }

    fn record(&self, traffic: &Traffic) {
        let mut state = self.state();
        if state.failure.is_some() || self.is_over() {
            return;
        }
        match state.writer.add(traffic) {
            Ok(id) => {
                for why in id.iter().flat_map(|id| unread_bodies(id, traffic)) {
                    let _ = self.problems.send(format!("recorded in part: {why}"));
                    state.summary.unread.push(why);
                }
                state.summary.fixtures.extend(id);
            }
            Err(failure) => state.failure = Some(failure),
        }
        let enough = self
            .exchanges
            .is_some_and(|most| state.summary.fixtures.len() >= most);
        if enough || state.failure.is_some() {
            self.over.send_replace(true);
        }
    }
}

async fn listen(listener: TcpListener, shared: Arc<Shared>, server: Server) {
    let mut connections = JoinSet::new();
    loop {
        // Connections that have ended are dropped.
        while connections.try_join_next().is_some() {}
        if let Ok((stream, _)) = listener.accept().await {
            connections.spawn(serve(stream, Arc::clone(&shared), server));
        }
    }
}

/// Which bodies of an exchange the fixture cannot hold.
fn unread_bodies(id: &str, traffic: &Traffic) -> Vec<String> {
    let request = &traffic.request;
    let sent = unread(&request.headers, &request.body).map(|why| {
        format!("{id}: the request's body stands there by a name only: {why}; let the client send it without")
    });
    let answer = traffic.answer.as_ref();
    let answered = answer.and_then(|answer| unread(&answer.headers, &answer.body));
    let answered = answered.map(|why| {
        format!(
            "{id}: the answer's body stands there by a name only: {why}; the proxy asked for none, so turn \
             compression off at the server"
        )
    });
    sent.into_iter().chain(answered).collect()
}

async fn serve(mut stream: TcpStream, shared: Arc<Shared>, server: Server) {
    if let Some(other) = Other::begun(&stream).await {
        let why = other.why(stream.local_addr().ok());
        shared.drop_exchange(&why);
        return other.refuse(&mut stream, &why).await;
    }
    let request = match read_request(&mut stream, crate::fixture::MAIN).await {
        Ok(request) => request,
        Err(crate::script::ReadError::Closed) => return,
        Err(error) => {
            let text = format!("the recording proxy cannot read the request: {error}");
            shared.drop_exchange(&text);
            return refuse(&mut stream, "400 Bad Request", &text).await;
        }
    };
    // A client that goes away ends only its own exchange.
    let _ = exchange(&mut stream, &shared, server, request).await;
    let _ = stream.shutdown().await;
}

async fn exchange(
    stream: &mut TcpStream,
    shared: &Shared,
    server: Server,
    request: Recorded,
) -> io::Result<()> {
    if shared.is_over() {
        refuse(stream, "503 Service Unavailable", "the recording is over").await;
        return Ok(());
    }
    if !request.target.starts_with('/') {
        let text = no_path(&request.method, &request.target, stream.local_addr().ok());
        shared.drop_exchange(&text);
        refuse(stream, "400 Bad Request", &text).await;
        return Ok(());
    }
    let Some(upstream) = shared.upstream(server, &request.target) else {
        let text = "no upstream is given for this path; add it as --upstream";
        shared.drop_request(&request, text);
        refuse(stream, "404 Not Found", text).await;
        return Ok(());
    };
    let traffic = Traffic {
        server: upstream.server,
        request,
        answer: None,
    };
    match forward(shared, upstream, &traffic.request).await {
        Ok(answer) => relay(stream, shared, traffic, answer).await,
        Err(why) => {
            shared.drop_request(&traffic.request, why);
            refuse(stream, "502 Bad Gateway", why).await;
            Ok(())
        }
    }
}

/// Sends a request on, without the headers of its connection.
async fn forward(
    shared: &Shared,
    upstream: &Base,
    request: &Recorded,
) -> Result<reqwest::Response, &'static str> {
    let method = reqwest::Method::from_bytes(request.method.as_bytes())
        .map_err(|_| "the request's method is no token; correct it in the client")?;
    let mut headers = HeaderMap::new();
    for (name, value) in end_to_end(&request.headers) {
        let name = HeaderName::from_bytes(name.as_bytes());
        let (Ok(name), Ok(value)) = (name, HeaderValue::from_str(value)) else {
            return Err("a header of the request cannot be sent on; correct it in the client");
        };
        headers.append(name, value);
    }
    // A compressed body cannot be redacted unless its coding is known here.
    headers.insert("accept-encoding", HeaderValue::from_static("identity"));
    let sent = shared
        .client
        .client_for(upstream)
        .request(method, upstream.url_of(&request.target))
        .headers(headers)
        .body(request.body.clone())
        .send();
    // The error is not shown: its URL may hold a secret.
    sent.await.map_err(|error| {
        if distrusts(&error) {
            NOT_TRUSTED
        } else {
            "the upstream cannot be reached or gave no answer in time; see whether --upstream is right"
        }
    })
}

/// Hands an answer to the client part by part. The last part goes out when everything is
/// written, so that a client that has the whole answer finds the fixture.
async fn relay(
    stream: &mut TcpStream,
    shared: &Shared,
    mut traffic: Traffic,
    mut answer: reqwest::Response,
) -> io::Result<()> {
    let status = answer.status();
    let headers: Vec<(String, String)> = answer
        .headers()
        .iter()
        .map(|(name, value)| {
            let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
            (name.as_str().to_owned(), value)
        })
        .collect();
    let length = answer
        .headers()
        .get("content-length")
        .and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    let mut head = format!(
        "HTTP/1.1 {} {}\r\n",
        status.as_u16(),
        status.canonical_reason().unwrap_or_default()
    );
    for (name, value) in end_to_end(&headers) {
        head.extend([name, ": ", value, "\r\n"]);
    }
    let bodiless = matches!(status.as_u16(), 204 | 304) || traffic.request.method == "HEAD";
    let chunked = !bodiless && length.is_none();
    if let Some(length) = length {
        head.extend(["content-length: ", &length.to_string(), "\r\n"]);
    } else if chunked {
        head.push_str("transfer-encoding: chunked\r\n");
    }
    head.push_str("connection: close\r\n\r\n");
    let mut held = head.into_bytes();
    let mut body = Some(Vec::new());
    loop {
        match answer.chunk().await {
            Ok(Some(part)) => {
                stream.write_all(&held).await?;
                held = if chunked {
                    let mut framed = format!("{:x}\r\n", part.len()).into_bytes();
                    framed.extend_from_slice(&part);
                    framed.extend_from_slice(b"\r\n");
                    framed
                } else {
                    part.to_vec()
                };
                if let Some(known) = &mut body {
                    known.extend_from_slice(&part);
                    if known.len() > BODY_LIMIT {
                        body = None;
                    }
                }
            }
            Ok(None) => break,
            Err(_) => {
                let why = "the upstream's answer broke off; send it once more";
                shared.drop_request(&traffic.request, why);
                // Without its end the client sees that it broke off, too.
                return stream.write_all(&held).await;
            }
        }
    }
    if chunked {
        held.extend_from_slice(b"0\r\n\r\n");
    }
    if let Some(body) = body {
        traffic.answer = Some(Answer {
            status: status.as_u16(),
            reason: None,
            headers,
            body,
            cut_after: None,
            raw: None,
        });
        shared.record(&traffic);
    } else {
        let why = "the answer's body is larger than 8 MiB; ask for less";
        shared.drop_request(&traffic.request, why);
    }
    stream.write_all(&held).await
}

/// The headers that are not about the connection, by RFC 9110 section 7.6.1.
fn end_to_end(headers: &[(String, String)]) -> impl Iterator<Item = (&str, &str)> {
    let named: Vec<String> = headers
        .iter()
        .filter(|(name, _)| name.eq_ignore_ascii_case("connection"))
        .flat_map(|(_, value)| value.split(','))
        .map(|name| name.trim().to_ascii_lowercase())
        .collect();
    headers
        .iter()
        .filter(move |(name, _)| {
            let name = name.to_ascii_lowercase();
            !OF_THE_CONNECTION.contains(&name.as_str()) && !named.contains(&name)
        })
        .map(|(name, value)| (name.as_str(), value.as_str()))
}
