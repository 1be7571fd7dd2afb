//! Names of requests: the caller's own where it is sane, else one of ours.

use hyper::HeaderMap;
use hyper::header::{HeaderName, HeaderValue};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

/// The header, both ways.
pub const HEADER: HeaderName = HeaderName::from_static("x-request-id");
/// Longest that is taken over.
const LENGTH_MAX: usize = 64;

/// A request's name, as the header that carries it.
#[derive(Debug, Clone)]
pub struct RequestId(HeaderValue);

impl RequestId {
    /// The name a request brought, or a new one.
    pub fn of(headers: &HeaderMap) -> Self {
        let mut lines = headers.get_all(HEADER).iter();
        let brought = lines.next().filter(|line| lines.next().is_none() && is_sane(line));
        brought.map_or_else(Self::mint, |line| Self(line.clone()))
    }

    /// Twenty characters that no other request of any process has.
    fn mint() -> Self {
        static PROCESS: OnceLock<u64> = OnceLock::new();
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let process = *PROCESS.get_or_init(|| {
            let mut bytes = [0; 8];
            // Without randomness the counter still tells one process' requests apart.
            let _filled = getrandom::fill(&mut bytes);
            u64::from_le_bytes(bytes) & 0xFFFF_FFFF_FFFF
        });
        let number = NEXT.fetch_add(1, Ordering::Relaxed) & 0xFFFF_FFFF;
        let mut bits = u128::from(process) << 32 | u128::from(number);
        let mut text = [0; 20];
        for place in text.iter_mut().rev() {
            let digit = (bits & 0xF) as u8;
            *place = digit + if digit < 10 { b'0' } else { b'a' - 10 };
            bits >>= 4;
        }
        Self(HeaderValue::from_bytes(&text).unwrap_or_else(|_| HeaderValue::from_static("-")))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        self.0.to_str().unwrap_or_default()
    }

    /// The name, to be sent.
    pub const fn header(&self) -> &HeaderValue {
        &self.0
    }
}

fn is_sane(text: &HeaderValue) -> bool {
    let plain = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b':');
    (1..=LENGTH_MAX).contains(&text.len()) && text.as_bytes().iter().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sane_name_is_kept_and_another_is_replaced() {
        let named = |text: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(HEADER, text.parse().expect("a header"));
            RequestId::of(&headers).as_str().to_owned()
        };
        assert_eq!(named("order-17.retry:2"), "order-17.retry:2");
        for odd in ["", "a b", "<script>", &"x".repeat(65)] {
            assert_eq!(named(odd).len(), 20, "{odd:?}");
        }
        assert_ne!(named(""), named(""));
        assert!(named("").bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b)));
    }
}
