//! Reads what people type: durations, days, moments, prices.

use crate::error::CliError;
use chrono::{
    DateTime, Days, FixedOffset, LocalResult, NaiveDate, NaiveDateTime, NaiveTime, TimeZone,
};
use chrono_tz::Tz;
use seatcore::Holder;
use seatcore::clock::Timestamp;
use seatcore::house::rejection::Problem;
use seatcore::money::{Money, PRICE_MINOR_MAX};
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

const DURATION_SHAPE: &str = "not a duration, such as 10m, 90s or 1h30m";
const DAY_SHAPE: &str = "not a day, such as 2027-01-09, today or tomorrow";
const MOMENT_SHAPE: &str = "not a time, such as 2027-01-09T20:00 or 2027-01-09T20:00+01:00";

/// Reads `90s`, `10m`, `1h`, `1h30m`.
///
/// # Errors
/// Anything else, in words for a usage message.
pub fn duration(text: &str) -> Result<Duration, String> {
    let mut seconds = 0_u64;
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit()).ok_or(DURATION_SHAPE)?;
        let (number, tail) = rest.split_at(digits);
        let mut tail = tail.chars();
        let unit = tail.next().and_then(unit_seconds).ok_or(DURATION_SHAPE)?;
        let number: u64 = number.parse().map_err(|_| DURATION_SHAPE)?;
        let part = number.checked_mul(unit).ok_or(DURATION_SHAPE)?;
        seconds = seconds.checked_add(part).ok_or(DURATION_SHAPE)?;
        rest = tail.as_str();
    }
    if text.is_empty() { Err(DURATION_SHAPE.into()) } else { Ok(Duration::from_secs(seconds)) }
}

/// Reads how long to wait: no time at all would be no question.
///
/// # Errors
/// As [`duration`], and nothing.
pub fn patience(text: &str) -> Result<Duration, String> {
    let read = duration(text)?;
    if read.is_zero() { Err("must be at least 1s".into()) } else { Ok(read) }
}

const fn unit_seconds(unit: char) -> Option<u64> {
    match unit {
        's' => Some(1),
        'm' => Some(60),
        'h' => Some(3_600),
        'd' => Some(86_400),
        _ => None,
    }
}

/// Reads a holder, whose text has rules of its own.
///
/// # Errors
/// What no holder may be called.
pub fn holder(text: &str) -> Result<Holder, String> {
    Holder::parse(text).map_err(|_| Problem::Name.to_string())
}

/// The same where its text goes on as it is.
///
/// # Errors
/// As [`holder`].
pub fn holder_text(text: &str) -> Result<String, String> {
    holder(text).map(|holder| holder.to_string())
}

/// Reads Django's `8000`, `0.0.0.0:8000`.
///
/// # Errors
/// What is neither.
pub fn address(text: &str) -> Result<SocketAddr, String> {
    let full = if text.contains(':') { text.to_owned() } else { format!("127.0.0.1:{text}") };
    full.parse().map_err(|_| "not an address, such as 127.0.0.1:8000".to_owned())
}

/// Reads a time zone of the IANA database.
///
/// # Errors
/// What is none.
pub fn zone(text: &str) -> Result<Tz, String> {
    text.parse().map_err(|_| "not a time zone, such as Europe/Berlin or UTC".to_owned())
}

/// Reads the address of a proxy: it is compared with where a connection comes from.
///
/// # Errors
/// A name, a network, a port.
pub fn proxy(text: &str) -> Result<IpAddr, String> {
    let shape = "not an address without a port, such as 127.0.0.1: names and networks are not read";
    text.parse().map_err(|_| shape.to_owned())
}

/// Reads a day of the venue's calendar, for the flag with this name.
///
/// # Errors
/// What names no day.
pub fn date(flag: &str, text: &str, zone: Tz, now: Timestamp) -> Result<NaiveDate, CliError> {
    let today = now.to_chrono().with_timezone(&zone).date_naive();
    let date = match text {
        "today" => Some(today),
        "tomorrow" => today.checked_add_days(Days::new(1)),
        _ => NaiveDate::parse_from_str(text, "%Y-%m-%d").ok(),
    };
    date.ok_or_else(|| CliError::usage(format!("{flag} {text:?}: {DAY_SHAPE}")))
}

/// Reads a day of the venue: from its first moment until just before the next day's.
///
/// # Errors
/// What names no day.
pub fn day(text: &str, zone: Tz, now: Timestamp) -> Result<(Timestamp, Timestamp), CliError> {
    let date = date("--date", text, zone, now)?;
    let wrong = || CliError::usage(format!("--date {text:?}: {DAY_SHAPE}"));
    let from = at_midnight(date, zone).ok_or_else(wrong)?;
    let next = date.checked_add_days(Days::new(1));
    let before = next.and_then(|date| at_midnight(date, zone)).ok_or_else(wrong)?;
    Ok((from, before))
}

/// Some zones change their clocks at midnight: then the day begins an hour later.
pub fn at_midnight(date: NaiveDate, zone: Tz) -> Option<Timestamp> {
    (0..4).find_map(|hour| at_hour(date, hour, 0, zone))
}

/// A day's hour and minute in a zone; none where clocks jump over it.
pub fn at_hour(date: NaiveDate, hour: u32, minute: u32, zone: Tz) -> Option<Timestamp> {
    let naive = date.and_time(NaiveTime::from_hms_opt(hour, minute, 0)?);
    let moment = zone.from_local_datetime(&naive).earliest()?;
    Some(Timestamp::from_millis(moment.timestamp_millis()))
}

/// Reads a moment: RFC 3339 with its own offset, or the venue's wall clock.
///
/// # Errors
/// What names no moment, and a wall-clock time that the zone skips or has twice.
pub fn moment(text: &str, zone: Tz) -> Result<Timestamp, CliError> {
    moment_days_later(text, 0, zone)
}

/// The same some days later by the venue's calendar: at the same hour there, however its clocks
/// change between. An offset says which moment the first day has, and nothing of later ones.
///
/// # Errors
/// As [`moment`].
pub fn moment_days_later(text: &str, days: u32, zone: Tz) -> Result<Timestamp, CliError> {
    let offset = with_offset(text);
    if let Some(moment) = offset.filter(|_| days == 0) {
        return Ok(Timestamp::from_millis(moment.timestamp_millis()));
    }
    let first = offset.map(|moment| moment.with_timezone(&zone).naive_local());
    let later = first.or_else(|| wall_clock(text));
    let later = later.and_then(|first| first.checked_add_days(Days::new(u64::from(days))));
    at_wall(later.ok_or_else(|| CliError::usage(format!("{text:?} is {MOMENT_SHAPE}")))?, zone)
}

/// RFC 3339, of which seconds may be left out.
fn with_offset(text: &str) -> Option<DateTime<FixedOffset>> {
    let short = ["%Y-%m-%dT%H:%M%#z", "%Y-%m-%d %H:%M%#z"];
    let full = DateTime::parse_from_rfc3339(text).ok();
    full.or_else(|| short.iter().find_map(|shape| DateTime::parse_from_str(text, shape).ok()))
}

fn wall_clock(text: &str) -> Option<NaiveDateTime> {
    let shapes = ["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S"];
    shapes.iter().find_map(|shape| NaiveDateTime::parse_from_str(text, shape).ok())
}

fn at_wall(naive: NaiveDateTime, zone: Tz) -> Result<Timestamp, CliError> {
    let text = naive.format("%Y-%m-%d %H:%M");
    match zone.from_local_datetime(&naive) {
        LocalResult::Single(moment) => Ok(Timestamp::from_millis(moment.timestamp_millis())),
        LocalResult::Ambiguous(first, second) => {
            let what = format!("{text} happens twice in {zone}, when the clocks go back");
            let [first, second] = [first, second].map(|moment| moment.format("%Y-%m-%dT%H:%M%:z"));
            Err(CliError::usage(what)
                .hint(format!("say which with its offset: {first} or {second}")))
        }
        LocalResult::None => {
            Err(CliError::usage(format!("{text} does not exist in {zone}: the clocks go forward")))
        }
    }
}

/// Reads `premium=15.00` in the currency of the show.
///
/// # Errors
/// What is no name and amount, or more than a seat may cost.
pub fn tier_price(text: &str, of: Money) -> Result<(Box<str>, u32), CliError> {
    let wrong = |why: &str| CliError::usage(format!("--tier {text:?}: {why}"));
    let shape = || wrong("not a name and an amount, such as premium=15.00");
    let (name, amount) = text.split_once('=').ok_or_else(shape)?;
    let amount = amount.strip_suffix(of.currency.code()).unwrap_or(amount).trim();
    let price = of.currency.parse_amount(amount).map_err(|error| wrong(&error.to_string()))?;
    let dearest = of.currency.minor(PRICE_MINOR_MAX);
    let minor = u32::try_from(price.amount_minor).ok().filter(|minor| *minor < u32::MAX);
    let minor = minor.ok_or_else(|| wrong(&format!("at most {dearest}")))?;
    Ok((name.into(), minor))
}

/// A moment as people in the zone write it, to the minute.
pub fn print_minute(moment: Timestamp, zone: Tz) -> String {
    moment.to_chrono().with_timezone(&zone).format("%Y-%m-%d %H:%M").to_string()
}

/// A moment as people in the zone write it, with the zone's name.
pub fn print_moment(moment: Timestamp, zone: Tz) -> String {
    moment.to_chrono().with_timezone(&zone).format("%Y-%m-%d %H:%M:%S %Z").to_string()
}

/// A span of time, short: `9m 58s`.
pub fn print_span(span: Duration) -> String {
    let seconds = span.as_secs();
    let (hours, minutes, rest) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    match (hours, minutes) {
        (0, 0) => format!("{rest}s"),
        (0, _) => format!("{minutes}m {rest:02}s"),
        _ => format!("{hours}h {minutes:02}m"),
    }
}

/// A span of time as [`duration`] reads it: `30m`, `1h30m`.
pub fn print_exact_span(span: Duration) -> String {
    let seconds = span.as_secs();
    let parts = [(seconds / 3_600, 'h'), (seconds / 60 % 60, 'm'), (seconds % 60, 's')];
    let said = parts.iter().filter(|(number, _)| *number > 0);
    let said: String = said.map(|(number, unit)| format!("{number}{unit}")).collect();
    if said.is_empty() { "0s".to_owned() } else { said }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn timestamp(text: &str) -> Timestamp {
        text.parse().expect("a moment")
    }

    #[test]
    fn durations_are_numbers_with_units() {
        let good = [("10m", 600), ("90s", 90), ("1h", 3_600), ("1h30m", 5_400)];
        for (text, seconds) in good {
            assert_eq!(duration(text), Ok(Duration::from_secs(seconds)));
        }
        for bad in ["", "10", "m", "-1m", "1.5h", "10 m", "99999999999999999999s"] {
            assert!(duration(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_span_is_printed_as_it_is_typed() {
        for text in ["0s", "1s", "30m", "1h30m", "2h1s"] {
            assert_eq!(print_exact_span(duration(text).expect("a span")), text);
        }
    }

    #[test]
    fn a_day_is_the_venue_s_and_can_have_23_hours() {
        let now = timestamp("2027-03-27T23:30:00Z");
        let (from, before) = day("today", Tz::Europe__Berlin, now).expect("a day");
        assert_eq!(from, timestamp("2027-03-27T23:00:00Z"));
        assert_eq!(before.since(from), Duration::from_secs(23 * 3_600));
        assert!(day("9.1.2027", Tz::UTC, now).is_err());
    }

    #[test]
    fn a_moment_is_the_wall_clock_of_the_zone_or_carries_its_offset() {
        let berlin = Tz::Europe__Berlin;
        let read = |text: &str| moment(text, berlin).ok();
        assert_eq!(read("2027-01-09T20:00"), Some(timestamp("2027-01-09T19:00:00Z")));
        assert_eq!(read("2027-01-09T20:00:00Z"), Some(timestamp("2027-01-09T20:00:00Z")));
        assert!(read("2027-03-28T02:30").is_none() && read("2027-10-31T02:30").is_none());
    }

    #[test]
    fn a_tier_has_a_name_and_an_amount() {
        let of: Money = "12.50 EUR".parse().expect("money");
        assert_eq!(tier_price("premium=15.00", of).expect("a tier"), ("premium".into(), 1_500));
        for bad in ["premium", "premium=", "premium=1.234", "premium=99999999"] {
            assert!(tier_price(bad, of).is_err(), "{bad}");
        }
    }
}
