//! A show as a calendar entry: RFC 5545, one event.

use crate::office::Names;
use seatcore::Booking;
use seatcore::clock::Timestamp;
use seatcore::wire::ShowView;

/// Longest line, in bytes.
const LINE: usize = 75;

/// The whole file.
pub fn entry(booking: &Booking, row: &ShowView, names: &Names, now: Timestamp) -> String {
    let codes: Vec<_> = booking.tickets.iter().map(|ticket| ticket.code.to_string()).collect();
    let about = format!("Seats {}\nTickets {}", booking.seats.join(" "), codes.join(" "));
    let lines = [
        "BEGIN:VCALENDAR".to_owned(),
        "VERSION:2.0".to_owned(),
        "PRODID:-//seatcore//EN".to_owned(),
        "BEGIN:VEVENT".to_owned(),
        format!("UID:{}@seatcore", booking.id),
        format!("DTSTAMP:{}", moment(now)),
        format!("DTSTART:{}", moment(row.starts_at)),
        format!("DTEND:{}", moment(row.ends_at)),
        format!("SUMMARY:{}", escaped(&names.movie(row))),
        format!("LOCATION:{}", escaped(&names.screen(row))),
        format!("DESCRIPTION:{}", escaped(&about)),
        "END:VEVENT".to_owned(),
        "END:VCALENDAR".to_owned(),
    ];
    lines.iter().map(|line| folded(line)).collect()
}

fn moment(at: Timestamp) -> String {
    at.to_chrono().format("%Y%m%dT%H%M%SZ").to_string()
}

fn escaped(text: &str) -> String {
    let mut safe = String::new();
    for c in text.chars() {
        match c {
            '\\' | ';' | ',' => safe.extend(['\\', c]),
            '\n' => safe.push_str("\\n"),
            c if c.is_control() => safe.push(' '),
            c => safe.push(c),
        }
    }
    safe
}

/// Lines that are too long go on behind a space, and no character is cut in two.
fn folded(line: &str) -> String {
    let (mut out, mut used) = (String::new(), 0);
    for c in line.chars() {
        if used + c.len_utf8() > LINE {
            out.push_str("\r\n ");
            used = 1;
        }
        out.push(c);
        used += c.len_utf8();
    }
    out.push_str("\r\n");
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_are_folded_and_signs_escaped() {
        let line = format!("SUMMARY:{}", escaped(&"Größe, Ehre; ".repeat(12)));
        let folded = folded(&line);
        assert!(folded.split("\r\n").all(|line| line.len() <= LINE), "{folded}");
        assert_eq!(folded.replace("\r\n ", "").trim_end(), line.trim_end());
        assert_eq!(escaped("a,b;c\\d\ne"), "a\\,b\\;c\\\\d\\ne");
    }
}
