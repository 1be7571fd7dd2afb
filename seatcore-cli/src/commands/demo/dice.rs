//! Dice for simulated buyers: SplitMix64 (Steele, Lea and Flood, 2014). Good enough to spread a
//! crowd over a hall, and small enough to need no library.

/// Dice that fall the same way for the same seed.
#[derive(Debug, Clone)]
pub struct Dice(u64);

impl Dice {
    /// Dice with this seed.
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number from 0 to `end` - 1; 0 if there is none.
    pub const fn below(&mut self, end: u32) -> u32 {
        // The high half times the range: no modulo bias worth speaking of.
        (((self.next() >> 32) * end as u64) >> 32) as u32
    }

    /// Whether a thing of this many percent happens.
    pub const fn percent(&mut self, chance: u32) -> bool {
        self.below(100) < chance
    }

    /// One of these.
    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> Option<&'a T> {
        from.get(self.below(u32::try_from(from.len()).unwrap_or(u32::MAX)) as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dice_repeat_themselves_and_stay_in_range() {
        let mut one = Dice::new(7);
        let mut two = Dice::new(7);
        let rolls: Vec<_> = (0..1_000).map(|_| one.below(6)).collect();
        assert!(rolls.iter().all(|roll| *roll == two.below(6) && *roll < 6));
        assert!((0..6).all(|side| rolls.contains(&side)));
        assert_eq!((one.below(0), one.pick::<u8>(&[])), (0, None));
    }
}
