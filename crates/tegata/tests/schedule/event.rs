//! The events of a schedule.

use std::time::Duration;

use proptest::collection::vec;
use proptest::prelude::*;

/// How a process gets its tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Setup {
    /// By client id and secret, any number of times.
    ClientCredentials,
    /// By a refresh token that is good once and lives in memory.
    Rotating,
    /// By a refresh token that is good once and lives in a store that other processes use.
    Stored,
}

/// Something that happens.
#[derive(Clone, Debug)]
pub(crate) enum Event {
    /// This number of callers at once.
    Call(usize),
    /// A caller that gives up if it has to wait.
    GiveUp,
    Refuse(Which),
    Invalidate,
    /// Time passes.
    Pass(Duration),
    /// Time passes until this many milliseconds after the held token reaches this edge.
    PassTo(Edge, i64),
    /// The wall clock is set, or the machine sleeps.
    Jump(i64),
    /// Queues what the server answers next.
    Answer(Answer),
    /// The server ends the grant; a person consents anew when the cache has noticed.
    EndGrant,
    /// Another process renews, with a clock that is off by these seconds.
    Renew(i64),
    FailSaves(u32),
    HangSaves(u32),
    FailLoads(u32),
    /// The store goes back by this number of saves, or becomes empty.
    GoBack(usize),
    /// Another process logs out; a person logs in again later.
    LogOut,
    /// The process is killed, and starts again.
    Kill,
    /// The process shuts down, and starts again.
    ShutDown,
}

/// When a token changes its state.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Edge {
    Stale,
    Margin,
    Expiry,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Which {
    /// The last credential that was handed out.
    Last,
    /// The first one of this process.
    First,
    /// One that this process never had.
    Unknown,
}

/// The answers of the server.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Answer {
    Token {
        lifetime: u64,
        after: u64,
    },
    /// The last token again, with its remaining lifetime.
    Same,
    /// No refresh token with it: the old one stays valid.
    NoRefreshToken,
    /// A new refresh token, and an access token that must not be used.
    Unusable,
    /// The answer cannot be read; the refresh token stays valid.
    Unreadable,
    Unavailable,
    RetryAfter(u64),
    InvalidClient,
    Hang,
    Panic,
}

/// The jitter of windows and pauses, and the events.
pub(crate) fn schedule() -> impl Strategy<Value = (f64, Vec<Event>)> {
    (
        prop::sample::select(&[0.0, 0.5, 1.0][..]),
        vec(event(), 1..60),
    )
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        12 => (1..4_usize).prop_map(Event::Call),
        2 => Just(Event::GiveUp),
        3 => prop_oneof![
            3 => Just(Which::Last),
            1 => Just(Which::First),
            1 => Just(Which::Unknown),
        ].prop_map(Event::Refuse),
        2 => Just(Event::Invalidate),
        8 => prop_oneof![0..2_000_u64, 0..600_000_u64, 2_000_000..7_300_000_u64]
            .prop_map(|millis| Event::Pass(Duration::from_millis(millis))),
        6 => (
            prop::sample::select(&[Edge::Stale, Edge::Margin, Edge::Expiry][..]),
            prop_oneof![Just(-1), Just(0), 0..1_000_i64],
        ).prop_map(|(edge, after)| Event::PassTo(edge, after)),
        2 => prop_oneof![-5..5_i64, -90_000..90_000_i64].prop_map(Event::Jump),
        10 => answer().prop_map(Event::Answer),
        1 => Just(Event::EndGrant),
        2 => prop_oneof![Just(0), -5..5_i64].prop_map(Event::Renew),
        1 => (1..4_u32).prop_map(Event::FailSaves),
        1 => (1..3_u32).prop_map(Event::HangSaves),
        1 => (1..3_u32).prop_map(Event::FailLoads),
        2 => (0..3_usize).prop_map(Event::GoBack),
        1 => Just(Event::LogOut),
        1 => Just(Event::Kill),
        1 => Just(Event::ShutDown),
    ]
}

const LIFETIMES: [u64; 8] = [0, 1, 5, 45, 200, 3600, 86_400, 1_000_000_000_000];

fn answer() -> impl Strategy<Value = Answer> {
    prop_oneof![
        4 => (
            prop::sample::select(&LIFETIMES[..]),
            // Callers wait for 30 s, and an HTTP client for some minutes.
            prop_oneof![4 => Just(0), 1 => 0..60_u64, 1 => 31..580_u64],
        ).prop_map(|(lifetime, after)| Answer::Token { lifetime, after }),
        2 => Just(Answer::Same),
        1 => Just(Answer::NoRefreshToken),
        1 => Just(Answer::Unusable),
        2 => Just(Answer::Unreadable),
        4 => Just(Answer::Unavailable),
        1 => (0..1000_u64).prop_map(Answer::RetryAfter),
        1 => Just(Answer::InvalidClient),
        1 => Just(Answer::Hang),
        1 => Just(Answer::Panic),
    ]
}
