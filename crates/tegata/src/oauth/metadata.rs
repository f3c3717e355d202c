//! What the metadata of an authorization server says (RFC 8414, section 2).

use serde_json::{Map, Value};
use url::Url;

use crate::oauth::server::{ClientAuth, Server, why_no_endpoint};
use crate::oauth::well_known::Issuers;
use crate::{BasicEncoding, Error, ErrorKind};

/// Ways to authenticate that a message may name: any other is text that the server chose.
const NOT_OURS: [&str; 4] = [
    "client_secret_jwt",
    "private_key_jwt",
    "self_signed_tls_client_auth",
    "tls_client_auth",
];

/// Completes a server by metadata that was fetched from this URL. What is set stays.
///
/// # Errors
/// [`ErrorKind::InvalidResponse`]: which member is wrong and why.
pub(super) fn fill(
    mut server: Server,
    object: &Map<String, Value>,
    issuers: &Issuers,
    from: &Url,
) -> Result<Server, Error> {
    let metadata = Metadata { object, from };
    let issuer = metadata.text("issuer")?;
    let issuer = issuer.ok_or_else(|| invalid("the server's metadata lacks `issuer`"))?;
    if !issuers.have(issuer) {
        return Err(invalid(
            "the metadata is of another issuer than the one that was asked for, so it must not be used (RFC 8414, section \
             3.3): check the URL, of which a slash at the end counts, or set `issuer` to the one that the vendor names",
        ));
    }
    if server.token_url.is_empty() {
        let url = metadata.endpoint("token_endpoint", "token_url")?;
        server.token_url = url.ok_or_else(|| {
            invalid("the server's metadata lacks `token_endpoint`: set `token_url` by `configure`")
        })?;
    }
    if server.authorization_url.is_none() {
        server.authorization_url =
            metadata.endpoint("authorization_endpoint", "authorization_url")?;
    }
    if server.device_url.is_none() {
        server.device_url = metadata.endpoint("device_authorization_endpoint", "device_url")?;
    }
    if server.client_auth.is_none() {
        server.client_auth = Some(metadata.client_auth()?);
    }
    let challenges = metadata.texts("code_challenge_methods_supported")?;
    // Servers that do not say it bind the code to the challenge, or ignore it.
    if challenges.is_some_and(|methods| !methods.contains(&"S256")) {
        server = server.without_pkce();
    }
    let scopes = metadata.texts("scopes_supported")?.unwrap_or_default();
    server.offered_scopes = scopes.into_iter().map(str::to_owned).collect();
    if server.issuer.is_some() {
        return Ok(server);
    }
    let is_always_sent = metadata.is_true("authorization_response_iss_parameter_supported")?;
    Ok(if is_always_sent {
        server.required_issuer(issuer)
    } else {
        server.issuer(issuer)
    })
}

struct Metadata<'a> {
    object: &'a Map<String, Value>,
    from: &'a Url,
}

impl<'a> Metadata<'a> {
    /// The member, if there is one. Some servers write `null` for what they do not have.
    fn get(&self, name: &str) -> Option<&'a Value> {
        self.object.get(name).filter(|value| !value.is_null())
    }

    fn text(&self, name: &'static str) -> Result<Option<&'a str>, Error> {
        let text = |value: &'a Value| value.as_str().ok_or_else(|| of_type(name, "a text"));
        self.get(name).map(text).transpose()
    }

    fn texts(&self, name: &'static str) -> Result<Option<Vec<&'a str>>, Error> {
        let texts = |value: &'a Value| {
            let all = value
                .as_array()
                .and_then(|all| all.iter().map(Value::as_str).collect());
            all.ok_or_else(|| of_type(name, "a list of texts"))
        };
        self.get(name).map(texts).transpose()
    }

    fn is_true(&self, name: &'static str) -> Result<bool, Error> {
        let read = |value: &Value| value.as_bool();
        let read = |value| read(value).ok_or_else(|| of_type(name, "`true` or `false`"));
        self.get(name).map_or(Ok(false), read)
    }

    /// A URL to which credentials may go; `setting` is what sets another one.
    fn endpoint(&self, name: &'static str, setting: &str) -> Result<Option<String>, Error> {
        let Some(text) = self.text(name)? else {
            return Ok(None);
        };
        let why = match Url::parse(text) {
            Err(_) => Some("it must be an absolute URL"),
            Ok(url) if url.scheme() == "http" && self.from.scheme() != "http" => {
                Some("it must be https, since the metadata is")
            }
            Ok(url) => why_no_endpoint(&url),
        };
        match why {
            None => Ok(Some(text.to_owned())),
            Some(why) => Err(invalid(format!(
                "bad `{name}` in the server's metadata: {why}; another one is set as `{setting}` by `configure`"
            ))),
        }
    }

    fn client_auth(&self) -> Result<ClientAuth, Error> {
        let name = "token_endpoint_auth_methods_supported";
        let methods = self.texts(name)?;
        // RFC 8414: what is left out means this one.
        let methods = methods.unwrap_or_else(|| vec!["client_secret_basic"]);
        let ours = [
            (
                "client_secret_basic",
                ClientAuth::Basic(BasicEncoding::Form),
            ),
            ("client_secret_post", ClientAuth::Post),
            ("none", ClientAuth::Public),
        ];
        let mut ours = ours.into_iter();
        if let Some((_, method)) = ours.find(|(name, _)| methods.contains(name)) {
            return Ok(method);
        }
        let known = NOT_OURS.into_iter().filter(|it| methods.contains(it));
        let known: Vec<&str> = known.collect();
        let known = if known.is_empty() {
            String::new()
        } else {
            format!(" ({})", known.join(", "))
        };
        Err(invalid(format!(
            "this crate has none of the ways to authenticate that the server's metadata lists as `{name}`{known}: set \
             `client_auth` by `configure` if the server takes another one"
        )))
    }
}

fn of_type(name: &str, what: &str) -> Error {
    invalid(format!(
        "bad `{name}` in the server's metadata: it must be {what}"
    ))
}

fn invalid(message: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error::new(ErrorKind::InvalidResponse, message)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("https://h/.well-known/x", "http://127.0.0.1:9/CANARY", false)]
    #[case("http://127.0.0.1:8/", "http://127.0.0.1:9/CANARY", true)]
    #[case("http://127.0.0.1:8/", "https://h/CANARY", true)]
    #[case("https://h/.well-known/x", "https://other/CANARY?a=b", true)]
    fn metadata_from_elsewhere_cannot_lead_to_this_machine(
        #[case] from: &str,
        #[case] endpoint: &str,
        #[case] is_taken: bool,
    ) {
        let object = serde_json::json!({"issuer": "https://h", "token_endpoint": endpoint});
        let issuers = Issuers::Exactly("https://h".to_owned());
        let from = Url::parse(from).expect(from);
        let object = object.as_object().expect("an object");
        let filled = fill(Server::new(""), object, &issuers, &from);
        assert_eq!(filled.is_ok(), is_taken);
        if let Err(error) = filled {
            assert!(!format!("{error} {error:?}").contains("CANARY"), "{error}");
        }
    }
}
