//! Tokens by `POST` and `PATCH /v1/tokens`, the conventional method.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use tegata::generated::{exchange_json, unreadable};
use tegata::spec::Operation;
use tegata::{BoxFuture, Error, Issued, Refresh, Renewal, Secret, Token, TokenSource, Transport};

use crate::generated::security::names::{
    legacy_refresh_request, legacy_token, legacy_token_request,
};
use crate::generated::{security, types};

/// The names of the fields in the bodies of the conventional token calls.
///
/// The guide shows the fields in a picture only and names none but `accessToken`, so the defaults, except
/// that one, are assumed. If the real ones differ, set them here.
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
    client_secret: Secret,
    fields: LegacyFields,
}

impl LegacyTokens {
    pub(crate) fn new(
        transport: Transport,
        client_id: String,
        client_secret: Secret,
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
            client_secret: self.client_secret.clone(),
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
        Ok(issued(token, Refresh::Forget))
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
        Ok(issued(token, Refresh::Keep))
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
        let answer = exchange_json(&self.transport, operation, &renamed)
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
            match self.patch(refresh_token.clone()).await {
                // Whatever is wrong with the refresh token, id and secret are still good for a new one.
                Err(error) if !error.is_transient() => self.post().await,
                outcome => outcome,
            }
        })
    }

    /// Id and secret are all that it takes.
    fn is_self_sufficient(&self) -> bool {
        true
    }
}

fn refreshable<'a>(renewal: &Renewal<'a>) -> Option<&'a Secret> {
    let current: &Token = renewal
        .current
        .filter(|token| !token.is_expired(renewal.now))?;
    current.live_refresh_token(renewal.now)
}

fn issued(token: types::LegacyToken, without: Refresh) -> Issued {
    let lifetime = token
        .expires_in
        .map_or(security::ACCESS_TOKEN_LIFETIME, tegata::Seconds::lifetime);
    let refresh = token
        .refresh_token
        .map_or(without, |token| Refresh::Replace {
            token,
            lifetime: Some(security::LEGACY_REFRESH_TOKEN_LIFETIME),
        });
    Issued {
        access_token: token.access_token,
        lifetime: Some(lifetime),
        refresh,
    }
}

fn rename<'a>(value: Value, names: impl Iterator<Item = (&'a str, &'a str)>) -> Value {
    let Value::Object(mut from) = value else {
        return value;
    };
    let mut to = Map::new();
    for (old, new) in names {
        if let Some(value) = from.remove(old) {
            to.insert(new.to_owned(), value);
        }
    }
    // A field that was not renamed stays, unless a renamed one took its place.
    for (name, value) in from {
        to.entry(name).or_insert(value);
    }
    Value::Object(to)
}

fn read<T: DeserializeOwned>(value: Value) -> Result<T, Error> {
    serde_json::from_value(value).map_err(|error| unreadable(&error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_renamed_and_the_others_kept() {
        let value = serde_json::json!({"a": 1, "b": 2, "c": 3});
        let renamed = rename(value, [("a", "b"), ("b", "a")].into_iter());
        assert_eq!(renamed, serde_json::json!({"a": 2, "b": 1, "c": 3}));
    }

    #[test]
    fn a_renamed_field_wins_over_one_that_had_the_name_before() {
        let value = serde_json::json!({"token": "ours", "accessToken": "theirs"});
        let renamed = rename(value, [("token", "accessToken")].into_iter());
        assert_eq!(renamed, serde_json::json!({"accessToken": "ours"}));
    }

    #[test]
    fn the_default_names_are_those_of_the_spec() {
        let fields = LegacyFields::default();
        assert_eq!(fields.client_id, "clientId");
        assert_eq!(fields.client_secret, "clientSecret");
        assert_eq!(fields.sent_refresh_token, "refreshToken");
        assert_eq!(fields.access_token, "accessToken");
        assert_eq!(fields.refresh_token, "refreshToken");
        assert_eq!(fields.expires_in, "expiresIn");
    }

    #[test]
    fn a_refresh_is_asked_for_by_the_name_of_the_spec() {
        let refresh_token = Secret::from("token");
        let request = types::LegacyRefreshRequest { refresh_token };
        assert_eq!(
            serde_json::to_value(request).expect("JSON"),
            serde_json::json!({"refreshToken": "token"})
        );
    }
}
