//! Numbers read as requests, in the light of what the model holds: most point at something that
//! is there, some at nothing.

use super::ops::{Kind, Move};
use seatcore::HoldId;
use support::model::{Ask, Asked, By, Model, Patch, Ref, Show, State, Wish, show_id};

const HOLDERS: [&str; 6] = ["ann", "bob", "user:3", "key:4", "Zoë 🎟", "eve"];
const LIVES: [u64; 12] = [1, 120, 300, 600, 600, 900, 900, 1_200, 1_799, 1_800, 1_800, 1_801];

/// A command under its key.
pub fn asked(model: &Model, step: &Move) -> Asked {
    let ask = ask(model, step, step_show(model, step), &[]);
    keyed(ask, step)
}

/// A batch: most steps stay in the first one's show, and some point back.
pub fn batch(model: &Model, steps: &[Move]) -> Asked {
    let first = &steps[0];
    let mut asks: Vec<Ask> = Vec::new();
    for (at, step) in steps.iter().enumerate() {
        // The model follows a pick that was made, and none that was taken back with its batch.
        let picks = matches!(step.kind, Kind::Best) && at + 1 < steps.len();
        let step = &if picks { Move { kind: Kind::Hold, ..step.clone() } } else { step.clone() };
        let stays = step.taste & 3 != 0;
        let show = step_show(model, if stays { first } else { step });
        asks.push(ask(model, step, show, &asks));
    }
    let by = caller(first, HOLDERS[usize::from(first.who) % HOLDERS.len()]);
    keyed(Ask::Batch { steps: asks, by }, first)
}

fn keyed(ask: Ask, step: &Move) -> Asked {
    // Two in five have a key; a few of those meet another command under theirs.
    match step.key {
        0..=99 => {
            Asked::from(ask).key(format!("k{}", u32::from(step.key) * 7 + u32::from(step.at)))
        }
        100..=109 => Asked::from(ask).key(format!("hot{}", step.key)),
        _ => ask.into(),
    }
}

/// The first shows are hot, the last ones are cold enough to leave memory.
fn step_show(model: &Model, step: &Move) -> u32 {
    match step.kind {
        // A hot show that is cancelled would leave the rest of the run without its middle.
        Kind::CancelShow => 1 + u32::from(step.at) % model.shows.len() as u32,
        _ => show(model, step.show),
    }
}

/// A show by a number: its cube makes low ones likely. The last one is not there.
pub fn show(model: &Model, number: u16) -> u32 {
    let part = u64::from(number).pow(3) >> 32;
    let place = (part * (model.shows.len() as u64 + 1)) >> 16;
    1 + place as u32
}

fn who(step: &Move) -> String {
    HOLDERS[usize::from(step.who) % HOLDERS.len()].to_owned()
}

fn caller(step: &Move, owner: &str) -> By {
    match step.who % 16 {
        0..=6 => By::Unnamed,
        7..=12 => By::Holder(owner.to_owned()),
        13 => By::Holder(who(step)),
        _ => By::Staff("staff".to_owned()),
    }
}

fn ask(model: &Model, step: &Move, number: u32, before: &[Ask]) -> Ask {
    let nowhere = &model.shows[0];
    let show = model.show(number).unwrap_or(nowhere);
    let ttl_s = (step.taste & 1 == 0).then(|| LIVES[usize::from(step.size) % LIVES.len()]);
    let staff = (!step.who.is_multiple_of(3)).then(|| "chief".to_owned());
    match step.kind {
        Kind::Hold => Ask::Hold {
            show: number,
            who: who(step),
            seats: seats(show, step),
            ttl_s,
            note: (step.taste & 30 == 0).then(|| "for the row".to_owned()),
        },
        Kind::Best => Ask::Best { show: number, who: who(step), wish: wish(step), ttl_s },
        Kind::Block => Ask::Block {
            show: number,
            seats: seats(show, step),
            force: step.taste & 6 == 0,
            note: (step.taste & 8 == 0).then(|| "wet paint".to_owned()),
            by: staff,
        },
        Kind::Unblock => {
            Ask::Unblock { show: number, seats: blocked(show, model.now, step), by: staff }
        }
        Kind::Change => Ask::Change { show: number, patch: patch(model, show, step), by: staff },
        Kind::CancelShow => Ask::CancelShow { show: number, by: staff },
        Kind::Extend | Kind::Book | Kind::Release | Kind::Cancel => {
            if fitting(model, show, step).is_empty() && !step.size.is_multiple_of(6) {
                // Nothing to be about yet.
                return ask(model, &Move { kind: Kind::Hold, ..step.clone() }, number, before);
            }
            about_a_hold(model, show, step, before)
        }
    }
}

fn about_a_hold(model: &Model, show: &Show, step: &Move, before: &[Ask]) -> Ask {
    let (mut hold, owner, own) = target(model, show, step);
    if !before.is_empty() && step.taste & 12 != 0 {
        let back = usize::from(step.at) % before.len();
        hold = Ref::Step { step: back as u16, show: before[back].show() };
    }
    let by = caller(step, &owner);
    let part = || (step.taste & 48 == 0).then(|| part(show, &own, step));
    match step.kind {
        Kind::Extend => {
            Ask::Extend { hold, ttl_s: LIVES[usize::from(step.size) % LIVES.len()], by }
        }
        Kind::Book => {
            let note = (step.taste & 192 == 0).then(|| "paid".to_owned());
            Ask::Book { hold, seats: part(), keep_rest: step.taste & 256 == 0, note, by }
        }
        Kind::Release => Ask::Release { hold, seats: part(), by },
        _ => Ask::Cancel { booking: hold, by },
    }
}

/// A hold: its id, its owner, what it reads as, its deadline.
type Seen = (HoldId, String, State, Option<i64>);

/// The holds that the verb is meant for.
fn fitting(model: &Model, show: &Show, step: &Move) -> Vec<Seen> {
    let wanted = if matches!(step.kind, Kind::Cancel) { State::Booked } else { State::Held };
    show.holds(model.now).into_iter().filter(|(_, _, state, _)| *state == wanted).collect()
}

/// A hold of the show that mostly fits the verb; its owner and seats.
fn target(model: &Model, show: &Show, step: &Move) -> (Ref, String, Vec<String>) {
    let fits = fitting(model, show, step);
    let any = fits.is_empty() || step.size.is_multiple_of(8);
    let from = if any { show.holds(model.now) } else { fits };
    let Some((id, owner, ..)) = from.get(usize::from(step.at) % from.len().max(1)) else {
        let unknown = HoldId::mint(model.now, u64::from(step.at), show_id(show.number));
        return (Ref::Id(unknown), who(step), Vec::new());
    };
    (Ref::Id(*id), owner.clone(), show.seats_of(*id))
}

/// Neighbours from some place on; now and then in lower case, twice the same, or not there.
fn seats(show: &Show, step: &Move) -> Vec<String> {
    let places = show.places.len();
    let count = match step.size {
        0..=249 => usize::from(step.size) % 5 + 1,
        250 => 0,
        251..=253 => 20,
        _ => 65,
    };
    let mut seats: Vec<String> = (0..count.min(places + 1))
        .map(|offset| show.places[(usize::from(step.at) + offset) % places].label.clone())
        .collect();
    if step.taste & 0x700 == 0x100 {
        seats.reverse();
    }
    if step.taste & 0x700 == 0x200 {
        seats.iter_mut().for_each(|seat| *seat = seat.to_lowercase());
    }
    if step.taste & 0xF00 == 0x300 {
        seats.insert(seats.len() / 2, format!("ZZ{}", step.at));
    }
    if step.taste & 0xF00 == 0x400 {
        seats.push("stalls/b2".to_owned());
    }
    seats
}

fn blocked(show: &Show, now: i64, step: &Move) -> Vec<String> {
    let off = |seat: &&String| show.seat(seat, now) == "blocked";
    let labels: Vec<_> = show.places.iter().map(|place| place.label.clone()).collect();
    let found: Vec<_> = labels.iter().filter(off).take(usize::from(step.size) % 4 + 1).collect();
    if found.is_empty() || step.taste & 7 == 0 {
        return seats(show, step);
    }
    found.into_iter().cloned().collect()
}

fn wish(step: &Move) -> Wish {
    let tiers = [None, None, Some("premium"), Some("Premium"), Some("none such")];
    let tier = tiers[usize::from(step.taste) % tiers.len()].map(str::to_owned);
    let count = match step.size {
        0..=230 => u32::from(step.size) % 7 + 1,
        231..=254 => u32::from(step.size) % 40 + 1,
        255 => 65,
    };
    let accessible = u32::from(step.at & 7 == 0) + u32::from(step.at & 31 == 0);
    Wish { count, tier, accessible, together: step.taste & 0x100 == 0 }
}

/// Some seats of a hold, at times with one that is not in it.
fn part(show: &Show, own: &[String], step: &Move) -> Vec<String> {
    let mut part: Vec<String> = own
        .iter()
        .enumerate()
        .filter(|(at, _)| step.size >> (at % 8) & 1 == 1)
        .map(|(_, seat)| seat.clone())
        .collect();
    if part.is_empty() || step.taste & 0xE00 == 0 {
        part.push(show.places[usize::from(step.at) % show.places.len()].label.clone());
    }
    part
}

fn patch(model: &Model, show: &Show, step: &Move) -> Patch {
    const HOUR: i64 = 3_600_000;
    let mut patch = Patch::default();
    match step.taste % 8 {
        0 => patch.closed = Some(step.size & 3 == 2),
        1 | 2 => patch.closed = Some(false),
        3 => patch.price = Some(u32::from(step.size)),
        4 => {
            patch.limits =
                Some((u32::from(step.at % 3) * 900 + 900, 1 + u32::from(step.size) % 16, 64))
        }
        5 => patch.closes_at = Some((step.size & 3 == 0).then_some(model.now + i64::from(step.at))),
        6 => {
            let moved = (i64::from(step.size) - 128) * HOUR / 8;
            patch.starts_at = Some(show.terms.starts_at + moved);
            patch.ends_at = Some(show.terms.ends_at + moved);
        }
        _ => patch.starts_at = Some(show.terms.ends_at + i64::from(step.at) - 1_000),
    }
    if step.size % 4 == 1 {
        patch.if_seq = Some(show.seq + u64::from(step.size % 8 == 5));
    }
    patch
}
