//! Failed sign-ins by address. Only failures count, so nobody is locked out by getting it right.

use crate::origin::network;
use hyper::header::HeaderName;
use parking_lot::Mutex;
use seatcore::clock::Stopwatch;
use std::collections::HashMap;
use std::net::IpAddr;
use std::time::Duration;

/// Failures an address may have in a [`WINDOW`].
pub const FAILURES_MAX: u32 = 20;
/// How long failures count.
const WINDOW: Duration = Duration::from_secs(60);
/// Addresses remembered: an attacker who has more is not stopped by counting.
const ADDRESSES_MAX: usize = 16_384;

const RATE_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const RATE: HeaderName = HeaderName::from_static("ratelimit");

/// Counts failures.
#[derive(Debug)]
pub struct Limiter {
    clock: Stopwatch,
    seen: Mutex<HashMap<IpAddr, Failures>>,
}

/// What is left of a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Left {
    /// Failures that are still allowed.
    pub failures: u32,
    /// When all of them are again.
    pub until: Duration,
}

impl Left {
    /// As the headers of the IETF's draft on rate limits say it.
    pub fn headers(self) -> [(HeaderName, String); 2] {
        let (window, until) = (WINDOW.as_secs(), self.until.as_millis().div_ceil(1_000));
        [
            (RATE_POLICY, format!("\"failed-sign-ins\";q={FAILURES_MAX};w={window}")),
            (RATE, format!("\"failed-sign-ins\";r={};t={until}", self.failures)),
        ]
    }
}

#[derive(Debug, Clone, Copy)]
struct Failures {
    since: Duration,
    count: u32,
}

impl Default for Limiter {
    fn default() -> Self {
        Self { clock: Stopwatch::start(), seen: Mutex::default() }
    }
}

impl Limiter {
    /// How long this address must wait; none if it need not.
    pub fn wait(&self, address: IpAddr) -> Option<Duration> {
        self.wait_at(address, self.clock.elapsed())
    }

    /// How many failures this address has left, and until when.
    pub fn left(&self, address: IpAddr) -> Left {
        self.left_at(address, self.clock.elapsed())
    }

    /// Counts a failure.
    pub fn failed(&self, address: IpAddr) {
        self.failed_at(address, self.clock.elapsed());
    }

    fn wait_at(&self, address: IpAddr, now: Duration) -> Option<Duration> {
        let seen = self.seen.lock();
        let failures = seen.get(&network(address))?;
        let left = (failures.since + WINDOW).checked_sub(now)?;
        (failures.count >= FAILURES_MAX).then_some(left)
    }

    fn left_at(&self, address: IpAddr, now: Duration) -> Left {
        let counted = self.seen.lock().get(&network(address)).copied();
        let until = |failures: Failures| (failures.since + WINDOW).checked_sub(now);
        match counted.and_then(|failures| Some((failures, until(failures)?))) {
            Some((Failures { count, .. }, until)) => {
                Left { failures: FAILURES_MAX.saturating_sub(count), until }
            }
            None => Left { failures: FAILURES_MAX, until: WINDOW },
        }
    }

    fn failed_at(&self, address: IpAddr, now: Duration) {
        let mut seen = self.seen.lock();
        if seen.len() >= ADDRESSES_MAX {
            seen.retain(|_, failures| now < failures.since + WINDOW);
        }
        if seen.len() >= ADDRESSES_MAX {
            seen.clear();
        }
        let failures = seen.entry(network(address)).or_insert(Failures { since: now, count: 0 });
        if now >= failures.since + WINDOW {
            *failures = Failures { since: now, count: 0 };
        }
        failures.count += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twenty_failures_close_the_door_for_the_rest_of_a_minute() {
        let (limiter, ann) = (Limiter::default(), IpAddr::from([10, 0, 0, 1]));
        let at = Duration::from_secs;
        for _ in 0..FAILURES_MAX {
            assert_eq!(limiter.wait_at(ann, at(5)), None);
            limiter.failed_at(ann, at(5));
        }
        assert_eq!(limiter.wait_at(ann, at(35)), Some(at(30)));
        assert_eq!(limiter.left_at(ann, at(35)), Left { failures: 0, until: at(30) });
        assert_eq!(limiter.wait_at(IpAddr::from([10, 0, 0, 2]), at(35)), None);
        assert_eq!(limiter.wait_at(ann, at(66)), None);
        assert_eq!(limiter.left_at(ann, at(66)), Left { failures: FAILURES_MAX, until: WINDOW });
    }

    #[test]
    fn what_is_remembered_stays_small() {
        let limiter = Limiter::default();
        for number in 0..50_000_u32 {
            limiter.failed_at(IpAddr::from(number.to_be_bytes()), Duration::ZERO);
        }
        assert!(limiter.seen.lock().len() <= ADDRESSES_MAX);
    }
}
