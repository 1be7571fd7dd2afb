//! How many connections there may be: in all, and from one address.

use crate::options::Options;
use crate::origin::network;
use parking_lot::Mutex;
use std::collections::HashMap;
use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Connections that are being told that there are too many.
const TURNED_AWAY_AT_ONCE: usize = 64;
const TURNED_AWAY: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\n\
    content-type: application/problem+json\r\nretry-after: 1\r\nconnection: close\r\n\
    content-length: 163\r\n\r\n\
    {\"type\":\"urn:seatcore:problem:busy\",\"title\":\"Busy\",\"status\":503,\
    \"detail\":\"too many connections\",\"code\":\"busy\",\"retryable\":true,\"retry_after_ms\":1000}     ";

/// How many may come in.
#[derive(Debug)]
pub struct Doors {
    places: Arc<Semaphore>,
    by_address: Mutex<HashMap<IpAddr, usize>>,
    per_address: usize,
    unlimited: Vec<IpAddr>,
    turned_away: Arc<Semaphore>,
    encrypted: bool,
}

/// A place inside; given back when dropped.
#[derive(Debug)]
pub struct Place {
    doors: Arc<Doors>,
    address: IpAddr,
    _place: OwnedSemaphorePermit,
}

impl Doors {
    /// As many as the options say.
    pub fn new(options: &Options) -> Self {
        Self {
            places: Arc::new(Semaphore::new(options.limits.connections)),
            by_address: Mutex::default(),
            per_address: options.limits.connections_per_address,
            unlimited: options.trusted_proxies.clone(),
            turned_away: Arc::new(Semaphore::new(TURNED_AWAY_AT_ONCE)),
            encrypted: options.tls.is_some(),
        }
    }

    /// A place for a connection from this address; none if there are too many.
    pub fn enter(self: &Arc<Self>, address: IpAddr) -> Option<Place> {
        let address = address.to_canonical();
        let place = self.places.clone().try_acquire_owned().ok()?;
        let limited = !address.is_loopback() && !self.unlimited.contains(&address);
        let address = network(address);
        let mut by_address = self.by_address.lock();
        let count = by_address.entry(address).or_default();
        if limited && *count >= self.per_address {
            return None;
        }
        *count += 1;
        drop(by_address);
        Some(Place { doors: self.clone(), address, _place: place })
    }

    /// Says why, to as many as that is cheap for. Whoever expects TLS would not understand it.
    pub fn turn_away(self: Arc<Self>, mut stream: TcpStream) {
        if self.encrypted {
            return;
        }
        let Ok(permit) = self.turned_away.clone().try_acquire_owned() else { return };
        tokio::spawn(async move {
            let told = async {
                stream.write_all(TURNED_AWAY).await?;
                stream.shutdown().await?;
                // What was not read would reset the connection under the answer.
                let mut unread = [0; 1_024];
                while stream.read(&mut unread).await? > 0 {}
                io::Result::Ok(())
            };
            drop(tokio::time::timeout(Duration::from_millis(500), told).await);
            drop(permit);
        });
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut by_address = self.doors.by_address.lock();
        if let Some(count) = by_address.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                by_address.remove(&self.address);
            }
        }
    }
}
