//! Many accounts in one process.

use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use serde_json::json;
use tegata::provider::Authenticator as _;
use tegata::{HttpClient, Registry, SharedClock, TokenCache};
use tegata_marketo::{Client as Marketo, Settings};
use tokio::runtime::Runtime;

use super::Effort;
use crate::measure::numbers::Ratio;
use crate::measure::{allocations, cpu};
use crate::report::{Row, Verdict};
use crate::subject::{ours, short_token_text, token_text};
use crate::{api, runtime};

/// For each account, its place in the registry included.
const BYTES: f64 = 1536.0;
/// "Flat": what the processor's caches may add when the table is a hundred times as large.
const FLAT: f64 = 1.5;
/// Accounts that are looked up, in both registries the same.
const LOOKED_UP: usize = 1000;

type Key = Arc<str>;

fn key(number: usize) -> Key {
    format!("marketo:{number:032x}").into()
}

fn caches(count: usize, text: fn(usize) -> String) -> Registry<Key, TokenCache> {
    let registry = Registry::new();
    let clock = SharedClock::default();
    for number in 0..count {
        let made: Result<_, tegata::Error> = registry.get_or_try_insert_with(&key(number), |key| {
            TokenCache::builder(ours::BEARER, ours::Unasked)
                .account("marketo", key)
                .clock(clock.clone())
                .token(ours::token(&text(number)))
                .build()
        });
        made.expect("a valid token");
    }
    registry
}

/// Whole clients, each with a token that it has fetched.
fn clients(count: usize, runtime: &Runtime) -> Registry<Key, Marketo> {
    let root = format!("http://{}/short", api::serve());
    let http = HttpClient::from_builder(reqwest::Client::builder().no_proxy()).expect("a client");
    let settings = Settings::new().http_client(http);
    let registry = Registry::new();
    runtime.block_on(async {
        for number in 0..count {
            let made = registry.get_or_try_insert_with(&key(number), |key| {
                Marketo::builder(&**key, "A".repeat(32))
                    .base_url(&root)
                    .settings(settings.clone())
                    .build()
            });
            let client = made.expect("a valid client");
            client.warm_up().await.expect("a token");
        }
    });
    registry
}

/// What an account takes.
struct Each {
    asked_for: f64,
    taken: f64,
}

/// What each further account takes. What the first takes with it, such as a connection, is left out.
fn each<T>(make: impl Fn(usize) -> T, count: usize) -> (T, Each) {
    let (one, first) = allocations::during(|| make(1));
    drop(one);
    let (all, counts) = allocations::during(|| make(count));
    let others = (count - 1) as f64;
    let each = Each {
        asked_for: (counts.live - first.live) as f64 / others,
        taken: (counts.taken - first.taken) as f64 / others,
    };
    (all, each)
}

fn lookups<V: Clone>(registry: &Registry<Key, V>, keys: &[Key]) -> f64 {
    let (start, before) = (Instant::now(), cpu::preemptions());
    for key in keys {
        black_box(registry.get(key));
    }
    let took = start.elapsed();
    if cpu::preemptions() != before {
        return f64::NAN;
    }
    took.as_nanos() as f64 / keys.len() as f64
}

pub(crate) fn rows(effort: Effort) -> Vec<Row> {
    let count = effort.accounts;
    let runtime = runtime::of_this_thread();
    let (many, short) = each(|count| caches(count, short_token_text), count);
    let (_, long) = each(|count| caches(count, token_text), count);
    let (_, client) = each(|count| clients(count, &runtime), count);
    vec![
        memory(
            format!("{count} accounts: a token cache with a token of 40 characters"),
            &short,
        ),
        memory("the same with a token of 180 characters".into(), &long),
        // Known to be missed.
        Row {
            is_firm: false,
            ..memory(
                "the same, a whole Marketo client that has fetched its token of 40".into(),
                &client,
            )
        },
        lookup_row(&many, effort),
    ]
}

fn lookup_row(many: &Registry<Key, TokenCache>, effort: Effort) -> Row {
    let few = caches(LOOKED_UP, short_token_text);
    // A prime that shares no factor with the number: each once, in no order.
    let keys: Vec<_> = (0..LOOKED_UP)
        .map(|number| key(number * 379 % LOOKED_UP))
        .collect();
    let is_served = |key| many.get(key).is_some_and(|cache| cache.cached().is_some());
    assert!(keys.iter().all(is_served), "an account has no token");
    let (mut in_many, mut in_few) = (Vec::new(), Vec::new());
    for _ in 0..effort.rounds * 40 {
        in_few.push(lookups(&few, &keys));
        in_many.push(lookups(many, &keys));
    }
    let lookup = Ratio::of(&in_many, &in_few);
    Row::new(
        format!("lookup among {} accounts, to {LOOKED_UP}", many.len()),
        format!("flat: ≤ {FLAT} ×"),
        lookup.text(2),
        Verdict::at_most(lookup.median, FLAT),
        lookup.json(),
    )
}

fn memory(what: String, each: &Each) -> Row {
    let Each { asked_for, taken } = each;
    Row::counted(
        what,
        "≤ 1.5 KiB each, idle",
        format!("{taken:.0} bytes each ({asked_for:.0} and what the allocator adds)"),
        *taken <= BYTES,
        json!({ "taken": taken, "asked_for": asked_for }),
    )
}
