//! What a seat costs: one price, or one per tier.

use crate::catalogue::layout::Layout;
use crate::house::rejection::{FieldError, Problem, Range, Rejection, Unit};
use crate::money::{Currency, Money, PRICE_MINOR_MAX};

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

/// Other prices, for later holds. What is `None` stays as it is when the change is decided, whatever
/// somebody else has changed meanwhile.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct PricePatch {
    /// For seats without a tier, and for tiers without a price.
    pub base: Option<Money>,
    /// By tier name, in place of all that were.
    pub tiers: Option<Vec<(Box<str>, Money)>>,
}

impl From<Prices> for PricePatch {
    fn from(prices: Prices) -> Self {
        let money = |minor: u32| prices.currency.minor(i64::from(minor));
        let base = Some(money(prices.base));
        let tiers = prices.tiers.into_iter().map(|(name, minor)| (name, money(minor)));
        Self { base, tiers: Some(tiers.collect()) }
    }
}

impl PricePatch {
    /// These prices with what was patched.
    ///
    /// # Errors
    /// `invalid`: an amount in another currency.
    pub(crate) fn over(&self, prices: &Prices) -> Result<Prices, Rejection> {
        if self.amounts().any(|(_, money)| money.currency != prices.currency) {
            return Err(Rejection::invalid("currency", Problem::Foreign));
        }
        let named = |(name, money): &(Box<str>, Money)| (name.clone(), minor(*money));
        let tiers = self.tiers.as_ref().map(|tiers| tiers.iter().map(named).collect());
        Ok(Prices {
            currency: prices.currency,
            base: self.base.map_or(prices.base, minor),
            tiers: tiers.unwrap_or_else(|| prices.tiers.clone()),
        })
    }

    /// Checks every price.
    pub(crate) fn check(&self) -> Result<(), Rejection> {
        FieldError::ranges(
            self.amounts().map(|(tier, money)| {
                (field(tier), Some(money.amount_minor), range(money.currency))
            }),
        )
    }

    /// Every amount, and the tier that it is for.
    fn amounts(&self) -> impl Iterator<Item = (Option<&str>, &Money)> {
        let tiers = self.tiers.iter().flatten().map(|(name, money)| (Some(&**name), money));
        self.base.iter().map(|money| (None, money)).chain(tiers)
    }
}

const fn range(currency: Currency) -> Range {
    Unit::Money(currency).range(0, PRICE_MINOR_MAX)
}

/// The field of a tier's price, or of the price of seats without one.
fn field(tier: Option<&str>) -> String {
    tier.map_or_else(|| "price".to_owned(), |name| format!("tiers/{name}"))
}

/// What does not fit was refused before.
fn minor(money: Money) -> u32 {
    u32::try_from(money.amount_minor).unwrap_or(u32::MAX)
}

impl Prices {
    /// One price for every seat.
    pub fn flat(currency: Currency, base: u32) -> Self {
        Self { currency, base, tiers: Vec::new() }
    }

    /// Checks every price: what does not fit 32 bits was cut to the largest number.
    pub(crate) fn check(&self) -> Result<(), Rejection> {
        let tiers = self.tiers.iter().map(|(name, price)| (Some(&**name), *price));
        let all = std::iter::once((None, self.base)).chain(tiers);
        FieldError::ranges(
            all.map(|(tier, price)| (field(tier), Some(i64::from(price)), range(self.currency))),
        )
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
            errors.push(FieldError { field: field(Some(name)), problem });
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
