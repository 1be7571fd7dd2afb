//! Every cell of the transition tables, made by loops: what may become of a hold, of a seat, and
//! of a command, whoever asks, before, at and after the deadline, in a show that sells, is closed
//! or cancelled. The printed table is compared with `transitions.txt`; `SEATCORE_BLESS=1` writes it.

use seatcore::HoldId;
use seatcore::house::hold::{HoldState, HoldVerb, Refused};
use seatcore::house::seat::Standing;
use std::fmt::Write;
use support::model::pure::{Pure, START, relations};
use support::model::{Ask, Asked, By, Patch, Ref, Said};

mod exhaustion;

/// The life of the hold under test.
const LIFE_MS: i64 = 600_000;
const SHOWS: [&str; 3] = ["on_sale", "closed", "cancelled"];
const TIMES: [(&str, i64); 3] = [("before", -1), ("at", 0), ("after", 1)];
const COMMANDS: [&str; 10] = [
    "extend",
    "book",
    "book_part",
    "book_wrong",
    "release",
    "cancel",
    "hold",
    "block",
    "force",
    "unblock",
];

#[test]
fn the_tables_are_total_and_known() {
    let mut table = String::new();
    hold_table(&mut table);
    seat_table(&mut table);
    decision_table(&mut table);
    compare(&table);
}

fn hold_table(table: &mut String) {
    line(table, "# What a holder's command makes of a hold");
    for state in HoldState::ALL {
        for verb in HoldVerb::ALL {
            let cell = match state.after(verb) {
                Ok(next) => next.to_string(),
                Err(Refused::NotFound) => "not_found".to_owned(),
                Err(Refused::Expired) => "hold_expired".to_owned(),
                Err(Refused::Ended(state)) => format!("hold_ended {state}"),
            };
            line(table, &format!("{state:9} {:8} {cell}", format!("{verb:?}").to_lowercase()));
        }
    }
}

fn seat_table(table: &mut String) {
    line(table, "\n# What an asker may do with a seat");
    let cell = |allowed: Result<(), seatcore::house::rejection::SeatFault>| {
        allowed.map_or_else(|fault| fault.code().as_str(), |()| "yes")
    };
    for standing in Standing::ALL {
        let verbs = [
            ("hold", standing.hold()),
            ("block", standing.block(false)),
            ("force", standing.block(true)),
        ];
        for (verb, allowed) in verbs {
            let name = format!("{standing:?}").to_lowercase();
            line(table, &format!("{name:9} {verb:8} {}", cell(allowed)));
        }
    }
}

/// Every cell is asked of a house and of the model, which must agree, through real records.
fn decision_table(table: &mut String) {
    line(table, "\n# state     show      time   command    owner, other, staff, unnamed");
    for state in HoldState::ALL {
        for show in SHOWS {
            for (time, offset) in TIMES {
                let (pure, hold) = scene(state, show, START + LIFE_MS + offset);
                for command in COMMANDS {
                    let cells: Vec<_> = relations()
                        .into_iter()
                        .map(|(_, by)| cell(pure.clone(), hold, command, &by))
                        .collect();
                    let row = cells.join(", ");
                    line(table, &format!("{state:9} {show:9} {time:6} {command:10} {row}"));
                }
            }
        }
    }
}

fn line(table: &mut String, text: &str) {
    writeln!(table, "{text}").expect("a string takes everything");
}

/// A show with a hold of ann on A1 and A2 that came to `state`, at `now`.
fn scene(state: HoldState, show: &str, now: i64) -> (Pure, HoldId) {
    let mut pure = Pure::new("A:4");
    let seats = || vec!["A1".to_owned(), "A2".to_owned()];
    let hold = match state {
        HoldState::Blocked => {
            let by = Some("ann".to_owned());
            Ask::Block { show: 1, seats: seats(), force: false, note: None, by }
        }
        _ => {
            let (who, ttl_s) = ("ann".to_owned(), Some(LIFE_MS as u64 / 1_000));
            Ask::Hold { show: 1, who, seats: seats(), ttl_s, note: None }
        }
    };
    let id = ask(&mut pure, hold).slip().expect("a hold").id;
    match state {
        HoldState::Booked => drop(ask(&mut pure, book(id))),
        HoldState::Released => {
            drop(ask(&mut pure, Ask::Release { hold: Ref::Id(id), seats: None, by: By::Unnamed }));
        }
        HoldState::Cancelled => {
            ask(&mut pure, book(id));
            ask(&mut pure, Ask::Cancel { booking: Ref::Id(id), by: By::Unnamed });
        }
        HoldState::Held | HoldState::Expired | HoldState::Blocked => {}
    }
    staff(&mut pure, show);
    pure.model.now = now;
    if state == HoldState::Expired {
        // Its lapse is in the log; that of the state `held` is not.
        pure.model.now = now.max(START + LIFE_MS);
        pure.sweep();
    }
    (pure, id)
}

fn staff(pure: &mut Pure, show: &str) {
    match show {
        "closed" => {
            let patch = Patch { closed: Some(true), ..Patch::default() };
            ask(pure, Ask::Change { show: 1, patch, by: None });
        }
        "cancelled" => drop(ask(pure, Ask::CancelShow { show: 1, by: None })),
        _ => {}
    }
}

fn book(id: HoldId) -> Ask {
    let (seats, keep_rest, note, by) = (None, false, None, By::Unnamed);
    Ask::Book { hold: Ref::Id(id), seats, keep_rest, note, by }
}

fn ask(pure: &mut Pure, ask: Ask) -> Said {
    pure.ask(&Asked::from(ask)).unwrap_or_else(|differ| panic!("{differ}"))
}

/// One cell: an accepted edge or a typed refusal, never anything else.
fn cell(mut pure: Pure, id: HoldId, command: &str, by: &By) -> String {
    let Some(asked) = command_of(id, command, by) else { return "-".to_owned() };
    let before = pure.house.head().n;
    let said = ask(&mut pure, asked);
    pure.check()
        .and_then(|()| pure.refold())
        .unwrap_or_else(|broken| panic!("{command}: {broken}"));
    match &said.result {
        Ok(_) => said.word().to_owned(),
        Err(no) => {
            assert_eq!(pure.house.head().n, before, "a refusal without a key writes nothing");
            no.to_string()
        }
    }
}

fn command_of(id: HoldId, command: &str, by: &By) -> Option<Ask> {
    let (hold, by) = (Ref::Id(id), by.clone());
    let part = |seat: &str| Some(vec![seat.to_owned()]);
    let seats = vec!["A1".to_owned()];
    let name = (by != By::Unnamed).then(|| by.name().to_owned());
    let book = |seats| Ask::Book { hold, seats, keep_rest: true, note: None, by: by.clone() };
    Some(match command {
        "extend" => Ask::Extend { hold, ttl_s: 900, by },
        "book" => book(None),
        "book_part" => book(part("A2")),
        "book_wrong" => book(part("A4")),
        "release" => Ask::Release { hold, seats: None, by },
        "cancel" => Ask::Cancel { booking: hold, by },
        // Nobody holds without a name, and staff hold under theirs like everybody else.
        "hold" => Ask::Hold { show: 1, who: name?, seats, ttl_s: None, note: None },
        "block" => Ask::Block { show: 1, seats, force: false, note: None, by: name },
        "force" => Ask::Block { show: 1, seats, force: true, note: None, by: name },
        "unblock" => Ask::Unblock { show: 1, seats, by: name },
        other => unreachable!("{other} is no command"),
    })
}

fn compare(table: &str) {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("it/transitions.txt");
    if std::env::var_os("SEATCORE_BLESS").is_some() {
        return std::fs::write(path, table).expect("the table can be written");
    }
    let golden = std::fs::read_to_string(path).expect("the table is there: SEATCORE_BLESS=1");
    for (at, (known, found)) in golden.lines().zip(table.lines()).enumerate() {
        assert_eq!(known, found, "transitions.txt, line {}", at + 1);
    }
    assert_eq!(golden.lines().count(), table.lines().count(), "cells came or went");
}
