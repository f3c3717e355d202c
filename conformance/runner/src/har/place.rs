//! Which of a provider's servers a URL belongs to.

use url::{Host, Url};

use super::Entry;
use crate::record::{Base, Traffic};
use tegata_suite::Server;

/// Where the servers are that a recording is searched for.
#[derive(Clone, Debug)]
pub struct Places {
    bases: Vec<Base>,
    /// Whether hosts below `mktorest.com` count as Marketo's.
    marketo: bool,
}

/// The hosts that are known: Jooto's document names one, the vendor's own description another;
/// AISPF's is reported by others; Marketo gives each customer one below `mktorest.com`.
const USUAL: [(Server, &str); 5] = [
    (Server::Oauth, "https://app.jooto.com"),
    (Server::Api, "https://app.jooto.com"),
    (Server::Api, "https://api.jooto.com/v1"),
    (Server::Auth, "https://api.aispf.global.fujitsu.com/auth"),
    (Server::Services, "https://api.aispf.global.fujitsu.com"),
];

/// The hosts that a vendor's documents, the vendor or others name.
pub fn usual_places() -> Places {
    Places {
        bases: USUAL
            .iter()
            .filter_map(|(server, url)| Base::new(*server, url).ok())
            .collect(),
        marketo: true,
    }
}

impl Places {
    /// These servers, and the usual places of all others.
    pub fn new(given: &[Base]) -> Self {
        let mut places = usual_places();
        places
            .bases
            .retain(|usual| given.iter().all(|base| base.server != usual.server));
        places.bases.extend_from_slice(given);
        places
    }

    /// Whether an entry is a request to a provider.
    pub fn concerns(&self, entry: &Entry) -> bool {
        self.find(entry).is_some()
    }

    /// The entry as an exchange with a provider; none if it is no provider's.
    pub(super) fn find(&self, entry: &Entry) -> Option<Traffic> {
        let url = Url::parse(&entry.url).ok()?;
        let mut found: Vec<(Server, String)> = self
            .bases
            .iter()
            .filter_map(|base| Some((base.server, base.target_of(&url)?)))
            .collect();
        if self.marketo {
            found.extend(customer(&url));
        }
        // Servers may share a base URL: the documents' paths tell them apart.
        let right = found.iter().position(|(server, target)| {
            let path = target.split('?').next().unwrap_or_default();
            Server::of(server.provider(), path) == *server
        });
        let index = right.or((!found.is_empty()).then_some(0))?;
        let (server, target) = found.swap_remove(index);
        let mut request = entry.request.clone();
        request.target = target;
        Some(Traffic {
            server,
            request,
            answer: entry.answer.clone(),
        })
    }
}

/// A host that Marketo gave to a customer.
fn customer(url: &Url) -> Option<(Server, String)> {
    let Some(Host::Domain(name)) = url.host() else {
        return None;
    };
    if !name.ends_with(".mktorest.com") {
        return None;
    }
    let server = Server::of(crate::case::Provider::Marketo, url.path());
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

    fn find(bases: &[&str], url: &str) -> Option<(Server, String)> {
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
        };
        let found = Places::new(&bases).find(&entry)?;
        Some((found.server, found.request.target))
    }

    #[test]
    fn the_usual_hosts_are_known() {
        for (url, server, target) in [
            (
                "https://app.jooto.com/oauth2/login?a=b",
                Server::Oauth,
                "/oauth2/login?a=b",
            ),
            (
                "https://app.jooto.com/organizations",
                Server::Api,
                "/organizations",
            ),
            (
                "https://api.jooto.com/v1/organization",
                Server::Api,
                "/organization",
            ),
            (
                "https://api.aispf.global.fujitsu.com/auth/v2/tokens",
                Server::Auth,
                "/v2/tokens",
            ),
            (
                "https://api.aispf.global.fujitsu.com/da/v1/x",
                Server::Services,
                "/da/v1/x",
            ),
            (
                "https://1-a.mktorest.com/identity/oauth/token",
                Server::Identity,
                "/identity/oauth/token",
            ),
            (
                "https://1-a.mktorest.com/rest/v1/x",
                Server::Rest,
                "/rest/v1/x",
            ),
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
            Some((Server::Oauth, "/oauth2/token".to_owned()))
        );
        let url = "http://127.0.0.1:1/jooto/organizations";
        assert_eq!(
            find(&base, url),
            Some((Server::Api, "/organizations".to_owned()))
        );
        assert_eq!(find(&base, "https://app.jooto.com/organizations"), None);
    }
}
