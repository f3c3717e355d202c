//! The emulator as an endpoint under test.

use std::io;
use std::time::Duration;

use tegata_conformance::case::{Provider, Suite};
use tegata_conformance::script::Endpoint;
use tegata_emulator::{
    ClockMode, Config, Emulator, Error, FujitsuAispfClient, JootoClient, MarketoClient,
};

/// An emulator as the endpoint of one provider.
#[derive(Debug)]
pub struct Emulated {
    emulator: Emulator,
    prefix: String,
}

impl Emulated {
    /// An emulator as the endpoint of a provider.
    pub fn of(emulator: Emulator, provider: Provider) -> Self {
        Self {
            emulator,
            prefix: format!("/{}", provider.name()),
        }
    }

    /// One that knows the credentials of the fixtures, on a clock that stands still.
    ///
    /// # Errors
    ///
    /// If there is no runtime, or no port.
    pub fn knowing(suite: &Suite, provider: Provider) -> Result<Self, Error> {
        let known = |provider: Provider| {
            let values = suite.fixtures.values(provider);
            move |name: &str| values.get(name).unwrap_or_default().to_owned()
        };
        let fujitsu = known(Provider::FujitsuAispf);
        let jooto = known(Provider::Jooto);
        let marketo = known(Provider::Marketo);
        let mut config = Config::default();
        config.emulator.clock = ClockMode::Frozen;
        config.fujitsu_aispf.api_keys = vec![fujitsu("api-key"), fujitsu("api-key-2")];
        config.fujitsu_aispf.clients = vec![FujitsuAispfClient {
            id: fujitsu("client-id"),
            secret: fujitsu("client-secret"),
        }];
        config.jooto.api_keys = vec![jooto("api-key")];
        config.jooto.clients = vec![JootoClient {
            id: jooto("client-id"),
            secret: jooto("client-secret"),
            redirect_uris: vec![jooto("redirect-uri"), jooto("other-redirect-uri")],
            organization_ids: jooto("organization")
                .parse()
                .into_iter()
                .chain([1])
                .collect(),
        }];
        config.marketo.clients = ["", "-b"]
            .map(|suffix| MarketoClient {
                id: marketo(&format!("client-id{suffix}")),
                secret: marketo(&format!("client-secret{suffix}")),
                user: marketo("user"),
            })
            .to_vec();
        Ok(Self::of(Emulator::start(config)?, provider))
    }
}

impl Endpoint for Emulated {
    fn origin(&self) -> &str {
        self.emulator.base_url()
    }

    fn prefix(&self) -> &str {
        &self.prefix
    }

    async fn advance(&self, seconds: u64) -> io::Result<()> {
        self.emulator.advance(Duration::from_secs(seconds));
        Ok(())
    }
}
