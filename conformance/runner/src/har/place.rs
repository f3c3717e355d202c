//! The server of a provider that a URL belongs to.

use url::{Host, Url};

use super::Entry;
use crate::case::Provider;
use crate::record::{Base, Traffic};
use tegata_suite::Server;

/// Where the servers are that a recording is searched for, besides the hosts that customers are given.
#[derive(Clone, Debug)]
pub struct Places {
    providers: Vec<Provider>,
    bases: Vec<Base>,
}

impl Places {
    /// These servers, and the usual places of all others of these providers: the hosts that a vendor's documents,
    /// the vendor or others name.
    pub fn new(providers: &[Provider], given: &[Base]) -> Self {
        let usual = |server: Server| {
            let each = server.usual().iter();
            each.filter_map(move |url| Base::new(server, url).ok())
        };
        let is_left = |server: &Server| given.iter().all(|base| base.server != *server);
        let others = Server::of_all(providers).filter(is_left).flat_map(usual);
        Self {
            providers: providers.to_vec(),
            bases: others.chain(given.iter().cloned()).collect(),
        }
    }

    /// Whether a URL is a provider's.
    pub fn concern(&self, url: &str) -> bool {
        self.server(url).is_some()
    }

    /// The entry as an exchange with a provider; none if it is no provider's.
    pub(super) fn find(&self, entry: &Entry) -> Option<Traffic> {
        let (server, target) = self.server(&entry.url)?;
        let mut request = entry.request.clone();
        request.target = target;
        Some(Traffic {
            server,
            request,
            answer: entry.answer.clone(),
        })
    }

    /// The server that a URL belongs to, and the rest of the URL.
    fn server(&self, url: &str) -> Option<(Server, String)> {
        let url = Url::parse(url).ok()?;
        let mut found: Vec<(Server, String)> = self
            .bases
            .iter()
            .filter_map(|base| Some((base.server, base.target_of(&url)?)))
            .collect();
        found.extend(self.providers.iter().filter_map(|one| customer(*one, &url)));
        // Servers may share a base URL: the documents' paths distinguish them.
        let right = found.iter().position(|(server, target)| {
            let path = target.split('?').next().unwrap_or_default();
            Server::of(server.provider(), path) == *server
        });
        let index = right.or((!found.is_empty()).then_some(0))?;
        Some(found.swap_remove(index))
    }
}

/// A host that the provider gave to a customer.
fn customer(provider: Provider, url: &Url) -> Option<(Server, String)> {
    let Some(Host::Domain(name)) = url.host() else {
        return None;
    };
    if !name.ends_with(provider.customer_hosts()?) {
        return None;
    }
    let server = Server::of(provider, url.path());
    let query = url.query().map(|query| format!("?{query}"));
    Some((
        server,
        format!("{}{}", url.path(), query.unwrap_or_default()),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{MAIN, Recorded};
    use crate::har::{Times, Tool};

    fn find(bases: &[&str], url: &str) -> Option<(&'static str, String)> {
        let bases: Vec<Base> = bases.iter().map(|base| base.parse().unwrap()).collect();
        let entry = Entry {
            index: 0,
            url: url.to_owned(),
            request: Recorded {
                origin: MAIN.to_owned(),
                method: "GET".to_owned(),
                target: String::new(),
                headers: Vec::new(),
                body: Vec::new(),
            },
            answer: None,
            times: Times::default(),
            left_out: crate::har::LeftOut::default(),
            resource_type: None,
            tool: Tool::default(),
        };
        let found = Places::new(Provider::all(), &bases).find(&entry)?;
        Some((found.server.name(), found.request.target))
    }

    #[test]
    fn the_usual_hosts_are_known() {
        for (url, server, target) in [
            (
                "https://app.jooto.com/oauth2/login?a=b",
                "oauth",
                "/oauth2/login?a=b",
            ),
            (
                "https://app.jooto.com/organizations",
                "api",
                "/organizations",
            ),
            (
                "https://api.jooto.com/v1/organization",
                "api",
                "/organization",
            ),
            (
                "https://api.aispf.global.fujitsu.com/auth/v2/tokens",
                "auth",
                "/v2/tokens",
            ),
            (
                "https://api.aispf.global.fujitsu.com/da/v1/x",
                "services",
                "/da/v1/x",
            ),
            (
                "https://1-a.mktorest.com/identity/oauth/token",
                "identity",
                "/identity/oauth/token",
            ),
            ("https://1-a.mktorest.com/rest/v1/x", "rest", "/rest/v1/x"),
        ] {
            assert_eq!(find(&[], url), Some((server, target.to_owned())), "{url}");
        }
        assert_eq!(find(&[], "https://example.com/oauth2/login"), None);
        assert_eq!(find(&[], "https://mktorest.com.example/rest/v1"), None);
    }

    #[test]
    fn a_base_url_that_is_given_takes_the_place_of_the_usual_one() {
        let base = [
            "oauth=http://127.0.0.1:1/jooto",
            "api=http://127.0.0.1:1/jooto",
        ];
        let url = "http://127.0.0.1:1/jooto/oauth2/token";
        assert_eq!(
            find(&base, url),
            Some(("oauth", "/oauth2/token".to_owned()))
        );
        let url = "http://127.0.0.1:1/jooto/organizations";
        assert_eq!(find(&base, url), Some(("api", "/organizations".to_owned())));
        assert_eq!(find(&base, "https://app.jooto.com/organizations"), None);
    }
}
