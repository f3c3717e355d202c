//! When an exchange began and when it was answered. The order of a recording is that of time: some
//! tools list the exchanges as the answers come.

use serde_json::Value;

use super::date::{SECOND, date};

/// No answer takes longer than a year: what a tool writes beyond that is no time.
const LONGEST_MS: f64 = 366.0 * 86_400_000.0;

/// When an exchange began and how long it took, in nanoseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Times {
    /// Since 1970, from `startedDateTime`; none if that is missing or no date that can be read.
    pub began: Option<i64>,
    /// Whether it is there, but no date that can be read.
    pub is_unreadable: bool,
    /// Until the answer was there, from `time`; none if that is missing or negative.
    pub took: Option<i64>,
    /// Whether it took longer, for the tool left the wait for the answer out of `time`.
    pub at_least: bool,
    /// The smallest step that `startedDateTime` can show.
    pub unit: i64,
}

/// Whether one exchange began after another one was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    /// It began before.
    Before,
    /// The times do not say it.
    Unknown,
    /// It began after, as far as the times are exact.
    Likely,
    /// It began after.
    After,
}

/// What the times of a recording are worth.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Clock {
    /// The smallest step of time; none if the times say nothing.
    unit: Option<i64>,
    /// Whether dates cannot be read, and nothing shows that the list is in the order of time.
    is_unknown: bool,
}

impl Times {
    /// The times of an entry.
    pub(super) fn of(entry: &Value) -> Self {
        let started = entry.get("startedDateTime").unwrap_or(&Value::Null);
        let is_missing = started.is_null() || started == "";
        let began = date(started);
        let timings = entry.get("timings");
        let part = |name: &str| timings.and_then(|all| number(all.get(name)?));
        let took = entry.get("time").and_then(number).and_then(milliseconds);
        // Each part that a tool does not know is -1. `ssl` is a part of `connect`.
        let parts = ["blocked", "dns", "connect", "send", "wait", "receive"];
        let sum = || {
            let known = parts
                .iter()
                .filter_map(|name| part(name).filter(|ms| *ms >= 0.0));
            part("wait")
                .filter(|ms| *ms >= 0.0)
                .and_then(|_| milliseconds(known.sum()))
        };
        let took = took
            .or_else(sum)
            .map(|took| took - connected_before(entry, took));
        // A tool that measures no parts writes -1 or 0 for each.
        let no_wait = ["send", "wait"]
            .iter()
            .all(|name| part(name).is_some_and(|ms| ms <= 0.0));
        Self {
            began: began.map(|date| date.at),
            is_unreadable: began.is_none() && !is_missing,
            took,
            at_least: no_wait || took == Some(0),
            unit: began.map_or(SECOND, |date| date.step),
        }
    }

    fn ended(self) -> Option<i64> {
        Some(self.began?.saturating_add(self.took?))
    }
}

impl Clock {
    /// The clock of a recording with these times: of no use if it stands still.
    pub(super) fn of(all: impl IntoIterator<Item = Times>) -> Self {
        let (mut first, mut moves, mut unit) = (None, false, 60 * SECOND);
        let (mut last, mut is_sorted, mut is_unreadable) = (i64::MIN, true, false);
        for times in all {
            is_unreadable |= times.is_unreadable;
            let Some(began) = times.began else { continue };
            moves |= *first.get_or_insert(began) != began;
            unit = unit.min(times.unit);
            is_sorted &= last <= began;
            last = began;
        }
        Self {
            unit: moves.then_some(unit),
            is_unknown: is_unreadable && !(moves && is_sorted),
        }
    }

    /// Whether the times say nothing, so that only the list has an order.
    pub(super) fn is_still(self) -> bool {
        self.unit.is_none()
    }

    /// Whether dates cannot be read, and nothing shows that the list is in the order of time.
    pub(super) fn is_unknown(self) -> bool {
        self.is_unknown
    }

    /// Sorts by the beginning. What has none stays behind what it follows in the list.
    pub(super) fn sort<T>(self, all: &mut Vec<T>, times: impl Fn(&T) -> Times) {
        if self.unit.is_none() {
            return;
        }
        let mut last = i64::MIN;
        let mut keyed: Vec<(i64, T)> = all
            .drain(..)
            .map(|one| {
                last = times(&one).began.unwrap_or(last);
                (last, one)
            })
            .collect();
        keyed.sort_by_key(|(began, _)| *began);
        all.extend(keyed.into_iter().map(|(_, one)| one));
    }

    /// Whether `next` began after `one` was answered.
    pub(super) fn order(self, one: Times, next: Times) -> Order {
        let (Some(unit), Some(from), Some(began)) = (self.unit, one.began, next.began) else {
            return Order::Unknown;
        };
        let Some(ended) = one.ended() else {
            return if began < from {
                Order::Before
            } else {
                Order::Unknown
            };
        };
        let left = ended.saturating_sub(began);
        if left >= unit {
            Order::Before
        } else if left > 0 {
            Order::Unknown
        } else if one.at_least || -left < unit {
            Order::Likely
        } else {
            Order::After
        }
    }
}

/// What of the time was before the beginning: mitmproxy, which knows of no `blocked` and `dns`, adds
/// the time that a connection took to the first request on it.
fn connected_before(entry: &Value, took: i64) -> i64 {
    let Some(Value::Object(timings)) = entry.get("timings") else {
        return 0;
    };
    if timings.contains_key("blocked") || timings.contains_key("dns") {
        return 0;
    }
    let part = |name: &str| {
        let known = timings.get(name).and_then(number);
        known.and_then(milliseconds).unwrap_or_default()
    };
    let before = part("connect") + part("ssl");
    let own = part("send") + part("wait") + part("receive");
    // Of a tool that counts otherwise nothing is known.
    let counted = (took - before - own).abs() < 100_000;
    if counted { before } else { 0 }
}

fn number(value: &Value) -> Option<f64> {
    value
        .as_f64()
        .or_else(|| value.as_str()?.trim().parse().ok())
        .filter(|number| number.is_finite())
}

fn milliseconds(ms: f64) -> Option<i64> {
    #[allow(
        clippy::cast_possible_truncation,
        reason = "it is in the range of an i64"
    )]
    (0.0..=LONGEST_MS)
        .contains(&ms)
        .then_some((ms * 1e6).round() as i64)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn times(began: &str, took: f64) -> Times {
        Times::of(&json!({"startedDateTime": began, "time": took}))
    }

    #[test]
    fn the_end_is_the_beginning_and_the_time_in_milliseconds() {
        let one = times("2026-11-28T21:00:00.000Z", 10.5);
        assert_eq!(one.took, Some(10_500_000));
        let clock = Clock::of([one, times("2026-11-28T21:00:01.000Z", 1.0)]);
        for (next, order) in [
            ("2026-11-28T20:59:59.000Z", Order::Before),
            ("2026-11-28T21:00:00.009Z", Order::Before),
            ("2026-11-28T21:00:00.010Z", Order::Unknown),
            ("2026-11-28T21:00:00.011Z", Order::Likely),
            ("2026-11-28T21:00:00.012Z", Order::After),
            ("2026-11-28T23:00:00.012+02:00", Order::After),
            ("no time", Order::Unknown),
        ] {
            assert_eq!(clock.order(one, times(next, 1.0)), order, "{next}");
        }
    }

    #[test]
    fn a_time_without_the_wait_is_the_least_that_it_took() {
        let entry = json!({"startedDateTime": "2026-11-28T21:00:00.000Z", "time": 2,
            "timings": {"send": -1, "wait": -1, "receive": 2}});
        let one = Times::of(&entry);
        let next = times("2026-11-28T21:00:00.100Z", 1.0);
        let clock = Clock::of([one, next]);
        assert_eq!(clock.order(one, next), Order::Likely);
        // A tool that writes seconds in place of milliseconds, and the whole as `receive`.
        let seconds = json!({"startedDateTime": "2026-11-28T21:00:00.000Z", "time": 0.06,
            "timings": {"send": 0, "wait": 0, "receive": 0.06}});
        assert_eq!(clock.order(Times::of(&seconds), next), Order::Likely);
        for (time, timings, took) in [
            (
                json!(-1),
                json!({"wait": 3, "connect": -1}),
                Some(3_000_000),
            ),
            (json!(null), json!({}), None),
            (json!("4"), json!({}), Some(4_000_000)),
            (json!(1e300), json!({}), None),
        ] {
            let entry = json!({"time": time, "timings": timings});
            assert_eq!(Times::of(&entry).took, took, "{entry}");
        }
    }

    #[test]
    fn a_connection_that_was_made_before_the_request_is_no_part_of_it() {
        let timings = json!({"connect": 90.0, "ssl": 200.0, "send": 1.0, "wait": 8.0,
            "receive": 1.0});
        let took = |time: f64, timings: &Value| {
            let text = "2026-11-28T21:00:00.000001+00:00";
            Times::of(&json!({"startedDateTime": text, "time": time, "timings": timings})).took
        };
        assert_eq!(took(300.0, &timings), Some(10_000_000));
        // Another tool's time, and one that was written by hand.
        assert_eq!(took(1500.0, &timings), Some(1_500_000_000));
        let mut other = timings.clone();
        other["blocked"] = json!(-1);
        assert_eq!(took(300.0, &other), Some(300_000_000));
    }

    #[test]
    fn a_clock_that_stands_still_says_nothing() {
        let one = times("2026-11-28T21:00:00.000Z", 1.0);
        let clock = Clock::of([one, one, Times::default()]);
        assert_eq!(clock.order(one, one), Order::Unknown);
    }

    #[test]
    fn dates_that_cannot_be_read_leave_the_order_unknown() {
        let unread = times("28.11.26", 1.0);
        let at = |second: u8| times(&format!("2026-11-28T21:00:0{second}.000Z"), 1.0);
        assert!(unread.is_unreadable);
        for (all, is_unknown) in [
            (vec![unread, unread], true),
            (vec![at(2), unread, at(1)], true),
            (vec![at(1), unread], true),
            // Elsewhere the list is in the order of time.
            (vec![at(1), unread, at(2)], false),
            (vec![at(2), Times::default(), at(1)], false),
            (vec![Times::default(), times("", 1.0)], false),
        ] {
            assert_eq!(Clock::of(all.clone()).is_unknown(), is_unknown, "{all:?}");
        }
    }

    #[test]
    fn what_has_no_time_stays_behind_what_it_follows() {
        let at = |second: u8| times(&format!("2026-11-28T21:00:0{second}.000Z"), 1.0);
        let mut all = vec![
            (0, Times::default()),
            (1, at(5)),
            (2, Times::default()),
            (3, at(2)),
            (4, at(5)),
        ];
        let clock = Clock::of(all.iter().map(|(_, times)| *times));
        clock.sort(&mut all, |(_, times)| *times);
        let order: Vec<i32> = all.iter().map(|(index, _)| *index).collect();
        assert_eq!(order, [0, 3, 1, 2, 4]);
    }
}
