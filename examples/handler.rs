//! The handler of `docs/embedding.md`, letter by letter, and what becomes of it.

use seatcore::catalogue::{layout::Layout, movie::NewMovie, screen::NewScreen, show::NewShow};
use seatcore::{Engine, Failure, Hold, ShowId};
use std::time::Duration;

/// What goes back: a status and a body.
type Answer = (u16, serde_json::Value);

async fn hold(
    engine: Engine,
    buyer: &str,
    show: ShowId,
    seats: Vec<String>,
    key: Option<String>,
) -> Answer {
    let mut wish = Hold::new(show, &seats).by(buyer);
    if let Some(key) = key {
        wish = wish.key(key);
    }
    match engine.hold(wish).await {
        Ok(held) => (201, serde_json::json!(held)),
        Err(failure) => no(&failure),
    }
}

/// A refusal or a fault, in the shape and with the status that seatcore's own server has for it.
fn no(failure: &Failure) -> Answer {
    let problem = seatcore::wire::ProblemView::of(failure);
    (failure.code().http_status(), serde_json::json!(problem))
}

fn block_on<T>(work: impl Future<Output = T>) -> T {
    struct Here(std::thread::Thread);
    impl std::task::Wake for Here {
        fn wake(self: std::sync::Arc<Self>) {
            self.0.unpark()
        }
    }
    let waker = std::sync::Arc::new(Here(std::thread::current())).into();
    let mut work = std::pin::pin!(work);
    loop {
        match work.as_mut().poll(&mut std::task::Context::from_waker(&waker)) {
            std::task::Poll::Ready(done) => return done,
            std::task::Poll::Pending => std::thread::park(),
        }
    }
}

#[test]
fn the_handler_holds_repeats_and_refuses() -> Result<(), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    let engine = Engine::open(folder.path().join("box-office.db"))?;
    let film = engine.add_movie(NewMovie {
        title: "Arrival".into(),
        minutes: 116,
        description: String::new(),
        poster: None,
    })?;
    let hall = engine.add_screen(NewScreen::new("Main Hall", Layout::parse("A-E:10")?))?;
    let starts = engine.now().plus(Duration::from_secs(48 * 3600));
    let show = engine.open_show(NewShow::new(film.id, hall.id, starts, "12.50 EUR".parse()?))?.id;
    let ask = |who: &'static str, key: &str| {
        block_on(hold(engine.clone(), who, show, vec!["C5".into()], Some(key.to_owned())))
    };
    let (status, held) = ask("shop:17", "wish-17");
    assert_eq!((status, &held["holder"]), (201, &"shop:17".into()));
    assert_eq!(ask("shop:17", "wish-17").1["id"], held["id"]);
    let (status, problem) = ask("shop:18", "wish-18");
    assert_eq!((status, &problem["code"]), (409, &"seat_held".into()));
    assert_eq!(ask("", "wish-19").0, 422);
    Ok(())
}

#[test]
fn the_page_shows_what_is_tested_here() {
    let page = include_str!("../docs/embedding.md");
    let (_, below) = page.split_once("```rust\n").expect("a block of Rust");
    let (block, _) = below.split_once("```\n").expect("its end");
    let (uses, rest) = block.split_once("\n\n").expect("what it uses, and the rest");
    let tested = include_str!("handler.rs");
    assert!(tested.contains(uses) && tested.contains(rest), "{block}");
    assert!(!block.lines().any(|line| line.starts_with("# ")), "a line that only rustdoc hides");
}
