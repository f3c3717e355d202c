//! Reproducible random numbers.

/// Xorshift64.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn from(seed: u64) -> Self {
        let mut random = Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        for _ in 0..8 {
            random.below(2);
        }
        random
    }

    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end.max(1)
    }

    pub(crate) fn one<T: Copy>(&mut self, of: &[T]) -> T {
        let at = self.below(of.len() as u64);
        of[usize::try_from(at).expect("an index")]
    }

    pub(crate) fn millis(&mut self, from: u64, to: u64) -> std::time::Duration {
        std::time::Duration::from_millis(from + self.below(to - from + 1))
    }
}

/// From `TEGATA_CHAOS_SEED`, or by the time.
pub(crate) fn seed() -> u64 {
    let Ok(seed) = std::env::var("TEGATA_CHAOS_SEED") else {
        let since = std::time::UNIX_EPOCH.elapsed().expect("after 1970");
        return u64::from(since.subsec_nanos()) ^ since.as_secs();
    };
    let seed = seed.trim_start_matches("0x");
    u64::from_str_radix(seed, 16).expect("TEGATA_CHAOS_SEED is a hexadecimal number")
}
