//! What a request says about whose it is.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::canaries::canaries_in;
use super::stream::{field, grant};
use crate::case::Provider;
use crate::fixture::Recorded;
use tegata_suite::provider::is_credential_header;

/// What tells one token request from another.
pub(super) struct TokenRequest {
    pub(super) client: Option<String>,
    /// Whether it exchanges a code, though it may lack that.
    pub(super) is_exchange: bool,
    pub(super) code: Option<String>,
    pub(super) refresh: Option<String>,
}

impl TokenRequest {
    pub(super) fn of(request: &Recorded) -> Self {
        let json = request.json().unwrap_or_default();
        let named = |names: [&str; 2]| {
            let member = |name: &&str| json.get(name)?.as_str().map(str::to_owned);
            let mut found = names
                .iter()
                .filter_map(|name| field(request, name).or_else(|| member(name)));
            found.next()
        };
        let basic = || {
            let value = *request.header("authorization").first()?;
            let (scheme, pair) = value.split_once(' ')?;
            let pair = STANDARD.decode(pair.trim()).ok()?;
            let pair = String::from_utf8(pair).ok()?;
            let (id, _) = pair.split_once(':')?;
            scheme.eq_ignore_ascii_case("basic").then(|| id.to_owned())
        };
        let refresh = named(["refresh_token", "refreshToken"]);
        let grant = grant(request);
        let is = |wanted: &str| grant.as_deref() == Some(wanted);
        let is_refresh = is("refresh_token");
        let code = named(["code", "code"]);
        Self {
            client: named(["client_id", "clientId"]).or_else(basic),
            is_exchange: code.is_some() || is("authorization_code"),
            code,
            refresh: refresh.or_else(|| is_refresh.then(String::new)),
        }
    }
}

/// The values of the names in the places of credentials.
pub(super) fn credential(providers: &[Provider], request: &Recorded) -> Vec<String> {
    let headers = request
        .headers
        .iter()
        .filter(|(name, _)| is_credential_header(providers, &name.to_ascii_lowercase()))
        .map(|(_, value)| value.clone());
    let field = field(request, "access_token");
    let mut all: Vec<String> = Vec::new();
    for value in headers.chain(field) {
        let before = all.len();
        all.extend(canaries_in(&value).map(str::to_owned));
        if all.len() == before && !value.is_empty() {
            all.push(value);
        }
    }
    all
}
