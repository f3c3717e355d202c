//! Providers and their servers as arguments.

use std::iter;

use tegata_suite::Server;
use tegata_suite::provider::one_of;

use crate::case::Provider;

/// A provider by its name.
pub(super) fn provider(name: &str) -> Result<Provider, String> {
    name.parse().map_err(|_| {
        let known: Vec<&str> = Provider::all().iter().map(|one| one.name()).collect();
        format!("it is one of {}", known.join(", "))
    })
}

/// Help that ends with the names of the providers.
pub(super) fn with_names(help: &str) -> String {
    let names = Provider::all().iter().map(|one| one.name());
    format!("{help}: {}", one_of(names))
}

/// Help that ends with the names of the servers.
pub(super) fn with_servers(help: &str) -> String {
    let names = Provider::all().iter().flat_map(|provider| {
        let names = provider.servers().map(Server::name);
        of_one(*provider, names.collect())
    });
    format!("{help}: {}", one_of(names))
}

/// Help that ends with the paths that are only examples.
pub(super) fn with_examples(help: &str) -> String {
    let paths = Provider::all().iter().flat_map(|provider| {
        let paths = provider.example_paths().iter();
        of_one(*provider, paths.map(String::as_str).collect())
    });
    format!("{help}: {}", one_of(paths))
}

/// One provider's list, with the provider's name after the last item.
fn of_one(provider: Provider, mut words: Vec<&str>) -> impl Iterator<Item = String> {
    let last = words.pop();
    let last = last.map(|last| format!("{last} ({})", provider.short()));
    let before = words.into_iter().map(str::to_owned).collect::<Vec<_>>();
    before.into_iter().chain(iter::once(last).flatten())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn help_names_every_provider_and_server() {
        assert_eq!(with_names("Of"), "Of: fujitsu-aispf, jooto or marketo");
        assert_eq!(
            with_servers("At"),
            "At: auth, services (AISPF), oauth, api (Jooto), identity or rest (Marketo)"
        );
        assert_eq!(
            with_examples("Or"),
            "Or: /da/example (AISPF) or /organizations/1 (Jooto)"
        );
    }

    #[test]
    fn an_unknown_provider_is_refused_with_the_known_ones() {
        assert_eq!(provider("jooto").unwrap().name(), "jooto");
        let error = provider("toy").unwrap_err();
        assert_eq!(error, "it is one of fujitsu-aispf, jooto, marketo");
    }
}
