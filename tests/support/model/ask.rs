//! What callers ask, as data: it can be generated, shrunk, printed and asked again.

use seatcore::house::command::{AnyRequest, HeldIn, ShowPatch};
use seatcore::{
    Batch, Block, Book, Cancel, CancelShow, ChangeShow, Extend, Hold, HoldId, Release, ShowId,
    StepOf, Unblock,
};
use std::time::Duration;

/// Who asks.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum By {
    /// Nobody is named: the program itself, as whoever the hold belongs to.
    #[default]
    Unnamed,
    /// A holder.
    Holder(String),
    /// Staff.
    Staff(String),
}

impl By {
    /// The caller's text.
    pub fn name(&self) -> &str {
        match self {
            Self::Unnamed => "",
            Self::Holder(name) | Self::Staff(name) => name,
        }
    }
}

/// Which hold a command is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ref {
    /// This one.
    Id(HoldId),
    /// What an earlier step of the same batch makes.
    Step {
        /// Its index.
        step: u16,
        /// Its show.
        show: u32,
    },
}

/// Changes to a show's terms: what is `None` stays. Times are in milliseconds.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
#[expect(missing_docs, reason = "the names are those of the engine's patch")]
pub struct Patch {
    pub starts_at: Option<i64>,
    pub ends_at: Option<i64>,
    pub closes_at: Option<Option<i64>>,
    pub closed: Option<bool>,
    pub price: Option<u32>,
    /// Seconds a hold may live, holds and seats of one holder.
    pub limits: Option<(u32, u32, u32)>,
    pub if_seq: Option<u64>,
}

/// What is asked. A `None` is a part that the caller left out.
#[derive(Clone, PartialEq, Eq, Debug)]
#[expect(missing_docs, reason = "the names are those of the engine's requests")]
pub enum Ask {
    Hold { show: u32, who: String, seats: Vec<String>, ttl_s: Option<u64>, note: Option<String> },
    Best { show: u32, who: String, wish: Wish, ttl_s: Option<u64> },
    Extend { hold: Ref, ttl_s: u64, by: By },
    Book { hold: Ref, seats: Option<Vec<String>>, keep_rest: bool, note: Option<String>, by: By },
    Release { hold: Ref, seats: Option<Vec<String>>, by: By },
    Cancel { booking: Ref, by: By },
    Block { show: u32, seats: Vec<String>, force: bool, note: Option<String>, by: Option<String> },
    Unblock { show: u32, seats: Vec<String>, by: Option<String> },
    Change { show: u32, patch: Patch, by: Option<String> },
    CancelShow { show: u32, by: Option<String> },
    Batch { steps: Vec<Ask>, by: By },
}

/// What best available is asked for.
#[derive(Clone, PartialEq, Eq, Debug)]
#[expect(missing_docs, reason = "the names are those of the engine's request")]
pub struct Wish {
    pub count: u32,
    pub tier: Option<String>,
    pub accessible: u32,
    pub together: bool,
}

/// A request: what is asked, and under which key.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Asked {
    /// What is asked.
    pub ask: Ask,
    /// Under which idempotency key.
    pub key: Option<String>,
}

impl From<Ask> for Asked {
    fn from(ask: Ask) -> Self {
        Self { ask, key: None }
    }
}

impl Asked {
    /// The same under a key.
    #[must_use]
    pub fn key(self, key: impl Into<String>) -> Self {
        Self { key: Some(key.into()), ..self }
    }

    /// The show whose log the key belongs to.
    pub fn show(&self) -> u32 {
        self.ask.show()
    }

    /// The caller's text, the second part of a key's scope.
    pub fn caller(&self) -> String {
        self.ask.caller()
    }

    /// Whose a key is: the caller's, or where nobody is named that of the hold it is about.
    pub fn scope(&self) -> String {
        self.ask.scope()
    }

    /// Whether every field is in range, whatever the shows are like.
    pub fn readable(&self) -> bool {
        self.key.as_ref().is_none_or(|key| (1..=255).contains(&key.len())) && self.ask.readable()
    }
}

impl Ref {
    fn show(self) -> u32 {
        match self {
            Self::Id(id) => id.show().map_or(0, ShowId::get),
            Self::Step { show, .. } => show,
        }
    }

    fn resolved(self, made: &[HoldId]) -> Self {
        match self {
            Self::Step { step, .. } => made.get(usize::from(step)).map_or(self, |id| Self::Id(*id)),
            Self::Id(_) => self,
        }
    }

    fn scope(self) -> String {
        match self {
            Self::Id(id) => format!("\0{id}"),
            Self::Step { .. } => String::new(),
        }
    }

    fn held_in(self) -> HeldIn {
        match self {
            Self::Id(id) => id.into(),
            Self::Step { step, show } => StepOf { step, show: show_id(show) }.into(),
        }
    }
}

/// The typed number of a show.
pub fn show_id(number: u32) -> ShowId {
    ShowId::new(number).expect("shows are numbered from 1")
}

impl Ask {
    /// The show it is about; of a batch, its first step's.
    pub fn show(&self) -> u32 {
        match self {
            Self::Hold { show, .. }
            | Self::Best { show, .. }
            | Self::Block { show, .. }
            | Self::Unblock { show, .. }
            | Self::Change { show, .. }
            | Self::CancelShow { show, .. } => *show,
            Self::Extend { hold, .. } | Self::Book { hold, .. } | Self::Release { hold, .. } => {
                hold.show()
            }
            Self::Cancel { booking, .. } => booking.show(),
            Self::Batch { steps, .. } => steps.first().map_or(1, Self::show),
        }
    }

    fn scope(&self) -> String {
        match self {
            Self::Extend { hold, by: By::Unnamed, .. }
            | Self::Book { hold, by: By::Unnamed, .. }
            | Self::Release { hold, by: By::Unnamed, .. } => hold.scope(),
            Self::Cancel { booking, by: By::Unnamed, .. } => booking.scope(),
            _ => self.caller(),
        }
    }

    /// The caller's text.
    pub fn caller(&self) -> String {
        match self {
            Self::Hold { who, .. } | Self::Best { who, .. } => who.clone(),
            Self::Extend { by, .. }
            | Self::Book { by, .. }
            | Self::Release { by, .. }
            | Self::Cancel { by, .. }
            | Self::Batch { by, .. } => by.name().to_owned(),
            Self::Block { by, .. }
            | Self::Unblock { by, .. }
            | Self::Change { by, .. }
            | Self::CancelShow { by, .. } => by.clone().unwrap_or_default(),
        }
    }

    /// Whether a retry asks the same: who asks is the key's scope, not part of the command.
    pub fn same_as(&self, other: &Self) -> bool {
        self.without_caller() == other.without_caller()
    }

    fn without_caller(&self) -> Self {
        let mut ask = self.clone();
        match &mut ask {
            Self::Extend { by, .. }
            | Self::Book { by, .. }
            | Self::Release { by, .. }
            | Self::Cancel { by, .. }
            | Self::Batch { by, .. } => *by = By::Unnamed,
            Self::Hold { .. }
            | Self::Best { .. }
            | Self::Block { .. }
            | Self::Unblock { .. }
            | Self::Change { .. }
            | Self::CancelShow { .. } => {}
        }
        ask
    }

    /// The hold it points at.
    pub fn target(&self) -> Option<Ref> {
        match self {
            Self::Extend { hold, .. } | Self::Book { hold, .. } | Self::Release { hold, .. } => {
                Some(*hold)
            }
            Self::Cancel { booking, .. } => Some(*booking),
            _ => None,
        }
    }

    /// The same with the holds of earlier steps put in; who names nobody acts as the batch does.
    pub fn resolved(&self, made: &[HoldId], batch: &By) -> Self {
        let mut ask = self.clone();
        let act = |by: &mut By| {
            if *by == By::Unnamed {
                *by = batch.clone();
            }
        };
        match &mut ask {
            Self::Extend { hold, by, .. }
            | Self::Book { hold, by, .. }
            | Self::Release { hold, by, .. }
            | Self::Cancel { booking: hold, by } => {
                *hold = hold.resolved(made);
                act(by);
            }
            _ => {}
        }
        ask
    }

    /// The seats it names.
    pub fn seats(&self) -> &[String] {
        match self {
            Self::Hold { seats, .. } | Self::Block { seats, .. } | Self::Unblock { seats, .. } => {
                seats
            }
            Self::Book { seats, .. } | Self::Release { seats, .. } => {
                seats.as_deref().unwrap_or(&[])
            }
            _ => &[],
        }
    }

    fn readable(&self) -> bool {
        let ttl = |ttl_s: &u64| (1..=1_800).contains(ttl_s);
        match self {
            Self::Hold { seats, ttl_s, .. } => nameable(seats) && ttl_s.as_ref().is_none_or(ttl),
            Self::Best { wish, ttl_s, .. } => {
                let sized = (1..=64).contains(&wish.count) && wish.accessible <= wish.count;
                sized && ttl_s.as_ref().is_none_or(ttl)
            }
            Self::Extend { ttl_s, .. } => ttl(ttl_s),
            Self::Book { seats, .. } | Self::Release { seats, .. } => {
                seats.as_deref().is_none_or(nameable)
            }
            Self::Block { seats, .. } | Self::Unblock { seats, .. } => nameable(seats),
            Self::Change { patch, .. } => patch.readable(),
            Self::Cancel { .. } | Self::CancelShow { .. } => true,
            Self::Batch { steps, .. } => readable_steps(steps),
        }
    }

    /// Whether a later step of a batch may point at what this one makes.
    fn leaves_a_hold(&self) -> bool {
        matches!(
            self,
            Self::Hold { .. } | Self::Best { .. } | Self::Extend { .. } | Self::Book { .. }
        )
    }
}

/// 1 to 64 seats, none twice, whatever their case.
fn nameable(seats: &[String]) -> bool {
    let twice = |(at, seat): (usize, &String)| {
        seats[..at].iter().any(|before| before.eq_ignore_ascii_case(seat))
    };
    (1..=64).contains(&seats.len()) && !seats.iter().enumerate().any(twice)
}

fn readable_steps(steps: &[Ask]) -> bool {
    let points_back = |(at, step): (usize, &Ask)| match step.target() {
        Some(Ref::Step { step, .. }) => {
            usize::from(step) < at && steps[usize::from(step)].leaves_a_hold()
        }
        Some(Ref::Id(_)) | None => true,
    };
    let about_seats = |step: &Ask| {
        !matches!(step, Ask::Batch { .. } | Ask::Change { .. } | Ask::CancelShow { .. })
    };
    let seats: usize = steps.iter().map(|step| step.seats().len()).sum();
    (1..=256).contains(&steps.len())
        && seats <= 1_024
        && steps.iter().all(|step| about_seats(step) && step.readable())
        && steps.iter().enumerate().all(points_back)
}

/// Puts a part into a builder if the caller gave it.
macro_rules! given {
    ($builder:expr, $($method:ident: $part:expr),*) => {{
        let mut builder = $builder;
        $(if let Some(part) = $part { builder = builder.$method(part); })*
        builder
    }};
}

/// Names the caller of a builder.
macro_rules! acting {
    ($builder:expr, $by:expr) => {
        match $by {
            By::Unnamed => $builder,
            By::Holder(name) => $builder.by(name),
            By::Staff(name) => $builder.by_staff(name),
        }
    };
}

impl Asked {
    /// The request.
    pub fn request(self) -> AnyRequest {
        let key = self.key;
        match self.ask {
            Ask::Hold { .. } | Ask::Best { .. } => AnyRequest::new(holding(self.ask, key)),
            Ask::Extend { hold, ttl_s, by } => {
                let extend = Extend::new(hold.held_in(), Duration::from_secs(ttl_s));
                AnyRequest::new(given!(acting!(extend, by), key: key))
            }
            Ask::Book { hold, seats, keep_rest, note, by } => {
                let book = acting!(Book::new(hold.held_in()), by);
                let book = if keep_rest { book.keep_rest() } else { book };
                AnyRequest::new(given!(book, seats: seats, reference: note, key: key))
            }
            Ask::Release { hold, seats, by } => {
                let release = acting!(Release::new(hold.held_in()), by);
                AnyRequest::new(given!(release, seats: seats, key: key))
            }
            Ask::Cancel { booking, by } => {
                let cancel = acting!(Cancel::new(booking.held_in()), by);
                AnyRequest::new(given!(cancel, key: key))
            }
            Ask::Batch { steps, by } => {
                let steps = steps.into_iter().map(|step| Self::from(step).request());
                let batch = acting!(steps.fold(Batch::new(), Batch::then), by);
                AnyRequest::new(given!(batch, key: key))
            }
            staff => staff_request(staff, key),
        }
    }
}

fn holding(ask: Ask, key: Option<String>) -> Hold {
    let seconds = |ttl_s: Option<u64>| ttl_s.map(Duration::from_secs);
    match ask {
        Ask::Best { show, who, wish, ttl_s } => {
            let best = Hold::best(show_id(show), wish.count).accessible(wish.accessible);
            let best = if wish.together { best.together() } else { best };
            given!(best.by(who), tier: wish.tier, ttl: seconds(ttl_s), key: key)
        }
        Ask::Hold { show, who, seats, ttl_s, note } => {
            let hold = Hold::new(show_id(show), seats).by(who);
            given!(hold, ttl: seconds(ttl_s), reference: note, key: key)
        }
        other => unreachable!("{other:?} holds nothing"),
    }
}

fn staff_request(ask: Ask, key: Option<String>) -> AnyRequest {
    match ask {
        Ask::Block { show, seats, force, note, by } => {
            let block = Block::new(show_id(show), seats);
            let block = if force { block.force() } else { block };
            AnyRequest::new(given!(block, reason: note, by: by, key: key))
        }
        Ask::Unblock { show, seats, by } => {
            AnyRequest::new(given!(Unblock::new(show_id(show), seats), by: by, key: key))
        }
        Ask::Change { show, patch, by } => {
            let change = ChangeShow::new(show_id(show), patch.typed());
            AnyRequest::new(given!(change, by: by, key: key))
        }
        Ask::CancelShow { show, by } => {
            AnyRequest::new(given!(CancelShow::new(show_id(show)), by: by, key: key))
        }
        other => unreachable!("{other:?} is for anybody"),
    }
}

impl Patch {
    /// Caps have the range that a new show's have.
    fn readable(&self) -> bool {
        self.limits.is_none_or(|(life_s, holds, seats)| {
            (1..=86_400).contains(&life_s)
                && (1..=100_000).contains(&holds)
                && (1..=200_000).contains(&seats)
        })
    }

    fn typed(self) -> ShowPatch {
        use seatcore::catalogue::price::Prices;
        use seatcore::catalogue::show::ShowLimits;
        use seatcore::clock::Timestamp;
        use seatcore::money::Currency;
        let limits = |(hold_life_s, holds_per_holder, seats_per_holder)| ShowLimits {
            hold_life_s,
            holds_per_holder,
            seats_per_holder,
        };
        ShowPatch {
            starts_at: self.starts_at.map(Timestamp::from_millis),
            ends_at: self.ends_at.map(Timestamp::from_millis),
            closes_at: self.closes_at.map(|at| at.map(Timestamp::from_millis)),
            closed: self.closed,
            prices: self.price.map(|base| Prices::flat(Currency::EUR, base).into()),
            limits: self.limits.map(|caps| limits(caps).into()),
            if_seq: self.if_seq,
            ..ShowPatch::default()
        }
    }
}
