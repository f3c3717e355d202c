//! Random numbers.

use std::time::Duration;

use tegata::Error;
use tegata::provider::ErrorExt as _;

/// So many random bytes, as hexadecimal digits.
pub(crate) fn hex(bytes: usize) -> Result<String, Error> {
    let mut drawn = vec![0; bytes];
    fill(&mut drawn)?;
    let digits = drawn.iter().flat_map(|byte| [byte >> 4, byte & 0xf]);
    Ok(digits
        .filter_map(|digit| char::from_digit(digit.into(), 16))
        .collect())
}

/// Fills the buffer with unpredictable bytes.
pub(crate) fn fill(buffer: &mut [u8]) -> Result<(), Error> {
    getrandom::fill(buffer).map_err(|error| Error::store("the system has no random numbers", error))
}

/// A duration shortened by up to half, so that waiting processes do not all retry at once.
pub(crate) fn shortened(longest: Duration) -> Duration {
    let drawn = getrandom::u32().unwrap_or(u32::MAX / 2);
    longest.mul_f64(0.5 + 0.5 * f64::from(drawn) / f64::from(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_of_the_length_asked_for_and_differ() {
        let drawn = [hex(8).expect("drawn"), hex(8).expect("drawn")];
        assert!(drawn.iter().all(|hex| hex.len() == 16), "{drawn:?}");
        assert_ne!(drawn[0], drawn[1]);
    }

    #[test]
    fn a_pause_is_shortened_by_half_at_most() {
        let pauses: Vec<_> = (0..100)
            .map(|_| shortened(Duration::from_millis(100)))
            .collect();
        let within = |pause: &Duration| (50..=100).contains(&pause.as_millis());
        assert!(pauses.iter().all(within), "{pauses:?}");
        assert!(pauses.iter().any(|pause| *pause != pauses[0]), "{pauses:?}");
    }
}
