//! The classic API, as a client of the older system uses it.

#[path = "client/client.rs"]
mod client;

use client::{Client, Response, Running};
use seatcore::accounts::Role;
use seatcore::catalogue::layout::Layout;
use seatcore::catalogue::screen::NewScreen;
use seatcore::catalogue::show::NewShow;
use seatcore::doctest::show;
use seatcore::{Block, Engine, Hold, ShowId};
use seatcore_http::Options;
use serde_json::{Value, json};
use std::time::Duration;

fn post(client: &Client, endpoint: &str, body: Value) -> (u16, Value) {
    let response = client.post(&format!("/api/seats/{endpoint}/"), &body);
    (response.status, response.json())
}

fn get(client: &Client, path: &str) -> Value {
    let response = client.get(&format!("/api/seats/{path}"));
    assert_eq!(response.status, 200, "{path}");
    response.json()
}

fn error(status: u16, text: &str) -> (u16, Value) {
    (status, json!({ "error": text }))
}

fn message(text: &str) -> (u16, Value) {
    (200, json!({ "message": text }))
}

fn seats(show: ShowId, labels: &[&str]) -> Value {
    let seats: Vec<_> = labels.iter().map(|label| seat(label)).collect();
    json!({ "show_id": show, "seats": seats })
}

fn seat(label: &str) -> Value {
    let (row, number) = label.split_at(1);
    json!({ "row": row, "number": number.parse::<u16>().expect("a number") })
}

fn one(show: ShowId, label: &str) -> Value {
    let mut body = seat(label);
    body["show_id"] = json!(show);
    body
}

fn registered(server: &Running, name: &str) -> Client {
    let mut client = server.client();
    let pair = json!({"username": name, "password": "pass123", "email": "a@b.example"});
    assert_eq!(
        post(&client, "register", pair.clone()),
        (201, json!({"message": "User registered successfully"}))
    );
    let signed: Response = client.post("/api/seats/login", &pair);
    assert_eq!((signed.status, signed.json()), message("Login successful"));
    client.keep_cookie(&signed);
    client
}

fn states(client: &Client, show: ShowId, wanted: &str) -> Vec<String> {
    let seats = get(client, &format!("?show_id={show}"))["seats"].clone();
    let seats = seats.as_array().expect("seats").iter();
    let seats = seats.filter(|seat| seat["status"] == wanted);
    seats
        .map(|seat| format!("{}{}", seat["row"].as_str().expect("a row"), seat["number"]))
        .collect()
}

#[test]
fn ten_register_at_once_and_one_of_them_gets_the_seat() {
    let engine = Engine::in_memory();
    let show = show(&engine);
    let server = Running::over(engine);
    let listed = get(&server.client(), "shows/")["shows"][0]["id"].clone();
    assert_eq!(listed, json!(show));
    let won: Vec<bool> = std::thread::scope(|threads| {
        let attempt = |buyer: usize| {
            let client = registered(&server, &format!("stress_user_{buyer}"));
            let (held, _) = post(&client, "hold-batch", seats(show, &["A1"]));
            held == 200 && post(&client, "book-batch", seats(show, &["A1"])).0 == 200
        };
        let all: Vec<_> = (0..10).map(|buyer| threads.spawn(move || attempt(buyer))).collect();
        all.into_iter().map(|one| one.join().expect("an answer")).collect()
    });
    assert_eq!(won.iter().filter(|won| **won).count(), 1, "{won:?}");
    assert_eq!(states(&server.client(), show, "BOOKED"), ["A1"]);
}

#[test]
fn what_is_on_is_told_with_the_old_fields() {
    let engine = Engine::in_memory();
    let show = show(&engine);
    let server = Running::over(engine.clone());
    let client = server.client();
    let terms = engine.show(show).expect("the show").opening.terms;
    let listed = get(&client, "shows");
    assert_eq!(
        listed,
        json!({"shows": [{
            "id": show, "movie": "Arrival", "screen": "Main Hall",
            "start_time": terms.starts_at, "end_time": terms.ends_at,
            "price": "12.50", "poster_url": null,
        }]})
    );
    let day = terms.starts_at.to_string()[..10].to_owned();
    assert_eq!(get(&client, &format!("shows/?date={day}")), listed);
    assert_eq!(get(&client, "shows/?date=2001-01-01"), json!({"shows": []}));
    assert_eq!(get(&client, "shows/?date=soon"), listed, "what is no date is overlooked");

    engine.block(Block::new(show, ["A2"]).by("desk")).wait().expect("a block");
    engine.hold(Hold::new(show, ["A3"]).by("ada")).wait().expect("a hold");
    let hall = get(&client, &format!("?show_id={show}"));
    assert_eq!((&hall["show_id"], &hall["screen"]), (&json!(show), &json!("Main Hall")));
    assert_eq!(hall["stats"], json!({"available": 48, "held": 1, "booked": 1}));
    let first = json!({
        "id": u64::from(show.get()) * 262_144, "row": "A", "number": 1,
        "status": "AVAILABLE", "is_held_expired": false,
    });
    assert_eq!(hall["seats"][0], first);
    assert_eq!(hall["seats"][1]["status"], "BOOKED", "off sale");
    assert_eq!(hall["seats"][2]["status"], "HELD");
    assert_eq!(get(&client, ""), hall, "without a number, the next show");
    let nothing = json!({"available": 0, "held": 0, "booked": 0});
    let unknown = json!({"show_id": 99, "screen": "Main", "stats": nothing, "seats": []});
    assert_eq!(get(&client, "?show_id=99"), unknown);
}

#[test]
fn a_caller_s_seats_are_one_hold_and_booking_some_keeps_the_rest() {
    let engine = Engine::in_memory();
    let show = show(&engine);
    let server = Running::over(engine.clone());
    let (ada, bob) = (registered(&server, "ada"), registered(&server, "bob"));
    let (status, held) = post(&ada, "hold-batch", seats(show, &["C5", "C6"]));
    assert_eq!((status, &held["message"]), (200, &json!("Successfully held 2 seats")));
    let (_, held) = post(&ada, "hold", one(show, "C7"));
    assert_eq!(held["message"], "Seat held successfully");
    let holds = engine.live_holds(None, Some(show)).expect("holds");
    let seats_held: Vec<_> = holds.iter().map(|hold| hold.seats.join(" ")).collect();
    assert_eq!(seats_held, ["C5 C6 C7"]);
    assert_eq!(held["expires_at"], json!(holds[0].expires_at));

    // Somebody else holds in the same show: that is nobody's business here.
    assert_eq!(post(&bob, "hold", one(show, "D1")).0, 200);
    let paid = json!({"message": "Successfully booked 2 seats", "total_paid": "25.00"});
    assert_eq!(post(&ada, "book-batch", seats(show, &["C5", "C6"])), (200, paid.clone()));
    assert_eq!(states(&ada, show, "HELD"), ["C7", "D1"]);
    assert_eq!(post(&ada, "book-batch", seats(show, &["C5", "C6"])), (200, paid), "asked again");
    assert_eq!(post(&ada, "book", one(show, "C7")), message("Seat booked successfully"));
    assert_eq!(post(&ada, "book", one(show, "C7")), message("Seat booked successfully"));

    let bookings = get(&ada, "my-bookings")["bookings"].clone();
    let labels: Vec<_> = bookings.as_array().expect("bookings").iter().collect();
    assert_eq!(labels.len(), 3);
    let start = engine.show(show).expect("the show").opening.terms.starts_at;
    let id = u64::from(show.get()) * 262_144 + 24;
    let wanted = json!({
        "id": id, "movie": "Arrival", "start_time": start, "row": "C", "number": 5,
        "price": "12.50",
    });
    assert_eq!(*labels[0], wanted);
    let ticket = get(&ada, &format!("booking/{id}/ticket/"))["ticket"].clone();
    assert_eq!((&ticket["seat"], &ticket["booked_by"]), (&json!("C5"), &json!("ada")));
    assert_eq!((&ticket["ticket_id"], &ticket["price"]), (&json!(id), &json!("12.50")));
    let path = format!("/api/seats/booking/{id}/ticket/");
    let missing = error(404, "Ticket not found");
    let refused = bob.get(&path);
    assert_eq!((refused.status, refused.json()), missing, "another's ticket is none");
    let refused = server.client().get(&path);
    assert_eq!((refused.status, refused.json()), error(401, "Authentication required"));
    let desk = server.user("desk", Role::Staff);
    assert_eq!(desk.get(&path).json()["ticket"]["booked_by"], "ada");
    assert_eq!(get(&bob, "my-bookings/"), json!({"bookings": []}));
}

#[test]
fn what_cannot_be_had_is_said_in_the_old_words() {
    let engine = Engine::in_memory();
    let show = show(&engine);
    let server = Running::over(engine);
    let (ada, bob) = (registered(&server, "ada"), registered(&server, "bob"));
    post(&ada, "hold-batch", seats(show, &["A1", "A2"]));
    post(&ada, "book", one(show, "A2"));
    assert_eq!(post(&ada, "hold", one(show, "A1")).0, 200, "one's own seat, again");
    let held = error(409, "Seat is currently held by someone else");
    assert_eq!(post(&bob, "hold", one(show, "A1")), held);
    let sold = error(409, "Seat is already booked");
    assert_eq!(post(&bob, "hold", one(show, "A2")), sold);
    assert_eq!(post(&bob, "book", one(show, "A2")), sold);
    let another = error(403, "Seat is held by another user");
    assert_eq!(post(&bob, "book", one(show, "A1")), another);
    let free = error(400, "You must hold the seat before booking");
    assert_eq!(post(&bob, "book", one(show, "A3")), free);
    let taken = error(409, "Seat A1 is already taken by someone else");
    assert_eq!(post(&bob, "hold-batch", seats(show, &["A3", "A1"])), taken);
    assert_eq!(states(&bob, show, "HELD"), ["A1"], "all or none");
    let not_held = error(409, "Seat A1 is not held by you");
    assert_eq!(post(&bob, "book-batch", seats(show, &["A1"])), not_held);

    let unknown = ShowId::new(99).expect("a number");
    assert_eq!(post(&bob, "hold", one(show, "Z1")), error(404, "Seat not found"));
    assert_eq!(post(&bob, "book", one(unknown, "A1")), error(404, "Seat not found"));
    let nowhere = error(404, "Seat Z1 not found for show 1");
    assert_eq!(post(&bob, "hold-batch", seats(show, &["A5", "Z1"])), nowhere);
    let nowhere = error(404, "Seat A5 not found for show 99");
    assert_eq!(post(&bob, "book-batch", seats(unknown, &["A5"])), nowhere);
    assert_eq!(post(&bob, "release-hold-batch", seats(unknown, &["A5"])), nowhere);
    let split = json!({"show_id": show, "row": "A1", "number": 0});
    assert_eq!(post(&bob, "hold", split), error(400, "Missing required fields"));
    let other_label = json!({"show_id": show, "row": "A1", "number": 2});
    assert_eq!(post(&bob, "hold", other_label), error(400, "Missing required fields"));
    assert_eq!(post(&bob, "hold-batch", json!({})), error(400, "show_id is required"));
    let empty = json!({"show_id": show, "seats": []});
    assert_eq!(post(&bob, "hold-batch", empty), error(400, "A list of seats is required"));

    let given = message("Holds released successfully");
    assert_eq!(post(&bob, "release-hold-batch", seats(show, &["A1"])), given);
    assert_eq!(states(&bob, show, "HELD"), ["A1"], "not bob's to give");
    assert_eq!(post(&ada, "release-hold-batch", seats(show, &["A1", "E9"])), given);
    assert!(states(&bob, show, "HELD").is_empty());
    assert_eq!(post(&ada, "release-hold-batch", seats(show, &["A1"])), given, "asked again");
}

#[test]
fn a_hold_that_lapsed_is_told_to_its_holder_and_to_the_next() {
    let engine = Engine::in_memory();
    let show = show(&engine);
    let server = Running::over(engine.clone());
    let (ada, bob) = (server.user("ada", Role::Customer), registered(&server, "bob"));
    let body = json!({"seats": ["B1", "B2"], "ttl_s": 1});
    let held = ada.post(&format!("/api/v1/shows/{show}/holds"), &body).json();
    let held = held["seq"].as_u64().expect("a seq");
    let mut feed = engine
        .feed(client::cursor(&engine, show, held).parse().expect("a cursor"))
        .expect("a feed");
    assert!(feed.next_within(client::PATIENCE).expect("an event").is_some(), "it lapses");
    let lapsed = error(400, "Hold has expired, please hold again");
    assert_eq!(post(&ada, "book", one(show, "B1")), lapsed);
    let lapsed = error(409, "Hold for seat B1 has expired");
    assert_eq!(post(&ada, "book-batch", seats(show, &["B1", "B2"])), lapsed);
    let (status, held) = post(&bob, "hold", one(show, "B1"));
    let text = "Seat held successfully (previous hold expired)";
    assert_eq!((status, &held["message"]), (200, &json!(text)));
    let (_, held) = post(&bob, "hold", one(show, "B1"));
    assert_eq!(held["message"], "Seat held successfully");
}

#[test]
fn who_asks_comes_before_how_and_a_body_is_read_whatever_its_type() {
    let engine = Engine::in_memory();
    let show = show(&engine);
    let server = Running::over(engine.clone());
    let (guest, mut ada) = (server.client(), registered(&server, "ada"));
    for endpoint in ["hold", "hold-batch", "book", "book-batch", "release-hold-batch"] {
        for path in [format!("/api/seats/{endpoint}/"), format!("/api/seats/{endpoint}")] {
            let refused = guest.get(&path);
            let said = (refused.status, refused.json());
            assert_eq!(said, error(401, "Authentication required"), "{path}");
            let refused = ada.get(&path);
            assert_eq!((refused.status, refused.json()), error(405, "Method not allowed"));
            assert_eq!(refused.headers["allow"], "POST");
            let said = ada.ask("POST", &path, &[], "{");
            assert_eq!((said.status, said.json()), error(400, "Invalid JSON"));
        }
    }
    let said = guest.get("/api/seats/register/");
    assert_eq!((said.status, said.json()), error(405, "Method not allowed"));
    let said = guest.ask("DELETE", "/api/seats/shows/", &[], "");
    assert_eq!((said.status, said.json()), error(405, "Method not allowed"));

    let plain = [("content-type", "text/plain;charset=UTF-8")];
    let body = json!({"show_id": show.to_string(), "row": "a", "number": "1"}).to_string();
    assert_eq!(ada.ask("POST", "/api/seats/hold/", &plain, &body).status, 200);
    let foreign = [("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")];
    let refused = ada.ask("POST", "/api/seats/book/", &foreign, &body);
    assert_eq!(refused.status, 403, "another site's page sent it");
    assert!(refused.json()["error"].is_string());

    let said = ada.get("/api/seats/logout/");
    ada.keep_cookie(&said);
    assert_eq!((said.status, said.json()), message("Logged out successfully"));
    assert_eq!(post(&ada, "hold", one(show, "A1")), error(401, "Authentication required"));
}

#[test]
fn registering_and_signing_in_say_what_is_wrong() {
    let engine = Engine::in_memory();
    let server = Running::over(engine);
    let client = registered(&server, "ada");
    let pair = |name: &str, word: &str| json!({"username": name, "password": word});
    let missing = error(400, "Username and password required");
    assert_eq!(post(&client, "register", pair("eve", "")), missing);
    let taken = error(409, "Username already exists");
    assert_eq!(post(&client, "register", pair("Ada", "pass123")), taken);
    assert_eq!(post(&client, "register", pair("eve", "short")).0, 400);
    let wrong = error(401, "Invalid credentials");
    assert_eq!(post(&client, "login", pair("ada", "pass124")), wrong);
    assert_eq!(post(&client, "login", pair("nobody", "pass123")), wrong);
    assert_eq!(get(&server.client(), ""), json!({"seats": [], "message": "No upcoming shows"}));
}

#[test]
#[expect(clippy::field_reassign_with_default, reason = "options have a private part")]
fn sections_are_part_of_the_row_and_the_api_can_be_left_out() {
    let engine = Engine::in_memory();
    let plan = Layout::parse("stalls/A:4, balcony/A:2").expect("a plan");
    let first = show(&engine);
    let hall = engine.add_screen(NewScreen::new("Opera", plan)).expect("a screen");
    let movie = engine.show(first).expect("the show").opening.movie;
    let starts = engine.now().plus(Duration::from_secs(3_600));
    let price = "30.00 EUR".parse().expect("a price");
    let show = engine.open_show(NewShow::new(movie, hall.id, starts, price)).expect("a show").id;
    let server = Running::over(engine.clone());
    let ada = registered(&server, "ada");
    let rows = get(&ada, &format!("?show_id={show}"))["seats"].clone();
    assert_eq!(rows[4]["row"], "balcony/A");
    let body = json!({"show_id": show, "row": "balcony/A", "number": 2});
    assert_eq!(post(&ada, "hold", body).0, 200);

    let mut options = Options::default();
    options.classic = false;
    let without = Running::with(engine, options);
    assert_eq!(without.client().get("/api/seats/shows/").status, 404);
}
