//! Ticket codes: short, unguessable, and readable back to their ticket without an index.

use super::{ParseIdError, ShowId, crockford};
use siphasher::sip::SipHasher24;
use std::fmt;
use std::str::FromStr;

/// Tickets a show can number: 26 bits.
pub const TICKETS_MAX: u32 = (1 << 26) - 1;
const HALF_BITS: u32 = 25;
const HALF_MASK: u64 = (1 << HALF_BITS) - 1;
/// Feistel rounds. Four make a strong pseudo-random permutation (Luby and Rackoff, 1988). Each is
/// SipHash-2-4 (Aumasson and Bernstein, 2012): made for short inputs under a secret key, and a tenth
/// of the work of a hash for long ones.
const ROUNDS: u8 = 4;

/// What a ticket shows at the door: 10 characters and a check character, `XXXXX-XXXXX-X`.
///
/// Parsed with or without dashes, in either case, with `O` read as `0` and `I`, `L` as `1`. The
/// check character catches every single wrong character and every swap of two.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TicketCode(u64);

/// A file's secret from which its ticket codes follow.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct TicketKey([u8; 32]);

impl TicketKey {
    /// A key with these bytes.
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes, for storage.
    pub const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The code of the `number`-th ticket of `show`.
    pub fn encode(&self, show: ShowId, number: u32) -> TicketCode {
        let bits = u64::from(show.get()) << 26 | u64::from(number & TICKETS_MAX);
        let halves = (0..ROUNDS).fold((bits >> HALF_BITS, bits & HALF_MASK), |(left, right), r| {
            (right, left ^ self.round(r, right))
        });
        TicketCode(halves.0 << HALF_BITS | halves.1)
    }

    /// The show and ticket number behind a code; `None` if it names no show.
    pub fn decode(&self, code: TicketCode) -> Option<(ShowId, u32)> {
        let start = (code.0 >> HALF_BITS, code.0 & HALF_MASK);
        let (left, right) =
            (0..ROUNDS).rev().fold(start, |(left, right), r| (right ^ self.round(r, left), left));
        let bits = left << HALF_BITS | right;
        Some((ShowId::new((bits >> 26) as u32)?, (bits as u32) & TICKETS_MAX))
    }

    fn round(&self, number: u8, half: u64) -> u64 {
        // Each half of the key makes every other round.
        let (first, second) = self.0.split_at(16);
        let half_key = if number.is_multiple_of(2) { first } else { second };
        let hasher = SipHasher24::new_with_key(half_key.first_chunk().unwrap_or(&[0; 16]));
        hasher.hash(&(half << 8 | u64::from(number)).to_le_bytes()) & HALF_MASK
    }
}

impl fmt::Debug for TicketKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TicketKey(..)")
    }
}

/// Multiplies by x in GF(32), modulo x^5 + x^2 + 1: the field that makes the check character
/// catch swaps as well as slips.
fn times_x(value: u8) -> u8 {
    let shifted = value << 1;
    if shifted & 32 == 0 { shifted } else { (shifted ^ 0b10_0101) & 31 }
}

fn check(body: &str) -> Option<u8> {
    body.chars().try_fold(0_u8, |sum, c| Some(times_x(sum) ^ crockford::value(c)?)).map(times_x)
}

impl fmt::Display for TicketCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let body = crockford::encode::<10>(u128::from(self.0));
        let (head, tail) = body.as_str().split_at(5);
        let last = crockford::symbol(check(body.as_str()).unwrap_or_default());
        write!(f, "{head}-{tail}-{last}")
    }
}

impl fmt::Debug for TicketCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for TicketCode {
    type Err = ParseIdError;

    fn from_str(text: &str) -> Result<Self, ParseIdError> {
        let wrong = ParseIdError { kind: "ticket code" };
        let plain: String = text.chars().filter(|c| *c != '-').collect();
        let last = plain.chars().last().and_then(crockford::value).ok_or(wrong)?;
        let body: String = plain.chars().take(10).collect();
        let bits = crockford::decode(&body, 10).ok_or(wrong)?;
        let whole = plain.chars().count() == 11 && check(&body) == Some(last);
        whole.then_some(Self(bits as u64)).ok_or(wrong)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_decode_to_their_ticket_and_do_not_collide() {
        let key = TicketKey::new([7; 32]);
        let show = ShowId::new(super::super::SHOW_ID_MAX).expect("a show");
        let codes: std::collections::HashSet<_> =
            (1..=5_000).map(|number| key.encode(show, number)).collect();
        assert_eq!(codes.len(), 5_000);
        assert_eq!(key.decode(key.encode(show, TICKETS_MAX)), Some((show, TICKETS_MAX)));
    }

    #[test]
    fn what_was_printed_stays_good() {
        let code = TicketKey::new([7; 32]).encode(ShowId::new(3).expect("a show"), 1);
        assert_eq!(code.to_string(), "WR09A-QC6PT-Z");
    }

    #[test]
    fn every_slip_and_every_swap_is_caught() {
        let code = TicketKey::new([1; 32]).encode(ShowId::new(4).expect("a show"), 12);
        let text = code.to_string().replace('-', "");
        assert_eq!(text.to_lowercase().parse(), Ok(code));
        let symbols: Vec<char> = text.chars().collect();
        for place in 0..symbols.len() {
            for value in 0..32 {
                let mut wrong = symbols.clone();
                wrong[place] = crockford::symbol(value);
                let read = wrong.iter().collect::<String>().parse::<TicketCode>();
                assert_eq!(read.is_ok(), wrong == symbols, "{wrong:?}");
            }
        }
        for place in 0..symbols.len() - 1 {
            let mut wrong = symbols.clone();
            wrong.swap(place, place + 1);
            let read = wrong.iter().collect::<String>().parse::<TicketCode>();
            assert_eq!(read.is_ok(), wrong == symbols, "{wrong:?}");
        }
    }
}
