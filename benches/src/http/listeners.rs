//! A change told to everybody who listens: from its commit to the last listener.

use super::client::Connection;
use super::runtime;
use super::serve::BoxOffice;
use crate::clients::Waits;
use crate::place::Place;
use crate::report::{Report, thousands};
use crate::tables::{Measured, bytes};
use crate::{Outcome, Terms};
use seatcore::clock::Stopwatch;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio::task::LocalSet;

/// Changes of one figure.
const CHANGES: usize = 40;
/// Between two changes: longer than it takes to tell everybody.
const PAUSE: Duration = Duration::from_millis(300);
/// Streams that are being opened at once.
const OPENING: usize = 128;
/// For the last of them.
const PATIENCE: Duration = Duration::from_secs(15);

/// What all listeners of one run have heard.
#[derive(Debug, Default)]
struct Heard {
    /// By seq: how many, the first and the last time.
    events: BTreeMap<u64, (usize, Duration, Duration)>,
    listening: usize,
    gaps: usize,
    /// Streams that ended before they were told to.
    lost: usize,
}

/// 1,000 and 10,000 listeners, in this process; the server in another.
pub fn listeners(terms: &Terms, place: &Place) -> Measured {
    let head = [
        "listeners",
        "all opened s",
        "changes",
        "commit to first p50 ms",
        "commit to last p50 ms",
        "p99 ms",
        "longest ms",
        "missing",
        "server bytes a listener",
    ];
    let mut report = Report::new("The feed: one show, one change every 300 ms", &head);
    let mut missed = 0;
    for listeners in terms.clients(&[1_000, 10_000]) {
        let office = BoxOffice::start(place, 1, 500, 0)?;
        let (cells, missing) = one(&office, listeners)?;
        report.row(cells);
        missed += missing;
    }
    report.note("Commit: when the hold's own answer arrived. Changes within 50 ms are told together, so the first listener may wait as long. Clients share the machine with the server.");
    let checked = if missed == 0 { Ok(()) } else { Err(format!("{missed} missing").into()) };
    Ok((vec![report], checked))
}

fn one(office: &BoxOffice, listeners: usize) -> Outcome<(Vec<String>, usize)> {
    let before = resident(office)?;
    let (heard, watch) = (Rc::new(RefCell::new(Heard::default())), Stopwatch::start());
    let run = async {
        let places = Rc::new(Semaphore::new(OPENING));
        for _ in 0..listeners {
            let (heard, places, address) = (heard.clone(), places.clone(), office.address);
            tokio::task::spawn_local(async move {
                if listen(address, &heard, &places, watch).await.is_err() {
                    heard.borrow_mut().lost += 1;
                }
            });
        }
        while heard.borrow().listening + heard.borrow().lost < listeners {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let opened = watch.elapsed();
        let weight = resident(office)? - before;
        let commits = change(office, &heard, listeners, watch).await?;
        Outcome::Ok((opened, weight, commits))
    };
    let (opened, weight, commits) = runtime()?.block_on(LocalSet::new().run_until(run))?;
    let heard = heard.borrow();
    let missing = missing(&heard, &commits, listeners);
    let waits = |pick: fn(&(usize, Duration, Duration)) -> Duration| {
        let wait = |(seq, commit): (&u64, &Duration)| {
            let heard = heard.events.get(seq).map(pick)?;
            Some(heard.saturating_sub(*commit).as_micros() as u32)
        };
        Waits::of(commits.iter().filter_map(wait).collect()).unwrap_or_default()
    };
    let (first, last) = (waits(|it| it.1), waits(|it| it.2));
    let ms = |micros: f64| format!("{:.1}", micros / 1e3);
    let cells = vec![
        thousands(listeners as f64),
        format!("{:.1}", opened.as_secs_f64()),
        commits.len().to_string(),
        ms(first.p50),
        ms(last.p50),
        ms(last.p99),
        ms(last.longest),
        missing.to_string(),
        thousands(weight as f64 / listeners as f64),
    ];
    Ok((cells, missing))
}

/// Holds, one after the other; waits until all have heard of the last. Answers when each was
/// committed.
async fn change(
    office: &BoxOffice,
    heard: &Rc<RefCell<Heard>>,
    listeners: usize,
    watch: Stopwatch,
) -> Outcome<BTreeMap<u64, Duration>> {
    let (mut buyer, mut commits) = (Connection::to(office.address), BTreeMap::new());
    for number in 0..CHANGES {
        let answer = buyer.ask(&office.hold_request(0, 1, &format!("change-{number}"))).await?;
        let seq = answer.after("\"seq\":").and_then(|seq| seq.parse().ok());
        let seq: u64 = seq.ok_or_else(|| format!("a hold was refused: {}", answer.head))?;
        commits.insert(seq, watch.elapsed());
        tokio::time::sleep(PAUSE).await;
    }
    let last = commits.keys().next_back().copied().unwrap_or(0);
    let patience = Stopwatch::start();
    let told = || heard.borrow().events.get(&last).map_or(0, |event| event.0);
    while told() < listeners && patience.elapsed() < PATIENCE {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok(commits)
}

fn missing(heard: &Heard, commits: &BTreeMap<u64, Duration>, listeners: usize) -> usize {
    let told = |seq: &u64| heard.events.get(seq).map_or(0, |event| event.0);
    let missing: usize = commits.keys().map(|seq| listeners.saturating_sub(told(seq))).sum();
    missing + heard.gaps + heard.lost
}

/// One stream, until the run is over.
async fn listen(
    address: SocketAddr,
    heard: &Rc<RefCell<Heard>>,
    places: &Semaphore,
    watch: Stopwatch,
) -> Outcome<()> {
    let place = places.acquire().await?;
    let mut stream = TcpStream::connect(address).await?;
    let request = format!("GET /api/v1/events?shows=1 HTTP/1.1\r\nhost: {address}\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let (mut read, mut seq) = (Vec::with_capacity(4_096), None);
    let mut place = Some(place);
    loop {
        if stream.read_buf(&mut read).await? == 0 {
            return Err("the stream ended".into());
        }
        if seq.is_none() {
            seq = hall(&read);
            if seq.is_some() {
                place.take();
                heard.borrow_mut().listening += 1;
            }
        }
        if let Some(seq) = &mut seq {
            take(&mut read, seq, &mut heard.borrow_mut(), watch.elapsed());
        }
    }
}

/// The seq of the hall that a stream begins with, once all of it is there.
fn hall(read: &[u8]) -> Option<u64> {
    let frame = &read[find(read, b"event: show\n")?..];
    let end = find(frame, b"\n\n")?;
    number(&frame[..end], b"\"seq\":")
}

/// Takes whole `d` frames out of what was read. Frames are never cut by a chunk's frame of HTTP.
fn take(read: &mut Vec<u8>, seq: &mut u64, heard: &mut Heard, now: Duration) {
    let mut done = 0;
    while let Some(begin) = find(&read[done..], b"event: d\n") {
        let frame = &read[done + begin..];
        let Some(end) = find(frame, b"\n\n") else { break };
        let frame = &frame[..end];
        let (from, to) = (number(frame, b"\"from\":"), number(frame, b"\"to\":"));
        let (Some(from), Some(to)) = (from, to) else { break };
        heard.gaps += usize::from(from != *seq + 1);
        for told in from..=to {
            let event = heard.events.entry(told).or_insert((0, now, now));
            (event.0, event.2) = (event.0 + 1, now);
        }
        *seq = to;
        done += begin + end;
    }
    // What is left may be the beginning of a frame.
    let keep =
        find(&read[done..], b"event: d\n").map_or(read.len().saturating_sub(16), |at| done + at);
    read.drain(..keep.max(done));
}

fn find(within: &[u8], what: &[u8]) -> Option<usize> {
    within.windows(what.len()).position(|found| found == what)
}

fn number(frame: &[u8], name: &[u8]) -> Option<u64> {
    let digits = &frame[find(frame, name)? + name.len()..];
    let end = digits.iter().position(|byte| !byte.is_ascii_digit())?;
    std::str::from_utf8(&digits[..end]).ok()?.parse().ok()
}

fn resident(office: &BoxOffice) -> Outcome<i64> {
    bytes::anonymous_of(office.id())
}

#[cfg(test)]
mod tests {
    use super::*;

    const STREAM: &[u8] = b"event: show\ndata: {\"show\":1,\"seq\":4,\"n\":{}}\n\n\r\n\
        3a\r\nid: E.1:5\nevent: d\ndata: {\"show\":1,\"from\":5,\"to\":6,\"c\":[]}\n\n\r\n\
        3a\r\nid: E.1:7\nevent: d\ndata: {\"show\":1,\"from\":8,\"to\":8,\"c\":[]}\n\n";

    #[test]
    fn changes_are_heard_however_a_stream_is_cut_and_a_gap_is_counted() {
        for cut in 1..STREAM.len() {
            let (mut read, mut seq, mut heard) = (Vec::new(), None, Heard::default());
            for part in [&STREAM[..cut], &STREAM[cut..]] {
                read.extend_from_slice(part);
                seq = seq.or_else(|| hall(&read));
                if let Some(seq) = &mut seq {
                    take(&mut read, seq, &mut heard, Duration::ZERO);
                }
            }
            assert_eq!(heard.events.keys().copied().collect::<Vec<_>>(), [5, 6, 8], "cut at {cut}");
            assert_eq!((heard.gaps, seq), (1, Some(8)), "cut at {cut}");
        }
    }
}
