//! How far the write-ahead log grows while nobody pauses.

use seatcore::Engine;
use seatcore::catalogue::movie::{NewMovie, Poster};
use support::place::File;

/// What is promised: 64 MB, while 120 MB are written without a pause.
const SOFT_BOUND: u64 = 64 << 20;

#[test]
fn it_begins_anew_while_commits_go_on() {
    let file = File::temporary();
    let engine = Engine::open(file.path()).expect("a new file");
    let (title, description) = ("Solaris".to_owned(), String::new());
    let film = NewMovie { title, minutes: 167, description, poster: None };
    let film = engine.add_movie(film).expect("a movie");
    let mut image = b"\x89PNG\r\n\x1A\n".to_vec();
    image.resize(4 << 20, 7);
    for round in 0..30 {
        image[8..].fill(round);
        let poster = Poster::new(image.clone()).expect("an image");
        engine.set_poster(film.id, Some(poster)).expect("it is kept");
    }
    let log = std::fs::metadata(file.beside("box-office.db-wal")).expect("the log").len();
    assert!(log < SOFT_BOUND, "{log} bytes in the write-ahead log");
    assert_eq!(engine.poster(film.id).expect("the last").bytes(), image);
    engine.close();
}
