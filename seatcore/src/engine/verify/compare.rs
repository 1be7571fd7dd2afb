//! What is kept of a show beside what its log says must be.

use super::fold::Folded;
use super::mark;
use crate::catalogue::show::{Opening, Show};
use crate::error::{Error, StorageReason};
use crate::house::event::{KeyTag, N};
use crate::house::hold::HoldState;
use crate::house::{House, Receipt};
use crate::id::ShowId;
use crate::store::{BookingRow, FileState, KeptRows, Mark, SOLD_CHUNK_SEATS, Standing};
use std::collections::{BTreeMap, HashMap};
use std::thread::Builder;

/// One show: by its log, and by what is kept of it.
pub(super) struct Beside<'a> {
    pub(super) show: ShowId,
    pub(super) folded: Option<&'a Folded>,
    pub(super) kept: &'a mut KeptRows,
}

/// What came of comparing the two.
pub(super) struct Compared {
    pub(super) show: ShowId,
    pub(super) differences: Vec<String>,
    /// What a later run may go by, if all of the log is followed.
    pub(super) mark: Option<Mark>,
}

/// Compares every show, half of them on a thread of their own: whoever read the log has nothing
/// left to read.
pub(super) fn every(shows: &mut [Beside<'_>], state: &FileState) -> Result<Vec<Compared>, Error> {
    let (mine, others) = shows.split_at_mut(shows.len() / 2);
    std::thread::scope(|scope| {
        let other = Builder::new().name("seatcore-verify".to_owned());
        let other = other.spawn_scoped(scope, || each(others, state));
        let other = other.map_err(|error| Error::storage(StorageReason::Io, error))?;
        let mut all = each(mine, state);
        let lost = |_| Error::storage(StorageReason::Io, "a thread that compares panicked");
        all.extend(other.join().map_err(lost)?);
        Ok(all)
    })
}

fn each(shows: &mut [Beside<'_>], state: &FileState) -> Vec<Compared> {
    shows.iter_mut().map(|beside| compared(beside, state)).collect()
}

fn compared(beside: &mut Beside<'_>, state: &FileState) -> Compared {
    in_order(beside.kept);
    let Some(folded) = beside.folded else {
        let differences = vec!["rows of a show without a log".to_owned()];
        return Compared { show: beside.show, differences, mark: None };
    };
    let expected = expected(folded, state.followed_to);
    Compared {
        show: beside.show,
        differences: differences(folded, &expected, beside.kept, state.followed_to),
        mark: (state.followed_to >= state.head).then(|| mark::mark(folded, &expected)),
    }
}

/// The rows that a show must have once every record is followed and its house is kept.
fn expected(folded: &Folded, followed_to: N) -> KeptRows {
    let house = &folded.house;
    let bookings = folded.bookings_as_of(followed_to);
    let mut receipts: Vec<_> = house.receipts().collect();
    receipts.sort_unstable_by_key(by_tag);
    KeptRows {
        show: Some(row(house)),
        standing: Some(Standing::of(house)),
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
    rows.receipts.sort_unstable_by_key(by_tag);
    // Two processes that kept the same house wrote the same receipts.
    rows.receipts.dedup();
}

/// The order of tags, compared as the numbers that they are.
fn by_tag((tag, _): &(KeyTag, Receipt)) -> u128 {
    u128::from_be_bytes(*tag)
}

/// What is kept and should not be, or should be and is not; rows are [`in_order`].
fn differences(
    folded: &Folded,
    expected: &KeptRows,
    kept: &KeptRows,
    followed_to: N,
) -> Vec<String> {
    let mut found = Vec::new();
    // Proof 2 again: the bits in the file are the fold's.
    if kept.sold != expected.sold {
        found.push("its sold bits are not the fold of its log".to_owned());
    }
    if kept.bookings != expected.bookings {
        compare_bookings(&expected.bookings, &kept.bookings, &mut found);
    }
    if kept.tickets != expected.tickets {
        compare_tickets(&expected.tickets, &kept.tickets, &mut found);
    }
    if !standing_fits(expected, kept, followed_to) {
        found.push("its standing is not the fold of its log".to_owned());
    }
    if kept.receipts != expected.receipts {
        find_missing_receipts(&expected.receipts, kept, &mut found);
        find_other_receipts(folded, kept, &mut found);
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
fn find_missing_receipts(expected: &[(KeyTag, Receipt)], kept: &KeptRows, found: &mut Vec<String>) {
    let Some(as_of) = kept.checkpoint else { return };
    let is_there =
        |row: &(KeyTag, Receipt)| kept.receipts.binary_search_by_key(&by_tag(row), by_tag).is_ok();
    let due = expected.iter().filter(|(_, receipt)| receipt.n <= as_of);
    let missing = due.filter(|row| !is_there(row));
    let mut numbers: Vec<_> = missing.map(|(_, receipt)| receipt.n).collect();
    numbers.sort_unstable();
    found.extend(numbers.iter().map(|n| format!("the receipt of record {n} is missing")));
}

fn find_other_receipts(folded: &Folded, kept: &KeptRows, found: &mut Vec<String>) {
    for (tag, receipt) in &kept.receipts {
        if folded.house.receipt(tag) != Some(*receipt) {
            found.push(format!("the receipt of record {} differs", receipt.n));
        }
    }
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
