//! Notes: remembered refusals, kept as small as a refusal can be said.

use crate::catalogue::layout::Layout;
use crate::house::command::Command;
use crate::house::event::codec::{Reader, Undecodable, Writer};
use crate::house::hold::HoldState;
use crate::house::rejection::{Conflict, Limit, Rejection, SeatFault};

/// Notes kept for one caller in one show; later keyed refusals are answered and not remembered,
/// so that a client gone wrong cannot fill the log.
pub const NOTES_PER_CALLER: u16 = 64;

/// A refusal as the log keeps it: seats by their place in the command, whose retry brings them.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
#[expect(missing_docs, reason = "named as the rejections they stand for")]
pub enum Note {
    NotHolder,
    ShowClosed,
    ShowCancelled,
    Seats(Vec<(u16, SeatFault)>),
    NoBlockTogether {
        asked: u32,
        largest: u32,
    },
    SoldOut,
    HoldExpired,
    HoldEnded(HoldState),
    OverLimit(Limit),
    /// A batch failed at this step, for this reason.
    Batch {
        culprit: u16,
        why: Box<Note>,
    },
}

impl Note {
    /// The note of a rejection; `None` if it is of a kind that is not remembered.
    pub fn of(rejection: &Rejection, command: &Command) -> Option<Self> {
        if !rejection.remembered() {
            return None;
        }
        Some(match rejection {
            Rejection::NotHolder => Self::NotHolder,
            Rejection::ShowClosed => Self::ShowClosed,
            Rejection::ShowCancelled => Self::ShowCancelled,
            Rejection::Seats { conflicts } => Self::Seats(places(conflicts, command)),
            Rejection::NoBlockTogether { asked, largest } => {
                Self::NoBlockTogether { asked: *asked, largest: *largest }
            }
            Rejection::SoldOut => Self::SoldOut,
            Rejection::HoldExpired => Self::HoldExpired,
            Rejection::HoldEnded { state } => Self::HoldEnded(*state),
            Rejection::OverLimit { limit } => Self::OverLimit(*limit),
            Rejection::Step { culprit, why } => {
                let step = command.verb.steps().get(usize::from(*culprit))?;
                Self::Batch { culprit: *culprit, why: Box::new(Self::of(why, step)?) }
            }
            _ => return None,
        })
    }

    /// The command whose seats it names: a batch's failing step.
    pub fn about<'c>(&self, command: &'c Command) -> &'c Command {
        match self {
            Self::Batch { culprit, .. } => {
                command.verb.steps().get(usize::from(*culprit)).unwrap_or(command)
            }
            _ => command,
        }
    }

    /// The rejection again, word for word; `command` is the retry, `layout` that of the
    /// show which [`about`](Self::about) names.
    pub fn rejection(&self, command: &Command, layout: &Layout) -> Rejection {
        match self {
            Self::NotHolder => Rejection::NotHolder,
            Self::ShowClosed => Rejection::ShowClosed,
            Self::ShowCancelled => Rejection::ShowCancelled,
            Self::Seats(places) => {
                Rejection::Seats { conflicts: conflicts(places, command, layout) }
            }
            Self::NoBlockTogether { asked, largest } => {
                Rejection::NoBlockTogether { asked: *asked, largest: *largest }
            }
            Self::SoldOut => Rejection::SoldOut,
            Self::HoldExpired => Rejection::HoldExpired,
            Self::HoldEnded(state) => Rejection::HoldEnded { state: *state },
            Self::OverLimit(limit) => Rejection::OverLimit { limit: *limit },
            Self::Batch { culprit, why } => {
                let why = Box::new(why.rejection(self.about(command), layout));
                Rejection::Step { culprit: *culprit, why }
            }
        }
    }

    pub(super) fn encode(&self, out: &mut Writer) {
        match self {
            Self::NotHolder => out.byte(0),
            Self::ShowClosed => out.byte(1),
            Self::ShowCancelled => out.byte(2),
            Self::Seats(places) => {
                out.byte(3);
                out.number(places.len() as u64);
                for (place, fault) in places {
                    out.number(u64::from(*place));
                    out.byte(fault.to_byte());
                }
            }
            Self::NoBlockTogether { asked, largest } => {
                out.byte(4);
                out.number(u64::from(*asked));
                out.number(u64::from(*largest));
            }
            Self::SoldOut => out.byte(5),
            Self::HoldExpired => out.byte(6),
            Self::HoldEnded(state) => {
                out.byte(7);
                out.byte(state.to_byte());
            }
            Self::OverLimit(limit) => {
                out.byte(8);
                out.byte(limit.to_byte());
            }
            Self::Batch { culprit, why } => {
                out.byte(9);
                out.number(u64::from(*culprit));
                why.encode(out);
            }
        }
    }

    pub(super) fn decode(from: &mut Reader<'_>) -> Result<Self, Undecodable> {
        Ok(match from.byte()? {
            9 => Self::Batch { culprit: from.small()?, why: Box::new(Self::decode_plain(from)?) },
            kind => Self::decode_kind(kind, from)?,
        })
    }

    /// A batch's reason is never a batch: input cannot make decoding recurse.
    fn decode_plain(from: &mut Reader<'_>) -> Result<Self, Undecodable> {
        let kind = from.byte()?;
        Self::decode_kind(kind, from)
    }

    fn decode_kind(kind: u8, from: &mut Reader<'_>) -> Result<Self, Undecodable> {
        Ok(match kind {
            0 => Self::NotHolder,
            1 => Self::ShowClosed,
            2 => Self::ShowCancelled,
            3 => Self::Seats(decode_places(from)?),
            4 => Self::NoBlockTogether { asked: from.small()?, largest: from.small()? },
            5 => Self::SoldOut,
            6 => Self::HoldExpired,
            7 => Self::HoldEnded(HoldState::from_byte(from.byte()?).ok_or(Undecodable)?),
            8 => Self::OverLimit(Limit::from_byte(from.byte()?).ok_or(Undecodable)?),
            _ => return Err(Undecodable),
        })
    }
}

fn decode_places(from: &mut Reader<'_>) -> Result<Vec<(u16, SeatFault)>, Undecodable> {
    let count = from.count()?;
    (0..count)
        .map(|_| {
            let place = from.small()?;
            Ok((place, SeatFault::from_byte(from.byte()?).ok_or(Undecodable)?))
        })
        .collect()
}

/// Conflicts come in the order asked, so each is found behind the one before it.
fn places(conflicts: &[Conflict], command: &Command) -> Vec<(u16, SeatFault)> {
    let asked = command.verb.seats();
    let mut from = 0;
    let found = conflicts.iter().filter_map(|conflict| {
        let rest = asked.get(from..)?;
        let at = from + rest.iter().position(|seat| seat.eq_ignore_ascii_case(&conflict.seat))?;
        from = at + 1;
        Some((at as u16, conflict.fault))
    });
    found.collect()
}

fn conflicts(places: &[(u16, SeatFault)], command: &Command, layout: &Layout) -> Vec<Conflict> {
    let asked = command.verb.seats();
    let named = places.iter().filter_map(|(place, fault)| {
        let seat = layout.canonical(asked.get(usize::from(*place))?);
        Some(Conflict { seat, fault: *fault })
    });
    named.collect()
}
