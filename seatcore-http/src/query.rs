//! Query strings and path segments: percent-encoding, and parameters taken one by one.

use crate::refusal::Refusal;
use crate::wrong::Wrong;
use seatcore::house::rejection::Unit;
use std::borrow::Cow;
use std::fmt::Display;
use std::str::FromStr;

/// Undoes percent-encoding; none, if what it stands for is no text.
pub fn decoded(text: &str) -> Option<Cow<'_, str>> {
    if !text.contains('%') {
        return Some(Cow::Borrowed(text));
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        rest = behind;
        if *first != b'%' {
            bytes.push(*first);
            continue;
        }
        let (digits, behind) = behind.split_at_checked(2)?;
        let digits = std::str::from_utf8(digits).ok().filter(|d| !d.starts_with('+'))?;
        bytes.push(u8::from_str_radix(digits, 16).ok()?);
        rest = behind;
    }
    String::from_utf8(bytes).ok().map(Cow::Owned)
}

/// Parameters of a query, taken one by one like the fields of a body.
#[derive(Debug, Default)]
pub struct Query {
    parameters: Vec<(String, String)>,
    wrong: Wrong,
}

impl Query {
    /// Reads `a=1&b=x%20y`; `+` is a space.
    ///
    /// # Errors
    /// `invalid` with status 400, if it is not percent-encoded text.
    pub fn read(text: &str) -> Result<Self, Refusal> {
        let mut parameters: Vec<(String, String)> = Vec::new();
        for pair in text.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let plain = |text: &str| decoded(&text.replace('+', " ")).map(|text| text.into_owned());
            let (Some(name), Some(value)) = (plain(name), plain(value)) else {
                return Err(Refusal::unreadable("the query is not percent-encoded text"));
            };
            if parameters.iter().any(|(known, _)| *known == name) {
                return Err(Refusal::field(&name, "is given twice"));
            }
            parameters.push((name, value));
        }
        Ok(Self { parameters, wrong: Wrong::default() })
    }

    /// Takes a parameter; an empty one is as good as none.
    pub fn text(&mut self, name: &str) -> Option<String> {
        let at = self.parameters.iter().position(|(known, _)| known == name)?;
        Some(self.parameters.swap_remove(at).1).filter(|text| !text.is_empty())
    }

    /// Takes a parameter and reads it.
    pub fn parsed<T: FromStr<Err: Display>>(&mut self, name: &str) -> Option<T> {
        let text = self.text(name)?;
        match text.parse() {
            Ok(value) => Some(value),
            Err(error) => {
                self.wrong(name, format!("is not readable: {error}"));
                None
            }
        }
    }

    /// How many items a page may have: 1 to `max`.
    pub fn limit(&mut self, default: u32, max: u32) -> u32 {
        let limit = self
            .parsed::<u64>("limit")
            .map_or(default, |limit| u32::try_from(limit).unwrap_or(u32::MAX));
        if !(1..=max).contains(&limit) {
            self.wrong.out_of("limit", Unit::Items.range(1, i64::from(max)));
        }
        limit.min(max)
    }

    /// Says what is wrong with a parameter.
    pub fn wrong(&mut self, name: &str, detail: impl Into<String>) {
        self.wrong.unreadable(name, detail);
    }

    /// Says that a parameter names more than it may.
    pub fn too_many(&mut self, name: &str, most: usize) {
        self.wrong.too_far(name, format!("names more than {most}"));
    }

    /// Every parameter was asked for.
    ///
    /// # Errors
    /// `invalid`, naming every parameter that was wrong or is left over: with status 400, unless all
    /// of them could be read and are only out of range.
    pub fn finish(mut self) -> Result<(), Refusal> {
        for (name, _) in std::mem::take(&mut self.parameters) {
            let shown: String = name.chars().take(40).collect();
            self.wrong(&shown, "is not a parameter of this request");
        }
        self.wrong.finish()
    }
}

/// A query without one of its parameters, as it was written.
pub fn without(text: &str, name: &str) -> String {
    let others = text.split('&').filter(|pair| {
        !pair.is_empty() && pair.split('=').next().is_some_and(|known| known != name)
    });
    others.collect::<Vec<_>>().join("&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percent_encoding_is_undone_or_refused() {
        assert_eq!(decoded("stalls%2FA1").as_deref(), Some("stalls/A1"));
        assert_eq!(decoded("%C3%A9").as_deref(), Some("é"));
        for bad in ["%", "%2", "%zz", "%+1", "%ff"] {
            assert_eq!(decoded(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_parameter_is_given_once_and_known() {
        assert!(Query::read("a=1&a=2").is_err());
        let mut query = Query::read("limit=500&x=%20").expect("readable");
        assert_eq!(query.limit(50, 200), 200);
        let errors = query.finish().expect_err("wrong").problem.errors;
        assert_eq!(errors.len(), 2);
        assert_eq!(without("a=1&cursor=x&b=2", "cursor"), "a=1&b=2");
    }
}
