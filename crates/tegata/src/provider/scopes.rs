//! What a token has to be good for, by the operations that are called with it.

use crate::Error;
use crate::provider::spec::{Provider, Scheme};

/// Scopes that an operation takes (RFC 6749, section 3.3), for generated tables. Of several of one operation, one is enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OperationScopes {
    /// Its `operationId`.
    pub operation: &'static str,
    /// The name of the scheme whose token has to have them.
    pub scheme: &'static str,
    /// All of these.
    pub scopes: &'static [&'static str],
}

/// The scopes that a token of a scheme needs for all of these operations, each once: what a login asks for.
///
/// ```
/// use tegata::provider::spec::{Operation, Placement, Provider, Refusal, Scheme};
/// use tegata::provider::{OperationScopes, scopes_of};
///
/// const LOGIN: Scheme = Scheme { name: "login", placement: Placement::Bearer };
/// let operation = Operation { id: "items", method: "GET", path: "/items", security: &[LOGIN], token: None };
/// # let operations: &'static [Operation] = Box::leak(Box::new([operation]));
/// let api = Provider { name: "API", schemes: &[LOGIN], default_security: &[LOGIN], operations, refusal: Refusal::default() };
/// let table = [OperationScopes { operation: "items", scheme: "login", scopes: &["items:read"] }];
/// assert_eq!(scopes_of(&api, &table, LOGIN, ["items"])?, ["items:read"]);
/// # Ok::<(), tegata::Error>(())
/// ```
///
/// # Errors
/// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) if there is no such scheme or operation.
pub fn scopes_of<'a>(
    provider: &Provider,
    table: &[OperationScopes],
    scheme: Scheme,
    operations: impl IntoIterator<Item = &'a str>,
) -> Result<Vec<&'static str>, Error> {
    if !provider.schemes.contains(&scheme) {
        return Err(Error::configuration(format!(
            "the API has no security scheme {:?}: use one of its generated constants",
            scheme.name
        )));
    }
    let mut all = Vec::new();
    for operation in operations {
        if provider.operation(operation).is_none() {
            return Err(Error::configuration(format!(
                "the API has no operation {operation:?}: give the name of its method"
            )));
        }
        let is_its = |it: &&OperationScopes| (it.operation, it.scheme) == (operation, scheme.name);
        for scope in table.iter().find(is_its).map_or(&[][..], |it| it.scopes) {
            if !all.contains(scope) {
                all.push(*scope);
            }
        }
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::provider::spec::{Operation, Placement, Refusal};

    const fn scheme(name: &'static str) -> Scheme {
        let placement = Placement::Bearer;
        Scheme { name, placement }
    }

    const fn operation(id: &'static str) -> Operation {
        Operation {
            id,
            method: "GET",
            path: "/",
            security: &[],
            token: None,
        }
    }

    const PROVIDER: Provider = Provider {
        name: "API",
        schemes: &[scheme("login"), scheme("sso")],
        default_security: &[],
        operations: &[operation("read"), operation("write"), operation("open")],
        refusal: Refusal::statuses(&[401]),
    };

    const fn row(
        operation: &'static str,
        scheme: &'static str,
        scopes: &'static [&'static str],
    ) -> OperationScopes {
        OperationScopes {
            operation,
            scheme,
            scopes,
        }
    }

    const TABLE: [OperationScopes; 4] = [
        row("read", "login", &["b", "a"]),
        row("read", "login", &["admin"]),
        row("read", "sso", &["openid"]),
        row("write", "login", &["a", "c"]),
    ];

    #[rstest]
    #[case("login", &["read"], &["b", "a"])]
    #[case("login", &["read", "write"], &["b", "a", "c"])]
    #[case("login", &["open"], &[])]
    #[case("login", &[], &[])]
    #[case("sso", &["read", "write"], &["openid"])]
    fn a_token_is_good_for_all_operations(
        #[case] name: &'static str,
        #[case] operations: &[&str],
        #[case] expected: &[&str],
    ) {
        let operations = operations.iter().copied();
        let scopes = scopes_of(&PROVIDER, &TABLE, scheme(name), operations);
        assert_eq!(scopes.expect("known"), expected);
    }

    #[rstest]
    #[case("other", "read", "no security scheme \"other\"")]
    #[case("login", "reed", "no operation \"reed\"")]
    fn a_name_that_is_misspelt_is_an_error(
        #[case] name: &'static str,
        #[case] operation: &str,
        #[case] why: &str,
    ) {
        let scopes = scopes_of(&PROVIDER, &TABLE, scheme(name), ["write", operation]);
        let error = scopes.expect_err(why);
        assert!(
            error.is_configuration() && error.to_string().contains(why),
            "{error}"
        );
    }
}
