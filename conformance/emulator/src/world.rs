//! The shared state that requests and controls act on: all providers, clock, log and gates.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use serde::Serialize;

use super::Provider;
use super::aispf::FujitsuAispf;
use super::answer::Answer;
use super::api::Api;
use super::call::{Call, without_dots};
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
    slots: Vec<Slot>,
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
        let slot = |provider| Slot::new(provider, &config, &base_url);
        let slots = config.providers().map(slot).collect::<Result<_, _>>()?;
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

    /// Every provider that is served.
    pub(super) fn providers(&self) -> impl Iterator<Item = Provider> {
        self.slots.iter().map(|slot| slot.provider)
    }

    /// The provider that a path is for, and the path as that provider knows it. Below an API's name is all that it has. One
    /// that is alone is at the root as well: URLs that begin with a slash, as those of many documents do, lead there.
    pub(super) fn find<'a>(&self, path: &'a str) -> Option<(Provider, &'a str)> {
        let (first, rest) = split(path);
        let named = self.providers().find(|it| it.name() == first);
        let mut apis = self
            .slots
            .iter()
            .filter(|slot| matches!(slot.provider, Provider::Api(_)));
        let alone = apis.next().filter(|_| apis.next().is_none());
        let alone = alone
            .filter(|slot| slot.knows(path))
            .map(|slot| slot.provider);
        match (named, alone) {
            (Some(named), Some(alone)) if named == alone && !self.knows(named, rest) => {
                Some((alone, path))
            }
            (Some(named), _) => Some((named, rest)),
            (None, alone) => Some((alone?, path)),
        }
    }

    fn knows(&self, provider: Provider, path: &str) -> bool {
        self.slot(provider).is_some_and(|slot| slot.knows(path))
    }

    /// The whole way of a request to a provider.
    pub(super) async fn serve(&self, provider: Provider, seen: &Seen) -> Option<Answer> {
        Some(self.serve_in(self.slot(provider)?, seen).await)
    }

    async fn serve_in(&self, slot: &Slot, seen: &Seen) -> Answer {
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
        let state = &mut *self.served(provider)?.lock();
        state.service.check_refusal(refusal)?;
        state.queue.refuse(refusal);
        Ok(())
    }

    pub(super) fn fault(&self, provider: Provider, fault: Fault) -> Result<(), String> {
        let state = &mut *self.served(provider)?.lock();
        fault.check(state.service.as_ref())?;
        state.queue.fault(fault);
        Ok(())
    }

    pub(super) fn add_rule(&self, provider: Provider, rule: Rule) -> Result<(), String> {
        // Its files are read before the lock is taken, which every request waits for.
        let rule = Active::added(provider, rule)?;
        let state = &mut *self.served(provider)?.lock();
        if matches!(
            state.service.endpoint(rule.path()),
            Endpoint::Token | Endpoint::Login
        ) {
            return Err(format!(
                "{} wants no credential: rules answer calls that do; set a fault for it instead",
                rule.path()
            ));
        }
        state.rules.add(rule);
        Ok(())
    }

    /// Calls `show` with the rules of a provider.
    pub(super) fn with_rules<T>(&self, provider: Provider, show: impl FnOnce(&Rules) -> T) -> T {
        match self.slot(provider) {
            Some(slot) => show(&slot.lock().rules),
            None => show(&Rules::default()),
        }
    }

    /// Says whether the key was good until now.
    pub(super) fn revoke_key(&self, provider: Provider, key: &str) -> Result<bool, String> {
        self.with_keys(provider, |service| service.revoke_key(key))
    }

    pub(super) fn add_key(&self, provider: Provider, key: &str) -> Result<(), String> {
        check::key(key).map_err(|why| format!("the key {why}"))?;
        self.added().insert(key.to_owned());
        self.with_keys(provider, |service| service.add_key(key))
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
        let gate = self.slot(provider).and_then(|slot| slot.gate(endpoint));
        gate.map_or(0, Gate::waiting)
    }

    /// Returns when that many requests are held.
    pub(super) async fn until_held(&self, provider: Provider, endpoint: Endpoint, count: usize) {
        if let Some(gate) = self.slot(provider).and_then(|slot| slot.gate(endpoint)) {
            gate.until_waiting(count).await;
        }
    }

    pub(super) fn counts(&self, provider: Provider) -> Counts {
        let Some(slot) = self.slot(provider) else {
            return Counts::default();
        };
        let state = slot.lock();
        Counts {
            tokens_issued: state.service.issued(),
            ..state.counts
        }
    }

    /// Everything as it was at the start; held requests go on.
    pub(super) fn reset(&self) {
        self.release(None, None);
        for slot in &self.slots {
            // A provider that could be made at the start can be made again.
            if let Ok(state) = State::new(
                slot.provider,
                &self.config,
                &self.base_url,
                slot.rules.clone(),
            ) {
                *slot.lock() = state;
            }
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
        act: impl FnOnce(&mut dyn Service) -> Option<T>,
    ) -> Result<T, String> {
        let mut state = self.served(provider)?.lock();
        act(state.service.as_mut()).ok_or_else(|| format!("{provider} knows no API keys"))
    }

    /// Decides for the user of a device or, without a code, for all who log in from now on.
    pub(super) fn decide(
        &self,
        provider: Provider,
        user_code: Option<&str>,
        agrees: bool,
    ) -> Result<(), String> {
        let state = &mut *self.served(provider)?.lock();
        let decided = state.service.decide(user_code, agrees, self.clock.now());
        decided.map_err(|why| format!("{provider}: {why}"))
    }

    fn chosen(&self, provider: Option<Provider>) -> impl Iterator<Item = &Slot> {
        self.slots
            .iter()
            .filter(move |slot| provider.is_none_or(|wanted| wanted == slot.provider))
    }

    /// None for an API that this emulator does not serve.
    fn slot(&self, provider: Provider) -> Option<&Slot> {
        self.slots.iter().find(|slot| slot.provider == provider)
    }

    fn served(&self, provider: Provider) -> Result<&Slot, String> {
        self.slot(provider).ok_or_else(|| {
            format!("this emulator serves no {provider}: add the API to its configuration")
        })
    }
}

async fn wait(time: Option<Duration>) {
    if let Some(time) = time.filter(|time| !time.is_zero()) {
        tokio::time::sleep(time).await;
    }
}

impl Slot {
    fn new(provider: Provider, config: &Config, base_url: &str) -> Result<Self, String> {
        let rules = Rules::load(provider, config.answers(provider))?;
        Ok(Self {
            provider,
            token_gate: Gate::new(),
            resource_gate: Gate::new(),
            state: Mutex::new(State::new(provider, config, base_url, rules.clone())?),
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

    /// Whether something answers at this path.
    fn knows(&self, path: &str) -> bool {
        let state = self.lock();
        let path = without_dots(path);
        state.service.endpoint(&path) != Endpoint::Unknown || state.rules.know(&path)
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
    fn new(
        provider: Provider,
        config: &Config,
        base_url: &str,
        rules: Rules,
    ) -> Result<Self, String> {
        let service: Box<dyn Service> = match provider {
            Provider::FujitsuAispf => Box::new(FujitsuAispf::new(config.fujitsu_aispf.clone())),
            Provider::Jooto => Box::new(Jooto::new(config.jooto.clone())),
            Provider::Marketo => Box::new(Marketo::new(config.marketo.clone())),
            Provider::Api(name) => {
                let mut apis = config.apis.iter();
                let api = apis.find(|it| it.provider() == provider);
                let api = api.and_then(|it| Api::new(it.clone(), base_url));
                let api = api.ok_or_else(|| format!("the API {} has no profile", name.as_str()))?;
                Box::new(api)
            }
        };
        Ok(Self {
            service,
            queue: Queue::default(),
            rules,
            counts: Counts::default(),
        })
    }
}

/// The first segment of a path, and what follows it.
fn split(path: &str) -> (&str, &str) {
    let path = path.strip_prefix('/').unwrap_or(path);
    path.find('/').map_or((path, "/"), |at| path.split_at(at))
}
