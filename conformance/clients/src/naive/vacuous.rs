//! Vacuous clients, which do nothing useful. They must pass no case that demands anything.

use super::wire::{Outgoing, Wire};
use tegata_conformance::case::Feature;
use tegata_conformance::script::{
    Context, Driver, ErrorKind, Failure, Outcome, Session, Success, Task,
};

/// A client that does not look at what it is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Vacuous {
    /// Sends nothing and says that all went well.
    SaysOk,
    /// Sends nothing and says that it failed, always in the same way.
    SaysError(ErrorKind),
    /// Sends the same request to every base URL and says that all went well.
    FixedRequest,
}

/// A vacuous client in the middle of a case.
pub struct VacuousSession {
    kind: Vacuous,
    urls: Vec<String>,
    wire: Wire,
}

impl Driver for Vacuous {
    type Session = VacuousSession;

    fn features(&self) -> &[Feature] {
        &Feature::ALL
    }

    async fn open(&self, context: &Context) -> Result<VacuousSession, Failure> {
        Ok(VacuousSession {
            kind: *self,
            urls: context.urls.values().cloned().collect(),
            wire: Wire::new(),
        })
    }
}

impl Session for VacuousSession {
    async fn perform(&mut self, _: &Task, _: u64) -> Outcome {
        if let Vacuous::SaysError(kind) = self.kind {
            return Outcome::Error(Failure::of(kind));
        }
        if self.kind == Vacuous::FixedRequest {
            for url in &self.urls {
                let mut request = Outgoing::new("POST", format!("{url}/oauth/token"));
                request.headers = vec![
                    ("authorization", "Bearer fixed".to_owned()),
                    ("x-api-key", "fixed".to_owned()),
                ];
                // The result does not matter to this client.
                let _ = self.wire.send(&request).await;
            }
        }
        Outcome::Ok(Success {
            status: Some(200),
            url: self.urls.first().cloned(),
            ..Success::default()
        })
    }
}
