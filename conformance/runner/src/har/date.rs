//! Dates as tools write them: ISO 8601, and other forms that can mean one point in time only.

use chrono::{DateTime, NaiveDateTime};
use serde_json::Value;

pub(super) const SECOND: i64 = 1_000_000_000;

/// A point in time, and the smallest step that its text can show, in nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Date {
    /// Since 1970.
    pub(super) at: i64,
    pub(super) step: i64,
}

/// Years from which a recording may be: there was no HTTP before the first, and by the last another unit would do.
const YEARS: [i64; 2] = [631_152_000, 4_102_444_800];

/// ISO 8601, also without seconds or without what separates the numbers.
const NUMBERS: [&str; 3] = ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%dT%H:%M", "%Y%m%dT%H%M%S%.f"];
/// As JavaScript, C and HTTP write it; one without an offset.
const WORDS: [&str; 3] = [
    "%a %b %d %Y %H:%M:%S%.f",
    "%a %b %d %H:%M:%S%.f %Y",
    "%a, %d %b %Y %H:%M:%S%.f",
];

/// The date of a member of an entry.
pub(super) fn date(value: &Value) -> Option<Date> {
    match value {
        Value::Number(number) => epoch(&number.to_string()),
        Value::String(text) => {
            let text = text.trim();
            epoch(text)
                .or_else(|| epoch(text.strip_prefix("/Date(")?.strip_suffix(")/")?))
                .or_else(|| written(text))
        }
        _ => None,
    }
}

/// The time since 1970 in seconds, milliseconds, microseconds or nanoseconds: each gives a year that a recording may
/// be from for other numbers only.
fn epoch(text: &str) -> Option<Date> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || whole.len() > 19 || !digits(whole) || !digits(fraction) {
        return None;
    }
    let whole: i64 = whole.parse().ok()?;
    let [first, last] = YEARS;
    let units = [SECOND, 1_000_000, 1_000, 1];
    let of_year = |unit: &i64| (first * (SECOND / unit)..last * (SECOND / unit)).contains(&whole);
    let unit = units.into_iter().find(of_year)?;
    // A float without a fraction is written with one.
    let fraction = fraction.trim_end_matches('0');
    let (mut part, mut step) = (0, unit);
    for digit in fraction.bytes() {
        if step == 1 {
            break;
        }
        step /= 10;
        part += i64::from(digit - b'0') * step;
    }
    let at = whole.checked_mul(unit)?.checked_add(part)?;
    Some(Date { at, step })
}

/// A date in words or in digits, with a fraction of any length and any way to write the offset. Without an offset it
/// is one of the same place as all others.
fn written(text: &str) -> Option<Date> {
    let at = iso(text).or_else(|| worded(text))?;
    let at = at.timestamp_nanos_opt()?;
    // What a program writes that knows no date.
    let is_date = at != 0;
    let step = step(text);
    is_date.then_some(Date { at, step })
}

fn iso(text: &str) -> Option<DateTime<chrono::FixedOffset>> {
    let text = text.replacen(',', ".", 1).replace('/', "-");
    let text = text.to_ascii_uppercase().replacen(' ', "T", 1);
    // `2026-11-28 21:00:00.5 +0000 UTC m=+0.1`: names behind an offset say nothing more.
    let mut parts = text.split_ascii_whitespace();
    let first = parts.next()?;
    let text = match parts.next() {
        Some("UTC" | "GMT") => format!("{first}Z"),
        Some(offset) => format!("{first}{offset}"),
        None => first.to_owned(),
    };
    parse(&text, &NUMBERS)
}

/// As in HTTP and mails, and as JavaScript and C write it.
fn worded(text: &str) -> Option<DateTime<chrono::FixedOffset>> {
    let zoned = DateTime::parse_from_rfc2822(text);
    zoned.ok().or_else(|| {
        // A name in brackets behind the offset says nothing more.
        let (text, _) = text.split_once(" (").unwrap_or((text, ""));
        let text = text.replacen(" GMT+", " +", 1).replacen(" GMT-", " -", 1);
        let text = ["GMT", "UTC"]
            .iter()
            .fold(text, |text, name| text.replacen(name, "+0000", 1));
        // Java and Ruby have the offset before the year.
        let before_year = DateTime::parse_from_str(&text, "%a %b %d %H:%M:%S%.f %z %Y");
        before_year.ok().or_else(|| parse(&text, &WORDS))
    })
}

fn parse(text: &str, forms: &[&str]) -> Option<DateTime<chrono::FixedOffset>> {
    let mut all = forms.iter();
    all.find_map(|form| {
        let zoned = DateTime::parse_from_str(text, &format!("{form}%#z"))
            .or_else(|_| DateTime::parse_from_str(text, &format!("{form} %#z")));
        let plain = || NaiveDateTime::parse_from_str(text, form).ok();
        zoned
            .ok()
            .or_else(|| Some(plain()?.and_utc().fixed_offset()))
    })
}

/// The step of a fraction with so many digits, or of a time without seconds.
fn step(text: &str) -> i64 {
    let mut parts = text.split(['.', ',']).skip(1);
    let is_fraction = |part: &&str| part.starts_with(|one: char| one.is_ascii_digit());
    let fraction = parts.find(is_fraction).unwrap_or_default();
    let digits = fraction.bytes().take_while(u8::is_ascii_digit).take(9);
    let time = text.split(['+', 'Z', 'z']).next().unwrap_or_default();
    let whole = if time.matches(':').count() == 1 {
        60 * SECOND
    } else {
        SECOND
    };
    digits.fold(whole, |step, _| step / 10)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// 2026-11-28T21:00:00Z.
    const DAY: i64 = 1_795_899_600;

    fn read(value: &Value) -> Option<(i64, i64)> {
        date(value).map(|date| (date.at - DAY * SECOND, date.step))
    }

    #[test]
    fn every_way_to_write_a_date_in_digits_is_read() {
        for (text, more, step) in [
            ("2026-11-28T21:00:00Z", 0, SECOND),
            ("2026-11-28T21:00:00.5Z", 500_000_000, SECOND / 10),
            ("2026-11-28T21:00:00.500Z", 500_000_000, 1_000_000),
            ("2026-11-28T21:00:00.700830+00:00", 700_830_000, 1_000),
            ("2026-11-28T22:00:00.1234567891234+01:00", 123_456_789, 1),
            ("2026-11-29T06:00:00,25+0900", 250_000_000, SECOND / 100),
            ("2026-11-28T16:30:00-04:30", 0, SECOND),
            ("2026-11-29t06:00:00+09", 0, SECOND),
            ("2026-11-28 21:00:00", 0, SECOND),
            ("2026/11/28 21:00:00", 0, SECOND),
            ("2026-11-28T21:00Z", 0, 60 * SECOND),
            ("20261128T210000.25Z", 250_000_000, SECOND / 100),
            ("2026-11-28 21:00:00 UTC", 0, SECOND),
            (
                "2026-11-28 16:00:00.5 -0500 EST m=+0.01",
                500_000_000,
                SECOND / 10,
            ),
        ] {
            assert_eq!(read(&json!(text)), Some((more, step)), "{text}");
        }
    }

    #[test]
    fn dates_in_words_are_read() {
        for text in [
            "Sat, 28 Nov 2026 21:00:00 GMT",
            "Sun, 29 Nov 2026 06:00:00 +0900",
            "Sat Nov 28 2026 22:00:00 GMT+0100 (Central European Standard Time)",
            "Sat Nov 28 21:00:00 2026",
            "Sat Nov 28 21:00:00 UTC 2026",
        ] {
            assert_eq!(read(&json!(text)), Some((0, SECOND)), "{text}");
        }
    }

    #[test]
    fn numbers_are_read_in_the_unit_that_they_can_be_in() {
        let ms = 1_000_000;
        for (value, more, step) in [
            (json!(DAY), 0, SECOND),
            (json!(1_795_899_600.25), 250 * ms, SECOND / 100),
            (json!(1_795_899_600.0), 0, SECOND),
            (json!(1_795_899_600_007_i64), 7 * ms, ms),
            (json!("1795899600007"), 7 * ms, ms),
            (json!("1795899600007.5"), 7 * ms + 500_000, ms / 10),
            (json!(1_795_899_600_007_001_i64), 7 * ms + 1000, 1000),
            (json!(1_795_899_600_007_001_002_i64), 7 * ms + 1002, 1),
            (json!("1795899600.1234567891"), 123_456_789, 1),
            (json!("/Date(1795899600007)/"), 7 * ms, ms),
        ] {
            assert_eq!(read(&value), Some((more, step)), "{value}");
        }
    }

    #[test]
    fn what_may_mean_several_times_is_not_read() {
        for value in [
            json!(""),
            json!("yesterday"),
            json!("2026-11-28"),
            json!("2026-13-28T21:00:00Z"),
            json!("11/28/2026, 9:00:00 PM"),
            json!("28/11/2026 21:00:00"),
            json!("01/02/26 21:00:00"),
            json!("Mon, 28 Nov 2026 21:00:00 GMT"),
            json!("Sat Nov 28 21:00:00 CST 2026"),
            json!("1970-01-01T00:00:00Z"),
            json!("0001-01-01T00:00:00Z"),
            json!("Invalid Date"),
            json!(12_345.678),
            json!(-1),
            json!(0),
            json!(1e300),
            json!("99999999999999999999999"),
            json!("/Date(1795899600007"),
            json!("手形"),
            json!(null),
            json!({}),
        ] {
            assert_eq!(date(&value), None, "{value}");
        }
    }
}
