//! Seat maps as bytes: made once for each version of a show and handed to everybody.

use crate::answer::Answer;
use crate::headers::{has_version, mark_squeezed};
use crate::squeeze;
use bytes::Bytes;
use hyper::StatusCode;
use hyper::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use parking_lot::RwLock;
use rustc_hash::FxHashMap;
use seatcore::wire::SnapshotView;
use seatcore::{ShowId, Snapshot};
use std::sync::{Arc, OnceLock};

/// Shows whose bytes are kept; a programme of some weeks.
const BOARDS_MAX: usize = 4_096;

/// One version of a show.
#[derive(Debug)]
pub struct Board {
    snapshot: Arc<Snapshot>,
    tag: String,
    unchanged: HeaderMap,
    headers: HeaderMap,
    plain: Bytes,
    squeezed: OnceLock<Option<Bytes>>,
}

impl Board {
    fn of(snapshot: Arc<Snapshot>) -> Self {
        let plain: Bytes =
            serde_json::to_vec(&SnapshotView::of(&snapshot)).unwrap_or_default().into();
        let (tag, kept, squeezed) = (snapshot.etag(), "public, no-cache", OnceLock::new());
        let unchanged = Answer::unchanged_text(&tag).kept(kept).headers;
        let mut headers = unchanged.clone();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        Self { snapshot, tag, unchanged, headers, plain, squeezed }
    }

    /// The answer to whoever asked with these headers.
    pub fn answer(&self, asked: &HeaderMap) -> Answer {
        if has_version(asked, &self.tag) {
            let (status, headers) = (StatusCode::NOT_MODIFIED, self.unchanged.clone());
            return Answer::prepared(status, headers, Bytes::new());
        }
        let mut headers = self.headers.clone();
        let squeezed = if squeeze::accepted(asked) { self.squeezed() } else { None };
        if squeezed.is_some() {
            mark_squeezed(&mut headers);
        }
        let body = squeezed.unwrap_or_else(|| self.plain.clone());
        Answer::prepared(StatusCode::OK, headers, body)
    }

    /// With gzip, if that is smaller; made by the first who wants it.
    fn squeezed(&self) -> Option<Bytes> {
        self.squeezed.get_or_init(|| squeeze::gzip(&self.plain)).clone()
    }
}

/// The newest version of each show that somebody looked at.
#[derive(Debug, Default)]
pub struct Boards {
    by_show: RwLock<FxHashMap<ShowId, Arc<Board>>>,
}

impl Boards {
    /// The board of this snapshot.
    pub fn of(&self, snapshot: Arc<Snapshot>) -> Arc<Board> {
        let kept = self.by_show.read().get(&snapshot.show).cloned();
        if let Some(board) = kept.filter(|board| Arc::ptr_eq(&board.snapshot, &snapshot)) {
            return board;
        }
        let show = snapshot.show;
        let board = Arc::new(Board::of(snapshot));
        let mut by_show = self.by_show.write();
        if by_show.len() >= BOARDS_MAX && !by_show.contains_key(&show) {
            by_show.clear();
        }
        by_show.insert(show, board.clone());
        board
    }
}
