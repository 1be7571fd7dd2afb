//! Who waits for an answer, and what their wakers do on the thread that gives it.

use rusqlite::Connection;
use seatcore::{Engine, Failure, Hold, HoldDetails, Reply};
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Wake, Waker};
use support::house::house;
use support::place::File;

/// A waker that does something by itself.
struct Does<F>(F);

impl<F: Fn() + Send + Sync> Wake for Does<F> {
    fn wake(self: Arc<Self>) {
        self.0();
    }
}

#[expect(clippy::disallowed_methods, reason = "another program takes the lock")]
fn lock(path: &Path) -> Connection {
    let blocker = Connection::open(path).expect("the file opens");
    blocker.execute_batch("BEGIN IMMEDIATE").expect("nobody writes");
    blocker
}

fn waits(reply: &mut Reply<HoldDetails>, does: impl Fn() + Send + Sync + 'static) {
    let waker = Waker::from(Arc::new(Does(does)));
    assert!(Pin::new(reply).poll(&mut Context::from_waker(&waker)).is_pending());
}

#[test]
fn a_reply_is_a_future_of_what_its_wait_returns() {
    fn outcome<F: Future<Output = Result<HoldDetails, Failure>>>(_: &F) {}
    let file = File::temporary();
    let house = house(&file, "A:5");
    let reply = house.engine.hold(Hold::new(house.show, ["A1"]).by("ada"));
    outcome(&reply);
    reply.wait().expect("a free seat");
}

/// The turn's other answers are there before anybody's code runs, and that code may panic.
#[test]
fn a_waker_that_panics_is_its_own_trouble() {
    let file = File::temporary();
    let house = house(&file, "A:5");
    let ask = |who: &str, seat: &str| house.engine.hold(Hold::new(house.show, [seat]).by(who));
    let blocker = lock(file.path());
    let (mut ada, bob) = (ask("ada", "A1"), ask("bob", "A2"));
    waits(&mut ada, || panic!("in somebody's executor"));
    drop(blocker);
    bob.wait().expect("a free seat");
    ask("eve", "A3").wait().expect("the box office is open");
    ada.wait().expect("hers all the same");
}

/// An executor that runs tasks as they are woken may let the last engine go on the lane itself.
#[test]
fn the_last_engine_may_be_let_go_by_a_waker() {
    let file = File::temporary();
    let house = house(&file, "A:5");
    let (show, blocker) = (house.show, lock(file.path()));
    let mut ada = house.engine.hold(Hold::new(show, ["A1"]).by("ada"));
    let bob = house.engine.hold(Hold::new(show, ["A2"]).by("bob"));
    let last: Mutex<Option<Engine>> = Mutex::new(Some(house.engine));
    let (told, gone) = std::sync::mpsc::channel();
    waits(&mut ada, move || {
        let engine = last.lock().expect("one waker").take();
        let let_go = catch_unwind(AssertUnwindSafe(|| drop(engine)));
        told.send(let_go.is_ok()).expect("the test listens");
    });
    drop(blocker);
    bob.wait().expect("a free seat");
    assert_eq!(gone.recv(), Ok(true));
}
