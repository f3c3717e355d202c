//! A whole authenticated request, against bare reqwest with the header set by hand.

use bytes::Bytes;
use reqwest::header::{AUTHORIZATION, HeaderValue};
use reqwest::{Client as Http, Method, Request, Url};
use serde_json::json;
use tegata::TokenCache;
use tegata::provider::spec::{Provider, Refusal};
use tegata::provider::{Auth, BaseUrl, BoxFuture, Credential, Transport};
use tegata_marketo::{Client as Marketo, Settings};
use tokio::runtime::Runtime;

use super::Effort;
use crate::measure::instructions::tegata_bench_window;
use crate::measure::numbers::median;
use crate::measure::pairs::{Pairs, compare};
use crate::measure::{allocations, instructions};
use crate::report::{Row, Verdict};
use crate::subject::floors::{self, bearer};
use crate::subject::{Attach as _, ours, token_text};
use crate::{api, runtime};

/// The name under which it is measured.
pub(crate) const TOPIC: &str = "request";

const WITH_RETRY: f64 = 1.03;
const WITH_A_LOOK: f64 = 1.05;
const WITH_BUILDER: f64 = 1.01;

/// How many allocations more than bare reqwest's a way may make, by its place: a copy to send again, and a look
/// into the answer.
const MORE_ALLOCATIONS: [(usize, f64); 3] = [(1, 0.0), (2, 6.0), (3, 11.0)];

/// Requests in a block.
const BLOCK: usize = 100;
/// How often each window runs under callgrind.
const WINDOWS: usize = 5;

/// Says no by status alone, as most providers do.
pub(super) const BY_STATUS: Provider = Provider {
    name: "bench",
    schemes: &[ours::BEARER],
    default_security: &[ours::BEARER],
    operations: &[],
    refusal: Refusal {
        statuses: &[401],
        body_codes: &[],
        transient_codes: &[],
        denied_codes: &[],
    },
};

struct Rig {
    bare: Http,
    header: HeaderValue,
    body: Bytes,
    url: Url,
    hook: floors::Shared,
    fixed: Transport,
    renewable: Transport,
    marketo: Marketo,
}

impl Rig {
    fn new() -> Self {
        let address = api::serve();
        let root = format!("http://{address}");
        let service = BaseUrl::parse(&root).expect("a base URL");
        // One client and one connection for all, so that nothing else differs.
        let (http, bare) = super::shared_client(&root);
        let transport = |auth| Transport::new(http.clone(), service.clone(), auth, &BY_STATUS);
        let key = Credential::new(ours::BEARER, &token_text(1).into()).expect("a key");
        let cache = TokenCache::builder(ours::BEARER, ours::Unasked)
            .token(ours::token(&token_text(1)))
            .build()
            .expect("a cache");
        Self {
            header: bearer(&token_text(1)),
            body: Bytes::from(vec![b'x'; 256]),
            hook: floors::Shared::new(),
            fixed: transport(Auth::fixed(key)),
            renewable: transport(Auth::cached(cache)),
            marketo: Marketo::builder("id", "secret")
                .base_url(&root)
                .settings(Settings::new().http_client(http))
                .build()
                .expect("a client"),
            bare,
            url: (root + api::SMALL).parse().expect("a URL"),
        }
    }

    fn request(&self, http: &Http) -> Request {
        http.post(self.url.clone())
            .header("accept", "application/json")
            .header("content-type", "application/json")
            .body(self.body.clone())
            .build()
            .expect("a request")
    }

    async fn bare(&self) {
        let mut request = self.request(&self.bare);
        request
            .headers_mut()
            .insert(AUTHORIZATION, self.header.clone());
        let response = self.bare.execute(request).await.expect("an answer");
        read(response).await;
    }

    /// What a hook written by hand does at least: the header behind a check of the clock and, if `keeps` says
    /// so, a copy of the request to send again.
    async fn by_hand(&self, keeps: bool) {
        let mut request = self.request(&self.bare);
        self.hook.attach(&mut request).await.expect("not stale");
        let spare = if keeps { request.try_clone() } else { None };
        let response = self.bare.execute(request).await.expect("an answer");
        let response = match spare {
            Some(spare) if response.status() == 401 => {
                self.bare.execute(spare).await.expect("an answer")
            }
            _ => response,
        };
        read(response).await;
    }

    async fn with(&self, transport: &Transport) {
        let request = self.request(transport.http_client());
        let answer = transport.execute(request).await.expect("an answer");
        read(answer.into_reqwest()).await;
    }

    /// With a URL that is joined for each request.
    async fn by_builder(&self) {
        let request = self.fixed.request(Method::POST, api::SMALL);
        let request = request
            .header("accept", "application/json")
            .header("content-type", "application/json")
            .body(self.body.clone());
        let answer = request.send().await.expect("an answer");
        read(answer.into_reqwest()).await;
    }

    /// The same without our builder.
    async fn by_execute(&self) {
        let url = self.fixed.base_url().join(api::SMALL).expect("a path");
        let http = self.fixed.http_client();
        let request = http
            .post(url)
            .header("accept", "application/json")
            .header("content-type", "application/json")
            .body(self.body.clone())
            .build()
            .expect("a request");
        let answer = self.fixed.execute(request).await.expect("an answer");
        read(answer.into_reqwest()).await;
    }

    async fn compare(&self, blocks: usize, subject: impl AsyncFnMut()) -> Pairs {
        compare(blocks, BLOCK, subject, async || self.bare().await).await
    }

    async fn marketo(&self) {
        let request = self.request(&self.bare);
        let answer = self.marketo.execute(request).await.expect("an answer");
        read(answer.into_reqwest()).await;
    }
}

async fn read(response: reqwest::Response) {
    assert!(response.status().is_success(), "{response:?}");
    response.bytes().await.expect("a body");
}

type Way = (&'static str, for<'a> fn(&'a Rig) -> BoxFuture<'a, ()>);

/// Bare reqwest first.
const WAYS: [Way; 8] = [
    ("bare reqwest", |rig| Box::pin(rig.bare())),
    ("a fixed key", |rig| Box::pin(rig.with(&rig.fixed))),
    ("a token", |rig| Box::pin(rig.with(&rig.renewable))),
    ("Marketo", |rig| Box::pin(rig.marketo())),
    ("a fixed key by `RequestBuilder`", |rig| {
        Box::pin(rig.by_builder())
    }),
    ("the same by `execute`", |rig| Box::pin(rig.by_execute())),
    ("a hook by hand", |rig| Box::pin(rig.by_hand(false))),
    ("the same with `try_clone`", |rig| {
        Box::pin(rig.by_hand(true))
    }),
];

/// What runs under callgrind.
pub(crate) fn windows() {
    let rig = Rig::new();
    let runtime = runtime::of_this_thread();
    let run = |way: fn(&Rig) -> BoxFuture<'_, ()>| {
        runtime.block_on(async {
            for _ in 0..BLOCK {
                way(&rig).await;
            }
        });
    };
    for (_, way) in WAYS {
        run(way);
    }
    // In turns, since what the allocator does depends on what was done before.
    for _ in 0..WINDOWS {
        for (_, way) in WAYS {
            tegata_bench_window(&mut || run(way));
        }
    }
}

/// The median of each way.
fn instruction_row(effort: Effort) -> Row {
    let what = "instructions of a whole request, without the kernel's";
    if !effort.instructions {
        return Row::skipped(what, "", "not asked for");
    }
    match instructions::count(TOPIC, WAYS.len() * WINDOWS, BLOCK) {
        Ok(counts) => {
            let of = |way: usize| -> Vec<f64> {
                let own = counts.iter().skip(way).step_by(WAYS.len());
                own.map(|count| *count as f64).collect()
            };
            let medians: Vec<_> = (0..WAYS.len()).map(|way| median(&of(way))).collect();
            counted(what, &medians)
        }
        Err(why) => Row::skipped(what, "", why),
    }
}

pub(crate) fn rows(effort: Effort) -> Vec<Row> {
    let rig = Rig::new();
    let runtime = runtime::of_this_thread();
    let blocks = effort.rounds * effort.blocks;
    let what = "whole request on loopback, processor time to bare reqwest";
    let control = runtime.block_on(rig.compare(blocks, async || rig.bare().await));
    let fixed = runtime.block_on(rig.compare(blocks, async || rig.with(&rig.fixed).await));
    let token = runtime.block_on(rig.compare(blocks, async || rig.with(&rig.renewable).await));
    let marketo = runtime.block_on(rig.compare(blocks, async || rig.marketo().await));
    let builder = runtime.block_on(compare(
        blocks,
        BLOCK,
        async || rig.by_builder().await,
        async || rig.by_execute().await,
    ));
    let hook = runtime.block_on(rig.compare(blocks, async || rig.by_hand(false).await));
    let keeping = runtime.block_on(rig.compare(blocks, async || rig.by_hand(true).await));
    let allocations = WAYS.map(|(_, way)| allocations(&runtime, async || way(&rig).await));
    vec![
        row(
            format!("{what}: a fixed key, no retry, within the noise of the control"),
            control.ratio.high,
            &fixed,
        ),
        row(format!("{what}: a token, with retry"), WITH_RETRY, &token),
        row(
            format!("{what}: Marketo, with retry and a look into the JSON"),
            WITH_A_LOOK,
            &marketo,
        ),
        row(
            "a fixed key through `RequestBuilder`, processor time to the same by `execute`".into(),
            WITH_BUILDER,
            &builder,
        ),
        comparison_row("bare reqwest itself (control)", &control),
        comparison_row("a hook by hand, no retry (floor)", &hook),
        comparison_row(
            "a hook by hand, with `try_clone` for a retry (floor)",
            &keeping,
        ),
        allocation_row(&allocations),
        instruction_row(effort),
    ]
}

fn allocation_row(counts: &[f64]) -> Row {
    let row = counted("allocations of a whole request", counts);
    let is_met = |(way, more): &(usize, f64)| (counts[*way] - counts[0]).round() <= *more;
    let bars = MORE_ALLOCATIONS.map(|(way, more)| format!("{} ≤ {more}", WAYS[way].0));
    Row::counted(
        row.what,
        format!("beyond bare reqwest: {}", bars.join(", ")),
        row.measured,
        MORE_ALLOCATIONS.iter().all(is_met),
        row.numbers,
    )
}

fn counted(what: &str, counts: &[f64]) -> Row {
    let all: Vec<_> = WAYS
        .iter()
        .zip(counts)
        .map(|((who, _), count)| format!("{who} {count:.0} ({:.3} ×)", count / counts[0]))
        .collect();
    Row::informational(what, all.join(", "), json!(counts))
}

/// Of one request, reading included.
fn allocations(runtime: &Runtime, mut subject: impl AsyncFnMut()) -> f64 {
    let mut run = |count: usize| {
        runtime.block_on(async {
            for _ in 0..count {
                subject().await;
            }
        });
    };
    run(BLOCK);
    let ((), counts) = allocations::during(|| run(BLOCK));
    counts.allocations as f64 / BLOCK as f64
}

fn comparison_row(who: &str, pairs: &Pairs) -> Row {
    Row::informational(format!("the same for {who}"), pairs.text(), pairs.json())
}

fn row(what: String, bar: f64, pairs: &Pairs) -> Row {
    Row::new(
        what,
        format!("≤ {} ×", (bar * 1000.0).round() / 1000.0),
        pairs.text(),
        Verdict::at_most(pairs.ratio.median, bar),
        pairs.json(),
    )
}
