//! Record bodies as bytes: small, versioned, and decodable for ever.
//!
//! A body is a version byte, a flags byte, what the flags announce (caller, key, span), the face,
//! and the fact's fields. Numbers are LEB128 varints, seats are differences from the one before,
//! and prices are said once when they are all the same.

use crate::catalogue::price::Prices;
use crate::catalogue::show::{Opening, Sales, ShowLimits, Terms};
use crate::clock::Timestamp;
use crate::house::event::archive::Archive;
use crate::house::event::note::Note;
use crate::house::event::{Caller, Entry, Fact, Key, Kind, Part, Rest, Source, Term};
use crate::house::hold::SeatPrice;
use crate::id::{HoldId, Holder, LayoutHash, MovieId, ScreenId, SeatIndex};
use crate::money::Currency;

/// The version that this release writes.
const VERSION: u8 = 1;
const HAS_KEY: u8 = 1;
const HAS_SPAN: u8 = 2;
const HAS_CALLER: u8 = 4;
const STAFF: u8 = 8;

/// The bytes are no record that this release can read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("undecodable record body")]
pub struct Undecodable;

/// Collects bytes.
#[derive(Debug, Default)]
pub struct Writer(Vec<u8>);

impl Writer {
    /// An empty writer with room for an ordinary record.
    pub fn new() -> Self {
        Self(Vec::with_capacity(192))
    }

    /// What was written.
    pub fn finish(self) -> Vec<u8> {
        self.0
    }

    /// One byte.
    pub fn byte(&mut self, byte: u8) {
        self.0.push(byte);
    }

    /// Bytes as they are; their number must be known to the reader.
    pub fn raw(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    /// An unsigned number.
    pub fn number(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.0.push(number as u8 | 0x80);
            number >>= 7;
        }
        self.0.push(number as u8);
    }

    /// A signed number, zigzag.
    pub fn signed(&mut self, number: i64) {
        self.number((number << 1 ^ number >> 63) as u64);
    }

    /// Text with its length.
    pub fn text(&mut self, text: &str) {
        self.number(text.len() as u64);
        self.raw(text.as_bytes());
    }

    /// Text or nothing.
    pub fn maybe_text(&mut self, text: Option<&str>) {
        self.byte(u8::from(text.is_some()));
        if let Some(text) = text {
            self.text(text);
        }
    }

    /// A moment.
    pub fn moment(&mut self, at: Timestamp) {
        self.signed(at.millis());
    }

    /// Seats with their prices.
    pub fn seats(&mut self, seats: &[SeatPrice]) {
        let first = seats.first().map_or(0, |seat| seat.price);
        let uniform = seats.iter().all(|seat| seat.price == first);
        self.number((seats.len() as u64) << 1 | u64::from(uniform));
        let mut before = 0_i64;
        for seat in seats {
            self.signed(i64::from(seat.seat.0) - before);
            before = i64::from(seat.seat.0);
            if !uniform {
                self.number(u64::from(seat.price));
            }
        }
        if uniform {
            self.number(u64::from(first));
        }
    }
}

/// Takes bytes apart; never panics, whatever they are.
#[derive(Debug)]
pub struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    /// Reads from `bytes`.
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// Whether nothing is left.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// One byte.
    pub fn byte(&mut self) -> Result<u8, Undecodable> {
        let (first, rest) = self.0.split_first().ok_or(Undecodable)?;
        self.0 = rest;
        Ok(*first)
    }

    /// This many bytes.
    pub fn raw(&mut self, len: usize) -> Result<&'a [u8], Undecodable> {
        let (bytes, rest) = self.0.split_at_checked(len).ok_or(Undecodable)?;
        self.0 = rest;
        Ok(bytes)
    }

    /// An array of bytes.
    pub fn array<const LEN: usize>(&mut self) -> Result<[u8; LEN], Undecodable> {
        self.raw(LEN)?.try_into().map_err(|_| Undecodable)
    }

    /// An unsigned number.
    pub fn number(&mut self) -> Result<u64, Undecodable> {
        let mut number = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            if shift == 63 && byte > 1 {
                return Err(Undecodable);
            }
            number |= u64::from(byte & 0x7F) << shift;
            if byte < 0x80 {
                return Ok(number);
            }
        }
        Err(Undecodable)
    }

    /// An unsigned number of a narrower kind.
    pub fn small<T: TryFrom<u64>>(&mut self) -> Result<T, Undecodable> {
        T::try_from(self.number()?).map_err(|_| Undecodable)
    }

    /// A count of things of at least one byte each: what is left bounds it.
    pub fn count(&mut self) -> Result<usize, Undecodable> {
        let count: usize = self.small()?;
        if count <= self.0.len() { Ok(count) } else { Err(Undecodable) }
    }

    /// A signed number.
    pub fn signed(&mut self) -> Result<i64, Undecodable> {
        let number = self.number()?;
        Ok((number >> 1) as i64 ^ -((number & 1) as i64))
    }

    /// Text with its length.
    pub fn text(&mut self) -> Result<&'a str, Undecodable> {
        let len = self.count()?;
        std::str::from_utf8(self.raw(len)?).map_err(|_| Undecodable)
    }

    /// Text or nothing.
    pub fn maybe_text(&mut self) -> Result<Option<Box<str>>, Undecodable> {
        match self.byte()? {
            0 => Ok(None),
            1 => Ok(Some(self.text()?.into())),
            _ => Err(Undecodable),
        }
    }

    /// A moment.
    pub fn moment(&mut self) -> Result<Timestamp, Undecodable> {
        Ok(Timestamp::from_millis(self.signed()?))
    }

    /// A holder.
    pub fn holder(&mut self) -> Result<Holder, Undecodable> {
        Holder::parse(self.text()?).map_err(|_| Undecodable)
    }

    /// A hold's id.
    pub fn hold(&mut self) -> Result<HoldId, Undecodable> {
        Ok(HoldId::from_bits(u128::from_be_bytes(self.array()?)))
    }

    /// Seats with their prices.
    pub fn seats(&mut self) -> Result<Vec<SeatPrice>, Undecodable> {
        let head = self.number()?;
        let (count, uniform) =
            (usize::try_from(head >> 1).map_err(|_| Undecodable)?, head & 1 == 1);
        if count > self.0.len() {
            return Err(Undecodable);
        }
        let mut seats = Vec::with_capacity(count);
        let mut before = 0_i64;
        for _ in 0..count {
            before = before.checked_add(self.signed()?).ok_or(Undecodable)?;
            let seat = SeatIndex(u32::try_from(before).map_err(|_| Undecodable)?);
            let price = if uniform { 0 } else { self.small()? };
            seats.push(SeatPrice { seat, price });
        }
        if uniform {
            let price = self.small()?;
            seats.iter_mut().for_each(|seat| seat.price = price);
        }
        Ok(seats)
    }
}

/// Writes an entry's body.
pub fn encode(entry: &Entry) -> Vec<u8> {
    let mut out = Writer::new();
    out.byte(VERSION);
    let staff = matches!(entry.caller, Caller::Staff(_));
    let flags = [
        (entry.key.is_some(), HAS_KEY),
        (entry.span != 1, HAS_SPAN),
        (entry.caller.name().is_some(), HAS_CALLER),
        (staff, STAFF),
    ];
    out.byte(flags.iter().filter(|(set, _)| *set).fold(0, |sum, (_, flag)| sum | flag));
    if let Some(key) = &entry.key {
        out.raw(&key.tag);
        out.raw(&key.fingerprint.to_le_bytes());
    }
    if entry.span != 1 {
        out.number(u64::from(entry.span));
    }
    if let Some(name) = entry.caller.name() {
        out.text(name.as_str());
    }
    out.byte(entry.source.to_byte());
    encode_fact(&entry.fact, &mut out);
    out.finish()
}

/// Reads an entry's body; refuses an unknown version and bytes left over.
pub fn decode(kind: Kind, body: &[u8]) -> Result<Entry, Undecodable> {
    let mut from = Reader::new(body);
    if from.byte()? != VERSION {
        return Err(Undecodable);
    }
    let flags = from.byte()?;
    let has = |flag: u8| flags & flag != 0;
    let key = if has(HAS_KEY) {
        let tag = from.array()?;
        Some(Key { tag, fingerprint: u64::from_le_bytes(from.array()?) })
    } else {
        None
    };
    let span = if has(HAS_SPAN) { from.small()? } else { 1 };
    let caller = match (has(HAS_CALLER), has(STAFF)) {
        (false, _) => Caller::Unnamed,
        (true, false) => Caller::Holder(from.holder()?),
        (true, true) => Caller::Staff(from.holder()?),
    };
    let source = Source::from_byte(from.byte()?).ok_or(Undecodable)?;
    let fact = decode_fact(kind, &mut from)?;
    if from.is_empty() { Ok(Entry { fact, caller, source, key, span }) } else { Err(Undecodable) }
}

fn encode_fact(fact: &Fact, out: &mut Writer) {
    match fact {
        Fact::ShowOpened(opening) => encode_opening(opening, out),
        Fact::ShowChanged(terms) => encode_terms(terms, out),
        Fact::ShowCancelled { reason } => out.maybe_text(reason.as_deref()),
        Fact::Held { part, term } | Fact::Extended { part, term } => {
            encode_part(part, out);
            encode_term(term, out);
        }
        Fact::Booked { part, from, first_ticket, rest } => {
            encode_part(part, out);
            out.raw(&from.bits().to_be_bytes());
            out.number(u64::from(*first_ticket));
            encode_rest(rest, out);
        }
        Fact::Released { part, rest } => {
            encode_part(part, out);
            encode_rest(rest, out);
        }
        Fact::Expired { part } | Fact::Blocked { part } | Fact::Unblocked { part } => {
            encode_part(part, out);
        }
        Fact::Cancelled { part, booked_at, first_ticket, reason } => {
            encode_part(part, out);
            out.moment(*booked_at);
            out.number(u64::from(*first_ticket));
            out.maybe_text(reason.as_deref());
        }
        Fact::Noted(note) => note.encode(out),
        Fact::ClockAccepted { wall } => out.moment(*wall),
        Fact::Archived(archive) => archive.encode(out),
    }
}

fn decode_fact(kind: Kind, from: &mut Reader<'_>) -> Result<Fact, Undecodable> {
    Ok(match kind {
        Kind::ShowOpened => Fact::ShowOpened(Box::new(decode_opening(from)?)),
        Kind::ShowChanged => Fact::ShowChanged(Box::new(decode_terms(from)?)),
        Kind::ShowCancelled => Fact::ShowCancelled { reason: from.maybe_text()? },
        Kind::Held => Fact::Held { part: decode_part(from)?, term: decode_term(from)? },
        Kind::Extended => Fact::Extended { part: decode_part(from)?, term: decode_term(from)? },
        Kind::Booked => Fact::Booked {
            part: decode_part(from)?,
            from: from.hold()?,
            first_ticket: from.small()?,
            rest: decode_rest(from)?,
        },
        Kind::Released => Fact::Released { part: decode_part(from)?, rest: decode_rest(from)? },
        Kind::Expired => Fact::Expired { part: decode_part(from)? },
        Kind::Blocked => Fact::Blocked { part: decode_part(from)? },
        Kind::Unblocked => Fact::Unblocked { part: decode_part(from)? },
        Kind::Cancelled => Fact::Cancelled {
            part: decode_part(from)?,
            booked_at: from.moment()?,
            first_ticket: from.small()?,
            reason: from.maybe_text()?,
        },
        Kind::Noted => Fact::Noted(Note::decode(from)?),
        Kind::ClockAccepted => Fact::ClockAccepted { wall: from.moment()? },
        Kind::Archived => Fact::Archived(Box::new(Archive::decode(from)?)),
    })
}

fn encode_part(part: &Part, out: &mut Writer) {
    out.raw(&part.hold.bits().to_be_bytes());
    out.text(part.holder.as_str());
    out.seats(&part.seats);
    out.maybe_text(part.reference.as_deref());
}

fn decode_part(from: &mut Reader<'_>) -> Result<Part, Undecodable> {
    Ok(Part {
        hold: from.hold()?,
        holder: from.holder()?,
        seats: from.seats()?,
        reference: from.maybe_text()?,
    })
}

fn encode_term(term: &Term, out: &mut Writer) {
    out.moment(term.acquired_at);
    out.signed(term.expires_at.millis() - term.acquired_at.millis());
}

fn decode_term(from: &mut Reader<'_>) -> Result<Term, Undecodable> {
    let acquired_at = from.moment()?;
    let life = from.signed()?;
    let expires = acquired_at.millis().checked_add(life).ok_or(Undecodable)?;
    Ok(Term { acquired_at, expires_at: Timestamp::from_millis(expires) })
}

fn encode_rest(rest: &Rest, out: &mut Writer) {
    match rest {
        Rest::None => out.byte(0),
        Rest::Released(seats) => {
            out.byte(1);
            out.seats(seats);
        }
        Rest::Kept(seats, term) => {
            out.byte(2);
            out.seats(seats);
            encode_term(term, out);
        }
    }
}

fn decode_rest(from: &mut Reader<'_>) -> Result<Rest, Undecodable> {
    match from.byte()? {
        0 => Ok(Rest::None),
        1 => Ok(Rest::Released(from.seats()?)),
        2 => Ok(Rest::Kept(from.seats()?, decode_term(from)?)),
        _ => Err(Undecodable),
    }
}

pub(crate) fn encode_opening(opening: &Opening, out: &mut Writer) {
    out.number(u64::from(opening.movie.get()));
    out.number(u64::from(opening.screen.get()));
    out.raw(&opening.layout.0);
    encode_terms(&opening.terms, out);
}

pub(crate) fn decode_opening(from: &mut Reader<'_>) -> Result<Opening, Undecodable> {
    Ok(Opening {
        movie: MovieId::new(from.small()?).ok_or(Undecodable)?,
        screen: ScreenId::new(from.small()?).ok_or(Undecodable)?,
        layout: LayoutHash(from.array()?),
        terms: decode_terms(from)?,
    })
}

fn encode_terms(terms: &Terms, out: &mut Writer) {
    out.moment(terms.starts_at);
    out.moment(terms.ends_at);
    out.moment(terms.sales.opens_at);
    out.byte(u8::from(terms.sales.closes_at.is_some()));
    if let Some(closes_at) = terms.sales.closes_at {
        out.moment(closes_at);
    }
    out.byte(u8::from(terms.sales.closed));
    encode_prices(&terms.prices, out);
    encode_limits(&terms.limits, out);
}

pub(crate) fn encode_prices(prices: &Prices, out: &mut Writer) {
    out.number(u64::from(prices.currency.numeric()));
    out.number(u64::from(prices.base));
    out.number(prices.tiers.len() as u64);
    for (name, price) in &prices.tiers {
        out.text(name);
        out.number(u64::from(*price));
    }
}

pub(crate) fn encode_limits(limits: &ShowLimits, out: &mut Writer) {
    out.number(u64::from(limits.hold_life_s));
    out.number(u64::from(limits.holds_per_holder));
    out.number(u64::from(limits.seats_per_holder));
}

fn decode_terms(from: &mut Reader<'_>) -> Result<Terms, Undecodable> {
    Ok(Terms {
        starts_at: from.moment()?,
        ends_at: from.moment()?,
        sales: Sales {
            opens_at: from.moment()?,
            closes_at: match from.byte()? {
                0 => None,
                _ => Some(from.moment()?),
            },
            closed: from.byte()? != 0,
        },
        prices: decode_prices(from)?,
        limits: ShowLimits {
            hold_life_s: from.small()?,
            holds_per_holder: from.small()?,
            seats_per_holder: from.small()?,
        },
    })
}

fn decode_prices(from: &mut Reader<'_>) -> Result<Prices, Undecodable> {
    let currency = Currency::from_numeric(from.small()?).ok_or(Undecodable)?;
    let base = from.small()?;
    let count = from.count()?;
    let tiers = (0..count).map(|_| Ok((from.text()?.into(), from.small()?)));
    Ok(Prices { currency, base, tiers: tiers.collect::<Result<_, Undecodable>>()? })
}
