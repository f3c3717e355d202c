//! The record of one run of one case.

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
    /// The requests of the client.
    pub requests: Vec<Recorded>,
    /// The outcome; none if the step did not end.
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
