//! How long a record is kept.

use std::time::{Duration, SystemTime};

use tegata::store::Record;

/// The shortest time: by a wrong clock a token may have expired when it was issued, and other processes should
/// still see it.
const SHORTEST: Duration = Duration::from_secs(60);

/// The longest time: far below the most milliseconds that Redis can count.
const LONGEST: Duration = Duration::from_secs(100 * 365 * 86_400);

/// How long a logout is remembered at least: a process that holds the token, has done nothing for a while and
/// finds no record would save it again.
const LOGOUT: Duration = Duration::from_secs(90 * 86_400);

/// How long a record is of use to any process from now; `None` if for ever.
///
/// It counts from now and from the issue, and takes the longer: the token's times may come from another
/// machine's clock, and its issue may have been moved after that of the former token, if a clock was set back.
/// A record that is kept too long is harmless, but one that is gone too soon is a lost login.
pub(crate) fn of(
    record: &Record,
    otherwise: Option<Duration>,
    now: SystemTime,
) -> Option<Duration> {
    let Some(token) = record.token() else {
        return otherwise.map(|ttl| bounded(ttl.max(LOGOUT)));
    };
    let Some(refresh) = token.refresh_expires_at() else {
        return otherwise.map(bounded);
    };
    let end = refresh.max(token.expires_at()?);
    let from = |start| end.duration_since(start).unwrap_or_default();
    Some(bounded(from(token.issued_at()).max(from(now))))
}

fn bounded(lifetime: Duration) -> Duration {
    lifetime.clamp(SHORTEST, LONGEST)
}

/// Whole milliseconds, at least one.
pub(crate) fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.min(LONGEST).as_millis())
        .unwrap_or(u64::MAX)
        .max(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;
    use tegata::Token;
    use tegata::provider::{Issued, Refresh};

    /// Long ago by any clock but that of these tests' tokens.
    const START: SystemTime = SystemTime::UNIX_EPOCH;

    fn record(access: Option<u64>, refresh: Refresh) -> Record {
        let issued = Issued::new("A1", access.map(Duration::from_secs), refresh);
        Record::new(Token::new(issued, START, None))
    }

    fn logout() -> Record {
        Record::deleted(START)
    }

    fn replace(lifetime: Option<u64>) -> Refresh {
        Refresh::Replace {
            token: "R1".into(),
            lifetime: lifetime.map(Duration::from_secs),
        }
    }

    #[rstest]
    #[case(record(Some(3600), replace(Some(86_400))), None, Some(86_400))]
    #[case(record(Some(3600), replace(Some(86_400))), Some(7), Some(86_400))]
    #[case(record(Some(3600), replace(Some(600))), None, Some(3600))]
    #[case(record(Some(0), replace(Some(0))), None, Some(60))]
    #[case(record(None, replace(Some(86_400))), None, None)]
    #[case(record(Some(3600), replace(None)), None, None)]
    #[case(record(Some(3600), replace(None)), Some(7200), Some(7200))]
    #[case(record(Some(3600), Refresh::Forget), Some(7200), Some(7200))]
    #[case(record(Some(3600), Refresh::Forget), Some(0), Some(60))]
    #[case(record(Some(3600), replace(Some(86_400))).ended(), None, Some(86_400))]
    #[case(logout(), None, None)]
    #[case(logout(), Some(7200), Some(90 * 86_400))]
    #[case(logout(), Some(100 * 86_400), Some(100 * 86_400))]
    fn a_record_is_kept_as_long_as_anything_in_it_is_good(
        #[case] record: Record,
        #[case] otherwise: Option<u64>,
        #[case] expected: Option<u64>,
    ) {
        let kept = of(
            &record,
            otherwise.map(Duration::from_secs),
            SystemTime::now(),
        );
        assert_eq!(kept, expected.map(Duration::from_secs));
    }

    #[test]
    fn a_clock_that_was_set_back_does_not_shorten_it() {
        let ahead = Token::new(
            Issued::new("A1", None, Refresh::Forget),
            START + Duration::from_secs(365 * 86_400),
            None,
        );
        let issued = Issued::new("A2", Some(Duration::from_secs(3600)), replace(Some(86_400)));
        let token = Token::new(issued, START, Some(&ahead));
        let record = Record::new(token);
        assert_eq!(of(&record, None, START), Some(Duration::from_secs(86_400)));
    }

    #[rstest]
    #[case(Duration::ZERO, 1)]
    #[case(Duration::from_micros(1), 1)]
    #[case(Duration::from_secs(2), 2000)]
    #[case(Duration::MAX, 3_153_600_000_000)]
    fn redis_gets_times_that_it_takes(#[case] duration: Duration, #[case] expected: u64) {
        assert_eq!(millis(duration), expected);
    }
}
