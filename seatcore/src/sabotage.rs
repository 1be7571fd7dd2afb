//! Breaking one rule on purpose, to see that the tests notice. Without the feature `sabotage`
//! every question here is `false` at compile time, and nothing of it is left in the program.

/// Whether the rule with this name is to be broken: `SEATCORE_SABOTAGE` names one.
#[cfg(feature = "sabotage")]
pub(crate) fn on(name: &str) -> bool {
    static NAMED: std::sync::OnceLock<Option<String>> = std::sync::OnceLock::new();
    NAMED.get_or_init(|| std::env::var("SEATCORE_SABOTAGE").ok()).as_deref() == Some(name)
}

/// Never.
#[cfg(not(feature = "sabotage"))]
#[inline(always)]
pub(crate) const fn on(_: &str) -> bool {
    false
}
