//! What a seat costs: one price, or one per tier.

use crate::money::Currency;

/// A show's prices. The price of a seat is fixed when it is held; a later change affects later
/// holds only.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Prices {
    /// Of all amounts in this show; never changes.
    pub currency: Currency,
    /// Minor units for seats without a tier, and for tiers without a price.
    pub base: u32,
    /// Minor units by tier name, sorted by name.
    pub tiers: Vec<(Box<str>, u32)>,
}

impl Prices {
    /// One price for every seat.
    pub fn flat(currency: Currency, base: u32) -> Self {
        Self { currency, base, tiers: Vec::new() }
    }

    /// The price of a seat in the tier with this name.
    pub fn of(&self, tier: Option<&str>) -> u32 {
        let named = tier.and_then(|name| self.tiers.iter().find(|(known, _)| &**known == name));
        named.map_or(self.base, |(_, price)| *price)
    }
}
