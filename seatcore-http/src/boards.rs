//! Seat maps as bytes: made once for each version of a show and handed to everybody.

use crate::squeeze;
use bytes::Bytes;
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
    /// Its version, without quotes.
    pub tag: String,
    /// As JSON.
    pub plain: Bytes,
    squeezed: OnceLock<Option<Bytes>>,
}

impl Board {
    fn of(snapshot: Arc<Snapshot>) -> Self {
        let plain = serde_json::to_vec(&SnapshotView::of(&snapshot)).unwrap_or_default();
        Self { tag: snapshot.etag(), plain: plain.into(), squeezed: OnceLock::new(), snapshot }
    }

    /// The same with gzip, if that is smaller; made by the first who wants it.
    pub fn squeezed(&self) -> Option<Bytes> {
        self.squeezed.get_or_init(|| squeeze::gzip(&self.plain)).clone()
    }
}

/// The newest version of each show that somebody looked at.
#[derive(Debug, Default)]
pub struct Boards {
    by_show: RwLock<FxHashMap<ShowId, Arc<Board>>>,
}

impl Boards {
    /// The bytes of this snapshot.
    pub fn bytes(&self, snapshot: Arc<Snapshot>) -> Arc<Board> {
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
