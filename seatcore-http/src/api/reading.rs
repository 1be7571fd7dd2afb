//! Fields that several requests have.

use crate::json::Fields;
use seatcore::money::{Currency, Money};

/// `{"amount_minor":1250,"currency":"EUR"}`; euros, unless another currency is named.
pub fn money(fields: &mut Fields<'_>, name: &str) -> Option<Money> {
    let mut inner = fields.object(name)?;
    let amount = inner.required("amount_minor", Fields::number::<i64>);
    let named = inner.has("currency");
    let currency = inner.parsed::<Currency>("currency");
    fields.close(inner);
    let currency = if named { currency? } else { Currency::EUR };
    Some(currency.minor(amount?))
}

/// A list of seats, as labels.
pub fn seats(fields: &mut Fields<'_>, name: &str) -> Option<Vec<String>> {
    Some(fields.texts(name)?.into_iter().map(|seat| seat.into_owned()).collect())
}

/// A text of one's own.
pub fn owned(fields: &mut Fields<'_>, name: &str) -> Option<String> {
    fields.text(name).map(|text| text.into_owned())
}

/// Whole seconds.
pub fn seconds(fields: &mut Fields<'_>, name: &str) -> Option<std::time::Duration> {
    fields.number::<u32>(name).map(|seconds| std::time::Duration::from_secs(u64::from(seconds)))
}
