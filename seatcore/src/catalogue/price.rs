//! What a seat costs: one price, or one per tier.

use crate::catalogue::layout::Layout;
use crate::house::rejection::{FieldError, Problem, Rejection};
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

    /// Checks every price: what does not fit 32 bits was cut to the largest number.
    pub(crate) fn check(&self) -> Result<(), Rejection> {
        let most = i64::from(u32::MAX) - 1;
        let tiers = self.tiers.iter().map(|(_, price)| ("tiers", Some(i64::from(*price)), 0, most));
        let base = std::iter::once(("price", Some(i64::from(self.base)), 0, most));
        FieldError::ranges(&base.chain(tiers).collect::<Vec<_>>())
    }

    /// The same with tiers as this plan names them, sorted: a price for a tier that no seat has
    /// would leave seats at the base price in silence.
    ///
    /// # Errors
    /// `invalid`: a tier the plan does not have, or one named twice.
    pub(crate) fn on(mut self, layout: &Layout) -> Result<Self, Rejection> {
        let mut errors = Vec::new();
        for at in 0..self.tiers.len() {
            let name = &self.tiers[at].0;
            let twice = self.tiers[..at].iter().any(|(known, _)| known.eq_ignore_ascii_case(name));
            let planned = layout.tiers().iter().find(|tier| tier.eq_ignore_ascii_case(name));
            let problem = match planned {
                Some(_) if twice => Problem::Duplicate,
                Some(planned) => {
                    self.tiers[at].0 = planned.clone();
                    continue;
                }
                None => Problem::Foreign,
            };
            errors.push(FieldError { field: format!("tiers/{name}"), problem });
        }
        self.tiers.sort();
        if errors.is_empty() { Ok(self) } else { Err(Rejection::Invalid { errors }) }
    }

    /// The price of a seat in the tier with this name.
    pub fn of(&self, tier: Option<&str>) -> u32 {
        let named = tier.and_then(|name| self.tiers.iter().find(|(known, _)| &**known == name));
        named.map_or(self.base, |(_, price)| *price)
    }
}
