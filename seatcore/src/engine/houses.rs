//! Houses in memory: loaded at first touch, evicted when they weigh too much.

use crate::catalogue::layout::Layout;
use crate::catalogue::show::Opening;
use crate::clock::Timestamp;
use crate::engine::follow::CHECKPOINT_EVERY;
use crate::engine::sweep::SWEEP_HOLDS;
use crate::error::Error;
use crate::house::event::{Fact, N, Record};
use crate::house::outcome::Printer;
use crate::house::{Contradiction, House};
use crate::id::{LayoutHash, ShowId, TicketKey};
use crate::money::Currency;
use crate::store::{KeptHouse, Standing, Store};
use rustc_hash::FxHashMap;
use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Weak};

/// What prints a show's records; shared with everybody who waits for an answer.
#[derive(Debug, Clone)]
pub(crate) struct Scene {
    pub(crate) layout: Arc<Layout>,
    pub(crate) currency: Currency,
    pub(crate) tickets: TicketKey,
}

impl Scene {
    pub(crate) fn printer(&self) -> Printer<'_> {
        Printer { layout: &self.layout, currency: self.currency, tickets: &self.tickets }
    }
}

/// A house in memory.
#[derive(Debug)]
pub(crate) struct Loaded {
    pub(crate) house: House,
    pub(crate) scene: Arc<Scene>,
    /// Records since the last checkpoint of it.
    pub(crate) unkept: u32,
    used: u64,
    weight: usize,
    due: Option<Timestamp>,
}

/// Every house in memory.
#[derive(Debug)]
pub(crate) struct Houses {
    loaded: FxHashMap<ShowId, Loaded>,
    layouts: HashMap<LayoutHash, Weak<Layout>>,
    /// The newest record of shows that the tables have not followed to their end.
    heads: FxHashMap<ShowId, N>,
    /// A proof failed: what is loaded now is folded from the log alone.
    checkpoints_doubted: bool,
    /// Next deadlines of the houses in memory.
    due: BTreeSet<(Timestamp, ShowId)>,
    tickets: TicketKey,
    budget: usize,
    weight: usize,
    uses: u64,
}

impl Houses {
    pub(crate) fn new(tickets: TicketKey, budget: usize) -> Self {
        Self {
            loaded: FxHashMap::default(),
            layouts: HashMap::new(),
            heads: FxHashMap::default(),
            checkpoints_doubted: false,
            due: BTreeSet::new(),
            tickets,
            budget,
            weight: 0,
            uses: 0,
        }
    }

    /// Forgets everything: the file is another one.
    pub(crate) fn clear(&mut self) {
        *self = Self::new(self.tickets, self.budget);
    }

    /// Whether houses are loaded without the help of what was kept of them.
    pub(crate) fn doubt_checkpoints(&mut self, doubted: bool) {
        self.checkpoints_doubted = doubted;
    }

    /// Drops every house. Heads stay: they are of the log, and the tables do not know them yet.
    pub(crate) fn forget_loaded(&mut self) {
        self.loaded.clear();
        self.due.clear();
        self.weight = 0;
    }

    /// A show's house; `None` if there is no such show.
    pub(crate) fn get(
        &mut self,
        store: &mut dyn Store,
        show: ShowId,
    ) -> Result<Option<&mut Loaded>, Error> {
        if !self.loaded.contains_key(&show) {
            let Some((house, unkept)) = self.load(store, show)? else { return Ok(None) };
            self.adopt(house, unkept);
        }
        self.uses += 1;
        let used = self.uses;
        let mut loaded = self.loaded.get_mut(&show);
        if let Some(loaded) = &mut loaded {
            loaded.used = used;
        }
        Ok(loaded)
    }

    /// A house that is in memory already.
    pub(crate) fn peek(&self, show: ShowId) -> Option<&Loaded> {
        self.loaded.get(&show)
    }

    /// The same, to change it.
    pub(crate) fn peek_mut(&mut self, show: ShowId) -> Option<&mut Loaded> {
        self.loaded.get_mut(&show)
    }

    /// Takes in the house of a show that was just opened.
    pub(crate) fn open(
        &mut self,
        store: &mut dyn Store,
        show: ShowId,
        opening: &Opening,
    ) -> Result<&mut Loaded, Error> {
        let layout = self.layout(store, show, opening.layout)?;
        self.adopt(House::empty(show, opening, layout), 0);
        let adopted = self.loaded.get_mut(&show);
        adopted.ok_or_else(|| Error::corrupt_show(show, "its house is not in memory"))
    }

    fn adopt(&mut self, house: House, unkept: u32) {
        let show = house.show();
        let scene = Arc::new(Scene {
            layout: house.layout().clone(),
            currency: house.terms().prices.currency,
            tickets: self.tickets,
        });
        let loaded = Loaded { house, scene, unkept, used: self.uses, weight: 0, due: None };
        self.loaded.insert(show, loaded);
        self.settle(show);
    }

    fn layout(
        &mut self,
        store: &mut dyn Store,
        show: ShowId,
        hash: LayoutHash,
    ) -> Result<Arc<Layout>, Error> {
        if let Some(layout) = self.layouts.get(&hash).and_then(Weak::upgrade) {
            return Ok(layout);
        }
        let missing = || Error::corrupt_show(show, format!("layout {hash} is missing"));
        let layout = Arc::new(store.layout(hash)?.ok_or_else(missing)?);
        self.layouts.insert(hash, Arc::downgrade(&layout));
        Ok(layout)
    }

    fn load(&mut self, store: &mut dyn Store, show: ShowId) -> Result<Option<(House, u32)>, Error> {
        let kept = store.house(show)?;
        match &kept.quarantine {
            Some(reason) => Err(Error::corrupt_show(show, reason)),
            None => self.load_kept(store, show, &kept),
        }
    }

    /// Where a show stands by its log, also one that is stopped and has no house for anybody.
    pub(crate) fn standing_in_log(
        &mut self,
        store: &mut dyn Store,
        show: ShowId,
    ) -> Result<Standing, Error> {
        let kept = store.house(show)?;
        let loaded = self.load_kept(store, show, &kept)?;
        let (house, _) = loaded.ok_or_else(|| Error::corrupt_show(show, "it has no record"))?;
        Ok(Standing::of(&house))
    }

    fn load_kept(
        &mut self,
        store: &mut dyn Store,
        show: ShowId,
        kept: &KeptHouse,
    ) -> Result<Option<(House, u32)>, Error> {
        let head = self.heads.get(&show).copied().unwrap_or(0).max(kept.head);
        if head == 0 {
            return Ok(None);
        }
        match self.continue_checkpoint(store, show, kept, head)? {
            None => self.refold(store, show, head).map(Some),
            continued => Ok(continued),
        }
    }

    /// The checkpoint and the records behind it. The log is the truth: a checkpoint that cannot be
    /// read, or that the log does not continue, is as good as none.
    fn continue_checkpoint(
        &mut self,
        store: &mut dyn Store,
        show: ShowId,
        kept: &KeptHouse,
        head: N,
    ) -> Result<Option<(House, u32)>, Error> {
        if self.checkpoints_doubted {
            return Ok(None);
        }
        let restored = self.restore(store, show, kept);
        let Some(mut house) = unless_corrupt(restored)?.flatten() else { return Ok(None) };
        if !is_in_log(store, &house)? {
            return Ok(None);
        }
        let tail = tail(store, show, house.head().n, head);
        let Some(tail) = unless_corrupt(tail)? else { return Ok(None) };
        let folded = tail.iter().rev().try_for_each(|record| house.fold(record));
        Ok(folded.is_ok().then_some((house, tail.len() as u32)))
    }

    fn refold(
        &mut self,
        store: &mut dyn Store,
        show: ShowId,
        head: N,
    ) -> Result<(House, u32), Error> {
        let tail = tail(store, show, 0, head)?;
        let mut house = self.first_house(store, show, tail.last())?;
        // What is left of an archived show is what that one record says.
        let behind = if house.is_hollow() { &[][..] } else { &tail[..] };
        for record in behind.iter().rev() {
            house.fold(record).map_err(|contradiction| corrupt(show, contradiction))?;
        }
        Ok((house, tail.len() as u32))
    }

    fn restore(
        &mut self,
        store: &mut dyn Store,
        show: ShowId,
        kept: &KeptHouse,
    ) -> Result<Option<House>, Error> {
        let Some(bytes) = &kept.checkpoint else { return Ok(None) };
        let unreadable = |_| Error::corrupt_show(show, "unreadable checkpoint");
        let hash = House::layout_in(bytes).map_err(unreadable)?;
        let layout = self.layout(store, show, hash)?;
        let mut house = House::from_bytes(show, bytes, layout).map_err(unreadable)?;
        house.restore_receipts(kept.receipts.iter().copied());
        Ok(Some(house))
    }

    fn first_house(
        &mut self,
        store: &mut dyn Store,
        show: ShowId,
        first: Option<&Record>,
    ) -> Result<House, Error> {
        match first.map(|record| &record.entry.fact) {
            Some(Fact::ShowOpened(opening)) => {
                let layout = self.layout(store, show, opening.layout)?;
                Ok(House::empty(show, opening, layout))
            }
            Some(Fact::Archived(archive)) => {
                let layout = self.layout(store, show, archive.opening.layout)?;
                let end = first.ok_or_else(|| Error::corrupt_show(show, "it has no record"))?;
                House::hollow(show, end, layout).map_err(|what| corrupt(show, what))
            }
            _ => Err(Error::corrupt_show(show, "its log does not begin with its opening")),
        }
    }

    /// A record of another process, or one of ours that just became durable: the show's head.
    pub(crate) fn note_head(&mut self, show: ShowId, n: N) {
        self.heads.insert(show, n);
    }

    /// The tables followed to the log's end: they know every head.
    pub(crate) fn all_followed(&mut self) {
        self.heads.clear();
    }

    /// Folds a record of another process into its house, if that is in memory.
    pub(crate) fn fold(&mut self, record: &Record) {
        let Some(show) = record.show_id() else { return };
        self.note_head(show, record.n);
        let Some(loaded) = self.loaded.get_mut(&show) else { return };
        if record.n <= loaded.house.head().n {
            return;
        }
        loaded.unkept += 1;
        if loaded.house.fold(record).is_err() {
            // Loading it anew finds and names the contradiction.
            self.forget(show);
        } else {
            self.settle(show);
        }
    }

    /// Brings weight and next deadline of a house up to date after it changed.
    pub(crate) fn settle(&mut self, show: ShowId) {
        let Some(loaded) = self.loaded.get_mut(&show) else { return };
        let weight = loaded.house.weight();
        self.weight = self.weight + weight - loaded.weight;
        loaded.weight = weight;
        let due = loaded.house.next_expiry();
        if due != loaded.due {
            if let Some(before) = loaded.due {
                self.due.remove(&(before, show));
            }
            if let Some(due) = due {
                self.due.insert((due, show));
            }
            loaded.due = due;
        }
    }

    /// Drops a house; the next touch loads it from the store.
    pub(crate) fn forget(&mut self, show: ShowId) {
        if let Some(loaded) = self.loaded.remove(&show) {
            self.weight -= loaded.weight;
            if let Some(due) = loaded.due {
                self.due.remove(&(due, show));
            }
        }
    }

    /// Whether houses weigh more than they may.
    pub(crate) const fn is_over_budget(&self) -> bool {
        self.weight > self.budget
    }

    /// Evicts the least recently used houses until the rest weighs a tenth below the budget;
    /// answers whose they were. Those with the earliest deadlines until `soon` stay, as far as one
    /// turn publishes them: loading them again would be late.
    pub(crate) fn evict(&mut self, soon: Timestamp) -> Vec<ShowId> {
        let mut evicted = Vec::new();
        let mut by_use: Vec<_> =
            self.loaded.iter().map(|(show, loaded)| (loaded.used, *show)).collect();
        by_use.sort_unstable();
        let stay: BTreeSet<_> = self.due(soon).map(|(_, show)| show).take(SWEEP_HOLDS).collect();
        for (_, show) in by_use.into_iter().filter(|(_, show)| !stay.contains(show)) {
            if self.weight <= self.budget - self.budget / 10 {
                break;
            }
            self.forget(show);
            evicted.push(show);
        }
        self.layouts.retain(|_, layout| layout.strong_count() > 0);
        evicted
    }

    /// The houses in memory with a deadline at `now` or earlier, earliest first.
    pub(crate) fn due(&self, now: Timestamp) -> impl Iterator<Item = (Timestamp, ShowId)> {
        self.due.iter().copied().take_while(move |(deadline, _)| *deadline <= now)
    }

    /// The next deadline of any house in memory.
    pub(crate) fn next_due(&self) -> Option<Timestamp> {
        self.due.first().map(|(deadline, _)| *deadline)
    }

    /// Houses that changed since their last checkpoint.
    pub(crate) fn unkept(&self, at_least: u32) -> Vec<ShowId> {
        let unkept =
            |(show, loaded): (&ShowId, &Loaded)| loaded.is_unkept(at_least).then_some(*show);
        self.loaded.iter().filter_map(unkept).collect()
    }

    /// How many bytes all houses occupy, and how many there are.
    pub(crate) fn weight(&self) -> (usize, usize) {
        (self.weight, self.loaded.len())
    }
}

impl Loaded {
    /// Whether to keep the house again. A large one waits longer, so that keeping it stays a small
    /// part of what its records cost.
    pub(crate) fn is_due(&self) -> bool {
        self.is_unkept(CHECKPOINT_EVERY + self.house.holds_remembered() as u32 / 2)
    }

    /// Whether so many records came since it was kept. One record says all of a hollow house.
    const fn is_unkept(&self, at_least: u32) -> bool {
        self.unkept >= at_least && !self.house.is_hollow()
    }

    /// Where the show stands, for the tables.
    pub(crate) fn standing(&self) -> Standing {
        Standing::of(&self.house)
    }
}

/// Nothing where something contradicts itself; what cannot be read at all stays an error.
fn unless_corrupt<T>(found: Result<T, Error>) -> Result<Option<T>, Error> {
    match found {
        Err(Error::Corrupt { .. }) => Ok(None),
        found => found.map(Some),
    }
}

/// Whether the record that a house was kept as of is in the log.
fn is_in_log(store: &mut dyn Store, house: &House) -> Result<bool, Error> {
    let (show, head) = (house.show().get(), house.head());
    let record = store.records(head.n.saturating_sub(1), 1)?.pop();
    Ok(record.is_some_and(|record| {
        (record.show, record.n, record.at, record.hash) == (show, head.n, head.at, head.hash)
            && record.seq.is_none_or(|seq| seq == head.seq)
    }))
}

/// A show's records behind `from`, newest first, found along their links.
fn tail(store: &mut dyn Store, show: ShowId, from: N, head: N) -> Result<Vec<Record>, Error> {
    let mut tail: Vec<Record> = Vec::new();
    let mut n = head;
    while n > from {
        let record = store.records(n - 1, 1)?.pop().filter(|record| record.n == n);
        let Some(record) = record.filter(|record| record.show == show.get()) else {
            if tail.last().is_some_and(Record::ends_chain) {
                break;
            }
            return Err(Error::corrupt_show(show, format!("record {n} is missing")));
        };
        n = record.prev_n;
        tail.push(record);
    }
    Ok(tail)
}

/// A contradiction as a fault of its show.
pub(crate) fn corrupt(show: ShowId, contradiction: Contradiction) -> Error {
    Error::corrupt_show(show, contradiction)
}
