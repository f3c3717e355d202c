//! The clients that `cargo xtask new` makes: each crate drives its own through its provider's cases.

use futures_util::{StreamExt as _, TryStreamExt as _};
use progenitor_client::{Error as Unfinished, ResponseValue};
use tegata::provider::ErrorExt as _;
use tegata::provider::generated::{execute, finish};
use tegata::provider::spec::{Operation, Provider};
use tegata::reqwest::header::CONTENT_TYPE;
use tegata::reqwest::{Method, Request};
use tegata::{Client, Error, ManualClock, Settings};
use tegata_conformance::case::{Call, Case, Feature, Suite};
use tegata_conformance::report::{CaseReport, Verdict};
use tegata_conformance::script::{
    Context, Driver, ErrorKind, Failure, Outcome, Runner, Session, Success, Task, cores,
};

use super::failure::{self, to_failure};
use super::session::{self, JSON};
use super::settings;

/// What a client is made of. A case gives one of the two credentials.
#[derive(Debug)]
#[non_exhaustive]
pub struct Given {
    /// The base URL of the API.
    pub base_url: String,
    /// A key, for whatever scheme takes one.
    pub key: Option<String>,
    /// An access token, for whatever scheme takes one.
    pub access_token: Option<String>,
    /// The clock of the case, and what its server needs.
    pub settings: Settings,
}

/// The cases of a provider that a client does not pass, each with the checks that fail. Calls are made as the
/// operation of `table` that the path belongs to.
///
/// `make` makes the client, and gives what it shares with all others.
///
/// # Errors
///
/// If the suite's data is wrong, the provider has no case, or a scripted server cannot be started.
pub fn failures<F>(provider: &str, table: &'static Provider, make: F) -> Result<Vec<String>, String>
where
    F: Fn(Given) -> Result<Client, Error> + Sync,
{
    let suite = Suite::embedded_with(&[provider]).map_err(|error| error.to_string())?;
    let cases = suite.cases.iter();
    let cases: Vec<&Case> = cases
        .filter(|case| case.provider.name() == provider)
        .collect();
    if cases.is_empty() {
        return Err(format!("{provider} has no case"));
    }
    let reports = Runner::new(&suite).run_all(&cases, &Made { table, make }, cores());
    let reports = reports.map_err(|error| error.to_string())?;
    let failed = reports
        .iter()
        .filter(|report| report.verdict != Verdict::Pass);
    Ok(failed.map(shown).collect())
}

fn shown(report: &CaseReport) -> String {
    let checks: Vec<String> = report.failures().map(ToString::to_string).collect();
    format!(
        "{} {:?}: {}",
        report.case,
        report.verdict,
        checks.join("; ")
    )
}

struct Made<F> {
    table: &'static Provider,
    make: F,
}

impl<F> Driver for Made<F>
where
    F: Fn(Given) -> Result<Client, Error> + Sync,
{
    type Session = MadeSession;

    fn features(&self) -> &[Feature] {
        &[
            Feature::ApiKey,
            Feature::GivenTokens,
            Feature::Clock,
            Feature::RawCalls,
        ]
    }

    async fn open(&self, context: &Context) -> Result<MadeSession, Failure> {
        let clock = ManualClock::at(session::at(context.now));
        let given = Given {
            // Such a provider has one server.
            base_url: context.urls.values().next().cloned().unwrap_or_default(),
            key: context.credentials.api_keys.first().cloned(),
            access_token: context.tokens.as_ref().map(|it| it.access.clone()),
            settings: settings(&clock),
        };
        let client = (self.make)(given).map_err(|error| failure::of(&error))?;
        let table = self.table;
        Ok(MadeSession {
            table,
            client,
            clock,
        })
    }
}

/// Such a client in the middle of a case.
struct MadeSession {
    table: &'static Provider,
    client: Client,
    clock: ManualClock,
}

impl Session for MadeSession {
    async fn perform(&mut self, task: &Task, now: u64) -> Outcome {
        self.clock.set(session::at(now));
        let result = match task {
            Task::Call(call) => self.call(call).await.map_err(to_failure),
            Task::Issue => {
                let done = self.client.warm_up().await;
                done.map(|()| Success::default()).map_err(to_failure)
            }
            // They belong to a login, of which no case is made.
            _ => Err(Failure::of(ErrorKind::Config)),
        };
        let mut outcome = match result {
            Ok(success) => Outcome::Ok(success),
            Err(failure) => Outcome::Error(failure),
        };
        let client = &self.client;
        outcome.said_mut().push(format!("{client:?} {client:#?}"));
        outcome
    }
}

impl MadeSession {
    /// Makes a call as generated code does.
    async fn call(&self, call: &Call) -> Result<Success, Error> {
        let (path, query) = match call.path.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (call.path.as_str(), None),
        };
        let operation = operation(self.table, &call.method, path)
            .ok_or_else(|| Error::configuration("the path is that of no operation"))?;
        let method = Method::from_bytes(call.method.as_bytes())
            .map_err(|_| Error::configuration("the case's method is no method"))?;
        let transport = self.client.transport();
        let mut url = transport.base_url().join(path)?;
        url.set_query(query);
        let mut request = Request::new(method, url);
        if let Some(body) = session::body(call) {
            request.headers_mut().insert(CONTENT_TYPE, JSON);
            *request.body_mut() = Some(body);
        }
        let answer = match execute(transport, request, self.table, operation.id).await {
            Ok(answer) if answer.status().is_success() => Ok(ResponseValue::stream(answer)),
            Ok(answer) => Err(Unfinished::<()>::UnexpectedResponse(answer)),
            Err(error) => Err(Unfinished::CommunicationError(error)),
        };
        let reply = finish(answer)?;
        let status = reply.status().as_u16();
        let chunks: Vec<_> = reply
            .into_inner()
            .into_inner()
            .boxed()
            .try_collect()
            .await
            .map_err(|_| Error::configuration("the answer cannot be read"))?;
        Ok(session::answered(status, &chunks.concat(), Vec::new()))
    }
}

/// The operation of a path: of several the one with the fewest parameters.
fn operation(table: &'static Provider, method: &str, path: &str) -> Option<&'static Operation> {
    let fits = |operation: &&Operation| operation.method == method && fits(operation.path, path);
    let all = table.operations.iter().filter(fits);
    all.min_by_key(|operation| operation.path.matches('{').count())
}

/// Whether a path is one of a template, whose parameters stand for anything within a segment.
fn fits(template: &str, path: &str) -> bool {
    let (mut wanted, mut given) = (template.split('/'), path.split('/'));
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return true,
            (Some(wanted), Some(given)) if segment_fits(wanted, given) => {}
            _ => return false,
        }
    }
}

fn segment_fits(wanted: &str, given: &str) -> bool {
    let (Some(first), Some(last)) = (wanted.find('{'), wanted.rfind('}')) else {
        return wanted == given;
    };
    let (begin, end) = (&wanted[..first], wanted.get(last + 1..).unwrap_or_default());
    given.len() > begin.len() + end.len() && given.starts_with(begin) && given.ends_with(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_fits_its_template_and_no_other() {
        for (template, path, expected) in [
            ("/a/{id}", "/a/7", true),
            ("/a/{id}", "/a/7/b", false),
            ("/a/{id}", "/a/", false),
            ("/a/{id}.json", "/a/7.json", true),
            ("/a/{id}.json", "/a/7.xml", false),
            ("/a", "/a", true),
            ("/a", "/b", false),
        ] {
            assert_eq!(fits(template, path), expected, "{template} {path}");
        }
    }
}
