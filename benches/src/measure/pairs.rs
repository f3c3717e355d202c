//! One thing to another, block by block, by the processor time of the thread: what else runs on the
//! machine hardly shows in it.

use std::time::{Duration, Instant};

use super::cpu;
use super::numbers::Ratio;

/// The result of a comparison.
pub(crate) struct Pairs {
    /// Of processor time.
    pub(crate) ratio: Ratio,
    /// Of wall time.
    pub(crate) wall: Ratio,
    /// Pairs that counted.
    pub(crate) counted: usize,
    /// Processor time of one operation, in microseconds.
    pub(crate) subject_us: f64,
    pub(crate) to_us: f64,
    /// Page faults of one operation.
    pub(crate) faults: [f64; 2],
}

struct Block {
    cpu: f64,
    wall: f64,
    faults: f64,
    undisturbed: bool,
}

async fn block(size: usize, operation: &mut impl AsyncFnMut()) -> Block {
    let before = cpu::preemptions();
    let faults = cpu::faults();
    let (wall, own) = (Instant::now(), cpu::time());
    for _ in 0..size {
        operation().await;
    }
    let (own, wall) = (cpu::time().saturating_sub(own), wall.elapsed());
    let us = |time: Duration| time.as_secs_f64() * 1e6 / size as f64;
    Block {
        cpu: us(own),
        wall: us(wall),
        faults: (cpu::faults() - faults) as f64 / size as f64,
        undisturbed: cpu::preemptions() == before,
    }
}

/// Blocks of both, in turns, with the order changing from round to round. A pair counts if the kernel
/// took the processor away from neither; if that is too much to ask, all count.
pub(crate) async fn compare(
    rounds: usize,
    size: usize,
    mut subject: impl AsyncFnMut(),
    mut to: impl AsyncFnMut(),
) -> Pairs {
    // Connections, buffers and caches.
    block(size, &mut subject).await;
    block(size, &mut to).await;
    let mut pairs = Vec::with_capacity(rounds);
    for round in 0..rounds {
        if round % 2 == 0 {
            let a = block(size, &mut subject).await;
            pairs.push((a, block(size, &mut to).await));
        } else {
            let b = block(size, &mut to).await;
            pairs.push((block(size, &mut subject).await, b));
        }
    }
    let undisturbed = |(a, b): &&(Block, Block)| a.undisturbed && b.undisturbed;
    let mut good: Vec<_> = pairs.iter().filter(undisturbed).collect();
    if good.len() < rounds / 4 {
        good = pairs.iter().collect();
    }
    let column =
        |of: fn(&(Block, Block)) -> f64| -> Vec<f64> { good.iter().map(|pair| of(pair)).collect() };
    let (a, b) = (column(|pair| pair.0.cpu), column(|pair| pair.1.cpu));
    let (a_wall, b_wall) = (column(|pair| pair.0.wall), column(|pair| pair.1.wall));
    Pairs {
        ratio: Ratio::of(&a, &b),
        wall: Ratio::of(&a_wall, &b_wall),
        counted: good.len(),
        subject_us: super::numbers::median(&a),
        to_us: super::numbers::median(&b),
        faults: [
            super::numbers::median(&column(|pair| pair.0.faults)),
            super::numbers::median(&column(|pair| pair.1.faults)),
        ],
    }
}

impl Pairs {
    pub(crate) fn text(&self) -> String {
        self.ratio.text(3)
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::json!({
            "cpu": self.ratio.json(),
            "wall": self.wall.json(),
            "pairs": self.counted,
            "cpu_us": [self.subject_us, self.to_us],
            "page_faults": self.faults,
        })
    }
}
