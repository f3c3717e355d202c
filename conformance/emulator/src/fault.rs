//! Answers that a test prescribes (faults).

use std::time::{Duration, SystemTime};

use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderName, HeaderValue, StatusCode};

use super::answer::Answer;
use super::delivery::Delivery;
use super::request::Seen;
use super::service::{Endpoint, Service};

/// A prescribed answer in place of the provider's own, a delay before it, or a body that comes slowly or
/// is cut short.
///
/// It comes before every check, so it also meets a request whose credential is wrong. Faults and
/// [refusals](super::Refusal) share one queue: a request meets the first that is meant for it.
#[derive(Clone)]
pub struct Fault {
    pub(super) endpoint: Endpoint,
    pub(super) times: u64,
    delivery: Delivery,
    /// An HTTP status or, from 600 on, a code in Marketo's envelope.
    pub(super) code: Option<u16>,
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
            delivery: Delivery {
                delay: Duration::ZERO,
                slow: Duration::ZERO,
                cut_after: None,
            },
            code: None,
            headers: Vec::new(),
            body: FaultBody::Provider,
        }
    }

    /// Answers that status, with an error in the provider's own shape unless a body is given.
    #[must_use]
    pub fn status(mut self, status: u16) -> Self {
        self.code = Some(status);
        self
    }

    /// Answers that code in Marketo's envelope, with HTTP 200: the limits are 606 (calls in a short
    /// time), 607 (calls in a day) and 615 (calls at the same time).
    #[must_use]
    pub fn code(mut self, code: u16) -> Self {
        self.code = Some(code);
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
        self.delivery.delay = delay;
        self
    }

    /// Sends the body in pieces, over this time.
    #[must_use]
    pub fn slow(mut self, over: Duration) -> Self {
        self.delivery.slow = over;
        self
    }

    /// Closes the connection after that many bytes of the body.
    #[must_use]
    pub fn cut_after(mut self, bytes: usize) -> Self {
        self.delivery.cut_after = Some(bytes);
        self
    }

    /// Adds a `Retry-After` header.
    #[must_use]
    pub fn retry_after(self, seconds: u64) -> Self {
        self.header(RETRY_AFTER.as_str(), &seconds.to_string())
    }

    /// Adds a header, in place of the provider's own of that name.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Answers these bytes; with status 200 if none is given.
    #[must_use]
    pub fn body(mut self, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        self.code = self.code.or(Some(200));
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
        self.code = self.code.or(Some(200));
        self.body = FaultBody::Raw(Vec::new());
        self
    }

    pub(super) fn check(&self, service: &dyn Service) -> Result<(), String> {
        match (self.code, &self.body) {
            (Some(code @ 600..), FaultBody::Provider) => service.check_code(self.endpoint, code)?,
            (Some(code @ 600..=1999), FaultBody::Raw(_)) => {
                return Err(format!(
                    "code {code} comes in Marketo's envelope, so it cannot have another body: leave the body out, \
                     or set a status from 200 to 599 in place of the code"
                ));
            }
            (Some(code), _) if !(200..=599).contains(&code) => {
                return Err(format!("status {code} cannot be answered: use 200 to 599"));
            }
            (None, _) if self.delivery == Delivery::default() => {
                return Err(
                    "the fault changes nothing: give it a status, a delay, or slow_ms or \
                            cut_after_bytes"
                        .to_owned(),
                );
            }
            _ => {}
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
        self.delivery.delay
    }

    /// Sends an answer as the fault says; its own delay is over by now.
    pub(super) fn deliver(&self, answer: Answer) -> Answer {
        let own = Delivery {
            delay: Duration::ZERO,
            ..self.delivery
        };
        if own == Delivery::default() {
            answer
        } else {
            answer.delivered(own)
        }
    }

    /// The answer, unless the provider is to give its own.
    pub(super) fn answer(
        &self,
        service: &mut dyn Service,
        seen: &Seen,
        wall: SystemTime,
    ) -> Option<Answer> {
        let code = self.code?;
        let mut answer = match &self.body {
            FaultBody::Provider => service.fault(self.endpoint, code, seen, wall),
            FaultBody::Raw(body) => Answer {
                body: body.clone(),
                ..Answer::empty(StatusCode::from_u16(code).ok()?)
                    .note("the emulator was set to answer so")
            },
        };
        for (index, (name, value)) in self.headers.iter().enumerate() {
            let Ok(header) = HeaderName::try_from(name) else {
                continue;
            };
            let earlier = self.headers.iter().take(index);
            let is_first = !earlier
                .clone()
                .any(|(one, _)| one.eq_ignore_ascii_case(name));
            answer = if is_first {
                answer.replace_header(header, value)
            } else {
                answer.header(header, value)
            };
        }
        Some(answer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::JootoConfig;
    use crate::jooto::Jooto;

    #[test]
    fn an_unanswerable_fault_is_refused() {
        let jooto = Jooto::new(JootoConfig::default());
        let on = || Fault::on(Endpoint::Token);
        let check = |fault: Fault| fault.check(&jooto);
        assert!(check(on()).is_err());
        assert!(check(on().status(100)).is_err());
        assert!(check(on().code(606)).is_err());
        for fault in [on().code(606).html(), on().code(606).body("a/b", "c")] {
            let problem = check(fault).err().unwrap();
            assert!(
                problem.contains("code 606") && problem.contains("leave the body out"),
                "{problem}"
            );
        }
        assert!(check(on().status(500).header("a b", "c")).is_err());
        assert_eq!(check(on().status(500).retry_after(3)), Ok(()));
        assert_eq!(check(on().html()), Ok(()));
        assert_eq!(check(on().cut_after(0)), Ok(()));
        assert_eq!(check(on().slow(Duration::from_millis(1))), Ok(()));
    }
}
