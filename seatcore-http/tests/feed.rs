//! The live feed, as a page hears it.

#[path = "client/client.rs"]
mod client;

use client::{Page, Running, cursor};
use seatcore::accounts::Role;
use seatcore::catalogue::show::NewShow;
use seatcore::clock::{ManualClock, Timestamp};
use seatcore::doctest::show;
use seatcore::store::memory::MemoryStore;
use seatcore::{Block, CancelShow, ChangeShow, Engine, Hold, Release, ShowId, ShowPatch};
use seatcore_http::feed::{After, Broadcast, Pass, Wish};
use seatcore_http::{Options, Server};
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;

fn seq(engine: &Engine, show: ShowId) -> u64 {
    engine.seat_map(show).expect("a show").seq
}

#[test]
fn a_stream_begins_with_the_hall_and_tells_every_change() {
    let engine = Engine::in_memory();
    let show = show(&engine);
    let server = Running::over(engine.clone());
    let mut stream = server.client().listen(&format!("shows={show}"), None);
    assert_eq!(stream.headers["content-type"], "text/event-stream");
    assert_eq!(stream.headers["cache-control"], "no-cache, no-transform");
    assert_eq!(stream.headers["x-accel-buffering"], "no");
    let hello = stream.next().expect("a greeting");
    assert_eq!((hello.kind.as_str(), hello.id.as_str()), ("hello", ""));
    assert_eq!(
        hello.data["shows"],
        json!([{"show": show, "seq": 1, "status": "on_sale", "resumed": false}])
    );
    let whole = stream.next().expect("the hall");
    assert_eq!((whole.kind.as_str(), &whole.data["status"]), ("show", &json!("on_sale")));
    assert_eq!(whole.id, cursor(&engine, show, 1));

    let hold = engine.hold(Hold::new(show, ["C5", "C6"]).by("ada")).wait().expect("a hold");
    let act = stream.next().expect("what happened");
    assert_eq!((act.kind.as_str(), &act.data["kind"]), ("act", &json!("held")));
    assert_eq!(act.data["seats"], json!(["C5", "C6"]));
    for name in ["hold", "holder", "actor", "reason"] {
        assert_eq!(act.data.get(name), None, "nobody is named to everybody");
    }
    let delta = stream.next().expect("the change");
    assert_eq!(delta.kind, "d");
    let n = json!({"available": 48, "held": 2, "booked": 0, "blocked": 0, "capacity": 50});
    let wanted = json!({"show": show, "from": 2, "to": 2, "c": [[24, "h"], [25, "h"]], "n": n});
    assert_eq!((delta.data, delta.id), (wanted, cursor(&engine, show, hold.seq)));

    engine.cancel_show(CancelShow::new(show)).wait().expect("no show");
    let whole = stream.until(|frame| frame.kind == "show");
    assert_eq!(whole.data["status"], "cancelled");
    assert_eq!(whole.data["n"]["available"], 50);
    let mut page = Page { seq: 2, symbols: vec![b'.'; 50] };
    page.fold(show, &stream.until(|frame| frame.kind == "d"));
    page.assert_fresh(&server.client(), show);
}

#[test]
fn whoever_comes_back_has_missed_nothing() {
    let engine = Engine::in_memory();
    let show = show(&engine);
    let server = Running::over(engine.clone());
    let query = format!("shows={show}");
    let (mut page, mut last) = (Page::default(), None);
    for round in 0..4 {
        let mut stream = server.client().listen(&query, last.as_deref());
        page.read_to(&mut stream, show, seq(&engine, show));
        page.assert_fresh(&server.client(), show);
        for seat in 1..=5 {
            let (row, neighbour) = (["A", "B", "C", "D"][round], seat + 5);
            let seats = [format!("{row}{seat}"), format!("{row}{neighbour}")];
            let hold = engine.hold(Hold::new(show, &seats).by(format!("buyer {seat}"))).wait();
            let hold = hold.expect("free seats").id;
            match seat {
                1 => drop(engine.release(hold).wait().expect("a release")),
                2 => drop(engine.book(hold).wait().expect("a booking")),
                3 => drop(engine.release(Release::new(hold).seats([&seats[0]])).wait()),
                4 => drop(engine.extend(hold, Duration::from_secs(900)).wait()),
                _ => {}
            }
            if seat == 3 {
                // Cut off in the middle: what follows happens while nobody listens.
                page.read_to(&mut stream, show, 2 + round as u64);
                last = Some(stream.last.clone());
            }
        }
        engine
            .block(Block::new(show, [format!("E{}", round + 1)]).by("desk"))
            .wait()
            .expect("a block");
    }
    let mut stream = server.client().listen(&query, last.as_deref());
    let hello = stream.next().expect("a greeting");
    assert_eq!(hello.data["shows"][0]["resumed"], true);
    page.read_to(&mut stream, show, seq(&engine, show));
    page.assert_fresh(&server.client(), show);
    // One event alone, told to somebody else while this page was away.
    let (last, mut other) = (stream.last.clone(), page.clone());
    let hold = engine.hold(Hold::new(show, ["E9", "E10"]).by("eve")).wait().expect("free seats");
    other.read_to(&mut stream, show, hold.seq);
    let mut stream = server.client().listen(&query, Some(&last));
    page.read_to(&mut stream, show, hold.seq);
    page.assert_fresh(&server.client(), show);
}

#[test]
fn a_cursor_that_leads_nowhere_is_answered_with_the_whole_hall() {
    let engine = Engine::in_memory();
    let show = show(&engine);
    let server = Running::over(engine.clone());
    let query = format!("shows={show}");
    engine.hold(Hold::new(show, ["A1"]).by("ada")).wait().expect("a hold");
    let reasons = [
        ("nonsense".to_owned(), "unreadable"),
        (format!("00000000.{show}:1"), "history"),
        (cursor(&engine, show, 99), "ahead"),
    ];
    for (last, reason) in reasons {
        let mut stream = server.client().listen(&query, Some(&last));
        let reset = stream.until(|frame| frame.kind != "hello");
        assert_eq!((reset.kind.as_str(), &reset.data["reason"]), ("reset", &json!(reason)));
        let mut page = Page::default();
        page.read_to(&mut stream, show, seq(&engine, show));
        page.assert_fresh(&server.client(), show);
        assert_eq!(stream.last, cursor(&engine, show, page.seq));
    }
    // A link can be mended, so it is told what is wrong; the header wins over it.
    assert_eq!(server.client().get(&format!("/api/v1/events?{query}&after=x")).status, 400);
    let (old, new) = (cursor(&engine, show, 1), cursor(&engine, show, 2));
    let mut stream = server.client().listen(&format!("{query}&after={old}"), Some(&new));
    assert_eq!(stream.next().map(|frame| frame.id), Some(new), "nothing is told again");

    for _ in 0..2_600 {
        let hold = engine.hold(Hold::new(show, ["B1"]).by("bob")).wait().expect("a hold");
        engine.release(hold.id).wait().expect("a release");
    }
    // Told up to the end, the server knows how far back that cursor lies.
    let mut page = Page { seq: 2, symbols: [b"h".as_slice(), &[b'.'; 49]].concat() };
    page.read_to(&mut stream, show, seq(&engine, show));
    let mut stream = server.client().listen(&query, Some(&old));
    let reset = stream.until(|frame| frame.kind != "hello");
    assert_eq!((reset.kind.as_str(), &reset.data["reason"]), ("reset", &json!("too_old")));
    let recent = cursor(&engine, show, seq(&engine, show) - 4_900);
    // Another server knows only what the log says.
    let server = Running::over(engine.clone());
    let mut stream = server.client().listen(&query, Some(&recent));
    let frames = std::iter::from_fn(|| stream.next().filter(|frame| frame.kind != "d"));
    assert_eq!(frames.skip(1).count(), 50, "the newest of what happened, then the seats");
}

#[test]
fn a_lapse_is_told_while_nobody_asks() {
    let engine = Engine::in_memory();
    let show = show(&engine);
    let server = Running::over(engine.clone());
    let mut stream = server.client().listen(&format!("shows={show}"), None);
    let hold = Hold::new(show, ["D4"]).ttl(Duration::from_secs(1)).by("ada");
    let hold = engine.hold(hold).wait().expect("a hold");
    let mut page = Page::default();
    page.read_to(&mut stream, show, hold.seq);
    assert_eq!(page.symbols[33], b'h');
    page.read_to(&mut stream, show, hold.seq + 1);
    assert_eq!(page.symbols[33], b'.');
    assert!(Some(engine.now()) >= hold.expires_at, "not before its time");
}

#[test]
fn sales_that_the_clock_opens_and_closes_are_told_without_an_event() {
    let clock = ManualClock::at(Timestamp::from_millis(1_800_000_000_000));
    let store = Box::new(MemoryStore::new(7));
    let engine = Engine::builder().clock(clock.clone()).over(store).expect("an engine");
    let show = show(&engine);
    let (hour, server) = (Duration::from_secs(3_600), Running::over(engine.clone()));
    let opens_at = Some(engine.now().plus(hour));
    let later = ShowPatch { opens_at, ..ShowPatch::default() };
    let changed = engine.change_show(ChangeShow::new(show, later)).wait().expect("a change");
    let mut stream = server.client().listen(&format!("shows={show}"), None);
    assert_eq!(stream.until(|frame| frame.kind == "show").data["status"], "closed");
    for (span, status) in [(hour, "on_sale"), (47 * hour, "closed")] {
        clock.advance(span);
        let whole = stream.next().expect("the hall again");
        assert_eq!((whole.kind.as_str(), &whole.data["status"]), ("show", &json!(status)));
        assert_eq!(
            (whole.data["seq"].as_u64(), whole.data["show"].as_u64()),
            (Some(changed.seq), Some(1))
        );
        assert_eq!(whole.id, cursor(&engine, show, changed.seq), "no event, so the same place");
    }
    let here = cursor(&engine, show, changed.seq);
    let mut again = server.client().listen(&format!("shows={show}"), Some(&here));
    let stands = json!([{"show": 1, "seq": changed.seq, "status": "closed", "resumed": true}]);
    assert_eq!(again.next().expect("a greeting").data["shows"], stands);
}

#[test]
fn a_show_that_is_opened_is_told_to_everybody() {
    let engine = Engine::in_memory();
    let first = show(&engine);
    let server = Running::over(engine.clone());
    let mut guest = server.client().listen(&format!("shows={first}"), None);
    guest.until(|frame| frame.kind == "show");
    let second = another_show(&engine, first);
    let act = guest.next().expect("news");
    assert_eq!((act.kind.as_str(), &act.data["kind"]), ("act", &json!("show_opened")));
    assert_eq!(act.data["show"], json!(second));
    assert_eq!(act.id, cursor(&engine, first, 1), "it stands where it stood");
    let hold = engine.hold(Hold::new(first, ["A1"]).by("ada")).wait().expect("a hold");
    let delta = guest.until(|frame| frame.kind == "d");
    assert_eq!(delta.id, cursor(&engine, first, hold.seq));
}

#[test]
fn an_archived_show_takes_nobody_else_with_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let engine = Engine::open(folder.path().join("box-office.db")).expect("an engine");
    let old = show(&engine);
    let new = another_show(&engine, old);
    for seats in [["A1"], ["A2"]] {
        engine.hold(Hold::new(new, seats).by("ada")).wait().expect("a hold");
    }
    engine.cancel_show(CancelShow::new(old)).wait().expect("no show");
    engine.archive(old, folder.path().join("old.db")).expect("it is over");
    let server = Running::over(engine.clone());
    let mut stream = server.client().listen(&format!("shows={old},{new}"), None);
    let hello = stream.next().expect("a greeting");
    assert_eq!(hello.data["shows"].as_array().map(Vec::len), Some(1), "one of them is left");
    let gone = stream.next().expect("word of the other");
    assert_eq!((gone.kind.as_str(), &gone.data["reason"]), ("reset", &json!("archived")));
    assert_eq!(stream.next().expect("the hall").data["n"]["held"], 2);

    let mut path = "/api/v1/activity?limit=2".to_owned();
    let mut numbers = Vec::new();
    for _ in 0..10 {
        let page = server.client().get(&path).json();
        numbers.extend(page["data"].as_array().expect("a page").iter().map(|e| e["n"].as_u64()));
        let Some(next) = page["next"].as_str() else { break };
        path = format!("/api/v1/activity?limit=2&cursor={next}");
    }
    assert!(numbers.is_sorted_by(|newer, older| newer > older), "each once: {numbers:?}");
    assert_eq!(numbers.len(), 4, "what was archived left a gap that is stepped over");
}

fn another_show(engine: &Engine, like: ShowId) -> ShowId {
    let opening = engine.show(like).expect("a show").opening;
    let starts = opening.terms.ends_at.plus(Duration::from_secs(24 * 3_600));
    let price = "9.00 EUR".parse().expect("a price");
    let new = NewShow::new(opening.movie, opening.screen, starts, price);
    engine.open_show(new).expect("a show").id
}

#[test]
fn what_another_process_sells_is_told_too() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("box-office.db");
    let engine = Engine::open(&path).expect("a file");
    let show = show(&engine);
    let server = Running::over(engine);
    let mut stream = server.client().listen(&format!("shows={show}"), None);
    let other = Engine::open(&path).expect("the same file");
    let hold = other.hold(Hold::new(show, ["E1", "E10"]).by("desk")).wait().expect("a hold");
    let booking = other.book(hold.id).wait().expect("a booking");
    let mut page = Page::default();
    page.read_to(&mut stream, show, booking.seq);
    assert_eq!((page.symbols[40], page.symbols[49]), (b'b', b'b'));
}

#[test]
fn private_frames_are_for_the_holder_and_names_are_for_staff() {
    let engine = Engine::in_memory();
    let show = show(&engine);
    let server = Running::over(engine.clone());
    let (ada, bob) = (server.user("ada", Role::Customer), server.user("bob", Role::Customer));
    let desk = server.user("desk", Role::Staff);
    let query = format!("shows={show}");
    let mut streams = [&ada, &bob, &desk].map(|client| client.listen(&query, None));
    let held = ada.post(&format!("/api/v1/shows/{show}/holds"), &json!({"seats": ["A1"]}));
    assert_eq!(held.status, 201);
    let (hold, holder) = (held.json()["id"].clone(), held.json()["holder"].clone());
    let by_bob = bob.post(&format!("/api/v1/shows/{show}/holds"), &json!({"seats": ["A2"]}));
    let last = by_bob.json()["seq"].as_u64().expect("a seq");

    let [to_ada, to_bob, to_desk] = &mut streams;
    let mine = to_ada.until(|frame| frame.kind == "me");
    assert_eq!((&mine.data["hold"], &mine.data["kind"]), (&hold, &json!("held")));
    assert_eq!(mine.data["seats"], json!(["A1"]));
    let mine = to_bob.until(|frame| frame.kind == "me");
    assert_eq!(mine.data["seats"], json!(["A2"]), "and nothing of what is ada's");
    let mut named = Vec::new();
    to_desk.until(|frame| {
        assert_ne!(frame.kind, "me");
        named.extend((frame.kind == "act").then(|| frame.data["holder"].clone()));
        frame.kind == "d" && frame.data["to"] == last
    });
    assert_eq!(named.first(), Some(&holder));
}

#[test]
fn a_stream_ends_with_the_session_that_opened_it() {
    let engine = Engine::in_memory();
    let show = show(&engine);
    let server = Running::over(engine);
    let ada = server.user("ada", Role::Customer);
    let mut guest = server.client().listen(&format!("shows={show}"), None);
    let mut stream = ada.listen(&format!("shows={show}"), None);
    assert_eq!(ada.ask("DELETE", "/api/v1/session", &[], "").status, 204);
    let bye = stream.until(|frame| frame.kind == "bye");
    assert_eq!(bye.data["reason"], "not_signed_in");
    assert_eq!(stream.retry, bye.data["retry_ms"].as_u64());
    assert!(stream.next().is_none(), "it is the last frame");
    let held = server.engine.hold(Hold::new(show, ["A1"]).by("ada")).wait().expect("a hold");
    Page::default().read_to(&mut guest, show, held.seq);
}

/// A server's broadcast without its sockets.
fn broadcast(engine: &Engine, waiting: usize) -> (tokio::runtime::Runtime, Arc<Broadcast>) {
    let mut options = Options::default();
    options.limits.streams.waiting = waiting;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.expect("a runtime");
    let address = "127.0.0.1:0".parse().expect("an address");
    let server = runtime.block_on(Server::bind(engine.clone(), options, address));
    let broadcast = server.expect("a server").app().broadcast.clone();
    (runtime, broadcast)
}

fn wish(show: ShowId, after: After) -> Wish {
    Wish { shows: vec![show], after, names: false, holder: None, pass: Pass::Guest }
}

#[test]
fn ten_thousand_listeners_are_handed_the_very_same_bytes() {
    let engine = Engine::in_memory();
    let show = show(&engine);
    let (runtime, broadcast) = broadcast(&engine, 256);
    let listen = |_| broadcast.listen(wish(show, After::Nothing)).expect("a listener");
    let mut listeners: Vec<_> = (0..10_000).map(listen).collect();
    engine.hold(Hold::new(show, ["C5"]).by("ada")).wait().expect("a hold");
    let mut pieces = listeners.iter_mut().map(|heard| {
        let piece = runtime.block_on(heard.rest.recv()).expect("told at once");
        (piece.as_ptr(), piece.len())
    });
    let first = pieces.next().expect("a listener");
    assert!(pieces.all(|piece| piece == first), "made once");
}

#[test]
fn a_slow_reader_is_cut_off_and_goes_on_where_it_was() {
    let engine = Engine::in_memory();
    let show = show(&engine);
    let (runtime, broadcast) = broadcast(&engine, 3);
    let wish = |after| wish(show, after);
    let mut quick = broadcast.listen(wish(After::Nothing)).expect("a listener");
    let mut slow = broadcast.listen(wish(After::Nothing)).expect("another");
    for number in 1..=6 {
        let seat = format!("A{number}");
        engine.hold(Hold::new(show, [seat]).by(format!("buyer {number}"))).wait().expect("a hold");
        let piece = runtime.block_on(quick.rest.recv()).expect("told at once");
        assert!(std::str::from_utf8(&piece).expect("text").contains("event: d"));
    }
    let mut pieces = Vec::new();
    while let Some(piece) = runtime.block_on(slow.rest.recv()) {
        pieces.push(String::from_utf8(piece.to_vec()).expect("text"));
    }
    assert_eq!(pieces.len(), 3, "what had room, then the end");
    let last = pieces.last().and_then(|piece| piece.split("id: ").nth(1));
    let last = last.and_then(|rest| rest.lines().next()).expect("a cursor");
    assert_eq!(last, cursor(&engine, show, 4));
    let again = broadcast.listen(wish(After::Cursor(last.parse().expect("a cursor"))));
    let first = again.expect("a listener").first;
    let first = std::str::from_utf8(&first).expect("text");
    assert!(first.contains("\"from\":5,\"to\":7"), "{first}");
    assert!(!first.contains("event: reset") && !first.contains("event: show"), "{first}");
}

#[test]
fn goodbye_is_said_before_the_server_ends() {
    let engine = Engine::in_memory();
    let show = show(&engine);
    let mut server = Running::over(engine);
    let client = server.client();
    let mut streams: Vec<_> =
        (0..20).map(|_| client.listen(&format!("shows={show}"), None)).collect();
    assert_eq!(server.stop(), 0, "no connection had to be cut");
    let mut waits = Vec::new();
    for stream in &mut streams {
        let bye = stream.until(|frame| frame.kind == "bye");
        assert_eq!(bye.data["reason"], "stopping");
        assert_eq!(stream.retry, bye.data["retry_ms"].as_u64());
        assert!(stream.next().is_none(), "it is the last frame");
        waits.extend(stream.retry);
    }
    assert!(waits.iter().all(|wait| (300..=1_500).contains(wait)), "{waits:?}");
    waits.sort_unstable();
    waits.dedup();
    assert!(waits.len() > 15, "they do not all come back at once: {waits:?}");
}

#[test]
fn a_silent_stream_says_that_it_is_still_there() {
    let engine = Engine::in_memory();
    let show = show(&engine);
    let mut options = Options::default();
    options.limits.streams.heartbeat = Duration::from_millis(40);
    let mut server = Running::with(engine, options);
    let mut stream = server.client().listen(&format!("shows={show}"), None);
    let hello = stream.next().expect("a greeting");
    assert_eq!(hello.data["heartbeat_ms"], 40);
    stream.text_to(|text| text.contains("event: show") && text.ends_with(":\n\n:\n\n:\n\n"));
    server.stop();
    assert_eq!(stream.next().map(|frame| frame.kind).as_deref(), Some("bye"));
}

#[test]
fn there_is_room_for_so_many_and_no_more() {
    let engine = Engine::in_memory();
    let show = show(&engine);
    let mut options = Options::default();
    options.limits.streams.all = 2;
    options.limits.streams.shows = 3;
    let server = Running::with(engine, options);
    let client = server.client();
    let query = format!("shows={show}");
    assert_eq!(client.get("/api/v1/events?shows=1,2,3,4").status, 422);
    assert_eq!(client.get("/api/v1/events").status, 400);
    assert_eq!(client.get("/api/v1/events?shows=999").json()["code"], "not_found");
    let (first, _second) = (client.listen(&query, None), client.listen(&query, None));
    let crowded = client.get(&format!("/api/v1/events?{query}"));
    assert_eq!((crowded.status, &crowded.json()["code"]), (503, &json!("busy")));
    assert!(crowded.headers.contains_key("retry-after"));
    drop(first);
    // Its place is free as soon as the server notices.
    let begun = seatcore::clock::Stopwatch::start();
    while client.try_listen(&query, None).0 != 200 {
        assert!(begun.elapsed() < client::PATIENCE, "the place never became free");
        std::thread::yield_now();
    }
}

#[test]
fn two_hundred_pages_of_a_racing_show_end_up_the_same() {
    let engine = Engine::in_memory();
    let show = show(&engine);
    let server = Running::over(engine.clone());
    let query = format!("shows={show}");
    let client = server.client();
    let mut streams: Vec<_> = (0..200).map(|_| client.listen(&query, None)).collect();
    std::thread::scope(|threads| {
        for buyer in 0..8 {
            let engine = engine.clone();
            threads.spawn(move || {
                for step in 0..40 {
                    let seat = (buyer * 7 + step * 3) % 50;
                    let seat = format!("{}{}", ["A", "B", "C", "D", "E"][seat / 10], seat % 10 + 1);
                    let hold = Hold::new(show, [seat]).by(format!("buyer {buyer}"));
                    // Refusals are part of a race.
                    let Ok(hold) = engine.hold(hold).wait() else { continue };
                    if (buyer + step) % 3 == 0 {
                        engine.book(hold.id).wait().expect("one's own hold");
                    } else {
                        engine.release(hold.id).wait().expect("one's own hold");
                    }
                }
            });
        }
    });
    let head = seq(&engine, show);
    let mut ends = Vec::new();
    for stream in &mut streams {
        let mut page = Page::default();
        page.read_to(stream, show, head);
        ends.push((page.symbols, stream.last.clone()));
    }
    ends.dedup();
    assert_eq!(ends.len(), 1, "every page shows the same");
    let (symbols, last) = ends.remove(0);
    Page { seq: head, symbols }.assert_fresh(&client, show);
    assert_eq!(last, cursor(&engine, show, head));
}

/// The text between the first line of this kind and the next fence.
fn example(page: &str) -> &str {
    let (_, rest) = page.split_once("```text\n").expect("an example");
    rest.split_once("```").expect("its end").0
}

#[test]
fn the_page_about_the_feed_shows_a_real_stream() {
    let engine = Engine::in_memory();
    let show = show(&engine);
    let server = Running::over(engine.clone());
    let mut stream = server.client().listen(&format!("shows={show}"), None);
    let mut text = stream.text_to(|text| text.contains("event: show") && text.ends_with("\n\n"));
    let hold = engine.hold(Hold::new(show, ["C5", "C6"]).by("ada")).wait().expect("a hold");
    text += &stream.text_to(|text| text.contains("event: d"));
    engine.book(hold.id).wait().expect("a booking");
    text += &stream.text_to(|text| text.contains("event: d"));
    let (epoch, _) = engine.position().expect("a position");
    let layout = engine.seat_map(show).expect("seats").layout.hash().to_string();
    let mut told = text.replace(&epoch.to_string(), "5QK8Z3TN").replace(&layout, "LAYOUT");
    for name in ["now", "at"] {
        let key = format!("\"{name}\":\"");
        let parts: Vec<_> = told.split(&key).map(str::to_owned).collect();
        let fixed = parts.iter().enumerate().map(|(place, part)| match place {
            0 => part.clone(),
            _ => format!("2027-01-09T20:00:00.000Z{}", &part[24..]),
        });
        told = fixed.collect::<Vec<_>>().join(&key);
    }
    let page = include_str!("../../docs/http-feed.md");
    assert_eq!(told.trim_end(), example(page).trim_end());
}
