//! The shared state that requests and controls act on: all providers, clock, log and gates.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use serde::Serialize;

use super::Provider;
use super::aispf::FujitsuAispf;
use super::answer::Answer;
use super::call::Call;
use super::clock::Clock;
use super::config::{ClockMode, Config, check};
use super::fault::{Fault, check_times};
use super::gate::Gate;
use super::jooto::Jooto;
use super::log::Log;
use super::marketo::Marketo;
use super::queue::{Order, Queue};
use super::refusals::Refusal;
use super::request::Seen;
use super::rules::{Active, Rule, Rules};
use super::service::{Endpoint, Service};

/// Counts of a provider's requests, taken on arrival, whatever the answer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Counts {
    /// Requests to the token endpoints.
    pub token_requests: u64,
    /// Requests that want a credential.
    pub resource_requests: u64,
    /// Visits to the login page.
    pub login_requests: u64,
    /// Access tokens that were issued; Marketo's repeated answers are not.
    pub tokens_issued: u64,
}

pub(super) struct World {
    config: Config,
    base_url: String,
    clock: Clock,
    log: Log,
    /// The API keys that a test has added, which stay secret when they are revoked.
    added_keys: Mutex<BTreeSet<String>>,
    slots: [Slot; 3],
}

struct Slot {
    provider: Provider,
    token_gate: Gate,
    resource_gate: Gate,
    /// Those of the configuration.
    rules: Rules,
    state: Mutex<State>,
}

struct State {
    service: Box<dyn Service>,
    queue: Queue,
    rules: Rules,
    counts: Counts,
}

impl World {
    /// Fails when a file that a rule answers with cannot be read.
    pub(super) fn new(config: Config, base_url: String) -> Result<Self, String> {
        let slot = |provider| Slot::new(provider, &config);
        let slots = [
            slot(Provider::FujitsuAispf)?,
            slot(Provider::Jooto)?,
            slot(Provider::Marketo)?,
        ];
        let clock = match config.emulator.clock {
            ClockMode::Running => Clock::running(),
            ClockMode::Frozen => Clock::frozen(),
        };
        Ok(Self {
            log: Log::new(config.emulator.log_limit),
            config,
            base_url,
            clock,
            added_keys: Mutex::default(),
            slots,
        })
    }

    pub(super) fn base_url(&self) -> &str {
        &self.base_url
    }

    pub(super) fn config(&self) -> &Config {
        &self.config
    }

    #[cfg(feature = "process")]
    pub(super) fn added_keys(&self) -> BTreeSet<String> {
        self.added().clone()
    }

    pub(super) fn log(&self) -> &Log {
        &self.log
    }

    /// The whole way of a request to a provider.
    pub(super) async fn serve(&self, provider: Provider, seen: &Seen) -> Answer {
        let slot = self.slot(provider);
        let endpoint = slot.arrive(seen);
        if let Some(gate) = slot.gate(endpoint) {
            gate.pass().await;
        }
        let order = {
            let state = &mut *slot.lock();
            let (queue, service) = (&mut state.queue, &state.service);
            queue.take(endpoint, || service.accepts(seen, self.clock.now()))
        };
        let answer = match order {
            Some(Order::Fault(fault)) => return self.faulty(slot, endpoint, &fault, seen).await,
            Some(Order::Refusal(refusal)) => {
                let state = &mut *slot.lock();
                state.service.refuse(seen, refusal, self.clock.now())
            }
            None => self.usual(slot, endpoint, seen),
        };
        wait(answer.delivery.as_ref().map(|delivery| delivery.delay)).await;
        answer
    }

    async fn faulty(&self, slot: &Slot, endpoint: Endpoint, fault: &Fault, seen: &Seen) -> Answer {
        wait(Some(fault.wait())).await;
        let prescribed = {
            let state = &mut *slot.lock();
            fault.answer(state.service.as_mut(), seen, self.clock.wall())
        };
        let answer = prescribed.unwrap_or_else(|| self.usual(slot, endpoint, seen));
        wait(answer.delivery.as_ref().map(|delivery| delivery.delay)).await;
        fault.deliver(answer)
    }

    /// The answer of a rule, or the provider's own.
    fn usual(&self, slot: &Slot, endpoint: Endpoint, seen: &Seen) -> Answer {
        let state = &mut *slot.lock();
        // Read under the lock, so that no provider sees time run backwards.
        let now = self.clock.now();
        if endpoint != Endpoint::Resource {
            return state.service.answer(seen, now);
        }
        if let Err(refused) = state.service.authorize(seen, now) {
            return refused;
        }
        let call = state.service.call(seen);
        match state.rules.answer(&call) {
            Some(answer) => answer,
            // Only a rule knows the path, and it does not answer this call.
            None if state.service.endpoint(&seen.path) == Endpoint::Unknown => {
                state.service.answer(seen, now)
            }
            None => state.service.resource(seen, &call, now, self.clock.wall()),
        }
    }

    pub(super) fn expire(&self, provider: Option<Provider>) -> usize {
        self.each(provider, |state, now| state.service.expire(now))
    }

    pub(super) fn forget(&self, provider: Option<Provider>, refresh_tokens: bool) -> usize {
        self.each(provider, |state, now| {
            state.service.forget(now, refresh_tokens)
        })
    }

    pub(super) fn advance(&self, by: Duration) {
        self.clock.advance(by);
    }

    pub(super) fn wall(&self) -> SystemTime {
        self.clock.wall()
    }

    pub(super) fn refuse_next(&self, provider: Provider, refusal: Refusal) -> Result<(), String> {
        check_times(refusal.times)?;
        let state = &mut *self.slot(provider).lock();
        state.service.check_refusal(refusal)?;
        state.queue.refuse(refusal);
        Ok(())
    }

    pub(super) fn fault(&self, provider: Provider, fault: Fault) -> Result<(), String> {
        let state = &mut *self.slot(provider).lock();
        fault.check(state.service.as_ref())?;
        state.queue.fault(fault);
        Ok(())
    }

    pub(super) fn add_rule(&self, provider: Provider, rule: Rule) -> Result<(), String> {
        // Its files are read before the lock is taken, which every request waits for.
        let rule = Active::added(provider, rule)?;
        self.slot(provider).lock().rules.add(rule);
        Ok(())
    }

    /// Calls `show` with the rules of a provider.
    pub(super) fn with_rules<T>(&self, provider: Provider, show: impl FnOnce(&Rules) -> T) -> T {
        show(&self.slot(provider).lock().rules)
    }

    /// Says whether the key was good until now.
    pub(super) fn revoke_key(&self, provider: Provider, key: &str) -> Result<bool, String> {
        self.with_keys(provider, |keys| {
            let before = keys.len();
            keys.retain(|good| good != key);
            keys.len() < before
        })
    }

    pub(super) fn add_key(&self, provider: Provider, key: &str) -> Result<(), String> {
        check::key(key).map_err(|why| format!("the key {why}"))?;
        self.added().insert(key.to_owned());
        self.with_keys(provider, |keys| keys.push(key.to_owned()))
    }

    pub(super) fn hold(&self, provider: Option<Provider>, endpoint: Endpoint) {
        self.chosen(provider)
            .filter_map(|slot| slot.gate(endpoint))
            .for_each(Gate::close);
    }

    pub(super) fn release(&self, provider: Option<Provider>, endpoint: Option<Endpoint>) {
        for slot in self.chosen(provider) {
            let gates = match endpoint {
                Some(endpoint) => [slot.gate(endpoint), None],
                None => [Some(&slot.token_gate), Some(&slot.resource_gate)],
            };
            gates.into_iter().flatten().for_each(Gate::open);
        }
    }

    pub(super) fn held(&self, provider: Provider, endpoint: Endpoint) -> usize {
        self.slot(provider).gate(endpoint).map_or(0, Gate::waiting)
    }

    /// Returns when that many requests are held.
    pub(super) async fn until_held(&self, provider: Provider, endpoint: Endpoint, count: usize) {
        if let Some(gate) = self.slot(provider).gate(endpoint) {
            gate.until_waiting(count).await;
        }
    }

    pub(super) fn counts(&self, provider: Provider) -> Counts {
        let state = self.slot(provider).lock();
        Counts {
            tokens_issued: state.service.issued(),
            ..state.counts
        }
    }

    /// Everything as it was at the start; held requests go on.
    pub(super) fn reset(&self) {
        self.release(None, None);
        for slot in &self.slots {
            *slot.lock() = State::new(slot.provider, &self.config, slot.rules.clone());
        }
        self.clock.reset();
        self.log.clear();
        self.added().clear();
    }

    fn added(&self) -> MutexGuard<'_, BTreeSet<String>> {
        self.added_keys
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn each(
        &self,
        provider: Option<Provider>,
        act: impl Fn(&mut State, Duration) -> usize,
    ) -> usize {
        self.chosen(provider)
            .map(|slot| act(&mut slot.lock(), self.clock.now()))
            .sum()
    }

    fn with_keys<T>(
        &self,
        provider: Provider,
        act: impl FnOnce(&mut Vec<String>) -> T,
    ) -> Result<T, String> {
        let mut state = self.slot(provider).lock();
        state
            .service
            .api_keys()
            .map(act)
            .ok_or_else(|| format!("{provider} knows no API keys"))
    }

    fn chosen(&self, provider: Option<Provider>) -> impl Iterator<Item = &Slot> {
        self.slots
            .iter()
            .filter(move |slot| provider.is_none_or(|wanted| wanted == slot.provider))
    }

    fn slot(&self, provider: Provider) -> &Slot {
        let [aispf, jooto, marketo] = &self.slots;
        match provider {
            Provider::FujitsuAispf => aispf,
            Provider::Jooto => jooto,
            Provider::Marketo => marketo,
        }
    }
}

async fn wait(time: Option<Duration>) {
    if let Some(time) = time.filter(|time| !time.is_zero()) {
        tokio::time::sleep(time).await;
    }
}

impl Slot {
    fn new(provider: Provider, config: &Config) -> Result<Self, String> {
        let rules = Rules::load(provider, config.answers(provider))?;
        Ok(Self {
            provider,
            token_gate: Gate::new(),
            resource_gate: Gate::new(),
            state: Mutex::new(State::new(provider, config, rules.clone())),
            rules,
        })
    }

    /// A path that only a rule knows wants a credential as well.
    fn arrive(&self, seen: &Seen) -> Endpoint {
        let state = &mut *self.lock();
        let endpoint = match state.service.endpoint(&seen.path) {
            Endpoint::Unknown if state.rules.know(&Call::of(seen).path) => Endpoint::Resource,
            endpoint => endpoint,
        };
        match endpoint {
            Endpoint::Token => state.counts.token_requests += 1,
            Endpoint::Resource => state.counts.resource_requests += 1,
            Endpoint::Login => state.counts.login_requests += 1,
            Endpoint::Unknown => {}
        }
        endpoint
    }

    fn gate(&self, endpoint: Endpoint) -> Option<&Gate> {
        match endpoint {
            Endpoint::Token => Some(&self.token_gate),
            Endpoint::Resource => Some(&self.resource_gate),
            Endpoint::Login | Endpoint::Unknown => None,
        }
    }

    /// No code that holds the lock can panic half-way through a change, so a poisoned one is used.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn new(provider: Provider, config: &Config, rules: Rules) -> Self {
        let service: Box<dyn Service> = match provider {
            Provider::FujitsuAispf => Box::new(FujitsuAispf::new(config.fujitsu_aispf.clone())),
            Provider::Jooto => Box::new(Jooto::new(config.jooto.clone())),
            Provider::Marketo => Box::new(Marketo::new(config.marketo.clone())),
        };
        Self {
            service,
            queue: Queue::default(),
            rules,
            counts: Counts::default(),
        }
    }
}
