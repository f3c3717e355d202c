//! The emulator as an endpoint under test.

use std::io;
use std::time::Duration;

use tegata_conformance::case::{Provider, Suite};
use tegata_conformance::script::Endpoint;
use tegata_emulator::{Config, Emulator};
use tegata_suite::LoadError;
use toml::{Table, Value};

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
    /// If there is no runtime, or no port, or a provider's file has a configuration that cannot be used.
    pub fn knowing(suite: &Suite, provider: Provider) -> Result<Self, LoadError> {
        let config = config(suite)?;
        let emulator = Emulator::start(config);
        let emulator =
            emulator.map_err(|error| LoadError::new("the emulator", error.to_string()))?;
        Ok(Self::of(emulator, provider))
    }
}

/// What the providers' files say of the emulator, filled in with the fixtures' values.
fn config(suite: &Suite) -> Result<Config, LoadError> {
    let mut whole: Table = [("clock".to_owned(), Value::from("frozen"))]
        .into_iter()
        .collect();
    whole = [("emulator".to_owned(), Value::from(whole))]
        .into_iter()
        .collect();
    for provider in &suite.providers {
        let Some(template) = provider.emulator() else {
            continue;
        };
        let file = format!("providers/{}.toml", provider.name());
        let wrong = |problem: String| LoadError::new(&file, format!("emulator: {problem}"));
        let values = suite.fixtures.values(*provider);
        let text = values.expand(template);
        let text = text.map_err(|error| wrong(error.to_string()))?;
        // The library's own text would quote the line, which may hold a secret.
        let part: Table = text
            .parse()
            .map_err(|error: toml::de::Error| wrong(error.message().to_owned()))?;
        whole.insert(provider.name().to_owned(), Value::from(part));
    }
    Config::from_toml("emulator", &whole.to_string())
        .map_err(|error| LoadError::new("providers", error.to_string()))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_emulator_learns_the_credentials_of_all_fixtures() {
        let suite = Suite::embedded().unwrap_or_else(|error| panic!("{error}"));
        let config = config(&suite).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(config.fujitsu_aispf.api_keys.len(), 2);
        assert_eq!(config.fujitsu_aispf.clients[0].id, "fj-client");
        assert_eq!(config.jooto.clients[0].redirect_uris.len(), 2);
        assert_eq!(config.jooto.clients[0].organization_ids, [1]);
        assert_eq!(config.marketo.clients[1].id, "mk-client-b");
    }

    #[test]
    fn a_value_that_is_missing_is_named_with_the_file() {
        let mut suite = Suite::embedded().unwrap_or_else(|error| panic!("{error}"));
        suite.fixtures.values.clear();
        let error = config(&suite).err().unwrap().to_string();
        assert!(
            error.starts_with("providers/fujitsu-aispf.toml: emulator: "),
            "{error}"
        );
    }
}
