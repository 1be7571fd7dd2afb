//! What an address may do how often: be wrong when it signs in, and register.

use crate::origin::network;
use hyper::header::HeaderName;
use parking_lot::Mutex;
use seatcore::clock::Stopwatch;
use std::collections::HashMap;
use std::net::IpAddr;
use std::time::Duration;

/// Failed sign-ins of an address in a [`WINDOW`]. Only failures count, so nobody is locked out by
/// getting it right.
pub const FAILURES_MAX: u32 = 20;
/// Registrations of an address in a [`WINDOW`]: a school class in a minute, no flood that keeps
/// everybody else from signing in.
pub const REGISTRATIONS_MAX: u32 = 30;
/// How long something counts.
const WINDOW: Duration = Duration::from_secs(60);
/// Addresses remembered: an attacker who has more is not stopped by counting.
const ADDRESSES_MAX: usize = 16_384;

const RATE_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const RATE: HeaderName = HeaderName::from_static("ratelimit");

/// Counts one thing by address.
#[derive(Debug)]
pub struct Limiter {
    counted: &'static str,
    max: u32,
    clock: Stopwatch,
    seen: Mutex<HashMap<IpAddr, Seen>>,
}

/// What is left of a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Left {
    counted: &'static str,
    max: u32,
    /// How often it is still allowed.
    pub times: u32,
    /// When all of them are again.
    pub until: Duration,
}

impl Left {
    /// As the headers of the IETF's draft on rate limits say it.
    pub fn headers(self) -> [(HeaderName, String); 2] {
        let Self { counted, max, times, until } = self;
        let (window, until) = (WINDOW.as_secs(), until.as_millis().div_ceil(1_000));
        [
            (RATE_POLICY, format!("\"{counted}\";q={max};w={window}")),
            (RATE, format!("\"{counted}\";r={times};t={until}")),
        ]
    }
}

#[derive(Debug, Clone, Copy)]
struct Seen {
    since: Duration,
    count: u32,
}

impl Limiter {
    /// For failed sign-ins.
    pub fn of_failures() -> Self {
        Self::new("failed-sign-ins", FAILURES_MAX)
    }

    /// For registrations.
    pub fn of_registrations() -> Self {
        Self::new("registrations", REGISTRATIONS_MAX)
    }

    fn new(counted: &'static str, max: u32) -> Self {
        Self { counted, max, clock: Stopwatch::start(), seen: Mutex::default() }
    }

    /// How long this address must wait; none if it need not.
    pub fn wait(&self, address: IpAddr) -> Option<Duration> {
        self.wait_at(address, self.clock.elapsed())
    }

    /// How often this address may still, and until when.
    pub fn left(&self, address: IpAddr) -> Left {
        self.left_at(address, self.clock.elapsed())
    }

    /// Counts one more.
    pub fn count(&self, address: IpAddr) {
        self.count_at(address, self.clock.elapsed());
    }

    fn wait_at(&self, address: IpAddr, now: Duration) -> Option<Duration> {
        let seen = self.seen.lock();
        let seen = seen.get(&network(address))?;
        let left = (seen.since + WINDOW).checked_sub(now)?;
        (seen.count >= self.max).then_some(left)
    }

    fn left_at(&self, address: IpAddr, now: Duration) -> Left {
        let (counted, max) = (self.counted, self.max);
        let seen = self.seen.lock().get(&network(address)).copied();
        let until = |seen: Seen| (seen.since + WINDOW).checked_sub(now);
        match seen.and_then(|seen| Some((seen, until(seen)?))) {
            Some((Seen { count, .. }, until)) => {
                Left { counted, max, times: max.saturating_sub(count), until }
            }
            None => Left { counted, max, times: max, until: WINDOW },
        }
    }

    fn count_at(&self, address: IpAddr, now: Duration) {
        let mut seen = self.seen.lock();
        if seen.len() >= ADDRESSES_MAX {
            seen.retain(|_, seen| now < seen.since + WINDOW);
        }
        if seen.len() >= ADDRESSES_MAX {
            seen.clear();
        }
        let seen = seen.entry(network(address)).or_insert(Seen { since: now, count: 0 });
        if now >= seen.since + WINDOW {
            *seen = Seen { since: now, count: 0 };
        }
        seen.count += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twenty_failures_close_the_door_for_the_rest_of_a_minute() {
        let (limiter, ann) = (Limiter::of_failures(), IpAddr::from([10, 0, 0, 1]));
        let at = Duration::from_secs;
        for _ in 0..FAILURES_MAX {
            assert_eq!(limiter.wait_at(ann, at(5)), None);
            limiter.count_at(ann, at(5));
        }
        assert_eq!(limiter.wait_at(ann, at(35)), Some(at(30)));
        let left = |now| (limiter.left_at(ann, now).times, limiter.left_at(ann, now).until);
        assert_eq!(left(at(35)), (0, at(30)));
        assert_eq!(limiter.wait_at(IpAddr::from([10, 0, 0, 2]), at(35)), None);
        assert_eq!(limiter.wait_at(ann, at(66)), None);
        assert_eq!(left(at(66)), (FAILURES_MAX, WINDOW));
    }

    #[test]
    fn what_is_remembered_stays_small() {
        let limiter = Limiter::of_failures();
        for number in 0..50_000_u32 {
            limiter.count_at(IpAddr::from(number.to_be_bytes()), Duration::ZERO);
        }
        assert!(limiter.seen.lock().len() <= ADDRESSES_MAX);
    }
}
