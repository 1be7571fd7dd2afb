//! Closed lists of words, such as roles and scopes: whoever says another one is told the list.

use std::fmt;

/// The text is none of the words that it may be.
///
/// ```
/// use seatcore::accounts::Role;
/// let error = "boss".parse::<Role>().unwrap_err();
/// assert_eq!(error.to_string(), "not a role: one of customer, staff, manager");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct ParseWordError {
    /// What the words are for.
    pub kind: &'static str,
    /// Every word that it may be.
    pub words: &'static [&'static str],
}

impl fmt::Display for ParseWordError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not a {}: one of {}", self.kind, self.words.join(", "))
    }
}

impl std::error::Error for ParseWordError {}

/// Reads a type that has `ALL` and `as_str` by its words.
macro_rules! parse_by_word {
    ($name:ty, $kind:literal) => {
        impl $name {
            /// The word of each.
            pub const WORDS: [&'static str; Self::ALL.len()] = {
                let (mut words, mut at) = ([""; Self::ALL.len()], 0);
                while at < words.len() {
                    words[at] = Self::ALL[at].as_str();
                    at += 1;
                }
                words
            };
        }

        impl std::str::FromStr for $name {
            type Err = crate::word::ParseWordError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                let place = Self::WORDS.iter().position(|word| *word == text);
                let found = place.and_then(|at| Self::ALL.get(at)).copied();
                found.ok_or(crate::word::ParseWordError { kind: $kind, words: &Self::WORDS })
            }
        }
    };
}
