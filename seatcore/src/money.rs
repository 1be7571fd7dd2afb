//! Money: whole minor units of one currency. No fractions, no floating point.

use std::fmt;
use std::str::FromStr;

/// Largest price of one seat, in minor units: a price rides in every event as 32 bits.
pub const PRICE_MINOR_MAX: i64 = u32::MAX as i64 - 1;

/// An ISO 4217 currency, which knows how many decimals people write.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Currency(iso_currency::Currency);

/// An amount in the currency's smallest unit.
///
/// ```
/// use seatcore::money::Money;
/// let price: Money = "12.50 EUR".parse().unwrap();
/// assert_eq!((price.amount_minor, price.to_string()), (1250, "12.50 EUR".to_owned()));
/// assert!("12.505 EUR".parse::<Money>().is_err());
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub struct Money {
    /// Minor units: cents for EUR, yen for JPY.
    pub amount_minor: i64,
    /// The currency they are units of.
    pub currency: Currency,
}

/// The text is no amount such as `12.50 EUR`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParseMoneyError {
    /// The currency code is unknown.
    #[error("unknown currency; ISO 4217 codes such as EUR are known")]
    Currency,
    /// The number is unreadable, negative, too large, or has more decimals than the currency.
    #[error("not an amount of money, such as 12.50 EUR")]
    Amount,
}

impl Currency {
    /// The euro: what a file uses unless told otherwise.
    pub const EUR: Self = Self(iso_currency::Currency::EUR);

    /// Three capital letters.
    pub fn code(self) -> &'static str {
        self.0.code()
    }

    /// How many decimals amounts are written with.
    pub fn decimals(self) -> u32 {
        u32::from(self.0.exponent().unwrap_or(0))
    }

    /// The number in the standard, for storage.
    pub fn numeric(self) -> u16 {
        self.0.numeric()
    }

    /// The currency with this number in the standard.
    pub fn from_numeric(number: u16) -> Option<Self> {
        iso_currency::Currency::from_numeric(number).map(Self)
    }

    /// An amount of this currency.
    pub const fn minor(self, amount_minor: i64) -> Money {
        Money { amount_minor, currency: self }
    }

    /// Reads a decimal amount of this currency, such as `12.50` or `12`.
    pub fn parse_amount(self, text: &str) -> Result<Money, ParseMoneyError> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        let decimals = self.decimals() as usize;
        if whole.is_empty() || !digits(whole) || !digits(fraction) || fraction.len() > decimals {
            return Err(ParseMoneyError::Amount);
        }
        let padded = format!("{whole}{fraction:0<decimals$}");
        padded.parse().map(|minor| self.minor(minor)).map_err(|_| ParseMoneyError::Amount)
    }
}

impl serde::Serialize for Currency {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.code())
    }
}

deserialize_as_text!(Currency);

impl FromStr for Currency {
    type Err = ParseMoneyError;

    fn from_str(text: &str) -> Result<Self, ParseMoneyError> {
        iso_currency::Currency::from_code(text).map(Self).ok_or(ParseMoneyError::Currency)
    }
}

impl Money {
    /// The amount alone, with the currency's decimals: `12.50`.
    pub fn amount(&self) -> String {
        let decimals = self.currency.decimals();
        let (unit, amount) = (10_u64.pow(decimals), self.amount_minor.unsigned_abs());
        let sign = if self.amount_minor < 0 { "-" } else { "" };
        let (whole, fraction) = (amount / unit, amount % unit);
        if decimals == 0 {
            format!("{sign}{whole}")
        } else {
            format!("{sign}{whole}.{fraction:0width$}", width = decimals as usize)
        }
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.amount(), self.currency.code())
    }
}

impl FromStr for Money {
    type Err = ParseMoneyError;

    fn from_str(text: &str) -> Result<Self, ParseMoneyError> {
        let (amount, code) = text.trim().split_once(' ').ok_or(ParseMoneyError::Amount)?;
        code.trim().parse::<Currency>()?.parse_amount(amount)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_keep_their_currency_s_decimals() {
        let yen: Money = "1250 JPY".parse().expect("yen");
        assert_eq!((yen.amount_minor, yen.to_string()), (1_250, "1250 JPY".into()));
        assert_eq!(Currency::EUR.parse_amount("7").expect("euros").amount_minor, 700);
        assert_eq!(Currency::EUR.minor(5).to_string(), "0.05 EUR");
        assert_eq!(Currency::EUR.minor(-50).to_string(), "-0.50 EUR", "a day of cancellations");
        assert_eq!(Currency::EUR.minor(i64::MIN).to_string(), "-92233720368547758.08 EUR");
        for bad in ["", "EUR", "1,5 EUR", "-1 EUR", "1.5 JPY", "1.234 EUR", "1 XQZ", "9e9 EUR"] {
            assert!(bad.parse::<Money>().is_err(), "{bad}");
        }
    }
}
