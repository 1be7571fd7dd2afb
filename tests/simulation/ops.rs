//! Steps of a run as small numbers, so that they shrink well. What they mean depends on what the
//! model holds at that point: see [`read`](super::read).

use proptest::collection::vec;
use proptest::prelude::*;

/// A verb.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// Named seats.
    Hold,
    /// Best available.
    Best,
    Extend,
    Book,
    Release,
    Cancel,
    Block,
    Unblock,
    Change,
    CancelShow,
}

/// A command in numbers.
#[derive(Clone, Debug)]
pub struct Move {
    pub kind: Kind,
    /// Which show; low ones are asked for far more often.
    pub show: u16,
    /// Who asks.
    pub who: u8,
    /// Under which key, if any.
    pub key: u8,
    /// Where in the hall, or which hold.
    pub at: u16,
    /// How many seats, or how much.
    pub size: u8,
    /// Small choices.
    pub taste: u16,
}

/// How time passes.
#[derive(Clone, Copy, Debug)]
pub enum Wait {
    Millis(u16),
    Seconds(u16),
    /// To the deadline of some hold, this many milliseconds before or after.
    Deadline(u16, i8),
    Hours(u8),
    /// As long as ended holds are remembered.
    Day,
}

/// One step.
#[derive(Clone, Debug)]
pub enum Op {
    One(Move),
    Many(Vec<Move>),
    /// The same request as a while ago, word for word.
    Again(u8),
    Wait(Wait),
    /// Compare what readers see.
    Look(u16, u8),
    Sweep,
}

fn kind() -> impl Strategy<Value = Kind> {
    prop_oneof![
        30 => Just(Kind::Hold),
        8 => Just(Kind::Best),
        9 => Just(Kind::Extend),
        18 => Just(Kind::Book),
        11 => Just(Kind::Release),
        6 => Just(Kind::Cancel),
        5 => Just(Kind::Block),
        3 => Just(Kind::Unblock),
        3 => Just(Kind::Change),
    ]
}

fn one(kind: impl Strategy<Value = Kind>) -> impl Strategy<Value = Move> {
    let numbers = (any::<u16>(), any::<u8>(), any::<u8>(), any::<u16>(), any::<u8>(), any::<u16>());
    (kind, numbers).prop_map(|(kind, (show, who, key, at, size, taste))| Move {
        kind,
        show,
        who,
        key,
        at,
        size,
        taste,
    })
}

fn wait() -> impl Strategy<Value = Wait> {
    prop_oneof![
        40 => (1_u16..2_000).prop_map(Wait::Millis),
        20 => (1_u16..60).prop_map(Wait::Seconds),
        2 => (60_u16..1_200).prop_map(Wait::Seconds),
        25 => (any::<u16>(), -1_i8..=1).prop_map(|(which, off)| Wait::Deadline(which, off)),
        1 => (1_u8..8).prop_map(Wait::Hours),
        2 => Just(Wait::Day),
    ]
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        720 => one(kind()).prop_map(Op::One),
        3 => one(Just(Kind::CancelShow)).prop_map(Op::One),
        90 => vec(one(kind()), 1..5).prop_map(Op::Many),
        70 => any::<u8>().prop_map(Op::Again),
        120 => wait().prop_map(Op::Wait),
        25 => (any::<u16>(), any::<u8>()).prop_map(|(show, who)| Op::Look(show, who)),
        4 => Just(Op::Sweep),
    ]
}

/// Runs of about `commands` commands.
pub fn ops(commands: usize) -> impl Strategy<Value = Vec<Op>> {
    // One step in seven or so is no command.
    let steps = commands * 7 / 6;
    vec(op(), steps..=steps)
}
