//! The call that the example makes and the tests repeat: one operation, and what a program needs to make it.

use heck::ToShoutySnakeCase as _;
use tegata_gen::{CredentialPlace, Outline, OutlinedOperation, OutlinedScheme, OutlinedServer};

/// One operation, and the credentials that it takes.
pub(super) struct Call<'a> {
    /// How the names of variables begin.
    prefix: String,
    library: String,
    pub(super) takes_base_url: bool,
    pub(super) credentials: Vec<Credential<'a>>,
    operation: &'a OutlinedOperation,
}

/// A credential, as a program gives it to the builder.
pub(super) enum Credential<'a> {
    /// A key or token that stays the same, by this method.
    Key(&'a OutlinedScheme),
    /// User and password.
    User(&'a OutlinedScheme),
    /// Tokens that are had for id and secret.
    ClientCredentials(&'a OutlinedScheme, &'a OutlinedServer),
    /// Tokens of a login, which a person makes elsewhere.
    Login(&'a OutlinedScheme, &'a OutlinedServer),
    /// An access token that the program is given, because nothing says how to get one.
    AccessToken(&'a OutlinedScheme),
}

impl<'a> Call<'a> {
    /// The operation that is the easiest to call, of those that carry a credential if there is one.
    pub(super) fn of(name: &str, outline: &'a Outline) -> Self {
        let rank = |it: &&OutlinedOperation| {
            let carries = it.security.first().is_some_and(|it| !it.is_empty());
            (
                !it.is_of_api,
                !is_simple(it) && it.security != outline.default_security,
                it.method != "GET",
                !carries,
                !is_simple(it),
                it.path.contains('{'),
            )
        };
        let operation = outline.operations.iter().min_by_key(rank);
        // A crate without operations is none that is made.
        let operation = operation.unwrap_or_else(|| &outline.operations[0]);
        let is_simple = is_simple(operation);
        // A call by its path carries what most operations take.
        let security = if is_simple {
            &operation.security
        } else {
            &outline.default_security
        };
        let schemes = security.first().into_iter().flatten();
        Self {
            prefix: name.to_shouty_snake_case(),
            library: format!("tegata_{}", name.replace('-', "_")),
            takes_base_url: outline.base_url.is_none(),
            credentials: schemes
                .map(|at| Credential::of(&outline.schemes[*at]))
                .collect(),
            operation,
        }
    }

    /// The name of a variable of the environment.
    pub(super) fn variable(&self, name: &str) -> String {
        format!("{}_{}", self.prefix, name.to_shouty_snake_case())
    }

    /// All variables, and what each is.
    pub(super) fn variables(&self) -> Vec<(String, String)> {
        let mut all = Vec::new();
        let url = if self.takes_base_url {
            "the URL of the API"
        } else {
            "another URL than the document's, such as that of an emulator; may be left out"
        };
        all.push((self.variable("base-url"), url.to_owned()));
        for it in &self.credentials {
            match it {
                Credential::Key(scheme) => {
                    all.push((self.variable(&scheme.method), "the key".to_owned()));
                }
                Credential::User(_) => {
                    all.push((self.variable("user"), "the user".to_owned()));
                    all.push((self.variable("password"), "the password".to_owned()));
                }
                Credential::ClientCredentials(_, server) => {
                    all.push((self.variable("client-id"), "the client id".to_owned()));
                    if !server.is_public {
                        all.push((
                            self.variable("client-secret"),
                            "the client secret".to_owned(),
                        ));
                    }
                    let what = "another token endpoint than the document's; may be left out";
                    all.push((self.variable("token-url"), what.to_owned()));
                }
                Credential::Login(..) | Credential::AccessToken(_) => {
                    all.push((self.variable("access-token"), "an access token".to_owned()));
                }
            }
        }
        all
    }

    /// The operation as a call of `client`, which is of that name.
    pub(super) fn code(&self) -> String {
        let Self { operation, .. } = self;
        if is_simple(operation) {
            let arguments = vec!["None"; operation.arguments.len()].join(", ");
            return format!("client.api().{}({arguments}).await?", operation.method_name);
        }
        if operation.method == "GET" {
            return format!("client.shared().get({:?}).send().await?", self.path());
        }
        let (method, path) = (&operation.method, self.path());
        let library = &self.library;
        format!(
            "client.shared().request({library}::tegata::reqwest::Method::{method}, {path:?}).send().await?"
        )
    }

    /// The path of the call, with something in place of each parameter.
    pub(super) fn path(&self) -> String {
        let mut path = String::new();
        let mut rest = self.operation.path.as_str();
        while let Some((before, after)) = rest.split_once('{') {
            path.push_str(before);
            path.push('1');
            rest = after.split_once('}').map_or("", |(_, after)| after);
        }
        path.push_str(rest);
        path
    }
}

/// Whether its method can be called without any argument.
fn is_simple(operation: &OutlinedOperation) -> bool {
    operation.is_of_api && operation.arguments.iter().all(|is_optional| *is_optional)
}

impl<'a> Credential<'a> {
    fn of(scheme: &'a OutlinedScheme) -> Self {
        if scheme.access_token.is_none() {
            return match scheme.place {
                CredentialPlace::Basic => Self::User(scheme),
                _ => Self::Key(scheme),
            };
        }
        let with = |flow: &str| scheme.servers.iter().find(|it| it.flows.contains(&flow));
        if let Some(server) = with("clientCredentials") {
            return Self::ClientCredentials(scheme, server);
        }
        let server = with("authorizationCode").or(with("deviceCode"));
        server.map_or(Self::AccessToken(scheme), |it| Self::Login(scheme, it))
    }
}
