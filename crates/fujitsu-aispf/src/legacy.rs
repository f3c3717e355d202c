//! Tokens by `POST` and `PATCH /v1/tokens`, the conventional method.

use serde_json::{Value, json};
use tegata::provider::ErrorExt as _;
use tegata::provider::generated::exchange_json;
use tegata::provider::spec::{Operation, TokenAnswer};
use tegata::provider::{
    BoxFuture, Issued, Refresh, Renewal, Replaceable, TokenSource, Transport, check_credential,
    issued_from,
};
use tegata::{Error, Secret};

use crate::generated::security;
use crate::generated::security::names::{
    legacy_refresh_request, legacy_token, legacy_token_request,
};

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
/// before the access token expires and within a day from the refresh token's issue. It is no grant of RFC 6749: the bodies
/// are JSON without a `grant_type`, and the fields may have other names.
#[derive(Clone, Debug)]
pub(crate) struct LegacyTokens {
    endpoint: Transport,
    client_id: Secret,
    client_secret: Replaceable<Secret>,
    fields: LegacyFields,
}

impl LegacyTokens {
    pub(crate) fn new(
        endpoint: Transport,
        client_id: Secret,
        client_secret: Secret,
        fields: LegacyFields,
    ) -> Result<Self, Error> {
        check_credential("client id", client_id.expose())?;
        check_credential("client secret", client_secret.expose())?;
        Ok(Self {
            endpoint,
            client_id,
            client_secret: Replaceable::new(client_secret),
            fields,
        })
    }

    pub(crate) fn client_id(&self) -> &str {
        self.client_id.expose()
    }

    pub(crate) fn replace(&self, secret: Secret, fields: &LegacyFields) -> Result<(), Error> {
        check_credential("client secret", secret.expose())?;
        if *fields != self.fields && *fields != LegacyFields::default() {
            return Err(Error::configuration(
                "the names of the fields cannot be replaced: build another client",
            ));
        }
        self.client_secret.replace(secret);
        Ok(())
    }

    async fn post(&self) -> Result<Issued, Error> {
        let fields = &self.fields;
        let (id, secret) = (self.client_id(), self.client_secret.get());
        let body = json!({&fields.client_id: id, &fields.client_secret: secret.expose()});
        self.exchange(&security::ISSUE_LEGACY_TOKEN, &body, Refresh::Forget)
            .await
    }

    async fn patch(&self, refresh_token: &Secret) -> Result<Issued, Error> {
        let body = json!({&self.fields.sent_refresh_token: refresh_token.expose()});
        self.exchange(&security::REFRESH_LEGACY_TOKEN, &body, Refresh::Keep)
            .await
    }

    async fn exchange(
        &self,
        operation: &'static Operation,
        body: &Value,
        or: Refresh,
    ) -> Result<Issued, Error> {
        let members = TokenAnswer {
            access_token: &self.fields.access_token,
            expires_in: Some(&self.fields.expires_in),
            refresh_token: Some(&self.fields.refresh_token),
            ..operation.token.unwrap_or(TokenAnswer::RFC6749)
        };
        let answer = exchange_json(&self.endpoint, operation, body, &members).await;
        let answer = answer.map_err(Error::at_token_endpoint)?;
        let lifetimes = [
            Some(security::ACCESS_TOKEN_LIFETIME),
            Some(security::LEGACY_REFRESH_TOKEN_LIFETIME),
        ];
        issued_from(&answer, &members, security::ACCESS_TOKEN, lifetimes, or)
    }
}

impl TokenSource for LegacyTokens {
    fn issue<'a>(&'a self, renewal: Renewal<'a>) -> BoxFuture<'a, Result<Issued, Error>> {
        Box::pin(async move {
            let current = renewal.current.filter(|it| !it.is_expired(renewal.now));
            let Some(refresh_token) = current.and_then(|it| it.live_refresh_token(renewal.now))
            else {
                return self.post().await;
            };
            match self.patch(refresh_token).await {
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
        self.endpoint.setting()
    }
}

#[cfg(test)]
mod tests;
