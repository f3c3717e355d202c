//! Credentials, which are read from the environment only.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::case::Provider;

/// The credentials of one provider, by the names that they have in the fixtures.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Credentials(BTreeMap<String, String>);

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

/// The environment variable of a value: `TEGATA_LIVE_MARKETO_CLIENT_SECRET`.
pub fn variable(provider: Provider, name: &str) -> String {
    let provider = provider.environment();
    let name = name.to_ascii_uppercase().replace('-', "_");
    format!("TEGATA_LIVE_{provider}_{name}")
}

impl Credentials {
    /// The values of these names, each from its variable by `lookup`.
    ///
    /// # Errors
    ///
    /// The variables that are not set, empty or no text.
    pub fn from(
        provider: Provider,
        needed: &BTreeSet<String>,
        lookup: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, Vec<String>> {
        let (mut found, mut missing) = (BTreeMap::new(), Vec::new());
        for name in needed {
            let variable = variable(provider, name);
            match lookup(&variable).filter(|value| !value.is_empty()) {
                Some(value) => drop(found.insert(name.clone(), value)),
                None => missing.push(variable),
            }
        }
        if missing.is_empty() {
            Ok(Self(found))
        } else {
            Err(missing)
        }
    }

    pub(super) fn all(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_variable_that_is_missing_is_named_and_no_value_shown() {
        let needed: BTreeSet<String> = ["api-key", "client-id", "client-secret"]
            .map(str::to_owned)
            .into();
        let some = |name: &str| match name {
            "TEGATA_LIVE_AISPF_API_KEY" => Some("CANARY".to_owned()),
            "TEGATA_LIVE_AISPF_CLIENT_ID" => Some(String::new()),
            _ => None,
        };
        let missing =
            Credentials::from("fujitsu-aispf".parse().unwrap(), &needed, some).unwrap_err();
        assert_eq!(
            missing,
            [
                "TEGATA_LIVE_AISPF_CLIENT_ID",
                "TEGATA_LIVE_AISPF_CLIENT_SECRET"
            ]
        );
        let all = Credentials::from("jooto".parse().unwrap(), &needed, |_| {
            Some("CANARY".to_owned())
        });
        let shown = format!("{all:?}");
        assert!(
            shown.contains("client-secret") && !shown.contains("CANARY"),
            "{shown}"
        );
    }
}
