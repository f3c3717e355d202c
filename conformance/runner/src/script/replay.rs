//! The reference client: it sends what the fixtures recorded, over real HTTP. With it the suite
//! shows that each case can be passed.

use std::collections::BTreeMap;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::{Context, Driver, ErrorKind, Failure, Outcome, Session, Task};
use crate::case::{Case, Feature, Step, Suite, case_values};
use crate::citation::sha256;
use crate::fixture::{Recorded, Values};
use crate::judge::{Transcript, reference};

/// Drives no client at all: it replays the reference run of each case.
#[derive(Clone, Copy, Debug)]
pub struct Replay<'a> {
    suite: &'a Suite,
}

/// The answer.
#[derive(Clone, PartialEq, Eq)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: Vec<(String, String)>,
    /// The body, as far as it came.
    pub body: Vec<u8>,
}

impl std::fmt::Debug for Reply {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reply")
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

/// The reference client in the middle of a case.
#[derive(Debug)]
pub struct ReplaySession {
    origin: String,
    steps: Vec<Step>,
    account: Option<String>,
    transcript: Transcript,
    next: usize,
}

impl<'a> Replay<'a> {
    /// A driver that replays the suite's own fixtures.
    pub fn new(suite: &'a Suite) -> Self {
        Self { suite }
    }

    fn begin(self, case: &Case, context: &Context) -> Option<ReplaySession> {
        let origin = origin_of(context)?;
        let mut values: Values = case_values(self.suite, case);
        values.set("origin", &origin);
        let transcript = reference(self.suite, case, Some(values)).ok()?;
        // After `reopen` the session begins in the middle of the case.
        let next = case.step.iter().position(|step| {
            step.reopen
                .as_ref()
                .is_some_and(|reopen| reopen.auth == context.auth)
        });
        Some(ReplaySession {
            origin,
            account: (context.account != "default").then(|| context.account.clone()),
            steps: case.step.clone(),
            transcript,
            next: if context.auth == case.given.auth {
                0
            } else {
                next.unwrap_or(0)
            },
        })
    }
}

impl Driver for Replay<'_> {
    type Session = ReplaySession;

    fn features(&self) -> &[Feature] {
        &Feature::ALL
    }

    async fn open(&self, context: &Context) -> Result<ReplaySession, Failure> {
        let case = self.suite.case(&context.case);
        case.and_then(|case| self.begin(case, context))
            .ok_or_else(|| Failure::of(ErrorKind::Config))
    }
}

impl Session for ReplaySession {
    async fn perform(&mut self, _: &Task, _: u64) -> Outcome {
        // The steps of other accounts are done by other sessions.
        while self
            .steps
            .get(self.next)
            .is_some_and(|step| step.account != self.account)
        {
            self.next += 1;
        }
        let Some(record) = self.transcript.steps.get(self.next).cloned() else {
            return Outcome::Error(Failure::of(ErrorKind::Other));
        };
        self.next += 1;
        let mut last = None;
        for request in &record.requests {
            last = exchange_bytes(&self.origin, request).await.ok();
        }
        let mut outcome = record
            .outcome
            .unwrap_or(Outcome::Error(Failure::of(ErrorKind::Other)));
        if let (Outcome::Ok(success), Some(reply)) = (&mut outcome, last)
            && success.status.is_some()
        {
            success.status = Some(reply.status);
            success.body_sha256 = Some(sha256(&reply.body));
        }
        outcome
    }
}

fn origin_of(context: &Context) -> Option<String> {
    let url = context.urls.values().next()?;
    let (scheme, rest) = url.split_once("://")?;
    Some(format!("{scheme}://{}", rest.split('/').next()?))
}

/// Sends one request to an origin, byte by byte as it is recorded, and reads the answer until the
/// server closes the connection.
///
/// # Errors
///
/// If the connection fails or the answer is no HTTP.
pub async fn exchange_bytes(origin: &str, request: &Recorded) -> std::io::Result<Reply> {
    let bad = |text: &str| std::io::Error::new(std::io::ErrorKind::InvalidData, text.to_owned());
    let host = origin
        .strip_prefix("http://")
        .ok_or_else(|| bad("only http:// is spoken"))?;
    let mut stream = TcpStream::connect(host).await?;
    let mut head = format!(
        "{} {} HTTP/1.1\r\nhost: {host}\r\n",
        request.method, request.target
    );
    for (name, value) in &request.headers {
        head.extend([name, ": ", value, "\r\n"]);
    }
    head.extend(["content-length: ", &request.body.len().to_string(), "\r\n"]);
    head.push_str("connection: close\r\n\r\n");
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(&request.body).await?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).await?;
    parse_reply(&bytes).ok_or_else(|| bad("the answer is no HTTP"))
}

fn parse_reply(bytes: &[u8]) -> Option<Reply> {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let mut lines = head.split("\r\n");
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let chunked: BTreeMap<_, _> = headers.iter().cloned().collect();
    let mut body = bytes[end + 4..].to_vec();
    if chunked
        .get("transfer-encoding")
        .is_some_and(|value| value == "chunked")
    {
        body = dechunk(&body)?;
    }
    Some(Reply {
        status,
        headers,
        body,
    })
}

fn dechunk(mut bytes: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let end = bytes.windows(2).position(|window| window == b"\r\n")?;
        let size = std::str::from_utf8(&bytes[..end])
            .ok()?
            .split(';')
            .next()?
            .trim();
        let size = usize::from_str_radix(size, 16).ok()?;
        if size == 0 {
            return Some(body);
        }
        body.extend_from_slice(bytes.get(end + 2..end + 2 + size)?);
        bytes = bytes.get(end + 4 + size..)?;
    }
}
