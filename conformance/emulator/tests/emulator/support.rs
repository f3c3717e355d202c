//! An emulator with a client, and requests that can be spoilt.

use reqwest::header::{CONTENT_TYPE, HeaderMap};
use reqwest::{Method, RequestBuilder, StatusCode, redirect};
use serde_json::Value;
use tegata_emulator::{ClockMode, Config, Emulator};

pub(crate) const FORM: &str = "application/x-www-form-urlencoded";

/// An emulator whose clock stands still, and a client that follows no redirects.
pub(crate) struct Loopback {
    pub(crate) emulator: Emulator,
    http: reqwest::Client,
}

/// An answer, read to its end.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

/// The fields of a form or of a query, in order, duplicates kept.
#[derive(Clone)]
pub(crate) struct Fields(pub(crate) Vec<(String, String)>);

impl Loopback {
    pub(crate) fn start() -> Self {
        Self::with(|_| {})
    }

    pub(crate) fn with(change: impl FnOnce(&mut Config)) -> Self {
        let mut config = Config::default();
        config.emulator.clock = ClockMode::Frozen;
        change(&mut config);
        let http = reqwest::Client::builder()
            .redirect(redirect::Policy::none())
            .no_proxy()
            .build()
            .unwrap();
        Self {
            emulator: Emulator::start(config).unwrap(),
            http,
        }
    }

    pub(crate) fn request(&self, method: Method, target: &str) -> RequestBuilder {
        self.http
            .request(method, format!("{}{target}", self.emulator.base_url()))
    }

    pub(crate) fn get(&self, target: &str) -> RequestBuilder {
        self.request(Method::GET, target)
    }

    pub(crate) fn post(&self, target: &str) -> RequestBuilder {
        self.request(Method::POST, target)
    }

    pub(crate) async fn post_form(&self, target: &str, fields: &Fields) -> Answer {
        send(
            self.post(target)
                .header(CONTENT_TYPE, FORM)
                .body(fields.encoded()),
        )
        .await
    }

    pub(crate) async fn control(&self, target: &str) -> Answer {
        send(self.post(&format!("/__control/{target}"))).await
    }
}

pub(crate) async fn send(request: RequestBuilder) -> Answer {
    let response = request.send().await.unwrap();
    Answer {
        status: response.status(),
        headers: response.headers().clone(),
        text: response.text().await.unwrap(),
    }
}

/// A GET with these headers.
pub(crate) async fn call(loopback: &Loopback, target: &str, headers: &[(&str, &str)]) -> Answer {
    let request = headers
        .iter()
        .fold(loopback.get(target), |request, (name, value)| {
            request.header(*name, *value)
        });
    send(request).await
}

/// A token of the default custom service.
pub(crate) async fn marketo_token(loopback: &Loopback) -> String {
    let identity = "/marketo/identity/oauth/token?grant_type=client_credentials\
                    &client_id=marketo-client&client_secret=CANARY-marketo-secret";
    send(loopback.get(identity)).await.member("access_token")
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        match serde_json::from_str(&self.text) {
            Ok(value) => value,
            Err(error) => panic!("{error}: {:?}", self.text),
        }
    }

    /// A member of the JSON body that must be text.
    pub(crate) fn member(&self, name: &str) -> String {
        match self.json()[name].as_str() {
            Some(value) => value.to_owned(),
            None => panic!("no text {name:?} in {} {:?}", self.status, self.text),
        }
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    #[track_caller]
    pub(crate) fn assert_status(&self, status: u16) {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
    }

    /// RFC 6749 section 5.2.
    #[track_caller]
    pub(crate) fn assert_oauth_error(&self, status: u16, error: &str) {
        self.assert_status(status);
        assert_eq!(self.json()["error"], error, "{}", self.text);
        assert_eq!(self.header("cache-control"), Some("no-store"));
    }
}

impl Fields {
    pub(crate) fn of(fields: &[(&str, &str)]) -> Self {
        let owned = fields.iter().map(|&(n, v)| (n.to_owned(), v.to_owned()));
        Self(owned.collect())
    }

    pub(crate) fn without(mut self, name: &str) -> Self {
        let before = self.0.len();
        self.0.retain(|(candidate, _)| candidate != name);
        assert!(self.0.len() < before, "there was no {name}");
        self
    }

    pub(crate) fn twice(mut self, name: &str) -> Self {
        let again = self.0.iter().find(|(candidate, _)| candidate == name);
        let again = again.unwrap().clone();
        self.0.push(again);
        self
    }

    pub(crate) fn set(mut self, name: &str, value: &str) -> Self {
        let field = self.0.iter_mut().find(|(candidate, _)| candidate == name);
        match field {
            Some((_, old)) => value.clone_into(old),
            None => self.0.push((name.to_owned(), value.to_owned())),
        }
        self
    }

    /// With spaces as `+`.
    pub(crate) fn encoded(&self) -> String {
        form_urlencoded::Serializer::new(String::new())
            .extend_pairs(&self.0)
            .finish()
    }
}
