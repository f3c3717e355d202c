//! An application of Jooto on the way to its first token.

use tegata::Error;
use tegata::provider::ErrorExt as _;
use tegata_conformance::script::{ErrorKind, Failure, Success};
use tegata_jooto::{App, Authorization, AuthorizationCode, Client, OrganizationId};

use super::failure::to_failure;

/// An application on its way to a token.
#[derive(Debug)]
pub(super) struct InProgress {
    pub(super) app: App,
    pub(super) organization: Option<String>,
    pub(super) authorization: Option<Authorization>,
    pub(super) code: Option<AuthorizationCode>,
}

impl InProgress {
    pub(super) fn authorize(&mut self) -> Result<Success, Error> {
        let organization = self.organization.as_deref().unwrap_or_default();
        let authorization = self
            .app
            .authorize(organization.parse::<OrganizationId>()?)?;
        let success = Success {
            url: Some(authorization.url().to_string()),
            said: vec![format!("{authorization:?}")],
            ..Success::default()
        };
        self.authorization = Some(authorization);
        Ok(success)
    }

    pub(super) fn callback(&mut self, url: &str) -> Result<Success, Error> {
        let authorization = self.authorization.as_ref().ok_or_else(no_token)?;
        let code = authorization.callback(url)?;
        let said = vec![format!("{code:?}")];
        self.code = Some(code);
        Ok(Success {
            said,
            ..Success::default()
        })
    }

    pub(super) async fn exchange(&mut self) -> Result<(Client, Success), Failure> {
        let code = self
            .code
            .as_ref()
            .ok_or_else(|| Failure::of(ErrorKind::Config))?;
        let token = self.app.exchange(code).await.map_err(to_failure)?;
        // The suite asks what an answer without a usable access token is. Ours keeps the refresh token of such a
        // one, where other clients report that they cannot read it.
        if token.access_token().is_empty() {
            return Err(Failure::of(ErrorKind::Decode));
        }
        let said = vec![format!("{token:?}")];
        let client = self.app.client(token).build().map_err(to_failure)?;
        Ok((
            client,
            Success {
                said,
                ..Success::default()
            },
        ))
    }
}

pub(super) fn no_token() -> Error {
    Error::configuration("no user has authorized the application yet")
}
