//! Archiving: a show that is over moves to a file of its own. The file is written and verified
//! first, beside all that goes on; then one turn ends the show's chain, puts that last record into
//! the file, gives the file its name, and removes the rows here. Whoever is killed in between
//! leaves the show whole here, or whole there.

use crate::engine::job::Order;
use crate::engine::lane::Lane;
use crate::engine::turn::{Judged, Turn, Verdict, append_safely, refused};
use crate::house::decide;
use crate::house::event::{Caller, Entry, Source};
use crate::house::rejection::{Rejection, What};

#[cfg(feature = "sqlite")]
mod file;

#[cfg(feature = "sqlite")]
pub use file::Archived;

impl Lane {
    /// Ends a show's chain. The last record is on the shelf, under a name that lasts, before it is
    /// in the log; a shelf that refuses it changes nothing. The tables have followed all that
    /// leaves, so nothing is left to follow.
    pub(super) fn archive_show(&mut self, turn: &mut Turn, order: &mut Order) -> Judged {
        self.follow_inside(turn)?;
        let Some(loaded) = self.houses.get(&mut *self.store, order.show)? else {
            return Ok(refused(Rejection::NotFound { what: What::Show }));
        };
        if loaded.house.head() != order.head {
            return Ok(refused(Rejection::Stale));
        }
        let ledger = order.ledger.clone();
        let fact = match decide::archive(&loaded.house, turn.now(), order.records, ledger) {
            Ok(fact) => fact,
            Err(rejection) => return Ok(refused(rejection)),
        };
        let (caller, source) = (Caller::Unnamed, Source::Rust);
        let entry = Entry { fact, caller, source, key: None, span: 1 };
        let mut trial = loaded.house.clone();
        let last = append_safely(&mut trial, turn.next_n(), turn.now(), entry.clone())?;
        if let Err(error) = order.shelf.seal(&last) {
            return Ok(Verdict::Failed(error));
        }
        turn.write(loaded, vec![entry])?;
        turn.archived = Some(loaded.standing());
        Ok(Verdict::Counted(last.n))
    }
}
