//! Requests to the authorization server, and their answers.

use reqwest::header::{ACCEPT, ACCEPT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HeaderValue};
use reqwest::{Method, Request, Response};
use serde_json::{Map, Value};
use url::Url;
use url::form_urlencoded::Serializer;

use crate::oauth::App;
use crate::oauth::server::{ClientAuth, RequestFormat, Step};
use crate::provider::spec::{Placement, Scheme};
use crate::provider::{Credential, Issued, Refresh, issued_from, token_answer};
use crate::request::credential::form_encode;
use crate::request::{coding, failure};
use crate::{Error, Secret, Token};

/// Names and values of parameters, in the order in which they are sent.
pub(super) type Parameters = Vec<(&'static str, Secret)>;

/// How a client authenticates to the server, if by HTTP Basic.
pub(super) const BASIC: Scheme = Scheme {
    name: "the client",
    placement: Placement::Basic,
};

impl App {
    /// The token that a login gives.
    pub(super) async fn first_token(&self, grant: Parameters) -> Result<Token, Error> {
        let sent_at = self.settings().to_clock().now();
        let issued = self.token(Step::Token, grant, Refresh::Keep).await?;
        Ok(Token::new(issued, sent_at, None))
    }

    /// Asks for a token. Without a new refresh token in the answer, `or` is done with the former one.
    pub(super) async fn token(
        &self,
        step: Step,
        grant: Parameters,
        or: Refresh,
    ) -> Result<Issued, Error> {
        let (server, urls) = (self.server(), self.urls());
        let url = match (step, &urls.refresh) {
            (Step::Refresh, Some(url)) => url,
            _ => &urls.token,
        };
        let setting = self.setting(step);
        let members = &server.answer;
        let answer = async {
            let response = self.ask(url, step, grant).await?;
            token_answer::read(response, members).await
        };
        let (_, object) = answer.await.map_err(|error| {
            self.hint(error.at_token_endpoint_of(&server.refusal, Some(setting)))
        })?;
        let mut members = *members;
        if or == Refresh::Forget {
            members.refresh_token = None;
        }
        let lifetimes = [server.lifetime, None];
        issued_from(&object, &members, server.scheme, lifetimes, or)
    }

    /// The setting of the URL to which tokens of this step are asked for.
    pub(super) fn setting(&self, step: Step) -> &'static str {
        let is_refresh = step == Step::Refresh && self.urls().refresh.is_some();
        let own = if is_refresh {
            "refresh_url"
        } else {
            "token_url"
        };
        self.server().setting.unwrap_or(own)
    }

    /// Gives a refusal that may be due to the encoding of id and secret a cause that says so.
    fn hint(&self, error: Error) -> Error {
        let is_encoded = |text: &str| form_encode(text) != text;
        let (ClientAuth::Basic(_), Some(secret)) =
            (self.server().auth_method(), self.client_secret())
        else {
            return error;
        };
        let is_special = is_encoded(self.client_id()) || is_encoded(secret.expose());
        let is_refused = matches!(
            error.status().map(|status| status.as_u16()),
            Some(400..=403)
        );
        if !is_special || !is_refused || error.needs_authorization() {
            return error;
        }
        error.with_source(Error::configuration(
            "client id or secret hold characters that servers read differently in HTTP Basic: try the other \
             `BasicEncoding`, or to send them as parameters if the server takes them there",
        ))
    }

    /// Sends these parameters, with those of the step and the client's authentication, and returns a success.
    pub(super) async fn ask(
        &self,
        url: &Url,
        step: Step,
        mut parameters: Parameters,
    ) -> Result<Response, Error> {
        let server = self.server();
        let secret = self.client_secret();
        let mut client = Parameters::new();
        if !matches!(server.auth_method(), ClientAuth::Basic(_)) {
            client.push(("client_id", self.client_id().into()));
        }
        if let (ClientAuth::Post, Some(secret)) = (server.auth_method(), &secret) {
            client.push(("client_secret", Secret::clone(secret)));
        }
        // Next to the grant type. The order means nothing to a server.
        let behind = parameters.len().min(1);
        parameters.splice(behind..behind, client);
        let own = parameters.iter().map(|(name, value)| (*name, value));
        let mut request = written(url, server.format, own.chain(server.parameters_of(step)));
        if let (ClientAuth::Basic(encoding), Some(secret)) = (server.auth_method(), &secret) {
            let client = Credential::basic(BASIC, self.client_id(), secret, encoding)?;
            client.attach(&mut request);
        }
        let answer = self.http().execute(request).await.map(coding::decoded)?;
        failure::unless_success(answer).await
    }
}

fn written<'a>(
    url: &Url,
    format: RequestFormat,
    parameters: impl Iterator<Item = (&'a str, &'a Secret)>,
) -> Request {
    let parameters = parameters.map(|(name, value)| (name, value.expose()));
    let mut url = url.clone();
    let method = match format {
        RequestFormat::GetQuery => Method::GET,
        _ => Method::POST,
    };
    let body = match format {
        RequestFormat::GetQuery | RequestFormat::PostQuery => {
            url.query_pairs_mut().extend_pairs(parameters);
            None
        }
        RequestFormat::Form => {
            let form = Serializer::new(String::new())
                .extend_pairs(parameters)
                .finish();
            Some(("application/x-www-form-urlencoded", form))
        }
        RequestFormat::Json => {
            let object: Map<_, _> = parameters
                .map(|(name, value)| (name.to_owned(), value.into()))
                .collect();
            Some(("application/json", Value::Object(object).to_string()))
        }
    };
    let mut request = Request::new(method, url);
    let headers = request.headers_mut();
    headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    // Overrides the HTTP client's preference: in an unreadable answer a new refresh token would be lost.
    headers.insert(ACCEPT_ENCODING, coding::IDENTITY);
    if let Some((media, body)) = body {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(media));
        *request.body_mut() = Some(body.into());
    } else if request.method() == Method::POST {
        // hyper leaves it out, and some servers answer 411 then (RFC 9110, section 8.6).
        let headers = request.headers_mut();
        headers.insert(CONTENT_LENGTH, 0.into());
    }
    request
}
