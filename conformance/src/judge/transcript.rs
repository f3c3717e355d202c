//! What was recorded of one run of one case.

use crate::case::{Case, Suite};
use crate::fixture::{Answer, Recorded, Values};
use crate::script::Outcome;

/// One run of one case.
#[derive(Clone, Debug)]
pub struct Transcript {
    /// The steps, in order; fewer if the run broke off.
    pub steps: Vec<StepRecord>,
    /// The values that the run began with.
    pub values: Values,
}

/// One step.
#[derive(Clone, Debug, Default)]
pub struct StepRecord {
    /// What the client sent.
    pub requests: Vec<Recorded>,
    /// What it came to; none if it came to no end.
    pub outcome: Option<Outcome>,
    /// What an endpoint answered, where an endpoint is judged; none for a request that got no
    /// answer.
    pub answers: Vec<Option<Answer>>,
    /// Which exchange of the case each request is, where that does not follow from their order.
    pub names: Vec<String>,
}

impl StepRecord {
    /// The URL that the client made.
    pub fn url(&self) -> Option<String> {
        match &self.outcome {
            Some(Outcome::Ok(success)) => success.url.clone(),
            _ => None,
        }
    }
}

/// The values that a run of the case begins with.
pub fn case_values(suite: &Suite, case: &Case) -> Values {
    let mut values = suite.fixtures.values(case.provider);
    for (name, value) in &case.given.values {
        values.set(name, value);
    }
    values
}

/// Takes over the `state` of an authorization URL, so that later steps can send it back.
pub(crate) fn capture_state(values: &mut Values, url: &str) {
    let query = url.split_once('?').map_or("", |(_, query)| query);
    let state = crate::fixture::query_pairs(query)
        .into_iter()
        .find(|(name, _)| name == "state");
    if let Some((_, state)) = state {
        values.set("state", &state);
    }
}
