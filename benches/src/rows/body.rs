//! Large answers with refusal detection on, against bare reqwest.

use reqwest::{Client as Http, Response};
use serde_json::json;
use tegata_marketo::{Client as Marketo, Settings};
use tokio::runtime::Runtime;

use super::Effort;
use crate::measure::allocations::{self, Counts};
use crate::measure::instructions::{self, tegata_bench_window};
use crate::measure::numbers::median;
use crate::measure::pairs::compare;
use crate::report::{Row, Verdict};
use crate::subject::floors::bearer;
use crate::subject::token_text;
use crate::{api, runtime};

/// The name under which it is measured.
pub(crate) const TOPIC: &str = "body";

const BAR: f64 = 1.03;

/// What a stream of any length may need. hyper's buffers are most of it, and how large they grow depends on
/// how the pieces happen to arrive: for bare reqwest as well.
const MEMORY: i64 = 1024 * 1024;

/// Answers of 1 MiB in a block.
const BLOCK: usize = 10;

struct Rig {
    runtime: Runtime,
    root: String,
    bare: Http,
    marketo: Marketo,
}

#[derive(Clone, Copy)]
enum Reading {
    /// The whole answer in one piece.
    Whole,
    /// Piece by piece, none of which is kept.
    Stream,
}

impl Rig {
    fn new() -> Self {
        let root = format!("http://{}", api::serve());
        // One client and one connection for both, so that nothing else differs.
        let (http, bare) = super::shared_client(&root);
        let marketo = Marketo::builder("id", "secret")
            .base_url(&root)
            .settings(Settings::new().http_client(http))
            .build()
            .expect("a client");
        Self {
            runtime: runtime::of_this_thread(),
            root,
            bare,
            marketo,
        }
    }

    async fn bare(&self, path: &str, reading: Reading) {
        let request = self
            .bare
            .get(format!("{}{path}", self.root))
            .header("authorization", bearer(&token_text(1)));
        read(request.send().await.expect("an answer"), path, reading).await;
    }

    async fn ours(&self, path: &str, reading: Reading) {
        let response = self.marketo.get(path).send().await.expect("an answer");
        read(response.into_reqwest(), path, reading).await;
    }

    fn row(&self, what: &str, path: &str, reading: Reading, blocks: usize) -> Row {
        let size = match reading {
            Reading::Whole => BLOCK,
            Reading::Stream => 1,
        };
        let pairs = self.runtime.block_on(compare(
            blocks,
            size,
            async || self.ours(path, reading).await,
            async || self.bare(path, reading).await,
        ));
        Row::new(
            format!("{what}, refusal detection on, processor time to bare reqwest"),
            format!("≤ {BAR} ×"),
            pairs.text(),
            Verdict::at_most(pairs.ratio.median, BAR),
            pairs.json(),
        )
    }

    fn memory(&self, path: &str) -> Row {
        let during = |work: &dyn Fn()| -> Counts {
            work();
            allocations::during(work).1
        };
        let stream = Reading::Stream;
        let bare = during(&|| self.runtime.block_on(self.bare(path, stream))).peak;
        let ours = during(&|| self.runtime.block_on(self.ours(path, stream))).peak;
        let kib = |bytes: i64| bytes as f64 / 1024.0;
        Row::counted(
            "memory at its peak while they are streamed",
            format!("flat: ≤ {:.0} KiB", kib(MEMORY)),
            format!("{:.0} KiB (bare reqwest {:.0} KiB)", kib(ours), kib(bare)),
            ours <= MEMORY,
            json!({ "bytes": ours, "bare_bytes": bare }),
        )
    }
}

async fn read(mut response: Response, path: &str, reading: Reading) {
    assert!(response.status().is_success(), "{response:?}");
    match reading {
        Reading::Whole => {
            let body = response.bytes().await.expect("a body");
            assert_eq!(body.len(), api::length_of(path));
        }
        Reading::Stream => {
            let mut length = 0;
            while let Some(piece) = response.chunk().await.expect("a body") {
                length += piece.len();
            }
            assert_eq!(length, api::length_of(path));
        }
    }
}

/// How often each window runs under callgrind.
const WINDOWS: usize = 5;

/// What runs under callgrind: the answer of unknown length, bare and ours.
pub(crate) fn windows() {
    let rig = Rig::new();
    let path = api::stream(1);
    let (path, whole) = (path.as_str(), Reading::Whole);
    let run = |is_ours: bool| {
        rig.runtime.block_on(async {
            for _ in 0..BLOCK {
                if is_ours {
                    rig.ours(path, whole).await;
                } else {
                    rig.bare(path, whole).await;
                }
            }
        });
    };
    run(false);
    run(true);
    for _ in 0..WINDOWS {
        tegata_bench_window(&mut || run(false));
        tegata_bench_window(&mut || run(true));
    }
}

fn instruction_row(effort: Effort) -> Row {
    let what = "its instructions, without the kernel's";
    if !effort.instructions {
        return Row::skipped(what, "", "not asked for");
    }
    let counts = match instructions::count(TOPIC, 2 * WINDOWS, BLOCK) {
        Ok(counts) => counts,
        Err(why) => return Row::skipped(what, "", why),
    };
    let of = |who: usize| {
        let own: Vec<_> = counts
            .iter()
            .skip(who)
            .step_by(2)
            .map(|count| *count as f64)
            .collect();
        median(&own)
    };
    let (bare, ours) = (of(0), of(1));
    Row::informational(
        what,
        format!(
            "bare reqwest {bare:.0}, Marketo {ours:.0} ({:.3} ×)",
            ours / bare
        ),
        json!({ "bare": bare, "ours": ours }),
    )
}

pub(crate) fn rows(effort: Effort) -> Vec<Row> {
    let rig = Rig::new();
    let stream = api::stream(effort.stream);
    let (many, few) = (effort.rounds * 16, effort.rounds * 3);
    vec![
        rig.row("JSON of 1 MiB", &api::whole(1), Reading::Whole, many),
        rig.row(
            "JSON of 1 MiB of unknown length",
            &api::stream(1),
            Reading::Whole,
            many,
        ),
        instruction_row(effort),
        rig.row(
            &format!("JSON stream of {} MiB", effort.stream),
            &stream,
            Reading::Stream,
            few,
        ),
        rig.memory(&stream),
    ]
}
