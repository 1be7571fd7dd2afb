//! The store in memory: for tests, simulations and programs that need no file.
//!
//! There are two equal copies of the data. A turn for writing owns the one that is worked on, and
//! every primitive change it makes is kept twice: as it was made and as it is taken back. `commit`
//! makes the same changes in the published copy, `roll_back` takes them back, newest first; both
//! cost what the turn changed, whatever the tables hold. So readers never see half a turn and
//! never wait for one.

use self::data::Data;
use self::turn::Writing;
use crate::catalogue::layout::Layout;
use crate::clock::Timestamp;
use crate::error::{BusyReason, Error, StorageReason};
use crate::house::event::{KeyTag, N, Record};
use crate::house::rejection::Rejection;
use crate::id::{Epoch, LayoutHash, ShowId, TicketKey};
use crate::store::{
    Access, Change, Changed, Fence, KeptHouse, SecondTicket, Slice, SoldChange, Standing, Store,
    Tables,
};
use parking_lot::{Condvar, Mutex, RwLock};
use std::sync::Arc;
use std::time::Duration;

mod accounts;
mod change;
mod data;
mod follow;
mod query;
mod tables;
#[cfg(test)]
mod tests;
mod turn;

pub use tables::MemoryTables;

/// How long a turn for writing waits for another store's turn: far longer than turns take.
const TURN_WAIT: Duration = Duration::from_secs(2);
/// When to try again after that.
const TURN_RETRY: Duration = Duration::from_millis(250);

/// The writer's half of a store in memory.
///
/// ```
/// use seatcore::store::{Access, Store, memory::MemoryStore};
/// let mut store = MemoryStore::new(7);
/// let fence = store.begin(Access::Write).unwrap();
/// assert_eq!((fence.head, fence.at), (0, None));
/// store.commit().unwrap();
/// ```
#[derive(Debug)]
pub struct MemoryStore {
    shared: Arc<Shared>,
    turn: Option<Turn>,
}

/// What stores over the same data share.
#[derive(Debug)]
struct Shared {
    /// The copy that is worked on; none while a turn for writing owns it.
    idle: Mutex<Option<Box<Data>>>,
    /// Told when a turn gives it back.
    given_back: Condvar,
    /// The copy that readers see. A turn for reading keeps it as it was when the turn began; only
    /// a commit that meets such a turn has to copy the tables.
    published: RwLock<Arc<Data>>,
}

/// A turn that has begun.
#[derive(Debug)]
enum Turn {
    /// For reading: the data of one moment.
    Read(Arc<Data>),
    /// For writing. A lock's guard in its place could not move between threads.
    Write(Writing),
}

impl MemoryStore {
    /// An empty store whose epoch and ticket key follow from `seed`.
    pub fn new(seed: u64) -> Self {
        let derive = |what| blake3::derive_key(what, &seed.to_le_bytes());
        let epoch = derive("seatcore 2026 memory store epoch");
        let bits = epoch.iter().take(8).fold(0, |bits, byte| bits << 8 | u64::from(*byte));
        let key = TicketKey::new(derive("seatcore 2026 memory store ticket key"));
        let data = Data::empty(Epoch::from_bits(bits), key);
        let shared = Shared {
            idle: Mutex::new(Some(Box::new(data.clone()))),
            given_back: Condvar::new(),
            published: RwLock::new(Arc::new(data)),
        };
        Self { shared: Arc::new(shared), turn: None }
    }

    /// A second store over the same data, as another process would have it.
    pub fn share(&self) -> Self {
        Self { shared: Arc::clone(&self.shared), turn: None }
    }

    /// Asks the turn's own data; outside a turn, the published data.
    fn read<T>(&self, ask: impl FnOnce(&Data) -> T) -> T {
        match &self.turn {
            Some(Turn::Read(data)) => ask(data),
            Some(Turn::Write(writing)) => ask(writing.data()),
            None => ask(&self.shared.published.read()),
        }
    }

    fn writing(&mut self) -> Result<&mut Writing, Error> {
        match &mut self.turn {
            Some(Turn::Write(writing)) => Ok(writing),
            Some(Turn::Read(_)) | None => {
                Err(Error::storage(StorageReason::ReadOnly, "no turn for writing has begun"))
            }
        }
    }
}

impl Shared {
    fn take(&self) -> Result<Box<Data>, Error> {
        let mut idle = self.idle.lock();
        if idle.is_none() {
            self.given_back.wait_while_for(&mut idle, |idle| idle.is_none(), TURN_WAIT);
        }
        idle.take().ok_or(Error::Busy { reason: BusyReason::Lock, retry_after: TURN_RETRY })
    }

    fn give_back(&self, data: Box<Data>) {
        *self.idle.lock() = Some(data);
        self.given_back.notify_one();
    }

    /// Makes a turn's changes in the copy that readers see.
    fn publish(&self, writing: &mut Writing) {
        let made = writing.take_made();
        if made.is_empty() {
            return;
        }
        let mut published = self.published.write();
        let data = Arc::make_mut(&mut published);
        for put in made {
            data.put(put);
        }
    }
}

impl Store for MemoryStore {
    fn begin(&mut self, access: Access) -> Result<Fence, Error> {
        if self.turn.is_some() {
            return Err(Error::storage(StorageReason::Io, "a turn has begun and has not ended"));
        }
        self.turn = Some(match access {
            Access::Read => Turn::Read(Arc::clone(&self.shared.published.read())),
            Access::Write => Turn::Write(Writing::new(self.shared.take()?)),
        });
        Ok(self.read(Data::fence))
    }

    fn records(&mut self, after: N, limit: usize) -> Result<Vec<Record>, Error> {
        Ok(self.read(|data| data.records_behind(after, limit)))
    }

    fn house(&mut self, show: ShowId) -> Result<KeptHouse, Error> {
        Ok(self.read(|data| data.kept_house(show)))
    }

    fn layout(&mut self, hash: LayoutHash) -> Result<Option<Layout>, Error> {
        Ok(self.read(|data| data.layout(hash)))
    }

    fn due(&mut self, until: Timestamp, limit: usize) -> Result<Vec<ShowId>, Error> {
        Ok(self.read(|data| data.due(until, limit)))
    }

    fn append(
        &mut self,
        records: &[Arc<Record>],
        sold: &[SoldChange],
    ) -> Result<Result<(), ShowId>, Error> {
        self.writing()?.attempt(|writing| writing.append(records, sold))
    }

    fn follow(&mut self, slice: &Slice) -> Result<Result<(), SecondTicket>, Error> {
        self.writing()?.attempt(|writing| writing.follow(slice))
    }

    fn archive(&mut self, standing: &Standing) -> Result<(), Error> {
        self.writing()?.archive(standing)
    }

    fn creation(&mut self, tag: KeyTag) -> Result<Option<(u64, Changed)>, Error> {
        Ok(self.read(|data| data.creations.get(&tag).copied()))
    }

    fn change(&mut self, change: &Change) -> Result<Result<Changed, Rejection>, Error> {
        self.writing()?.attempt(|writing| writing.change(change))
    }

    fn commit(&mut self) -> Result<(), Error> {
        if let Some(Turn::Write(mut writing)) = self.turn.take() {
            self.shared.publish(&mut writing);
            self.shared.give_back(writing.into_data());
        }
        Ok(())
    }

    fn roll_back(&mut self) {
        if let Some(Turn::Write(mut writing)) = self.turn.take() {
            writing.take_back(0);
            self.shared.give_back(writing.into_data());
        }
    }

    fn recover(&mut self) -> Result<(), Error> {
        self.roll_back();
        Ok(())
    }

    fn tend(&mut self, _idle: bool) -> Result<(), Error> {
        Ok(())
    }

    fn tables(&self) -> Arc<dyn Tables> {
        Arc::new(MemoryTables::over(&self.shared))
    }
}

impl Drop for MemoryStore {
    /// A store that goes away in the middle of a turn must not keep the others waiting.
    fn drop(&mut self) {
        self.roll_back();
    }
}
