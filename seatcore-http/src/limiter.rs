//! Failed sign-ins by address. Only failures count, so nobody is locked out by getting it right.

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

/// Counts failures.
#[derive(Debug)]
pub struct Limiter {
    clock: Stopwatch,
    seen: Mutex<HashMap<IpAddr, Failures>>,
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

/// One customer of a provider has a whole /64 of IPv6 addresses.
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V6(six) => match six.to_ipv4_mapped() {
            Some(four) => IpAddr::V4(four),
            None => IpAddr::V6((u128::from(six) >> 64 << 64).into()),
        },
        four => four,
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
        assert_eq!(limiter.wait_at(IpAddr::from([10, 0, 0, 2]), at(35)), None);
        assert_eq!(limiter.wait_at(ann, at(66)), None);
    }

    #[test]
    fn what_is_remembered_stays_small() {
        let limiter = Limiter::default();
        for number in 0..50_000_u32 {
            limiter.failed_at(IpAddr::from(number.to_be_bytes()), Duration::ZERO);
        }
        assert!(limiter.seen.lock().len() <= ADDRESSES_MAX);
    }

    #[test]
    fn a_whole_network_of_ipv6_is_one_address() {
        let six = |text: &str| network(text.parse().expect("an address"));
        assert_eq!(six("2001:db8::1"), six("2001:db8::ffff:1"));
        assert_ne!(six("2001:db8::1"), six("2001:db8:0:1::1"));
        assert_eq!(six("::ffff:10.0.0.1"), IpAddr::from([10, 0, 0, 1]));
    }
}
