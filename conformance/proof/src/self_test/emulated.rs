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
        let (id, secret) = (fujitsu("client-id"), fujitsu("client-secret"));
        config.fujitsu_aispf.clients = vec![FujitsuAispfClient::new(id, secret)];
        config.jooto.api_keys = vec![jooto("api-key")];
        let (id, secret) = (jooto("client-id"), jooto("client-secret"));
        let mut client = JootoClient::new(id, secret, jooto("redirect-uri"));
        client.redirect_uris.push(jooto("other-redirect-uri"));
        client
            .organization_ids
            .extend(jooto("organization").parse::<u64>());
        config.jooto.clients = vec![client];
        config.marketo.clients = ["", "-b"]
            .map(|suffix| {
                let id = marketo(&format!("client-id{suffix}"));
                let secret = marketo(&format!("client-secret{suffix}"));
                let mut client = MarketoClient::new(id, secret);
                client.user = marketo("user");
                client
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
