//! Answers that a test prescribes (faults).

use std::time::{Duration, SystemTime};

use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderName, StatusCode};

use super::answer::{Answer, is_without_body};
use super::delivery::Delivery;
use super::header;
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

/// Says that an order meets no request.
pub(super) fn check_times(times: u64) -> Result<(), String> {
    if times == 0 {
        return Err(
            "times is 0, so it meets no request: write at least 1, or leave it out".to_owned(),
        );
    }
    Ok(())
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

    /// Answers that status, with an error in the provider's own shape unless a body is given, which a
    /// status of success wants; 204, 205 and 304 are sent without one.
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

    /// Meets that many requests, at least one.
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

    /// Closes the connection after that many bytes of the body, or after all of a shorter one; in either
    /// case more bytes were announced.
    #[must_use]
    pub fn cut_after(mut self, bytes: usize) -> Self {
        self.delivery.cut_after = Some(bytes);
        self
    }

    /// Adds a `Retry-After` header; the fault needs a status, a code or a body with it.
    #[must_use]
    pub fn retry_after(self, seconds: u64) -> Self {
        self.header(RETRY_AFTER.as_str(), &seconds.to_string())
    }

    /// Adds a header, in place of the provider's own of that name; the fault needs a status, a code or a
    /// body with it.
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
        check_times(self.times)?;
        let has_none = |code| StatusCode::from_u16(code).is_ok_and(is_without_body);
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
            (Some(code), FaultBody::Provider) if (200..=299).contains(&code) && !has_none(code) => {
                return Err(format!(
                    "status {code} is no error, so the provider has no answer of its own for it: give it a body \
                     (html, empty or yours)"
                ));
            }
            (Some(code), _) if has_none(code) && self.delivery.is_about_body() => {
                return Err(format!(
                    "status {code} has no body: leave out slow_ms and cut_after_bytes, or use another status"
                ));
            }
            (None, _) if self.delivery == Delivery::default() => {
                return Err(
                    "the fault changes nothing: give it a status, a delay, or slow_ms or \
                            cut_after_bytes"
                        .to_owned(),
                );
            }
            (None, _) if !self.headers.is_empty() => {
                return Err(
                    "the headers would be dropped, since the provider gives its own answer: give it a \
                     status or a code as well"
                        .to_owned(),
                );
            }
            _ => {}
        }
        for (name, value) in &self.headers {
            header::check(name, value).map_err(|problem| format!("header {problem}"))?;
        }
        Ok(())
    }

    pub(super) fn wait(&self) -> Duration {
        self.delivery.delay
    }

    /// Sends an answer as the fault says and, beyond that, as a rule does; the delays are over by now.
    pub(super) fn deliver(&self, answer: Answer) -> Answer {
        let of_rule = answer.delivery.as_deref().copied().unwrap_or_default();
        answer.delivered(Delivery {
            delay: Duration::ZERO,
            ..self.delivery.over(of_rule)
        })
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
        assert!(check(on().status(500).times(0)).is_err());
        assert!(check(on().status(200)).is_err());
        assert!(check(on().status(304).cut_after(0)).is_err());
        assert_eq!(check(on().status(201).empty()), Ok(()));
        assert_eq!(check(on().status(204)), Ok(()));
        assert_eq!(check(on().status(302)), Ok(()));
        let delayed = || on().delay(Duration::from_millis(1));
        assert_eq!(check(delayed()), Ok(()));
        assert!(check(delayed().retry_after(5)).is_err());
        assert!(check(delayed().header("x-a", "b")).is_err());
        assert_eq!(check(delayed().status(503).retry_after(5)), Ok(()));
        assert!(check(on().status(500).header("content-length", "9")).is_err());
        assert!(check(on().html().header("Transfer-Encoding", "chunked")).is_err());
        assert_eq!(check(on().status(500).retry_after(3)), Ok(()));
        assert_eq!(check(on().html()), Ok(()));
        assert_eq!(check(on().cut_after(0)), Ok(()));
        assert_eq!(check(on().slow(Duration::from_millis(1))), Ok(()));
    }
}
