//! Ranges of fields, and what they are ranges of: every face says them in the words of its own.

use crate::clock::Timestamp;
use crate::money::Currency;
use std::fmt;

/// What a field may be, both ends included.
///
/// ```
/// use seatcore::house::rejection::Unit;
/// assert_eq!(Unit::Seconds.range(1, 1_800).to_string(), "1 and 1800 seconds");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Range {
    /// The smallest value, in the unit.
    pub min: i64,
    /// The largest value, in the unit.
    pub max: i64,
    /// What is counted.
    pub unit: Unit,
}

/// What the numbers of a [`Range`] count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unit {
    /// Seats.
    Seats,
    /// Holds.
    Holds,
    /// Commands of a batch.
    Commands,
    /// What one page of a list has.
    Items,
    /// Characters of a text.
    Characters,
    /// Bytes of a text, in UTF-8, or of an image.
    Bytes,
    /// Whole seconds.
    Seconds,
    /// Whole minutes.
    Minutes,
    /// A moment: milliseconds since 1970, in UTC.
    Moment,
    /// Minor units of this currency, such as cents.
    Money(Currency),
}

impl Unit {
    /// From `min` to `max` of it, both included.
    pub const fn range(self, min: i64, max: i64) -> Range {
        Range { min, max, unit: self }
    }

    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Seats => "seats",
            Self::Holds => "holds",
            Self::Commands => "commands",
            Self::Items => "items",
            Self::Characters => "characters",
            Self::Bytes => "bytes",
            Self::Seconds => "seconds",
            Self::Minutes => "minutes",
            Self::Moment => "moment",
            Self::Money(_) => "amount_minor",
        }
    }
}

impl Range {
    /// Whether a value lies in it.
    pub const fn has(&self, value: i64) -> bool {
        self.min <= value && value <= self.max
    }
}

/// An end of a range of moments, as every calendar has it.
pub(crate) fn moment(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis).clamp(Timestamp::MIN, Timestamp::MAX)
}

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (min, max) = (self.min, self.max);
        match self.unit {
            Unit::Moment => write!(f, "{} and {}", moment(min), moment(max)),
            Unit::Money(currency) => {
                write!(f, "{} and {}", currency.minor(min).amount(), currency.minor(max))
            }
            unit => write!(f, "{min} and {max} {}", unit.as_str()),
        }
    }
}
