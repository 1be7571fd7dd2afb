//! What is kept of a show beside what its log says must be.

use super::fold::Folded;
use crate::catalogue::show::{Opening, Show};
use crate::clock::Timestamp;
use crate::house::House;
use crate::house::event::N;
use crate::house::hold::HoldState;
use crate::store::{BookingRow, KeptRows, SOLD_CHUNK_SEATS, Standing};
use std::collections::{BTreeMap, HashMap, HashSet};

/// The rows that a show must have once every record is followed and its house is kept.
pub(super) fn expected(folded: &Folded, followed_to: N) -> KeptRows {
    let house = &folded.house;
    let bookings = folded.bookings_as_of(followed_to);
    let mut receipts: Vec<_> = house.receipts().collect();
    receipts.sort_unstable_by_key(|(tag, _)| *tag);
    KeptRows {
        show: Some(row(house)),
        standing: Some(standing(house)),
        sold: sold(house),
        tickets: tickets(&bookings),
        bookings,
        checkpoint: None,
        receipts,
        stopped: None,
    }
}

/// The same rows in the same order, whatever order they were read in.
pub(super) fn in_order(rows: &mut KeptRows) {
    rows.sold.iter_mut().for_each(|(_, bits)| bits.truncate(significant(bits)));
    rows.sold.retain(|(_, bits)| !bits.is_empty());
    rows.sold.sort_unstable();
    rows.bookings.sort_unstable_by_key(|row| row.n);
    rows.tickets.sort_unstable();
    rows.receipts.sort_unstable_by_key(|(tag, _)| *tag);
    // Two processes that kept the same house wrote the same receipts.
    rows.receipts.dedup();
}

/// What is kept and should not be, or should be and is not; rows are [`in_order`].
pub(super) fn differences(folded: &Folded, kept: &KeptRows, followed_to: N) -> Vec<String> {
    let expected = expected(folded, followed_to);
    let mut found = Vec::new();
    // Proof 2 again: the bits in the file are the fold's.
    if kept.sold != expected.sold {
        found.push("its sold bits are not the fold of its log".to_owned());
    }
    compare_bookings(&expected.bookings, &kept.bookings, &mut found);
    compare_tickets(&expected.tickets, &kept.tickets, &mut found);
    if !standing_fits(&expected, kept, followed_to) {
        found.push("its standing is not the fold of its log".to_owned());
    }
    find_missing_receipts(folded, kept, &mut found);
    for (tag, receipt) in &kept.receipts {
        if folded.house.receipt(tag) != Some(*receipt) {
            found.push(format!("the receipt of record {} differs", receipt.n));
        }
    }
    match &kept.show {
        None => found.push("its row is missing".to_owned()),
        Some(_) if kept.show == expected.show => {}
        Some(_) => found.push("its row is not the fold of its log".to_owned()),
    }
    found
}

/// A house is loaded from its checkpoint and the records behind that: without its receipt, a retry
/// of what lies before would be decided anew.
fn find_missing_receipts(folded: &Folded, kept: &KeptRows, found: &mut Vec<String>) {
    let Some(as_of) = kept.checkpoint else { return };
    let there: HashSet<_> = kept.receipts.iter().map(|(tag, _)| *tag).collect();
    let due = folded.house.receipts().filter(|(_, receipt)| receipt.n <= as_of);
    let missing = due.filter(|(tag, _)| !there.contains(tag));
    let mut numbers: Vec<_> = missing.map(|(_, receipt)| receipt.n).collect();
    numbers.sort_unstable();
    found.extend(numbers.iter().map(|n| format!("the receipt of record {n} is missing")));
}

/// A standing may lie ahead of `followed_to`, or behind the log's end; at the end it must be the
/// house's.
fn standing_fits(expected: &KeptRows, kept: &KeptRows, followed_to: N) -> bool {
    let Some(head) = expected.standing.map(|standing| standing.n) else { return true };
    let at_end = followed_to >= head || kept.standing.is_some_and(|standing| standing.n == head);
    !at_end || kept.standing == expected.standing
}

fn compare_bookings(expected: &[BookingRow], kept: &[BookingRow], found: &mut Vec<String>) {
    let mut expected: HashMap<_, _> = expected.iter().map(|row| (row.id, row)).collect();
    for row in kept {
        match expected.remove(&row.id) {
            Some(folded) if folded == row => {}
            Some(_) => found.push(format!("booking {} differs", row.id)),
            None => found.push(format!("booking {} is not in the log", row.id)),
        }
    }
    let mut missing: Vec<_> = expected.into_values().collect();
    missing.sort_unstable_by_key(|row| row.n);
    found.extend(missing.iter().map(|row| format!("booking {} is missing", row.id)));
}

/// Proof 3 again: one valid ticket for each sold seat.
fn compare_tickets(expected: &[(u32, u32)], kept: &[(u32, u32)], found: &mut Vec<String>) {
    let mut expected: BTreeMap<u32, u32> = expected.iter().copied().collect();
    for (seat, number) in kept {
        if expected.remove(seat) != Some(*number) {
            found.push(format!("ticket {number} for seat {seat} is not in the log"));
        }
    }
    let missing = |(seat, number)| format!("ticket {number} for seat {seat} is missing");
    found.extend(expected.into_iter().map(missing));
}

fn row(house: &House) -> Show {
    let (movie, screen, layout) = (house.movie(), house.screen(), house.layout().hash());
    let opening = Opening { movie, screen, layout, terms: (**house.terms()).clone() };
    Show { id: house.show(), opening, cancelled: house.is_cancelled(), archived: house.is_hollow() }
}

fn standing(house: &House) -> Standing {
    let (head, stats) = (house.head(), house.stats(Timestamp::from_millis(0)));
    Standing {
        show: house.show(),
        n: head.n,
        seq: head.seq,
        held: stats.held,
        booked: stats.booked,
        blocked: stats.blocked,
        next_expiry: house.next_expiry(),
    }
}

fn sold(house: &House) -> Vec<(u32, Vec<u8>)> {
    let chunks = house.sold().chunks(SOLD_CHUNK_SEATS as usize / 64);
    let bytes = |words: &[u64]| {
        let mut bits: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
        bits.truncate(significant(&bits));
        bits
    };
    let chunks = (0..).zip(chunks.map(bytes));
    chunks.filter(|(_, bits)| !bits.is_empty()).collect()
}

/// How many bytes there are without the zeros at their end.
fn significant(bits: &[u8]) -> usize {
    bits.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1)
}

fn tickets(bookings: &[BookingRow]) -> Vec<(u32, u32)> {
    let valid = bookings.iter().filter(|row| row.state == HoldState::Booked);
    let mut tickets: Vec<_> =
        valid.flat_map(|row| row.seats.iter().copied().zip(row.first_ticket..)).collect();
    tickets.sort_unstable();
    tickets
}
