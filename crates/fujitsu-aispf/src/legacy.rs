//! Tokens by `POST` and `PATCH /v1/tokens`, the conventional method.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use tegata::provider::ErrorExt as _;
use tegata::provider::generated::{exchange_json, unreadable};
use tegata::provider::spec::{Operation, TokenAnswer};
use tegata::provider::{
    BoxFuture, Issued, Refresh, Renewal, Replaceable, Seconds, TokenSource, Transport, issued,
};
use tegata::{Error, Secret, Token};

use crate::generated::security::names::{
    legacy_refresh_request, legacy_token, legacy_token_request,
};
use crate::generated::{security, types};

/// The names of the fields in the bodies of the conventional token calls.
///
/// The guide shows the fields only in a picture and names only `accessToken`, so the other defaults are
/// assumptions. If the real ones differ, set them here.
///
/// ```
/// use tegata_fujitsu_aispf::LegacyFields;
///
/// let fields = LegacyFields { client_id: "clientID".to_owned(), ..LegacyFields::default() };
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LegacyFields {
    /// The client id in the request of `POST`.
    pub client_id: String,
    /// The client secret in the request of `POST`.
    pub client_secret: String,
    /// The refresh token in the request of `PATCH`.
    pub sent_refresh_token: String,
    /// The access token in the answer.
    pub access_token: String,
    /// The refresh token in the answer.
    pub refresh_token: String,
    /// The lifetime of the access token in the answer, in seconds.
    pub expires_in: String,
}

impl Default for LegacyFields {
    fn default() -> Self {
        Self {
            client_id: legacy_token_request::CLIENT_ID.to_owned(),
            client_secret: legacy_token_request::CLIENT_SECRET.to_owned(),
            sent_refresh_token: legacy_refresh_request::REFRESH_TOKEN.to_owned(),
            access_token: legacy_token::ACCESS_TOKEN.to_owned(),
            refresh_token: legacy_token::REFRESH_TOKEN.to_owned(),
            expires_in: legacy_token::EXPIRES_IN.to_owned(),
        }
    }
}

/// Issues by client id and secret, and renews by refresh token as long as that is documented to work:
/// before the access token expires and within a day from the refresh token's issue.
pub(crate) struct LegacyTokens {
    transport: Transport,
    client_id: String,
    client_secret: Replaceable<Secret>,
    fields: LegacyFields,
}

impl LegacyTokens {
    pub(crate) fn new(
        transport: Transport,
        client_id: String,
        client_secret: Replaceable<Secret>,
        fields: LegacyFields,
    ) -> Self {
        Self {
            transport,
            client_id,
            client_secret,
            fields,
        }
    }

    async fn post(&self) -> Result<Issued, Error> {
        let request = types::LegacyTokenRequest {
            client_id: self.client_id.clone(),
            client_secret: (*self.client_secret.get()).clone(),
        };
        let names = [
            (legacy_token_request::CLIENT_ID, &self.fields.client_id),
            (
                legacy_token_request::CLIENT_SECRET,
                &self.fields.client_secret,
            ),
        ];
        let token = self
            .exchange(&security::ISSUE_LEGACY_TOKEN, &request, &names)
            .await?;
        usable(token, Refresh::Forget)
    }

    async fn patch(&self, refresh_token: Secret) -> Result<Issued, Error> {
        let request = types::LegacyRefreshRequest { refresh_token };
        let names = [(
            legacy_refresh_request::REFRESH_TOKEN,
            &self.fields.sent_refresh_token,
        )];
        let token = self
            .exchange(&security::REFRESH_LEGACY_TOKEN, &request, &names)
            .await?;
        usable(token, Refresh::Keep)
    }

    async fn exchange(
        &self,
        operation: &'static Operation,
        request: &impl Serialize,
        names: &[(&str, &String)],
    ) -> Result<types::LegacyToken, Error> {
        let body = serde_json::to_value(request)
            .map_err(|_| Error::configuration("the token request could not be encoded"))?;
        let renamed = rename(
            body,
            names.iter().map(|(ours, theirs)| (*ours, theirs.as_str())),
        );
        let documented = operation
            .token
            .ok_or_else(|| Error::configuration("the operation answers with no token"))?;
        let token = TokenAnswer {
            access_token: &self.fields.access_token,
            expires_in: Some(&self.fields.expires_in),
            refresh_token: Some(&self.fields.refresh_token),
            ..documented
        };
        let answer = exchange_json(&self.transport, operation, &renamed, &token)
            .await
            .map_err(Error::at_token_endpoint)?;
        let names = [
            (
                self.fields.access_token.as_str(),
                legacy_token::ACCESS_TOKEN,
            ),
            (
                self.fields.refresh_token.as_str(),
                legacy_token::REFRESH_TOKEN,
            ),
            (self.fields.expires_in.as_str(), legacy_token::EXPIRES_IN),
        ];
        read(rename(answer, names.into_iter()))
    }
}

impl TokenSource for LegacyTokens {
    fn issue<'a>(&'a self, renewal: Renewal<'a>) -> BoxFuture<'a, Result<Issued, Error>> {
        Box::pin(async move {
            let Some(refresh_token) = refreshable(&renewal) else {
                return self.post().await;
            };
            let outcome = self.patch(refresh_token.clone()).await;
            match outcome {
                // Whatever is wrong with the refresh token, id and secret can still get a new token.
                Err(error) if !error.is_transient() => self.post().await,
                // Also if a new refresh token came without an access token; the refresh token is kept if this
                // fails.
                Ok(issued) if issued.unusable.is_some() => Ok(self.post().await.unwrap_or(issued)),
                outcome => outcome,
            }
        })
    }

    /// Needs only client id and secret.
    fn is_self_sufficient(&self) -> bool {
        true
    }

    fn credentials(&self) -> u64 {
        self.client_secret.replacements()
    }

    fn setting(&self) -> Option<&'static str> {
        self.transport.setting()
    }
}

fn refreshable<'a>(renewal: &Renewal<'a>) -> Option<&'a Secret> {
    let current: &Token = renewal
        .current
        .filter(|token| !token.is_expired(renewal.now))?;
    current.live_refresh_token(renewal.now)
}

fn usable(token: types::LegacyToken, without: Refresh) -> Result<Issued, Error> {
    let lifetime = token
        .expires_in
        .map_or(security::ACCESS_TOKEN_LIFETIME, Seconds::lifetime);
    let refresh = token
        .refresh_token
        .map_or(without, |token| Refresh::Replace {
            token,
            lifetime: Some(security::LEGACY_REFRESH_TOKEN_LIFETIME),
        });
    issued(
        security::ACCESS_TOKEN,
        token.access_token,
        None,
        lifetime,
        refresh,
    )
}

fn rename<'a>(value: Value, names: impl Iterator<Item = (&'a str, &'a str)>) -> Value {
    let Value::Object(mut from) = value else {
        return value;
    };
    let mut to = Map::new();
    let mut taken = Vec::new();
    for (old, new) in names {
        if let Some(value) = from.remove(old) {
            to.insert(new.to_owned(), value);
        }
        taken.push(new);
    }
    // A member with a default name that was renamed means something else, so it is dropped.
    from.retain(|name, _| !taken.contains(&name.as_str()));
    to.extend(from);
    Value::Object(to)
}

fn read<T: DeserializeOwned>(value: Value) -> Result<T, Error> {
    serde_json::from_value(value).map_err(|error| unreadable(&error))
}

#[cfg(test)]
mod tests;
