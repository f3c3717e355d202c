//! The clients of this workspace, driven by the suite.

mod aispf;
mod failure;
mod in_progress;
mod jooto;
pub mod made;
mod marketo;
mod session;

use std::time::Duration;

use tegata::{ManualClock, RenewalPolicy, Settings};

use tegata_conformance::case::Feature;
use tegata_conformance::script::{Context, Driver, Failure};

use crate::providers::{FUJITSU_AISPF, JOOTO, MARKETO, no_client};

pub use session::ClientSession;

/// Drives `tegata-fujitsu-aispf`, `tegata-jooto` and `tegata-marketo`.
#[derive(Clone, Copy, Debug, Default)]
pub struct OurClients;

impl Driver for OurClients {
    type Session = ClientSession;

    fn features(&self) -> &[Feature] {
        &[
            Feature::ApiKey,
            Feature::SecondKey,
            Feature::ClientCredentials,
            Feature::Legacy,
            Feature::Refresh,
            Feature::AuthorizationCode,
            Feature::GivenTokens,
            Feature::Clock,
            Feature::TokenByGet,
            Feature::TokenByForm,
            Feature::QueryPlacement,
            Feature::PartnerId,
            Feature::OrganizationUrl,
            Feature::Streaming,
            Feature::Accounts,
            Feature::OriginScope,
            Feature::RawCalls,
            Feature::OneUrl,
        ]
    }

    async fn open(&self, context: &Context) -> Result<ClientSession, Failure> {
        let clock = ManualClock::at(session::at(context.now));
        let client = match context.provider.name() {
            FUJITSU_AISPF => aispf::open(context, settings(&clock)),
            JOOTO => jooto::open(context, settings(&clock)),
            MARKETO => marketo::open(context, settings(&clock)),
            _ => return Err(no_client(context.provider)),
        };
        client
            .map(|client| ClientSession::new(client, clock))
            .map_err(|error| failure::of(&error))
    }
}

/// Steps follow each other at once while the clock that they are given jumps, so the pause after a failed
/// renewal, which is real time, is left out. No connection outlives a case.
fn settings(clock: &ManualClock) -> Settings {
    Settings::new()
        .clock(clock.clone())
        .renewal(RenewalPolicy::new().retry_interval(Duration::ZERO))
        .http_client(tegata::reqwest::Client::builder().no_proxy())
}
