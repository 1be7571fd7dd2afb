//! What a show was when it was verified, in two hashes.

use super::fold::Folded;
use crate::house::House;
use crate::house::event::codec::{Writer, encode_opening};
use crate::store::{BookingRow, KeptRows, Mark};

/// The mark of a show that was folded to its end, and of the rows that it must have then.
pub(super) fn mark(folded: &Folded, expected: &KeptRows) -> Mark {
    let head = folded.house.head();
    Mark {
        show: folded.house.show().get(),
        n: head.n,
        hash: head.hash,
        records: folded.records,
        house: house(&folded.house),
        rows: rows(expected),
    }
}

/// A hash of a house: of what its checkpoint keeps.
pub(super) fn house(house: &House) -> [u8; 16] {
    hash(&house.to_bytes())
}

/// A hash of bytes.
pub(super) fn hash(bytes: &[u8]) -> [u8; 16] {
    let mut short = [0; 16];
    short.copy_from_slice(&blake3::hash(bytes).as_bytes()[..16]);
    short
}

/// A hash of a show's rows, which are in order.
pub(super) fn rows(rows: &KeptRows) -> [u8; 16] {
    let mut out = Writer::new();
    if let Some(show) = &rows.show {
        out.byte(u8::from(show.cancelled) | u8::from(show.archived) << 1);
        encode_opening(&show.opening, &mut out);
    }
    if let Some(standing) = &rows.standing {
        out.number(standing.n);
        out.number(standing.seq);
        [standing.held, standing.booked, standing.blocked]
            .iter()
            .for_each(|count| out.number(u64::from(*count)));
        out.signed(standing.next_expiry.map_or(i64::MIN, |at| at.millis()));
    }
    out.number(rows.sold.len() as u64);
    for (chunk, bits) in &rows.sold {
        out.number(u64::from(*chunk));
        out.number(bits.len() as u64);
        out.raw(bits);
    }
    out.number(rows.bookings.len() as u64);
    rows.bookings.iter().for_each(|row| write_booking(row, &mut out));
    out.number(rows.tickets.len() as u64);
    for (seat, number) in &rows.tickets {
        out.number(u64::from(*seat));
        out.number(u64::from(*number));
    }
    for (tag, receipt) in &rows.receipts {
        out.raw(tag);
        out.number(receipt.n);
        out.number(receipt.fingerprint);
    }
    hash(&out.finish())
}

fn write_booking(row: &BookingRow, out: &mut Writer) {
    out.number(row.n);
    out.raw(&row.id.hold().bits().to_be_bytes());
    out.text(row.holder.as_str());
    out.byte(row.state.to_byte());
    out.moment(row.booked_at);
    out.signed(row.total_minor);
    out.maybe_text(row.reference.as_deref());
    out.number(u64::from(row.first_ticket));
    out.number(row.seats.len() as u64);
    row.seats.iter().for_each(|seat| out.number(u64::from(*seat)));
    out.number(row.seq);
}
