//! How many may listen: in all, and from one address.

use crate::metrics::Gauge;
use crate::options::StreamLimits;
use crate::origin::network;
use parking_lot::Mutex;
use rustc_hash::FxHashMap;
use std::net::IpAddr;
use std::sync::Arc;

/// Places for listeners.
#[derive(Debug)]
pub struct Places {
    limits: StreamLimits,
    taken: Mutex<Taken>,
    gauge: Arc<Gauge>,
}

#[derive(Debug, Default)]
struct Taken {
    all: usize,
    by_address: FxHashMap<IpAddr, usize>,
}

/// A place; given back when dropped.
#[derive(Debug)]
pub struct Place {
    places: Arc<Places>,
    address: IpAddr,
}

impl Places {
    /// So many, counted in a gauge too.
    pub fn new(limits: StreamLimits, gauge: Arc<Gauge>) -> Self {
        Self { limits, taken: Mutex::default(), gauge }
    }

    /// A place for a listener at this address; this machine itself is not limited.
    pub fn take(self: &Arc<Self>, address: IpAddr) -> Option<Place> {
        let mut taken = self.taken.lock();
        let local = address.is_loopback();
        let address = network(address);
        let own = taken.by_address.get(&address).copied().unwrap_or_default();
        let crowded = own >= self.limits.per_address && !local;
        if taken.all >= self.limits.all || crowded {
            return None;
        }
        taken.all += 1;
        taken.by_address.insert(address, own + 1);
        self.gauge.enter();
        Some(Place { places: self.clone(), address })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.places.taken.lock();
        taken.all -= 1;
        if let Some(own) = taken.by_address.get_mut(&self.address) {
            *own -= 1;
            if *own == 0 {
                taken.by_address.remove(&self.address);
            }
        }
        self.places.gauge.leave();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(all: usize, per_address: usize) -> Arc<Places> {
        let limits = StreamLimits { all, per_address, ..StreamLimits::default() };
        Arc::new(Places::new(limits, Arc::default()))
    }

    #[test]
    fn one_address_cannot_take_every_place() {
        let places = places(5, 2);
        let (ann, bob) = (IpAddr::from([10, 0, 0, 1]), IpAddr::from([10, 0, 0, 2]));
        let first = places.take(ann).expect("a place");
        let _second = places.take(ann).expect("a place");
        assert!(places.take(ann).is_none());
        let _other = places.take(bob).expect("a place for somebody else");
        drop(first);
        assert!(places.take(ann).is_some(), "a place given back is free");
    }

    #[test]
    fn all_places_together_are_limited_and_this_machine_has_as_many_as_there_are() {
        let places = places(3, 1);
        let here = IpAddr::from([127, 0, 0, 1]);
        let taken: Vec<_> = (0..3).map(|_| places.take(here).expect("a place")).collect();
        assert!(places.take(IpAddr::from([10, 0, 0, 1])).is_none());
        assert_eq!(places.gauge.get(), 3);
        drop(taken);
        assert_eq!(places.gauge.get(), 0);
    }
}
