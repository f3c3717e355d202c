//! The client of an API without generated code.

use std::collections::HashSet;
use std::fmt;

use crate::oauth::Tokens;
use crate::provider::spec::{Placement, Provider, Refusal, Scheme};
use crate::provider::{
    AccountSettings, Auth, BaseUrl, Credential, KeyPair, Origin, Replaceable, Transport,
    builder_methods, client_methods,
};
use crate::{Error, KeyInUse, RenewalPolicy, Secret, Settings, Token, TokenStore};

/// Calls any API, each request with its credentials: see [Any API, by hand](crate#any-api-by-hand).
///
/// Cloning it is cheap; clones share connections and credentials. It is `Send` and `Sync`.
#[derive(Clone, Debug)]
pub struct Client {
    transport: Transport,
    keys: Option<KeyPair>,
}

/// Builds a [`Client`]. All credentials that are given are sent in each request, unless there are
/// [tables](Self::generated).
#[must_use]
pub struct ClientBuilder {
    name: &'static str,
    base_url: String,
    generated: Option<&'static Provider>,
    given: Vec<Given>,
    refusal: Refusal,
    account: AccountSettings,
    settings: Settings,
}

/// A credential; that it is none is reported when the client is built.
enum Given {
    Fixed(Result<Credential, Error>),
    Pair(Result<[Credential; 2], Error>),
    OAuth(Tokens),
}

impl Client {
    /// A client of the API below this URL. The name of the provider stands in events, logs and stored records.
    pub fn builder(provider: &'static str, base_url: impl Into<String>) -> ClientBuilder {
        ClientBuilder {
            name: provider,
            base_url: base_url.into(),
            generated: None,
            given: Vec::new(),
            refusal: Refusal::default(),
            account: AccountSettings::default(),
            settings: Settings::new(),
        }
    }

    /// The same client for another server of the API, such as one for uploads. **The credentials go there as well.**
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) if it is no base URL.
    pub fn at(&self, base_url: &str) -> Result<Self, Error> {
        Ok(Self {
            transport: self.transport.at(BaseUrl::parse(base_url)?),
            keys: self.keys.clone(),
        })
    }

    /// Logs in: gets a token, by [`App::exchange`](crate::oauth::App::exchange) for example, and uses and saves it in
    /// place of the present one.
    ///
    /// # Errors
    /// As [`TokenCache::log_in`](crate::TokenCache::log_in), and
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) if the client has no OAuth 2.0.
    ///
    /// # Cancellation
    /// It goes on in a task of its own if it is dropped, and the token is saved.
    pub async fn log_in(
        &self,
        exchange: impl Future<Output = Result<Token, Error>> + Send + 'static,
    ) -> Result<(), Error> {
        let Some(cache) = self.token_cache() else {
            return Err(Error::configuration(
                "the client has no OAuth 2.0 to log in with",
            ));
        };
        cache.log_in(exchange).await
    }

    /// Replaces the key in this place while the client is in use, for it and all its clones. The next request goes out
    /// with it.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) if it cannot be a key, or the client has none
    /// there. The former one then stays in use.
    pub fn replace_key(
        &self,
        scheme: impl Into<Scheme>,
        key: impl Into<Secret>,
    ) -> Result<(), Error> {
        let (scheme, mut all) = (scheme.into(), self.transport.auth().fixed_ones());
        let former = all.find(|former| former.get().scheme() == scheme);
        let former = former.ok_or_else(|| Error::configuration("the client has no key there"))?;
        former.replace(Credential::new(scheme, &key.into())?);
        Ok(())
    }

    /// Which of two keys is tried first; `None` without two.
    pub fn key_in_use(&self) -> Option<KeyInUse> {
        self.keys.as_ref().map(KeyPair::in_use)
    }

    /// What sends the requests, for generated operations.
    pub fn transport(&self) -> &Transport {
        &self.transport
    }

    client_methods!(self => self.transport);
}

impl ClientBuilder {
    /// A key, such as in `Placement::Header("x-api-key")`.
    pub fn key(self, scheme: impl Into<Scheme>, key: impl Into<Secret>) -> Self {
        self.with(Given::Fixed(Credential::new(scheme.into(), &key.into())))
    }

    /// Two keys for one place: if the first is refused, the second is tried, and the accepted one is used from then on,
    /// so that a key can be regenerated without an outage. The change is logged as a warning and reported to the
    /// [observer](Settings::observer).
    pub fn key_pair(
        self,
        scheme: impl Into<Scheme>,
        primary: impl Into<Secret>,
        secondary: impl Into<Secret>,
    ) -> Self {
        let scheme = scheme.into();
        let primary = Credential::new(scheme, &primary.into());
        let secondary = Credential::new(scheme, &secondary.into());
        self.with(Given::Pair(primary.and_then(|key| Ok([key, secondary?]))))
    }

    /// A token that is not renewed, as `Authorization: Bearer` (RFC 6750).
    pub fn bearer(self, token: impl Into<Secret>) -> Self {
        self.key(Placement::Bearer, token)
    }

    /// User name and password by HTTP Basic (RFC 7617). One of them may be empty.
    pub fn basic(self, user: &str, password: impl Into<Secret>) -> Self {
        self.user(Placement::Basic, user, password)
    }

    /// The same for a scheme of generated tables.
    pub fn user(self, scheme: impl Into<Scheme>, user: &str, password: impl Into<Secret>) -> Self {
        let user = Credential::user(scheme.into(), user, &password.into());
        self.with(Given::Fixed(user))
    }

    /// A credential that has been made already.
    pub fn credential(self, credential: Credential) -> Self {
        self.with(Given::Fixed(Ok(credential)))
    }

    /// Tokens by OAuth 2.0, which are renewed when they expire or are refused. Settings that are not made here are
    /// those of the [`App`](crate::oauth::App). With generated tables the server has to say by
    /// [`token_in`](crate::oauth::Server::token_in) for which of their schemes the tokens are.
    pub fn oauth(self, tokens: Tokens) -> Self {
        self.with(Given::OAuth(tokens))
    }

    fn with(mut self, given: Given) -> Self {
        self.given.push(given);
        self
    }

    /// The token of a login to start with, for [`oauth`](Self::oauth). A newer one in the store is used instead.
    pub fn token(mut self, token: Token) -> Self {
        self.account = self.account.token(token);
        self
    }

    /// Loads the token from this store and saves renewed ones in it, before they are used. Without OAuth 2.0 it is not
    /// used.
    ///
    /// A record is bound to the provider's name, the client id, the endpoints for tokens and for refreshes, the scheme, the
    /// grant (a user's login, or client credentials), the origin of the API, and the [account](Self::account). A client
    /// takes no token from a store with the record of another, and does not overwrite it: give each a store of its own.
    pub fn store(mut self, store: impl TokenStore) -> Self {
        self.account = self.account.store(store);
        self
    }

    /// Names the account in events, in logs and in the store, if several share a client id. Only a hash of it is kept.
    pub fn account(mut self, name: impl Into<String>) -> Self {
        self.account = self.account.named(name);
        self
    }

    /// Another base URL than the one that the builder was made with.
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = url.into();
        self
    }

    /// The generated tables of the provider, by which a call gets the credential that its operation takes, or none; a
    /// request that no operation makes gets that of their [`default_security`](Provider::default_security). Without tables
    /// a call sends all credentials.
    pub fn generated(mut self, provider: &'static Provider) -> Self {
        self.generated = Some(provider);
        self
    }

    /// How the API says that a credential is no longer good: with the status 401, unless this is set here or in the
    /// [generated](Self::generated) tables.
    pub fn refusal(mut self, refusal: Refusal) -> Self {
        self.refusal = refusal;
        self
    }

    builder_methods!(self => self.settings);

    /// Builds the client. Nothing is sent yet.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration): which setting is missing or wrong.
    pub fn build(mut self) -> Result<Client, Error> {
        let base = BaseUrl::parse(&self.base_url)?;
        self.account.check()?;
        if let Some(tokens) = self.given.iter().find_map(Given::tokens) {
            self.settings = self.settings.or(tokens.app().settings());
        }
        let (mut main, mut fixed, mut keys) = (None, Vec::new(), None);
        for given in std::mem::take(&mut self.given) {
            let renewable = match given {
                Given::Fixed(credential) => {
                    fixed.push(credential?);
                    continue;
                }
                Given::Pair(pair) => {
                    let [primary, secondary] = pair?;
                    let reporter = self.settings.reporter(self.name, self.account.name());
                    let pair = KeyPair::new(&primary, &secondary, reporter);
                    keys = Some(pair.clone());
                    Auth::custom(pair)
                }
                Given::OAuth(tokens) => self.cached(tokens, &base.origin())?,
            };
            if main.replace(renewable).is_some() {
                return Err(Error::configuration(
                    "the client has two credentials that can be replaced when they are refused, and nothing says \
                     which one was: give one of them, or build two clients",
                ));
            }
        }
        let mut fixed = fixed.into_iter().map(Replaceable::new);
        let main = match main {
            Some(main) => main,
            None => match fixed.next() {
                Some(fixed) => Auth::replaceable(fixed),
                None if self.generated.is_some() => Auth::none(),
                None => {
                    return Err(Error::configuration(
                        "the client has no credential: give a key, a user or `oauth`",
                    ));
                }
            },
        };
        let auth = main.beside(fixed);
        if self.account.has_token() && auth.token_cache().is_none() {
            return Err(Error::configuration(
                "the token of a login is renewed by `oauth`: give it too, or use `bearer`",
            ));
        }
        match self.generated {
            Some(provider) => check_schemes(&auth, provider)?,
            None => check_places(&auth)?,
        }
        let http = self.settings.to_http_client()?;
        let transport = if let Some(provider) = self.generated {
            Transport::new(http, base, auth, provider)
        } else {
            let provider = Provider::by_hand(self.name, self.refusal);
            Transport::by_hand(http, base, auth, provider)
        };
        Ok(Client { transport, keys })
    }

    fn cached(&self, tokens: Tokens, api: &Origin) -> Result<Auth, Error> {
        let account = format!("{}\n{api:?}", tokens.account());
        let scheme = tokens.app().server().scheme;
        let cache = self
            .settings
            .token_cache(scheme, tokens, RenewalPolicy::new())
            .account(self.name, &account);
        self.account.clone().cached(cache)
    }
}

/// Two credentials in one place would be one, or two values of one header.
fn check_places(auth: &Auth) -> Result<(), Error> {
    let mut places = HashSet::new();
    let mut all = auth.schemes().map(|scheme| scheme.placement.place());
    match all.find(|place| !places.insert(*place)) {
        None => Ok(()),
        Some((_, name)) => Err(Error::configuration(format!(
            "two credentials are for the same place ({name}): give one of them"
        ))),
    }
}

/// By generated tables an operation gets one alternative, so two of them may share a place, but not a scheme: nothing says
/// which one is meant. A scheme that is not in the tables is taken by no operation.
fn check_schemes(auth: &Auth, provider: &Provider) -> Result<(), Error> {
    let known: HashSet<&Scheme> = provider.schemes.iter().collect();
    let mut given = HashSet::new();
    for scheme in auth.schemes() {
        if !known.contains(&scheme) {
            return Err(unknown(scheme, provider.schemes));
        }
        if !given.insert(scheme) {
            return Err(Error::configuration(format!(
                "two credentials are for the scheme `{}`: give one of them, or two keys as a `key_pair`",
                scheme.name
            )));
        }
    }
    Ok(())
}

fn unknown(scheme: Scheme, known: &[Scheme]) -> Error {
    /// A message is read by people.
    const MOST: usize = 10;
    let names = known.iter().map(|scheme| format!("`{}`", scheme.name));
    let mut names: Vec<_> = names.take(MOST).collect();
    if known.len() > MOST {
        names.push(format!("{} more", known.len() - MOST));
    }
    let names = match &names[..] {
        [] => "none".to_owned(),
        names => names.join(", "),
    };
    Error::configuration(format!(
        "a credential is for the scheme `{}`, and the API's description has none of that name and place, so no call \
         would carry it: name one that it has, for the tokens of a server that is described by hand by \
         `Server::token_in`; it has {names}",
        scheme.name
    ))
}

impl Given {
    fn tokens(&self) -> Option<&Tokens> {
        match self {
            Self::OAuth(tokens) => Some(tokens),
            Self::Fixed(_) | Self::Pair(_) => None,
        }
    }
}

impl fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder")
            .field("provider", &self.name)
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}
