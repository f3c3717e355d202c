//! Medians.

/// The value below which this share of the values lies; not a number if there are none. Rounds in which
/// every batch was disturbed have no number, and do not count.
pub(crate) fn quantile(values: &[f64], share: f64) -> f64 {
    let mut values: Vec<_> = values.iter().copied().filter(|v| v.is_finite()).collect();
    values.sort_by(f64::total_cmp);
    let last = values.len().saturating_sub(1);
    let index = (last as f64 * share).round() as usize;
    values.get(index).copied().unwrap_or(f64::NAN)
}

pub(crate) fn median(values: &[f64]) -> f64 {
    quantile(values, 0.5)
}

/// One value to another of the same round, over all rounds: the median, and the quartiles around it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ratio {
    pub(crate) median: f64,
    pub(crate) low: f64,
    pub(crate) high: f64,
}

impl Ratio {
    pub(crate) fn of(values: &[f64], to: &[f64]) -> Self {
        let ratios: Vec<_> = values.iter().zip(to).map(|(a, b)| a / b).collect();
        Self {
            median: median(&ratios),
            low: quantile(&ratios, 0.25),
            high: quantile(&ratios, 0.75),
        }
    }

    pub(crate) fn text(self, decimals: usize) -> String {
        let Self { median, low, high } = self;
        format!("{median:.decimals$} × ({low:.decimals$} to {high:.decimals$})")
    }

    pub(crate) fn json(self) -> serde_json::Value {
        serde_json::json!({ "median": self.median, "quartiles": [self.low, self.high] })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_median_does_not_mind_an_outlier() {
        assert!((median(&[3.0, 1.0, 1000.0, 2.0, 4.0]) - 3.0).abs() < f64::EPSILON);
        assert!(median(&[]).is_nan());
    }

    #[test]
    fn a_round_without_a_number_does_not_count() {
        let ratio = Ratio::of(&[2.0, f64::NAN, 4.0], &[1.0, 1.0, f64::NAN]);
        assert!((ratio.median - 2.0).abs() < f64::EPSILON, "{ratio:?}");
    }

    #[test]
    fn a_ratio_compares_round_by_round() {
        let ratio = Ratio::of(&[2.0, 20.0, 6.0], &[1.0, 10.0, 2.0]);
        assert!((ratio.median - 2.0).abs() < f64::EPSILON, "{ratio:?}");
    }
}
