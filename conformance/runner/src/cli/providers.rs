//! Providers and their servers in the help of arguments: those that were embedded, since help is shown before data is
//! read.

use std::iter;

use tegata_suite::Server;
use tegata_suite::provider::one_of;

use crate::case::Provider;

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
        let (names, servers, examples) =
            (with_names("Of"), with_servers("At"), with_examples("Or"));
        assert!(names.starts_with("Of: ") && servers.starts_with("At: "));
        assert!(examples.starts_with("Or: "));
        assert!(!Provider::all().is_empty());
        for provider in Provider::all() {
            assert!(names.contains(provider.name()), "{names}");
            let of_server = provider.servers().map(Server::name).collect();
            for word in of_one(*provider, of_server) {
                assert!(servers.contains(&word), "{word} / {servers}");
            }
            let paths = provider.example_paths().iter();
            for word in of_one(*provider, paths.map(String::as_str).collect()) {
                assert!(examples.contains(&word), "{word} / {examples}");
            }
        }
    }

    #[test]
    fn the_last_word_of_a_provider_is_followed_by_its_name() {
        let jooto: Provider = "jooto".parse().unwrap();
        let words = |words: &[&'static str]| of_one(jooto, words.to_vec()).collect::<Vec<_>>();
        assert_eq!(words(&["oauth", "api"]), ["oauth", "api (Jooto)"]);
        assert_eq!(words(&[]), [""; 0]);
    }
}
