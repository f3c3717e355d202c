//! The servers of the providers.

use std::fmt;
use std::str::FromStr;

use super::Provider;
use super::facts::{Paths, ServerFacts};

/// One of a provider's servers, by the name that it has in the cases' `given.urls`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Server {
    provider: Provider,
    /// Its place among the servers of its provider, which has one there.
    index: usize,
}

/// A name that is no server's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownServer(String);

impl Server {
    /// Those of all providers that were embedded when the crate was built.
    pub fn all() -> impl Iterator<Item = Self> {
        Self::of_all(Provider::all())
    }

    /// Those of these providers, such as [`Suite::providers`](crate::case::Suite::providers).
    pub fn of_all(providers: &[Provider]) -> impl Iterator<Item = Self> {
        providers.iter().flat_map(|provider| provider.servers())
    }

    /// The one of a name among those of these providers.
    ///
    /// # Errors
    ///
    /// If none of them has it: the error names them all.
    pub fn named(name: &str, providers: &[Provider]) -> Result<Self, UnknownServer> {
        let found = Self::of_all(providers).find(|server| server.name() == name);
        found.ok_or_else(|| {
            let known: Vec<&str> = Self::of_all(providers).map(Self::name).collect();
            let known = known.join(", ");
            UnknownServer(format!("`{name}` is no server; it is one of {known}"))
        })
    }

    /// The server that has a path of the provider's fixtures.
    pub fn of(provider: Provider, path: &str) -> Self {
        let of_its_own = provider
            .servers()
            .find(|server| server.paths().is_some_and(|paths| paths.hold(path)));
        of_its_own.unwrap_or_else(|| Self::of_calls(provider))
    }

    /// The server that has all paths that no other one has.
    pub fn of_calls(provider: Provider) -> Self {
        let mut all = provider.servers();
        let found = all.find(|server| server.paths().is_none());
        found.unwrap_or(Self::at(provider, 0))
    }

    /// The server that issues tokens; that of calls if none does.
    pub fn of_tokens(provider: Provider) -> Self {
        let mut all = provider.servers();
        let found = all.find(|server| server.issues_tokens());
        found.unwrap_or_else(|| Self::of_calls(provider))
    }

    pub(super) fn at(provider: Provider, index: usize) -> Self {
        Self { provider, index }
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        &self.facts().name
    }

    /// Whose server it is.
    pub fn provider(self) -> Provider {
        self.provider
    }

    /// Whether tokens are issued there.
    pub fn issues_tokens(self) -> bool {
        self.facts().issues_tokens
    }

    /// Whether a browser is sent there to log in.
    pub fn has_login(self) -> bool {
        self.facts().login.is_some()
    }

    /// Whether a path is that of its login page.
    pub fn is_login(self, path: &str) -> bool {
        let login = self.facts().login.as_deref();
        login.is_some_and(|end| path.ends_with(end))
    }

    /// What a vendor prints at the end of this base URL although its documents' paths begin with
    /// it.
    pub fn printed(self) -> &'static str {
        &self.facts().printed
    }

    /// Whether all of its paths begin with what is printed at the end of its base URL.
    pub fn is_below_printed(self) -> bool {
        let printed = self.printed();
        let begins =
            matches!(self.paths(), Some(Paths::Begin(begin)) if begin.starts_with(printed));
        !printed.is_empty() && begins
    }

    /// The base URL that a client is given unless a case says otherwise, as a template.
    pub fn given(self) -> &'static str {
        &self.facts().given
    }

    /// The base URLs that a vendor's documents, the vendor or others name.
    pub fn usual(self) -> &'static [String] {
        &self.facts().usual
    }

    fn paths(self) -> Option<&'static Paths> {
        self.facts().paths.as_ref()
    }

    fn facts(self) -> &'static ServerFacts {
        &self.provider.0.server[self.index]
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Server({} of {})", self.name(), self.provider.name())
    }
}

impl FromStr for Server {
    type Err = UnknownServer;

    fn from_str(name: &str) -> Result<Self, UnknownServer> {
        Self::named(name, Provider::all())
    }
}

impl fmt::Display for UnknownServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for UnknownServer {}

#[cfg(test)]
mod tests {
    use super::*;

    /// The providers whose servers are known here: a further one has others.
    fn three() -> [Provider; 3] {
        ["fujitsu-aispf", "jooto", "marketo"].map(|name| name.parse().unwrap())
    }

    #[test]
    fn each_path_lies_at_one_server() {
        for (provider, path, expected) in [
            ("fujitsu-aispf", "/v2/tokens", "auth"),
            ("fujitsu-aispf", "/da/v1/x", "services"),
            ("jooto", "/oauth2/token", "oauth"),
            ("jooto", "/organizations", "api"),
            ("marketo", "/identity/oauth/token", "identity"),
            ("marketo", "/rest/v1/x", "rest"),
        ] {
            let provider = provider.parse().unwrap();
            assert_eq!(Server::of(provider, path).name(), expected, "{path}");
        }
    }

    #[test]
    fn tokens_and_calls_have_a_server_each() {
        let names = three().map(|provider| {
            let (tokens, calls) = (Server::of_tokens(provider), Server::of_calls(provider));
            (tokens.name(), calls.name())
        });
        let expected = [("auth", "services"), ("oauth", "api"), ("identity", "rest")];
        assert_eq!(names, expected);
    }

    #[test]
    fn servers_stand_in_the_order_of_the_files() {
        let names: Vec<&str> = Server::of_all(&three()).map(Server::name).collect();
        let expected = ["auth", "services", "oauth", "api", "identity", "rest"];
        assert_eq!(names, expected);
        let of_three = Server::all().filter(|server| three().contains(&server.provider()));
        assert!(of_three.eq(Server::of_all(&three())));
        assert!(Server::all().is_sorted());
        let error = Server::named("toy", &three()).unwrap_err().to_string();
        assert!(error.ends_with("one of auth, services, oauth, api, identity, rest"));
        let error = "toy".parse::<Server>().unwrap_err().to_string();
        assert!(Server::all().all(|server| error.contains(server.name())));
    }

    #[test]
    fn only_identity_lies_wholly_below_what_is_printed() {
        let below: Vec<&str> = Server::of_all(&three())
            .filter(|server| server.is_below_printed())
            .map(Server::name)
            .collect();
        assert_eq!(below, ["identity"]);
    }
}
