//! What needs a terminal, at a real one: the picker, the live map, questions, passwords.

use person::House;
use served::Served;
use std::io::Write;
use std::net::TcpListener;

#[path = "cli/desk.rs"]
mod desk;
#[path = "terminal/person.rs"]
mod person;
#[path = "server/served.rs"]
#[allow(dead_code, reason = "every test binary uses its own part")]
mod served;

const CTRL_C: &str = "\x03";
const UP: &str = "\x1b[A";
const RIGHT: &str = "\x1b[C";

#[test]
fn a_buyer_picks_holds_books_and_sees_what_others_do() {
    let house = House::seeded();
    let mut ada = house.sit_down("seatcore pick 1 --as ada");
    ada.sees("space takes a seat");
    ada.sees("□ available 50");
    house.done("hold 1 A1 A2 --as bob");
    ada.sees("◐ held 2");
    ada.sees("A  ◐ ◐ □".replace("  ", " ").as_str());
    ada.press(&format!("{UP}{RIGHT} "));
    let seen = ada.sees("taken; Enter holds");
    let seat = seen.split(" taken;").next().and_then(|text| text.split_whitespace().last());
    let seat = seat.expect("a seat").to_owned();
    ada.press("\r");
    ada.sees("Enter books, r releases");
    ada.sees("m 5");
    assert!(house.done("holds list --as ada").contains(&seat));
    ada.press("\r");
    ada.sees("booked");
    ada.press("q");
    let (code, last) = ada.leaves();
    assert_eq!(code, 0, "{last}");
    assert!(last.contains("to undo this: seatcore bookings cancel"), "{last}");
    assert!(house.done("seats why 1 C5").contains("available") || seat == "C5");
    assert!(house.done(&format!("seats why 1 {seat}")).contains("booked"));
    house.done("verify");
}

#[test]
fn somebody_faster_takes_the_seat_and_the_choice_says_so() {
    let house = House::seeded();
    let mut ada = house.sit_down("seatcore pick 1 --as ada");
    ada.sees("space takes a seat");
    ada.press(" ");
    let seen = ada.sees("taken; Enter holds");
    let seat = seen.split(" taken;").next().and_then(|text| text.split_whitespace().last());
    let seat = seat.expect("a seat").to_owned();
    house.done(&format!("book 1 {seat} --as bob"));
    ada.sees(&format!("{seat} went to somebody else"));
    ada.press(CTRL_C);
    assert_eq!(ada.leaves().0, 0);
}

#[test]
fn what_is_held_bit_by_bit_is_one_hold_and_given_back_whole() {
    let house = House::seeded();
    let mut ada = house.sit_down("seatcore pick 1 --as ada");
    ada.sees("space takes a seat");
    let holds = || house.done("holds list --as ada").lines().filter(|l| l.contains("hld_")).count();
    for step in [" ".to_owned(), format!("{RIGHT} ")] {
        ada.press(&step);
        ada.sees("taken; Enter holds");
        ada.press("\r");
        ada.sees("held; Enter books");
        assert_eq!(holds(), 1);
    }
    assert!(house.done("seats map 1").contains("held 2"));
    ada.press("3");
    ada.sees("held; Enter books");
    ada.press("q");
    assert_eq!(ada.leaves().0, 0);
    assert_eq!(house.done("holds list --as ada"), "");
}

#[test]
fn whoever_leaves_gives_back_what_is_held_and_the_terminal_too() {
    let house = House::seeded();
    for farewell in ["q", CTRL_C, "kill"] {
        let mut ada = house.sit_down("exec seatcore pick 1 --as ada");
        ada.sees("space takes a seat");
        ada.press("3");
        ada.sees("Enter books, r releases");
        assert!(house.done("holds list --as ada").contains("hld_"));
        let expected = if farewell == "kill" {
            let process = ada.process().to_string();
            let killed = std::process::Command::new("kill").args(["-TERM", &process]).status();
            assert!(killed.expect("kill runs").success());
            130
        } else {
            ada.press(farewell);
            0
        };
        let (code, last) = ada.leaves();
        assert_eq!(code, expected, "{last}");
        assert_eq!(house.done("holds list --as ada"), "", "after {farewell:?}");
    }
}

#[test]
fn what_was_booked_is_printed_although_the_server_is_gone_by_then() {
    let (house, served) = (House::seeded(), Served::seeded());
    let key = served.desk("manage").env["SEATCORE_API_KEY"].clone();
    let line = format!("SEATCORE_API_KEY={key} seatcore pick 1 --db {}", served.url);
    let mut ada = house.sit_down(&line);
    ada.sees("space takes a seat");
    ada.press("2");
    ada.sees("Enter books, r releases");
    ada.press("\r");
    ada.sees("■ booked 2");
    ada.press("1");
    ada.sees("Enter books, r releases");
    drop(served);
    ada.press("q");
    let (code, last) = ada.leaves();
    assert_eq!(code, 6, "{last}");
    assert!(last.contains("to undo this: seatcore bookings cancel"), "{last}");
    assert!(last.contains("cannot reach"), "{last}");
}

#[test]
fn the_picker_follows_the_window_and_says_when_it_is_too_small() {
    let house = House::seeded();
    let mut ada = house.sit_down("seatcore pick 1 --as ada");
    ada.sees("space takes a seat");
    ada.resize(30, 8);
    ada.sees("too small");
    ada.resize(60, 20);
    ada.sees("E □ □");
    ada.press("?");
    ada.sees("the next free seat");
    ada.press("x");
    ada.press("q");
    assert_eq!(ada.leaves().0, 0);
}

#[test]
fn the_picker_lives_through_a_rush_on_its_hall() {
    let house = House::seeded();
    let mut ada = house.sit_down("seatcore pick 1 --as ada");
    ada.sees("space takes a seat");
    let rush = "stress --users 60 --seats 30 --processes 2 --db seatcore.db";
    let mut rush = house.begin(rush);
    ada.sees("■ booked 30");
    assert!(rush.wait().expect("an end").success());
    ada.press("2");
    ada.sees("Enter books, r releases");
    ada.press("\r");
    ada.sees("■ booked 32");
    ada.press("q");
    assert_eq!(ada.leaves().0, 0);
    house.done("verify");
}

#[test]
fn a_live_map_draws_what_happens_until_ctrl_c() {
    let house = House::seeded();
    let mut ada = house.sit_down("seatcore seats map 1 --watch");
    ada.sees("□ available 50");
    house.done("book 1 A1 A2 --as bob");
    ada.sees("■ booked 2");
    ada.press(CTRL_C);
    assert_eq!(ada.leaves().0, 130);
}

#[test]
fn a_clerk_is_asked_for_film_time_and_seats() {
    let house = House::seeded();
    let mut clerk = house.sit_down("seatcore book --reference 'Ms Adams'");
    clerk.sees("Which film?");
    clerk.press("Top\r");
    clerk.sees("When?");
    clerk.press("\r");
    clerk.sees("For whom?");
    clerk.press("\r");
    clerk.sees("1 to 64 printable characters");
    clerk.press("ada\r");
    clerk.sees("Which seats?");
    clerk.press("C5 C6\r");
    clerk.sees("Book C5 C6 for ada, 200.00 EUR?");
    clerk.press("\r");
    clerk.sees("to undo this");
    assert_eq!(clerk.leaves().0, 0);
    assert!(house.done("seats why 1 C5").contains("booked"));
    assert!(house.done("bookings list --json").contains("Ms Adams"));
}

#[test]
fn a_clerk_who_changes_their_mind_leaves_nothing_held() {
    let house = House::seeded();
    let mut clerk = house.sit_down("seatcore book --as ada");
    clerk.sees("Which film?");
    clerk.press("\r");
    clerk.sees("When?");
    clerk.press("\r");
    clerk.sees("Which seats?");
    clerk.press("3\r");
    clerk.sees("Book ");
    assert!(house.done("holds list").contains("hld_"));
    clerk.press(CTRL_C);
    assert_eq!(clerk.leaves().0, 130);
    assert_eq!(house.done("holds list"), "");
}

#[test]
fn a_measurement_that_is_stopped_leaves_no_folder_behind() {
    let house = House::seeded();
    let line = "TMPDIR=$PWD seatcore bench --clients 2; echo \"exit $?\"; ls";
    let mut clerk = house.sit_down(line);
    clerk.sees("measuring");
    clerk.press(CTRL_C);
    let seen = clerk.sees("seatcore.db");
    assert!(seen.contains("exit 130") && !seen.contains("seatcore-bench-"), "{seen}");
    assert_eq!(clerk.leaves().0, 0);
}

#[test]
fn the_demonstration_serves_a_dashboard_until_ctrl_c() {
    let house = House::seeded();
    let mut host = house.sit_down("seatcore demo --port 18400 --db demo.db");
    let seen = host.sees("closes the doors");
    let at = seen.find("http://").expect("an address");
    let url = seen[at..].split_whitespace().next().expect("an address");
    house.done(&format!("health --url {url}"));
    house.done("hold best 1 -n 1 --as ada --db demo.db");
    host.press(CTRL_C);
    assert_eq!(host.leaves().0, 0);
    house.done("verify --db demo.db");
}

#[test]
fn a_server_that_takes_its_time_is_seen_to_be_waited_for() {
    let house = House::seeded();
    let slow = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = slow.local_addr().expect("an address");
    let ada = house.sit_down(&format!("seatcore movies list --db http://{address}"));
    let (mut asked, _) = slow.accept().expect("a question");
    ada.sees(&format!("waiting for http://{address}"));
    let answer = r#"{"data":[],"next":null}"#;
    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close";
    let length = answer.len();
    write!(asked, "{head}\r\ncontent-length: {length}\r\n\r\n{answer}").expect("an answer");
    ada.sees_no_more("waiting for");
    let (code, last) = ada.leaves();
    assert_eq!(code, 0, "{last}");
}

#[test]
fn ctrl_c_at_a_password_leaves_a_terminal_that_can_be_typed_at() {
    let house = House::seeded();
    let mut clerk = house.sit_down("seatcore users add zoe; echo \"exit $?\"; stty -a");
    clerk.sees("Password:");
    clerk.press(&format!("half a pass{CTRL_C}"));
    clerk.sees("exit 130");
    let modes = clerk.sees(" echo ");
    assert!(modes.contains("isig") && !modes.contains("-isig"), "{modes}");
    assert!(!modes.contains("half a pass"), "{modes}");
    assert_eq!(clerk.leaves().0, 0);
    assert!(!house.done("users list").contains("zoe"));
}
