//! Box-office logs as tests: each line is a moment, somebody, what they ask, and what they hear.
//!
//! ```text
//! 19:00 ann hold A1 A2 for 10m as first -> held
//! 19:05 bob hold A2 A3                  -> seat_held A2    # all or nothing
//! 19:09:59.999 ann book first           -> booked A1 A2
//! ```
//! A success is named by its state, and as many of its seats and parts as the line likes to tell;
//! a refusal in full. `again` behind it says that the answer was replayed. The model listens too.

use seatcore::clock::{ManualClock, Timestamp};
use seatcore::store::memory::MemoryStore;
use seatcore::{Engine, HoldId};
use std::sync::Arc;
use std::time::Duration;
use support::model::programme::{self, Billing};
use support::model::{Ask, Asked, By, Done, Model, No, Patch, Ref, Said, Slip, Wish, show_id};

/// Midnight before every scenario: 2027-01-09T00:00:00Z.
const MIDNIGHT: i64 = 1_799_452_800_000;
const MINUTE_MS: i64 = 60_000;
const DAY_MS: i64 = 24 * 60 * MINUTE_MS;

/// Plays a log in a hall of two rows of five, on sale from noon for a week.
pub fn check(log: &str) {
    check_in("A-B:5", log);
}

/// The same in another hall, given as short text.
pub fn check_in(hall: &str, log: &str) {
    let mut office = Office::open(hall);
    for line in log.lines() {
        let line = line.split(" #").next().unwrap_or_default().trim();
        if !line.is_empty() {
            office.line(line);
        }
    }
    let report = office.engine.verify().expect("a log that can be read");
    assert_eq!(report.findings, [], "what the engine kept of this log");
}

struct Office {
    clock: Arc<ManualClock>,
    engine: Engine,
    model: Model,
    /// Names given by `as`, and each holder's newest hold under theirs.
    named: Vec<(String, HoldId)>,
}

/// The words of one request, options taken out.
struct Words<'a> {
    who: &'a str,
    verb: &'a str,
    rest: Vec<&'a str>,
    span: Option<Duration>,
    key: Option<&'a str>,
    name: Option<&'a str>,
    tier: Option<&'a str>,
    accessible: u32,
    flags: Vec<&'a str>,
}

impl Office {
    fn open(hall: &str) -> Self {
        let clock = ManualClock::at(Timestamp::from_millis(MIDNIGHT + DAY_MS / 2));
        let store = Box::new(MemoryStore::new(1));
        let builder = Engine::builder().clock(clock.clone()).seed(1).sweep(false);
        let engine = builder.over(store).expect("an engine in memory");
        let mut billing = Billing::new(hall, "main", MIDNIGHT + 7 * DAY_MS);
        billing.tiers = vec![("premium", 2_000)];
        let model = programme::open(&engine, &[billing]);
        Self { clock, engine, model, named: Vec::new() }
    }

    fn line(&mut self, line: &str) {
        let (asked, expected) =
            line.split_once("->").unwrap_or_else(|| panic!("no answer: {line}"));
        let (moment, asked) = asked.trim().split_once(' ').expect("a moment and a request");
        self.wait_until(moment_of(moment));
        if asked.trim() == "seats" {
            let seats = self.engine.seat_map(show_id(1)).expect("a seat map");
            assert_eq!(&*seats.symbols, expected.replace(' ', ""), "{line}");
            return;
        }
        let said = self.ask(asked.trim());
        self.agree(line, expected, &said);
    }

    fn wait_until(&mut self, moment: i64) {
        let span = u64::try_from(moment - self.model.now).expect("a log goes forward");
        self.clock.advance(Duration::from_millis(span));
        self.model.now = moment;
    }

    fn ask(&mut self, asked: &str) -> Said {
        let words = Words::read(asked);
        let request = self.request(&words);
        let said = Said::from(self.engine.submit(request.clone().request()).answer());
        let expected = self.model.answer(&request, &said);
        assert_eq!(expected, said, "model and engine hear: {asked}");
        for done in said.result.iter().flatten() {
            if let (Done::Slip(slip), name) = (done, words.name) {
                self.named.insert(0, (slip.holder.clone(), slip.id));
                self.named.extend(name.map(|name| (name.to_owned(), slip.id)));
            }
        }
        said
    }

    fn agree(&self, line: &str, expected: &str, said: &Said) {
        let heard = print(said);
        let told = |(expected, heard): (&str, &str)| {
            let heard: Vec<_> = heard.split_whitespace().collect();
            let mut words = expected.split_whitespace();
            words.next() == heard.first().copied() && words.all(|word| heard.contains(&word))
        };
        let agrees = if said.result.is_err() {
            heard.split_whitespace().eq(expected.split_whitespace())
        } else {
            let (expected, heard) = (expected.split(','), heard.split(','));
            expected.clone().count() == heard.clone().count() && expected.zip(heard).all(told)
        };
        assert!(agrees, "{line}\n   heard: {heard}");
    }

    fn request(&self, words: &Words<'_>) -> Asked {
        let ask = if words.verb == "batch" { self.batch(words) } else { self.single(words) };
        let asked = Asked::from(ask);
        words.key.map_or(asked.clone(), |key| asked.key(key))
    }

    fn batch(&self, words: &Words<'_>) -> Ask {
        let steps = words.rest.join(" ");
        let steps = steps.split(';').map(|step| format!("{} {}", words.who, step.trim()));
        let steps = steps.map(|step| self.single(&Words::read(&step))).collect();
        Ask::Batch { steps, by: words.by() }
    }

    fn single(&self, words: &Words<'_>) -> Ask {
        let seats = || words.rest.iter().map(|seat| (*seat).to_owned()).collect::<Vec<_>>();
        let (show, who) = (1, words.who.to_owned());
        let ttl_s = words.span.map(|span| span.as_secs());
        match words.verb {
            "hold" => Ask::Hold { show, who, seats: seats(), ttl_s, note: None },
            "best" => Ask::Best { show, who, wish: words.wish(), ttl_s },
            "block" => {
                let (force, by) = (words.has("force"), Some(who));
                Ask::Block { show, seats: seats(), force, note: None, by }
            }
            "unblock" => Ask::Unblock { show, seats: seats(), by: Some(who) },
            "cancel_show" => Ask::CancelShow { show, by: Some(who) },
            "change" => Ask::Change { show, patch: words.patch(), by: Some(who) },
            _ => self.about_a_hold(words, ttl_s),
        }
    }

    fn about_a_hold(&self, words: &Words<'_>, ttl_s: Option<u64>) -> Ask {
        let (hold, seats) = self.target(words);
        let seats: Vec<_> = seats.iter().map(|seat| (*seat).to_owned()).collect();
        let seats = Some(seats).filter(|seats| !seats.is_empty());
        let by = words.by();
        match words.verb {
            "extend" => Ask::Extend { hold, ttl_s: ttl_s.expect("extend … by 10m"), by },
            "book" => Ask::Book { hold, seats, keep_rest: words.has("keep_rest"), note: None, by },
            "release" => Ask::Release { hold, seats, by },
            "cancel" => Ask::Cancel { booking: hold, by },
            other => panic!("nobody understands {other}"),
        }
    }

    /// The hold that is named, or the step `@0` of the same batch, or the asker's newest.
    fn target<'w>(&self, words: &'w Words<'_>) -> (Ref, &'w [&'w str]) {
        let find = |name: &str| self.named.iter().find(|(known, _)| known == name);
        if let Some((first, seats)) = words.rest.split_first() {
            if let Some(step) = first.strip_prefix('@') {
                let step = step.parse().expect("the number of a step");
                return (Ref::Step { step, show: 1 }, seats);
            }
            if let Some((_, id)) = find(first) {
                return (Ref::Id(*id), seats);
            }
        }
        let newest = find(words.who).unwrap_or_else(|| panic!("{} holds nothing", words.who));
        (Ref::Id(newest.1), &words.rest)
    }
}

impl<'a> Words<'a> {
    fn read(text: &'a str) -> Self {
        let mut words = text.split_whitespace();
        let (who, verb) = (words.next().expect("who"), words.next().expect("a verb"));
        let mut read = Self {
            who,
            verb,
            rest: Vec::new(),
            span: None,
            key: None,
            name: None,
            tier: None,
            accessible: 0,
            flags: Vec::new(),
        };
        while let Some(word) = words.next() {
            let mut next = || words.next().expect("what the option is");
            match word {
                // Inside a batch these belong to its steps.
                "for" | "by" if verb != "batch" => read.span = Some(span_of(next())),
                "accessible" => read.accessible = next().parse().expect("a number"),
                "key" => read.key = Some(next()),
                "as" => read.name = Some(next()),
                "tier" => read.tier = Some(next()),
                "force" | "keep_rest" | "together" if verb != "batch" => read.flags.push(word),
                _ => read.rest.push(word),
            }
        }
        read
    }

    fn has(&self, flag: &str) -> bool {
        self.flags.contains(&flag)
    }

    fn by(&self) -> By {
        match self.who {
            "house" => By::Unnamed,
            "chief" => By::Staff(self.who.to_owned()),
            holder => By::Holder(holder.to_owned()),
        }
    }

    fn wish(&self) -> Wish {
        let count = self.rest.first().expect("how many").parse().expect("a number");
        let (accessible, together) = (self.accessible, self.has("together"));
        Wish { count, tier: self.tier.map(str::to_owned), accessible, together }
    }

    /// `change closed`, `change open`, `change life 900`, `change price 900`.
    fn patch(&self) -> Patch {
        let number = || self.rest[1].parse().expect("a number");
        match self.rest[0] {
            "closed" => Patch { closed: Some(true), ..Patch::default() },
            "open" => Patch { closed: Some(false), ..Patch::default() },
            "life" => Patch { limits: Some((number(), 16, 64)), ..Patch::default() },
            "price" => Patch { price: Some(number()), ..Patch::default() },
            "closes" => {
                let closes_at = Some(Some(moment_of(self.rest[1])));
                Patch { closes_at, ..Patch::default() }
            }
            other => panic!("nobody changes {other}"),
        }
    }
}

/// `19:00`, `19:00:30`, `19:09:59.999`, and a day later `19:00+1d`.
fn moment_of(text: &str) -> i64 {
    let (clock, days) = text.split_once('+').unwrap_or((text, "0d"));
    let days: i64 = days.trim_end_matches('d').parse().expect("days");
    let mut parts = clock.split(':');
    let mut part = || parts.next().unwrap_or("0").parse::<f64>().expect("hours:minutes:seconds");
    let seconds = part() * 3_600.0 + part() * 60.0 + part();
    MIDNIGHT + days * DAY_MS + (seconds * 1_000.0).round() as i64
}

/// `30s` or `10m`.
fn span_of(text: &str) -> Duration {
    let (number, unit) = text.split_at(text.len() - 1);
    let number: u64 = number.parse().expect("how long");
    Duration::from_secs(if unit == "m" { number * 60 } else { number })
}

fn print(said: &Said) -> String {
    let mut told = match &said.result {
        Ok(done) => done.iter().map(print_done).collect::<Vec<_>>().join(", "),
        Err(no) => print_no(no),
    };
    if said.replayed {
        told.push_str(" again");
    }
    told
}

fn print_no(no: &No) -> String {
    let step = no.culprit.map(|step| format!(" at step {step}")).unwrap_or_default();
    format!("{no}{step}")
}

/// `held A1 A2 until 19:10:00 for 25.00`.
fn print_done(done: &Done) -> String {
    let Done::Slip(Slip { state, seats, expires_at, total, .. }) = done else {
        let Done::Show { kind, .. } = done else { return String::new() };
        return kind.clone();
    };
    let until = expires_at.map(|at| {
        let clock = Timestamp::from_millis(at).to_string();
        format!(" until {}", &clock[11..19])
    });
    format!("{state} {}{} for {total}", seats.join(" "), until.unwrap_or_default())
}
