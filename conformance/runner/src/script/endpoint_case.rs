//! Judging an endpoint: the suite itself sends the fixtures' requests and holds the answers
//! against the case.

use std::future::Future;

use super::{RunError, exchange_bytes};
use crate::case::{Case, Suite, case_values};
use crate::fixture::{Answer, Values};
use crate::judge::{StepRecord, Transcript, judge_server};
use crate::report::CaseReport;

/// An endpoint under test, in the state in which a case begins: it knows the credentials of the
/// fixtures' `values.toml` and has issued nothing.
pub trait Endpoint: Sync {
    /// Its origin, `http://host:port`.
    fn origin(&self) -> &str;

    /// The prefix of the provider's paths, such as `/marketo`; empty if there is none.
    fn prefix(&self) -> &str;

    /// Lets so many seconds pass on the endpoint's clock.
    fn advance(&self, seconds: u64) -> impl Future<Output = std::io::Result<()>> + Send;
}

/// Runs a case against an endpoint and judges it.
///
/// # Errors
///
/// If the case names something that does not exist, or the endpoint's clock cannot be set.
pub async fn run_endpoint_case<E: Endpoint>(
    suite: &Suite,
    case: &Case,
    endpoint: &E,
) -> Result<CaseReport, RunError> {
    if !case.role.judges_servers() {
        return Ok(CaseReport::not_applicable(&case.id));
    }
    let begin = case_values(suite, case);
    let mut values = begin.clone();
    let mut steps = Vec::new();
    for step in &case.step {
        if step.advance > 0 {
            endpoint
                .advance(step.advance)
                .await
                .map_err(RunError::Server)?;
        }
        let mut record = StepRecord::default();
        for exchange in &step.exchange {
            let (file, _) = suite
                .fixtures
                .get(&exchange.respond)
                .ok_or_else(|| RunError::Data(format!("`{}` is no fixture", exchange.respond)))?;
            let mut request = file.recorded(&values, &exchange.with)?;
            request.target.insert_str(0, endpoint.prefix());
            let answer = exchange_bytes(endpoint.origin(), &request)
                .await
                .ok()
                .map(|reply| Answer {
                    status: reply.status,
                    reason: None,
                    headers: reply.headers,
                    body: reply.body,
                    cut_after: None,
                    raw: None,
                });
            if let (Some(expected), Some(answer)) = (&exchange.answer, &answer) {
                take_over(&mut values, expected, answer);
            }
            record.requests.push(request);
            record.answers.push(answer);
        }
        steps.push(record);
    }
    let transcript = Transcript {
        steps,
        values: begin,
    };
    let checks = judge_server(suite, case, &transcript);
    Ok(CaseReport::of(&case.id, case.level, checks))
}

fn take_over(values: &mut Values, expected: &crate::case::ExpectAnswer, answer: &Answer) {
    for (name, value) in crate::judge::captures(expected, answer) {
        values.set(&name, &value);
    }
}
