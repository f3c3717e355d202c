//! Nanoseconds for putting a valid credential into a request, on one thread and on two.
//!
//! A batch counts only when the kernel did not take the processor away from it. All subjects take turns,
//! batch by batch, so that whatever slows the machine slows them alike. Batches of two threads start
//! together from a spin barrier, and count only when both ran undisturbed and at the same time.

use std::hint::spin_loop;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::{Duration, Instant};

use super::cpu;
use super::numbers::median;
use crate::subject::{Subject, request};

/// A batch is well under a slice of the scheduler. It is a stretch of time, not a number of operations, so
/// that two threads which start together also end together, however unevenly they get on.
const BATCH: Duration = Duration::from_micros(700);

/// Batches of each subject in a round.
const TRIES: usize = 40;

/// Of each subject, the median of every round, on one thread and on two.
pub(crate) struct Times {
    pub(crate) one: Vec<Vec<f64>>,
    pub(crate) two: Vec<Vec<f64>>,
    /// Batches that counted, of those that were tried.
    pub(crate) counted: usize,
    pub(crate) tried: usize,
}

/// A batch that counts: when it began, and its nanoseconds for each operation.
type Batch = Option<(Instant, f64)>;

struct Gate {
    width: usize,
    arrived: AtomicUsize,
}

impl Gate {
    fn wait(&self, turn: usize) {
        self.arrived.fetch_add(1, SeqCst);
        while self.arrived.load(SeqCst) < self.width * (turn + 1) {
            spin_loop();
        }
    }
}

pub(crate) fn measure(subjects: &[Arc<dyn Subject>], rounds: usize) -> Times {
    let mut times = Times {
        one: vec![Vec::new(); subjects.len()],
        two: vec![Vec::new(); subjects.len()],
        counted: 0,
        tried: 0,
    };
    for _ in 0..rounds {
        let alone = together(subjects, 1);
        let both = together(subjects, 2);
        for index in 0..subjects.len() {
            let one: Vec<_> = alone[0][index].iter().flatten().map(|b| b.1).collect();
            let pairs = both[0][index].iter().zip(&both[1][index]);
            let two: Vec<_> = pairs
                .filter_map(|(a, b)| {
                    let ((a_start, a), (b_start, b)) = ((*a)?, (*b)?);
                    let apart = a_start.max(b_start) - a_start.min(b_start);
                    (apart < BATCH / 20).then_some(f64::midpoint(a, b))
                })
                .collect();
            times.counted += one.len() + two.len();
            times.tried += 2 * TRIES;
            times.one[index].push(median(&one));
            times.two[index].push(median(&two));
        }
    }
    times
}

/// Every thread's batches of every subject.
fn together(subjects: &[Arc<dyn Subject>], width: usize) -> Vec<Vec<Vec<Batch>>> {
    let gate = Arc::new(Gate {
        width,
        arrived: AtomicUsize::new(0),
    });
    let threads: Vec<_> = (0..width)
        .map(|_| {
            let (subjects, gate) = (subjects.to_vec(), Arc::clone(&gate));
            std::thread::spawn(move || run(&subjects, &gate))
        })
        .collect();
    threads
        .into_iter()
        .map(|thread| thread.join().expect("a subject panicked"))
        .collect()
}

fn run(subjects: &[Arc<dyn Subject>], gate: &Gate) -> Vec<Vec<Batch>> {
    let runtime = crate::runtime::of_this_thread();
    let mut request = request();
    let mut batches = vec![Vec::with_capacity(TRIES); subjects.len()];
    for subject in subjects {
        subject.batch(&runtime, &mut request, 2 * BATCH);
    }
    for turn in 0..TRIES {
        for (index, subject) in subjects.iter().enumerate() {
            gate.wait(turn * subjects.len() + index);
            let before = cpu::preemptions();
            let (start, took, operations) = subject.batch(&runtime, &mut request, BATCH);
            let undisturbed = took < 3 * BATCH && cpu::preemptions() == before;
            batches[index]
                .push(undisturbed.then(|| (start, took.as_nanos() as f64 / operations as f64)));
        }
    }
    batches
}
