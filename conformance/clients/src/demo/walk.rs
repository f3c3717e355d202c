//! Steps, the clock, and the account.

use std::io::Write;
use std::time::Duration;

use tegata::{ManualClock, RenewalPolicy, Settings};

use super::account::Names;
use super::outcome::{Error, Outcome};
use tegata_emulator::{Config, Emulator, Provider};

/// A walk under way.
pub(super) struct Walk<'a> {
    pub(super) emulator: &'a Emulator,
    pub(super) config: &'a Config,
    out: &'a mut (dyn Write + Send),
    clock: ManualClock,
    names: Names,
    provider: Provider,
    passed: usize,
    failed: usize,
}

impl<'a> Walk<'a> {
    pub(super) fn new(
        emulator: &'a Emulator,
        config: &'a Config,
        out: &'a mut (dyn Write + Send),
    ) -> Self {
        Self {
            emulator,
            config,
            out,
            clock: ManualClock::default(),
            names: Names::default(),
            provider: Provider::FujitsuAispf,
            passed: 0,
            failed: 0,
        }
    }

    /// Begins a provider: numbers start again.
    pub(super) fn provider(&mut self, provider: Provider, title: &str) -> Result<(), Error> {
        self.provider = provider;
        self.names = Names::default();
        self.emulator.clear_log();
        Ok(writeln!(
            self.out,
            "\n{title}\n{}",
            "=".repeat(title.chars().count())
        )?)
    }

    /// Begins a group of steps.
    pub(super) fn part(&mut self, title: &str) -> Result<(), Error> {
        Ok(writeln!(self.out, "\n{title}")?)
    }

    /// Ends a step: what it was, whether it ended as expected, and the exchanges that it took.
    pub(super) fn step(
        &mut self,
        title: &str,
        result: Result<(), String>,
        exchanges: &[&str],
    ) -> Result<(), Error> {
        let log = self.emulator.log(self.provider);
        let seen: Vec<_> = log.iter().map(|entry| self.names.account(entry)).collect();
        self.emulator.clear_log();
        writeln!(self.out, "\n  {title}")?;
        for (exchange, entry) in seen.iter().zip(&log) {
            match &entry.note {
                Some(note) => writeln!(self.out, "    {exchange}  ({note})")?,
                None => writeln!(self.out, "    {exchange}")?,
            }
        }
        let as_expected = seen.iter().eq(exchanges.iter());
        if as_expected && result.is_ok() {
            self.passed += 1;
            return Ok(writeln!(self.out, "    ok")?);
        }
        self.failed += 1;
        if let Err(problem) = result {
            writeln!(self.out, "    FAILED: {problem}")?;
        }
        if !as_expected {
            writeln!(self.out, "    FAILED: these exchanges were expected:")?;
            for exchange in exchanges {
                writeln!(self.out, "      {exchange}")?;
            }
        }
        Ok(())
    }

    /// Moves the clocks of the clients and of the emulator together.
    pub(super) fn advance(&self, seconds: u64) {
        let by = Duration::from_secs(seconds);
        self.clock.advance(by);
        self.emulator.advance(by);
    }

    pub(super) fn url(&self) -> String {
        self.emulator.provider_url(self.provider)
    }

    /// Settings with the walk's clock; the pause after a failure is real time, and so left out.
    pub(super) fn settings(&self) -> Settings {
        Settings::new()
            .clock(self.clock.clone())
            .renewal(RenewalPolicy::new().retry_interval(Duration::ZERO))
            .http_client(tegata::reqwest::Client::builder().no_proxy())
    }

    pub(super) fn end(self) -> Result<Outcome, Error> {
        let Self {
            passed,
            failed,
            out,
            ..
        } = self;
        writeln!(out, "\n{passed} steps as documented, {failed} not")?;
        Ok(Outcome { passed, failed })
    }
}

/// Whether a call was answered with this status.
pub(super) fn answered(
    outcome: Result<tegata::Response, tegata::Error>,
    status: u16,
) -> Result<(), String> {
    match outcome {
        Ok(response) if response.status().as_u16() == status => Ok(()),
        Ok(response) => Err(format!(
            "answered {}, not {status}",
            response.status().as_u16()
        )),
        Err(error) => Err(format!("failed: {error}")),
    }
}

/// Whether a call failed as it should.
pub(super) fn failed<T>(
    outcome: Result<T, tegata::Error>,
    right: impl FnOnce(&tegata::Error) -> bool,
) -> Result<(), String> {
    match outcome {
        Ok(_) => Err("succeeded, though it should have failed".to_owned()),
        Err(error) if right(&error) => Ok(()),
        Err(error) => Err(format!("failed for another reason: {error}")),
    }
}

/// Whether a typed call succeeded.
pub(super) fn succeeded<T>(outcome: Result<T, tegata::Error>) -> Result<(), String> {
    outcome
        .map(drop)
        .map_err(|error| format!("failed: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_step_fails_by_its_result_and_by_its_exchanges() {
        let config = Config::default();
        let emulator = Emulator::start(config.clone()).expect("starts");
        let mut out = Vec::new();
        let mut walk = Walk::new(&emulator, &config, &mut out);
        walk.provider(Provider::Jooto, "Jooto").expect("written");
        let http = tegata::reqwest::Client::builder().no_proxy().build();
        let http = http.expect("a client");
        let call = || http.get(format!("{}/organizations", walk.url())).send();
        let (first, second) = (
            call().await.expect("an answer"),
            call().await.expect("an answer"),
        );
        assert_eq!(
            (first.status().as_u16(), second.status().as_u16()),
            (401, 401)
        );
        let seen = "GET /organizations  -> 401";
        walk.step("right", Ok(()), &[seen, seen]).expect("written");
        walk.step("a wrong result", Err("why".to_owned()), &[])
            .expect("written");
        walk.step("an exchange is missing", Ok(()), &[seen])
            .expect("written");
        let outcome = walk.end().expect("written");
        assert_eq!(
            outcome,
            Outcome {
                passed: 1,
                failed: 2
            }
        );
        let text = String::from_utf8(out).expect("UTF-8");
        assert!(
            text.contains("FAILED: why") && text.contains("1 steps as documented, 2 not"),
            "{text}"
        );
    }
}
