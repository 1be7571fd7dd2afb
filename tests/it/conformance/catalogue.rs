//! Movies, screens, shows: from first to last.

use seatcore::catalogue::movie::{MoviePatch, NewMovie, Poster, PosterKind};
use seatcore::catalogue::price::PricePatch;
use seatcore::catalogue::screen::{CLEANING_DEFAULT, NewScreen};
use seatcore::catalogue::show::{NewShow, ShowFilter, ShowStatus};
use seatcore::clock::Timestamp;
use seatcore::error::Code;
use seatcore::house::command::ShowPatch;
use seatcore::house::event::Source;
use seatcore::house::rejection::Rejection;
use seatcore::money::{Currency, PRICE_MINOR_MAX};
use seatcore::{CancelShow, ChangeShow, Failure, Hold, MovieId, ScreenId, ShowId};
use std::time::Duration;
use support::house::{LEAD, NOW, PRICE, add_movie, add_screen, code, house, layout, new_show};
use support::place::Place;

const TWO_HOURS: Duration = Duration::from_secs(2 * 3_600);
const MILLISECOND: Duration = Duration::from_millis(1);

fn movie(title: &str, minutes: u32) -> NewMovie {
    NewMovie { title: title.into(), minutes, description: "d".into(), poster: None }
}

pub fn a_movie_from_first_to_last(place: &dyn Place) {
    let engine = house(place, "A:5").engine;
    let added = engine.add_movie(movie("  Metropolis ", 153)).expect("a movie");
    assert_eq!((&*added.title, added.minutes, &added.poster_url), ("Metropolis", 153, &None));
    let patch = MoviePatch { minutes: Some(149), ..MoviePatch::default() };
    let edited = engine.edit_movie(added.id, patch).expect("it is there");
    assert_eq!((&*edited.title, edited.minutes, &*edited.description), ("Metropolis", 149, "d"));
    let titles: Vec<_> = engine.movies().expect("a list").into_iter().map(|m| m.title).collect();
    assert_eq!(titles, ["Metropolis", "Playtime"], "by title");
    assert_eq!(engine.remove_movie(added.id), Ok(()));
    assert_eq!(code(engine.movie(added.id)), Code::NotFound);
    assert_eq!(code(engine.remove_movie(added.id)), Code::NotFound);
    assert_eq!(code(engine.edit_movie(added.id, MoviePatch::default())), Code::NotFound);
    for wrong in [movie("", 90), movie("x", 0), movie("x", 1_441)] {
        assert_eq!(code(engine.add_movie(wrong)), Code::Invalid);
    }
}

/// What stands in a list is a line of it.
pub fn a_title_is_one_line(place: &dyn Place) {
    let engine = house(place, "A:5").engine;
    for title in ["Playtime\nagain", "\u{1b}[31mred", "a\u{0}b"] {
        assert_eq!(code(engine.add_movie(movie(title, 90))), Code::Invalid, "{title:?}");
        let screen = NewScreen::new(title, layout("A:5"));
        assert_eq!(code(engine.add_screen(screen)), Code::Invalid, "{title:?}");
    }
    let long = NewMovie { description: "One line.\nAnd another.".into(), ..movie("Playtime", 90) };
    engine.add_movie(long).expect("a description may have several");
}

pub fn a_poster_is_an_image(place: &dyn Place) {
    let engine = house(place, "A:5").engine;
    let id = add_movie(&engine);
    assert_eq!(code(engine.poster(id)), Code::NotFound);
    let png = Poster::new(b"\x89PNG\r\n\x1A\nrest".to_vec()).expect("a signature");
    engine.set_poster(id, Some(png.clone())).expect("the movie is there");
    assert_eq!(engine.poster(id), Ok(png));
    assert_eq!(engine.poster(id).expect("a poster").kind(), PosterKind::Png);
    assert!(engine.movie(id).expect("a movie").poster_url.is_some());
    engine.set_poster(id, None).expect("the movie is there");
    assert_eq!(code(engine.poster(id)), Code::NotFound);
    assert!(Poster::new(b"<svg onload=alert(1)>".to_vec()).is_err());
    let nowhere = MovieId::new(4_711).expect("a number");
    assert_eq!(code(engine.set_poster(nowhere, None)), Code::NotFound);
}

pub fn a_screen_from_first_to_last(place: &dyn Place) {
    let engine = house(place, "A:5").engine;
    let added = engine.add_screen(NewScreen::new("Rex", layout("A-B:10"))).expect("a screen");
    assert_eq!((&*added.name, added.seats), ("Rex", 20));
    let change = NewScreen::new("Roxy", layout("A:7"));
    let edited = engine.edit_screen(added.id, change.clone()).expect("it is there");
    assert_eq!((&*edited.name, edited.seats), ("Roxy", 7));
    assert_eq!(engine.remove_screen(added.id), Ok(()));
    assert_eq!(code(engine.edit_screen(added.id, change)), Code::NotFound);
    assert_eq!(code(engine.remove_screen(added.id)), Code::NotFound);
}

pub fn a_show_keeps_the_plan_it_was_opened_with(place: &dyn Place) {
    let house = house(place, "A:5");
    let before = house.engine.show(house.show).expect("a show").opening;
    let change = NewScreen::new("Bigger", layout("A-Z:40"));
    house.engine.edit_screen(before.screen, change).expect("it is there");
    assert_eq!(house.engine.show(house.show).expect("a show").opening, before);
    house.sold("ada", "A5");
    assert_eq!(house.engine.stats(house.show).expect("a show").capacity, 5);
    house.verify();
}

pub fn a_screen_is_busy_with_one_show_at_a_time(place: &dyn Place) {
    let engine = house(place, "A:5").engine;
    let (movie, screen) = (add_movie(&engine), add_screen(&engine, "A:5"));
    let at = |start| engine.open_show(new_show(movie, screen, start));
    let (start, slot) = (NOW.plus(LEAD), TWO_HOURS + CLEANING_DEFAULT);
    let first = at(start).expect("the screen is free").id;
    let busy = |found: Result<_, Failure>| {
        let refused = found.map(|show: seatcore::catalogue::show::Show| show.id);
        assert_eq!(refused, Err(Rejection::Overlap { show: first }.into()));
    };
    busy(at(start));
    busy(at(start.plus(slot - MILLISECOND)));
    busy(at(start.minus(slot - MILLISECOND)));
    at(start.plus(slot)).expect("it begins when the hall is clean");
    at(start.minus(slot)).expect("the hall is clean when the next begins");
    engine.cancel_show(first).wait().expect("it is on");
    at(start).expect("a cancelled show frees its screen");
}

pub fn a_moved_show_must_fit_too(place: &dyn Place) {
    let house = house(place, "A:5");
    let engine = &house.engine;
    let screen = engine.show(house.show).expect("a show").opening.screen;
    let later = NOW.plus(LEAD + 2 * TWO_HOURS);
    let other = engine.open_show(new_show(add_movie(engine), screen, later)).expect("free").id;
    let to = |start| ShowPatch {
        starts_at: Some(start),
        ends_at: Some(start.plus(TWO_HOURS)),
        ..ShowPatch::default()
    };
    let moved = |start| engine.change_show(ChangeShow::new(house.show, to(start)).by("sam")).wait();
    assert_eq!(moved(later).map(drop), Err(Rejection::Overlap { show: other }.into()));
    let free = NOW.plus(LEAD - TWO_HOURS);
    moved(free).expect("nothing is there");
    assert_eq!(engine.show(house.show).expect("a show").opening.terms.starts_at, free);
    house.verify();
}

/// What looks for overlaps trusts that no show is longer.
pub fn a_show_that_begins_later_ends_later(place: &dyn Place) {
    let house = house(place, "A:5");
    let terms = || house.engine.show(house.show).expect("a show").opening.terms;
    let move_to = |starts_at, ends_at| {
        let patch = ShowPatch { starts_at: Some(starts_at), ends_at, ..ShowPatch::default() };
        let moved = house.engine.change_show(ChangeShow::new(house.show, patch).by("sam")).wait();
        moved.expect("nothing is in the way")
    };
    let before = terms();
    let later = before.starts_at.plus(TWO_HOURS / 2);
    move_to(later, None);
    let length = before.ends_at.since(before.starts_at);
    assert_eq!((terms().starts_at, terms().ends_at), (later, later.plus(length)));
    move_to(before.starts_at, Some(later.plus(TWO_HOURS)));
    assert_eq!(terms().ends_at, later.plus(TWO_HOURS), "the end that was named");
    house.verify();
}

pub fn a_show_that_has_moved_is_not_cancelled(place: &dyn Place) {
    let house = house(place, "A:5");
    let seen = house.engine.seat_map(house.show).expect("a show").seq;
    house.held("ada", "A1");
    let cancel = |seq| house.engine.cancel_show(CancelShow::new(house.show).by("sam").if_seq(seq));
    assert_eq!(code(cancel(seen).wait()), Code::Stale);
    house.held("ada", "A1");
    cancel(house.engine.seat_map(house.show).expect("a show").seq).wait().expect("as it was seen");
    house.verify();
}

pub fn no_show_becomes_longer_than_a_day(place: &dyn Place) {
    let house = house(place, "A:5");
    let start = NOW.plus(LEAD);
    let until = |end| {
        let patch =
            ShowPatch { starts_at: Some(start), ends_at: Some(end), ..ShowPatch::default() };
        house.engine.change_show(ChangeShow::new(house.show, patch).by("sam")).wait()
    };
    let day = start.plus(12 * TWO_HOURS);
    until(day).expect("a whole day");
    assert_eq!(code(until(day.plus(MILLISECOND))), Code::Invalid);
    assert_eq!(code(until(start)), Code::Invalid);
    house.verify();
}

pub fn what_is_in_use_stays(place: &dyn Place) {
    let house = house(place, "A:5");
    let opening = house.engine.show(house.show).expect("a show").opening;
    assert_eq!(code(house.engine.remove_movie(opening.movie)), Code::InUse);
    assert_eq!(code(house.engine.remove_screen(opening.screen)), Code::InUse);
    house.verify();
}

pub fn names_are_taken_once(place: &dyn Place) {
    let engine = house(place, "A:5").engine;
    let screen = |name: &str| engine.add_screen(NewScreen::new(name, layout("A:5")));
    let rex = screen("Rex").expect("a new name");
    let roxy = screen("Roxy").expect("a new name");
    assert_eq!(code(screen("rEX")), Code::NameTaken);
    let rename = NewScreen::new("REX", layout("A:5"));
    assert_eq!(code(engine.edit_screen(roxy.id, rename.clone())), Code::NameTaken);
    assert_eq!(engine.edit_screen(rex.id, rename.clone()).expect("its own name").name, "REX");
    let nowhere = ScreenId::new(rex.id.get() + 1_000).expect("a number");
    assert_eq!(code(engine.edit_screen(nowhere, rename)), Code::NotFound, "before its name");
    assert_eq!(code(engine.screen(nowhere)), Code::NotFound);
}

pub fn a_show_s_moments_are_on_every_calendar(place: &dyn Place) {
    let house = house(place, "A:5");
    let (engine, eve) = (&house.engine, Timestamp::MAX.minus(Duration::from_secs(60)));
    let (movie, screen) = (add_movie(engine), add_screen(engine, "A:5"));
    let show = |starts_at| NewShow::new(movie, screen, starts_at, "9 EUR".parse().expect("money"));
    let open = |show: NewShow| code(engine.open_show(show));
    assert_eq!(open(show(eve)), Code::Invalid, "it would end in the year 10000");
    let far = Timestamp::from_millis(i64::MAX);
    assert_eq!(open(show(far)), Code::Invalid);
    let sold = |opens_at, closes_at| NewShow { opens_at, closes_at, ..show(NOW) };
    assert_eq!(open(sold(None, Some(far))), Code::Invalid);
    assert_eq!(open(sold(Some(Timestamp::from_millis(i64::MIN)), None)), Code::Invalid);
    assert_eq!(open(sold(Some(NOW), Some(NOW))), Code::Invalid, "sales that never open");
    let change = |patch| code(engine.change_show(ChangeShow::new(house.show, patch)).wait());
    let closes = |at| ShowPatch { closes_at: Some(Some(at)), ..ShowPatch::default() };
    assert_eq!(change(closes(far)), Code::Invalid);
    let opens_at = Some(far);
    assert_eq!(change(ShowPatch { opens_at, ..ShowPatch::default() }), Code::Invalid);
    let if_seq = Some(u64::MAX);
    assert_eq!(change(ShowPatch { if_seq, ..ShowPatch::default() }), Code::Stale);
    house.verify();
}

pub fn behind_the_last_number_there_is_nothing(place: &dyn Place) {
    let house = house(place, "A:5");
    house.held("ada", "A1");
    house.engine.follow().wait().expect("the tables follow");
    for after in [2, i64::MAX as u64, i64::MAX as u64 + 1, u64::MAX] {
        assert_eq!(house.engine.records(after, 10).map(|records| records.len()), Ok(0), "{after}");
    }
}

pub fn a_tier_that_the_hall_lacks_is_missed_first(place: &dyn Place) {
    let house = house(place, "A:5");
    let closed = ShowPatch { closed: Some(true), ..ShowPatch::default() };
    house.engine.change_show(ChangeShow::new(house.show, closed)).wait().expect("on sale");
    let best = Hold::best(house.show, 2);
    assert_eq!(code(house.engine.hold(best.clone().by("ada")).wait()), Code::ShowClosed);
    let nowhere = best.tier("royal").by("ada");
    assert_eq!(code(house.engine.hold(nowhere).wait()), Code::NotFound);
}

pub fn numbers_are_never_given_twice(place: &dyn Place) {
    let house = house(place, "A:5");
    let engine = &house.engine;
    let (movie, screen) = (add_movie(engine), add_screen(engine, "A:5"));
    engine.remove_movie(movie).expect("unused");
    engine.remove_screen(screen).expect("unused");
    let house = house.reopened(place);
    assert!(add_movie(&house.engine) > movie);
    assert!(add_screen(&house.engine, "A:5") > screen);
    let nowhere = ShowId::new(house.show.get() + 1).expect("a number");
    assert_eq!(code(house.engine.show(nowhere)), Code::NotFound);
}

pub fn a_show_s_terms_change_for_later_holds(place: &dyn Place) {
    let house = house(place, "A:5");
    let (engine, show) = (&house.engine, house.show);
    let before = house.held("ada", "A1");
    let mut prices = engine.show(show).expect("a show").opening.terms.prices;
    prices.base = 900;
    let patch = ShowPatch { prices: Some(prices.into()), ..ShowPatch::default() };
    let event = engine.change_show(ChangeShow::new(show, patch).by("sam")).wait().expect("staff");
    assert_eq!(event.kind, "show_changed");
    assert_eq!(house.held("bob", "A2").total.amount_minor, 900);
    assert_eq!(engine.book(before.id).wait().expect("live").total, before.total);
    let close = ShowPatch { closed: Some(true), if_seq: Some(1), ..ShowPatch::default() };
    let stale = ChangeShow::new(show, close.clone()).by("sam");
    assert_eq!(code(engine.change_show(stale).wait()), Code::Stale);
    let close = ShowPatch { if_seq: None, ..close };
    engine.change_show(ChangeShow::new(show, close).by("sam")).wait().expect("staff");
    assert_eq!(code(house.hold("eve", "A3")), Code::ShowClosed);
    assert_eq!(engine.show_row(show).expect("a show").status, ShowStatus::Closed);
    engine.cancel_show(CancelShow::new(show).reason("fire")).wait().expect("staff");
    let rows = engine.shows(&ShowFilter::default()).expect("a list");
    assert_eq!(rows[0].status, ShowStatus::Cancelled);
    house.verify();
}

pub fn two_who_change_prices_at_once_change_what_they_meant(place: &dyn Place) {
    let house = house(place, "A:2*premium; B:2");
    let engine = &house.engine;
    let money = |minor| Currency::EUR.minor(minor);
    let change = |prices: PricePatch, key: &str| {
        let patch = ShowPatch { prices: Some(prices), ..ShowPatch::default() };
        engine.change_show(ChangeShow::new(house.show, patch).by("sam").key(key)).answer()
    };
    let base = PricePatch { base: Some(money(900)), tiers: None };
    let tiers = PricePatch { base: None, tiers: Some(vec![("premium".into(), money(2_000))]) };
    let first = change(base.clone(), "monday").result.expect("staff");
    change(tiers, "tuesday").result.expect("staff");
    let hold = engine.hold(Hold::new(house.show, ["A1", "B1"]).by("ada")).wait().expect("free");
    assert_eq!(hold.total, money(2_900));
    let cheaper = PricePatch { base: Some(money(800)), tiers: None };
    change(cheaper, "wednesday").result.expect("staff");
    let hold = engine.hold(Hold::new(house.show, ["A2", "B2"]).by("ada")).wait().expect("free");
    assert_eq!(hold.total, money(2_800), "tuesday's tier is still dear");
    let again = change(base, "monday");
    assert!(again.replayed, "what was asked is the same, whatever tiers cost by now");
    assert_eq!(again.result, Ok(first));
    let dollars = PricePatch { base: Some("0.01 USD".parse().expect("money")), tiers: None };
    assert_eq!(code(change(dollars, "friday").result), Code::Invalid);
    let dear = PricePatch { base: Some(money(PRICE_MINOR_MAX + 1)), tiers: None };
    assert_eq!(code(change(dear, "saturday").result), Code::Invalid);
    house.verify();
}

pub fn what_is_said_of_best_available_beside_named_seats_is_refused(place: &dyn Place) {
    let house = house(place, "A:5");
    let named = || Hold::new(house.show, ["A1"]);
    for wish in [named().tier("premium"), named().accessible(1), named().together()] {
        assert_eq!(code(house.engine.hold(wish.by("ada")).wait()), Code::Invalid);
    }
}

pub fn a_retried_creation_finds_what_the_first_made(place: &dyn Place) {
    let house = house(place, "A:5");
    let films = house.engine.movies().expect("a list").len();
    let film = || NewMovie { title: "Arrival".to_owned(), minutes: 116, ..NewMovie::default() };
    let import = house.engine.creating().by("user:1").key("import-17");
    let made = import.add_movie(film()).expect("a movie");
    let reopened = house.reopened(place);
    let engine = &reopened.engine;
    let retry = engine.creating().by("user:1").key("import-17").add_movie(film());
    let retry = retry.expect("the same movie");
    assert_eq!((made.replayed, retry.replayed), (false, true));
    assert_eq!(made.value, retry.value);
    assert_eq!(engine.movies().expect("a list").len(), films + 1);
    let longer = NewMovie { minutes: 117, ..film() };
    let reused = engine.creating().by("user:1").key("import-17").add_movie(longer);
    assert_eq!(code(reused), Code::KeyReused);
    let screen = NewScreen::new("Studio", layout("A:3"));
    let reused = engine.creating().by("user:1").key("import-17").add_screen(screen);
    assert_eq!(code(reused), Code::KeyReused);
    let another = engine.creating().by("user:2").key("import-17").add_movie(film());
    assert!(!another.expect("a movie of theirs").replayed);
    let long = engine.creating().key("k".repeat(256)).add_movie(film());
    assert_eq!(code(long), Code::Invalid);
}

pub fn a_retried_opening_opens_once_and_the_log_says_who(place: &dyn Place) {
    let house = house(place, "A:5");
    let engine = &house.engine;
    let (film, hall) = (add_movie(engine), add_screen(engine, "A:3"));
    let show = || new_show(film, hall, engine.now().plus(LEAD));
    let desk = engine.creating().by("user:1").source(Source::Http).key("friday");
    let first = desk.open_show(show()).expect("the screen is free");
    house.pass(Duration::from_secs(60));
    let wish = new_show(film, hall, first.value.opening.terms.starts_at);
    let retry = desk.open_show(wish.clone()).expect("the same show");
    assert!(retry.replayed && retry.value == first.value);
    assert_eq!(code(engine.open_show(wish)), Code::Overlap);
    let history = engine.history(first.value.id, None, 10).expect("a history");
    let [opened] = &history[..] else { panic!("{history:?}") };
    let actor = opened.actor.as_ref().map(|actor| actor.as_str());
    assert_eq!((opened.source, actor), (Source::Http, Some("user:1")));
}

pub fn a_retried_opening_is_the_first_whatever_its_screen_became(place: &dyn Place) {
    let engine = house(place, "A:5").engine;
    let (film, hall) = (add_movie(&engine), add_screen(&engine, "A:4|4*vip"));
    let mut wish = new_show(film, hall, engine.now().plus(LEAD));
    wish.prices.tiers = vec![("vip".into(), 2_000)];
    let desk = engine.creating().by("user:1").key("gala");
    let first = desk.open_show(wish.clone()).expect("a show with its tier");
    let name = engine.screen(hall).expect("a screen").name;
    engine.edit_screen(hall, NewScreen::new(name, layout("A:8"))).expect("a plan without tiers");
    let retry = desk.open_show(wish.clone()).expect("the same words");
    assert!(retry.replayed && retry.value == first.value);
    wish.prices.base += 1;
    assert_eq!(code(desk.open_show(wish)), Code::KeyReused);
}

pub fn a_show_that_stays_is_not_bound_by_a_longer_cleaning(place: &dyn Place) {
    let engine = house(place, "A:5").engine;
    let (film, hall) = (add_movie(&engine), add_screen(&engine, "A:3"));
    let open = |starts| engine.open_show(new_show(film, hall, starts)).expect("a free screen");
    let first = open(engine.now().plus(LEAD));
    let second = open(first.opening.terms.ends_at.plus(CLEANING_DEFAULT));
    let name = engine.screen(hall).expect("a screen").name;
    let longer = NewScreen { cleaning: TWO_HOURS, ..NewScreen::new(name, layout("A:3")) };
    engine.edit_screen(hall, longer).expect("for shows to come");
    let change = |patch| engine.change_show(ChangeShow::new(first.id, patch)).wait();
    change(ShowPatch { closed: Some(true), ..ShowPatch::default() }).expect("sales end by hand");
    let later = Some(first.opening.terms.starts_at.plus(MILLISECOND));
    let moved = change(ShowPatch { starts_at: later, ..ShowPatch::default() });
    assert_eq!(moved, Err(Rejection::Overlap { show: second.id }.into()));
}

pub fn a_refused_creation_is_not_remembered(place: &dyn Place) {
    let house = house(place, "A:5");
    let engine = &house.engine;
    let taken = engine.screens().expect("a list")[0].clone();
    let screen = |name: &str| NewScreen::new(name, layout("A:3"));
    let desk = engine.creating().by("user:1").key("k");
    assert_eq!(code(desk.add_screen(screen(&taken.name))), Code::NameTaken);
    let rename = NewScreen { name: "Old Hall".to_owned(), ..screen("") };
    engine.edit_screen(taken.id, rename).expect("a new name");
    assert!(!desk.add_screen(screen(&taken.name)).expect("free now").replayed);
}

pub fn prices_are_for_tiers_of_the_plan(place: &dyn Place) {
    let house = house(place, "A:5");
    let engine = &house.engine;
    let (film, hall) = (add_movie(engine), add_screen(engine, "A:2*Premium; B:2"));
    let priced = |tiers: &[(&str, u32)]| {
        let mut show = new_show(film, hall, engine.now().plus(LEAD));
        show.prices.tiers = tiers.iter().map(|(name, price)| ((*name).into(), *price)).collect();
        engine.open_show(show)
    };
    for tiers in [&[("premum", 2_000)][..], &[("premium", 2_000), ("Premium", 1)]] {
        assert_eq!(code(priced(tiers)), Code::Invalid);
    }
    let show = priced(&[("PREMIUM", 2_000)]).expect("a tier of the plan, in any case").id;
    let hold = engine.hold(Hold::new(show, ["A1", "B1"]).by("ada")).wait().expect("free seats");
    assert_eq!(hold.total.amount_minor, 2_000 + i64::from(PRICE));
    let mut prices = engine.show(show).expect("the show").opening.terms.prices;
    prices.tiers = vec![("balcony".into(), 1)];
    let patch = ShowPatch { prices: Some(prices.into()), ..ShowPatch::default() };
    assert_eq!(code(engine.change_show(ChangeShow::new(show, patch)).wait()), Code::Invalid);
}
