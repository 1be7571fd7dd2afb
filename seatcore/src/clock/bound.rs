//! A bound of engine time, for readers who look so often that reading three clocks would be most of
//! what they pay.

use super::{Timestamp, nanos};
use std::sync::atomic::{AtomicI64, Ordering};

/// A look at the system's clocks that reads only one of them exactly.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Glance {
    /// As [`super::Clock::monotonic`], in nanoseconds.
    monotonic: i64,
    /// How the wall clock is set: how far it lies ahead of a monotonic one, in nanoseconds. Both are
    /// read as of the kernel's last tick, so it stays the same number until somebody sets the clock
    /// or the machine sleeps; a tick between the two makes it another one, once.
    setting: i64,
}

impl Glance {
    /// How things stand.
    pub(crate) fn now() -> Self {
        use rustix::time::ClockId;
        let monotonic = nanos(ClockId::Boottime);
        // Last, so that a clock that was set meanwhile shows.
        let setting = nanos(ClockId::RealtimeCoarse) - nanos(ClockId::MonotonicCoarse);
        Self { monotonic, setting }
    }

    /// Milliseconds of the monotonic clock.
    pub(crate) const fn monotonic_ms(self) -> u64 {
        (self.monotonic / NANOS_PER_MILLI) as u64
    }
}

const NANOS_PER_MILLI: i64 = 1_000_000;

/// Engine time for readers in a hurry, on the system's clocks: a bound that it has not passed.
#[derive(Debug)]
pub(super) struct Bound {
    /// Nanoseconds by which engine time lies at most ahead of the monotonic clock.
    ahead: AtomicI64,
    /// For which setting of the wall clock that is so.
    setting: AtomicI64,
}

impl Bound {
    /// Nobody's yet.
    pub(super) const fn unknown() -> Self {
        Self { ahead: AtomicI64::new(0), setting: AtomicI64::new(i64::MIN) }
    }

    /// A bound that holds from the glance on, which was taken before `latest` was read.
    pub(super) fn publish(&self, glance: Glance, latest: Timestamp) {
        // A whole millisecond more, as moments are rounded down.
        let latest = latest.0.saturating_add(1).saturating_mul(NANOS_PER_MILLI);
        // No glance has this setting, so nobody joins the new number to the old one.
        self.setting.store(i64::MIN, Ordering::SeqCst);
        self.ahead.store(latest.saturating_sub(glance.monotonic), Ordering::SeqCst);
        self.setting.store(glance.setting, Ordering::SeqCst);
    }

    pub(super) fn is_before(&self, moment: Timestamp, glance: Glance) -> bool {
        let is_known = || self.setting.load(Ordering::SeqCst) == glance.setting;
        let before = is_known();
        let latest = glance.monotonic.saturating_add(self.ahead.load(Ordering::SeqCst));
        before && is_known() && latest < moment.0.saturating_mul(NANOS_PER_MILLI)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SET: i64 = 1_790_000_000_000_000_000;

    fn glance(millis: i64, setting: i64) -> Glance {
        Glance { monotonic: millis * NANOS_PER_MILLI, setting }
    }

    #[test]
    fn a_bound_says_before_only_while_it_is_certain() {
        let (bound, start) = (Bound::unknown(), Timestamp::from_millis(1_800_000_000_000));
        assert!(!bound.is_before(start, glance(0, SET)), "nothing is known");
        bound.publish(glance(500, SET), start);
        let deadline = Timestamp::from_millis(start.millis() + 10);
        assert!(bound.is_before(deadline, glance(508, SET)));
        assert!(!bound.is_before(deadline, glance(509, SET)), "moments are rounded down");
        assert!(!bound.is_before(deadline, glance(508, SET + 1)), "the clock was set");
        bound.publish(glance(508, SET + 1), deadline);
        assert!(!bound.is_before(deadline, glance(508, SET + 1)), "time came nearer");
    }
}
