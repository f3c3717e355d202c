//! Answers that a test prescribes (faults).

use std::collections::VecDeque;
use std::time::Duration;

use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderName, HeaderValue, StatusCode};

use super::answer::Answer;
use super::service::{Endpoint, Service};

/// A prescribed answer in place of the provider's own, or a delay before it.
///
/// It comes before every check, so it also meets a request whose credential is wrong.
#[derive(Clone)]
pub struct Fault {
    endpoint: Endpoint,
    times: u64,
    delay: Duration,
    status: Option<u16>,
    headers: Vec<(String, String)>,
    body: FaultBody,
}

#[derive(Clone)]
enum FaultBody {
    /// An error in the provider's own shape.
    Provider,
    Raw(Vec<u8>),
}

impl Fault {
    /// For the next request to that kind of endpoint; without a status it is served as usual.
    pub const fn on(endpoint: Endpoint) -> Self {
        Self {
            endpoint,
            times: 1,
            delay: Duration::ZERO,
            status: None,
            headers: Vec::new(),
            body: FaultBody::Provider,
        }
    }

    /// Answers that status, with an error in the provider's own shape unless a body is given.
    #[must_use]
    pub fn status(mut self, status: u16) -> Self {
        self.status = Some(status);
        self
    }

    /// Meets that many requests.
    #[must_use]
    pub fn times(mut self, times: u64) -> Self {
        self.times = times;
        self
    }

    /// Waits before the answer, in real time.
    #[must_use]
    pub fn delay(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// Adds a `Retry-After` header.
    #[must_use]
    pub fn retry_after(self, seconds: u64) -> Self {
        self.header(RETRY_AFTER.as_str(), &seconds.to_string())
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Answers these bytes; with status 200 if none is given.
    #[must_use]
    pub fn body(mut self, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        self.status = self.status.or(Some(200));
        self.body = FaultBody::Raw(body.into());
        self.header(CONTENT_TYPE.as_str(), content_type)
    }

    /// Answers a page, as a proxy in front of the provider does.
    #[must_use]
    pub fn html(self) -> Self {
        self.body("text/html", "<html><body>Bad Gateway</body></html>")
    }

    /// Answers without a body.
    #[must_use]
    pub fn empty(mut self) -> Self {
        self.status = self.status.or(Some(200));
        self.body = FaultBody::Raw(Vec::new());
        self
    }

    pub(super) fn check(&self) -> Result<(), String> {
        if let Some(status) = self.status
            && !(200..=599).contains(&status)
        {
            return Err(format!(
                "status {status} cannot be answered: use 200 to 599"
            ));
        }
        if self.status.is_none() && self.delay.is_zero() {
            return Err("the fault changes nothing: give it a status or a delay".to_owned());
        }
        for (name, value) in &self.headers {
            if HeaderName::try_from(name).is_err() || HeaderValue::from_str(value).is_err() {
                return Err(format!(
                    "header {name:?} cannot be sent: remove odd characters"
                ));
            }
        }
        Ok(())
    }

    pub(super) fn wait(&self) -> Duration {
        self.delay
    }

    /// The answer, unless the provider is to give its own.
    pub(super) fn answer(&self, service: &dyn Service) -> Option<Answer> {
        let status = StatusCode::from_u16(self.status?).ok()?;
        let mut answer = match &self.body {
            FaultBody::Provider => service.fault(self.endpoint, status),
            FaultBody::Raw(body) => Answer {
                body: body.clone(),
                ..Answer::empty(status).note("the emulator was set to answer so")
            },
        };
        for (name, value) in &self.headers {
            if let Ok(name) = HeaderName::try_from(name) {
                answer = answer.header(name, value);
            }
        }
        Some(answer)
    }
}

/// The faults still to come, first ordered first met.
#[derive(Default)]
pub(super) struct Faults(VecDeque<Fault>);

impl Faults {
    pub(super) fn order(&mut self, fault: Fault) {
        if fault.times > 0 {
            self.0.push_back(fault);
        }
    }

    pub(super) fn take(&mut self, endpoint: Endpoint) -> Option<Fault> {
        let at = self.0.iter().position(|fault| fault.endpoint == endpoint)?;
        let fault = self.0.get_mut(at)?;
        fault.times -= 1;
        let due = fault.clone();
        if due.times == 0 {
            self.0.remove(at);
        }
        Some(due)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_waits_for_its_kind_of_endpoint() {
        let mut faults = Faults::default();
        faults.order(Fault::on(Endpoint::Resource).status(500).times(2));
        assert!(faults.take(Endpoint::Token).is_none());
        assert!(faults.take(Endpoint::Resource).is_some());
        assert!(faults.take(Endpoint::Resource).is_some());
        assert!(faults.take(Endpoint::Resource).is_none());
    }

    #[test]
    fn an_unanswerable_fault_is_refused() {
        let on = || Fault::on(Endpoint::Token);
        assert!(on().check().is_err());
        assert!(on().status(100).check().is_err());
        assert!(on().status(500).header("a b", "c").check().is_err());
        assert_eq!(on().status(500).retry_after(3).check(), Ok(()));
        assert_eq!(on().html().check(), Ok(()));
    }
}
