//! The table that is printed, and the JSON that is kept.

use serde_json::{Value, json};

/// How a measurement stands to its bar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Met,
    Missed,
    /// There is no bar: it is there to compare with.
    Informational,
    /// It could not be measured, for this reason.
    Skipped(String),
}

impl Verdict {
    pub(crate) fn of(met: bool) -> Self {
        if met { Self::Met } else { Self::Missed }
    }

    /// Where nothing could be measured, such as when no batch ran undisturbed, there is no number.
    fn of_number(number: f64, met: impl FnOnce(f64) -> bool) -> Self {
        if number.is_nan() {
            Self::Skipped("the machine is too busy".into())
        } else {
            Self::of(met(number))
        }
    }

    pub(crate) fn at_most(number: f64, bar: f64) -> Self {
        Self::of_number(number, |number| number <= bar)
    }

    pub(crate) fn at_least(number: f64, bar: f64) -> Self {
        Self::of_number(number, |number| number >= bar)
    }

    fn text(&self) -> &str {
        match self {
            Self::Met => "met",
            Self::Missed => "NOT MET",
            Self::Informational => "",
            Self::Skipped(_) => "skipped",
        }
    }
}

/// One line of the table.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) what: String,
    pub(crate) bar: String,
    pub(crate) measured: String,
    pub(crate) verdict: Verdict,
    pub(crate) numbers: Value,
    /// Its bar is met on every machine, however busy, so tests hold it.
    #[cfg_attr(not(test), allow(dead_code))]
    pub(crate) is_firm: bool,
}

impl Row {
    /// A line whose bar no test holds: it is about times, or known to be missed.
    pub(crate) fn new(
        what: impl Into<String>,
        bar: impl Into<String>,
        measured: impl Into<String>,
        verdict: Verdict,
        numbers: Value,
    ) -> Self {
        Self {
            what: what.into(),
            bar: bar.into(),
            measured: measured.into(),
            verdict,
            numbers,
            is_firm: false,
        }
    }

    /// A line whose bar is about counts alone, and is met.
    pub(crate) fn counted(
        what: impl Into<String>,
        bar: impl Into<String>,
        measured: impl Into<String>,
        met: bool,
        numbers: Value,
    ) -> Self {
        let row = Self::new(what, bar, measured, Verdict::of(met), numbers);
        Self {
            is_firm: true,
            ..row
        }
    }

    /// A line without a bar.
    pub(crate) fn informational(
        what: impl Into<String>,
        measured: impl Into<String>,
        numbers: Value,
    ) -> Self {
        Self {
            what: what.into(),
            bar: String::new(),
            measured: measured.into(),
            verdict: Verdict::Informational,
            numbers,
            is_firm: false,
        }
    }

    pub(crate) fn skipped(
        what: impl Into<String>,
        bar: impl Into<String>,
        why: impl Into<String>,
    ) -> Self {
        let why = why.into();
        Self {
            what: what.into(),
            bar: bar.into(),
            measured: why.clone(),
            verdict: Verdict::Skipped(why),
            numbers: Value::Null,
            is_firm: false,
        }
    }

    pub(crate) fn line(&self) -> String {
        let Self {
            what,
            bar,
            measured,
            verdict,
            ..
        } = self;
        format!("| {what} | {bar} | {measured} | {} |", verdict.text())
    }

    fn json(&self) -> Value {
        json!({
            "what": self.what,
            "bar": self.bar,
            "measured": self.measured,
            "verdict": match &self.verdict {
                Verdict::Met => "met",
                Verdict::Missed => "not met",
                Verdict::Informational => "informational",
                Verdict::Skipped(_) => "skipped",
            },
            "numbers": self.numbers,
        })
    }
}

pub(crate) const HEAD: &str = "| what | bar | measured | verdict |\n|---|---|---|---|";

pub(crate) fn json(rows: &[Row], rounds: usize) -> Value {
    json!({
        "processors": std::thread::available_parallelism().map_or(0, usize::from),
        "rounds": rounds,
        "peers": cfg!(feature = "peers"),
        "rows": rows.iter().map(Row::json).collect::<Vec<_>>(),
    })
}

/// One sentence at the end.
pub(crate) fn summary(rows: &[Row]) -> String {
    let count = |is: fn(&Verdict) -> bool| rows.iter().filter(|row| is(&row.verdict)).count();
    let met = count(|verdict| *verdict == Verdict::Met);
    let missed = count(|verdict| *verdict == Verdict::Missed);
    let skipped = count(|verdict| matches!(verdict, Verdict::Skipped(_)));
    format!("{met} bars met, {missed} NOT MET, {skipped} skipped")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_met_up_to_its_very_value() {
        assert_eq!(Verdict::at_most(1.1, 1.1), Verdict::Met);
        assert_eq!(Verdict::at_most(1.101, 1.1), Verdict::Missed);
        assert_eq!(Verdict::at_least(4.0, 4.0), Verdict::Met);
        assert_eq!(Verdict::at_least(3.99, 4.0), Verdict::Missed);
    }

    #[test]
    fn an_unmeasured_row_neither_meets_nor_misses_its_bar() {
        for verdict in [
            Verdict::at_most(f64::NAN, 1.0),
            Verdict::at_least(f64::NAN, 1.0),
        ] {
            assert!(matches!(verdict, Verdict::Skipped(_)), "{verdict:?}");
        }
    }

    #[test]
    fn a_line_says_what_its_verdict_is() {
        let line = |verdict| Row::new("what", "≤ 1 ×", "2 ×", verdict, Value::Null).line();
        assert_eq!(line(Verdict::Missed), "| what | ≤ 1 × | 2 × | NOT MET |");
        assert_eq!(line(Verdict::Met), "| what | ≤ 1 × | 2 × | met |");
    }

    #[test]
    fn the_summary_counts_verdicts_and_no_informational_rows() {
        let rows = [
            Row::counted("a", "0", "0", true, Value::Null),
            Row::counted("b", "0", "1", false, Value::Null),
            Row::informational("c", "1", Value::Null),
            Row::skipped("d", "0", "no valgrind"),
        ];
        assert_eq!(summary(&rows), "1 bars met, 1 NOT MET, 1 skipped");
        let json = json(&rows, 1);
        assert_eq!(json["rows"][1]["verdict"], "not met");
        assert_eq!(json["rows"][3]["measured"], "no valgrind");
    }
}
