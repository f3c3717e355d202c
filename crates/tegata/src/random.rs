//! Chance, for spreading things over time. Nothing that has to be unguessable comes from here.

use std::hash::{BuildHasher as _, RandomState};

/// A number from 0 to 1.
pub(crate) fn fraction() -> f64 {
    // The keys of a `RandomState` are the system's random numbers, counted on: enough to spread load, and
    // no further dependency.
    let bits = RandomState::new().hash_one(0);
    f64::from(u32::try_from(bits >> 32).unwrap_or(u32::MAX)) / f64::from(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fractions_differ_and_stay_within_bounds() {
        let drawn: Vec<_> = (0..100).map(|_| fraction()).collect();
        assert!(drawn.iter().all(|f| (0.0..=1.0).contains(f)), "{drawn:?}");
        let (low, high) = (drawn.iter().filter(|f| **f < 0.5).count(), drawn.len());
        assert!(
            low > 10 && low < high - 10,
            "{low} of {high} in the lower half: {drawn:?}"
        );
    }
}
