//! Rivals take turns within one run, so that a busy neighbour meets all of them.

use crate::Outcome;
use crate::clients::{Round, Waits};
use crate::report::{Report, Spread, or_dash, thousands};

/// Who takes part, with how many clients.
pub struct Entrant<'a> {
    name: String,
    clients: usize,
    run: Box<dyn FnMut() -> Outcome<Round> + 'a>,
}

impl<'a> Entrant<'a> {
    /// `run` is one round.
    pub fn new(
        name: impl Into<String>,
        clients: usize,
        run: impl FnMut() -> Outcome<Round> + 'a,
    ) -> Self {
        Self { name: name.into(), clients, run: Box::new(run) }
    }

    /// A rival that could not be started: it fails in its turn, and says why.
    pub fn absent(name: impl Into<String>, clients: usize, why: String) -> Self {
        Self::new(name, clients, move || Err(why.clone().into()))
    }
}

/// What the rounds came to.
#[derive(Debug)]
pub struct Results {
    entries: Vec<Entry>,
}

#[derive(Debug)]
struct Entry {
    name: String,
    clients: usize,
    rounds: Vec<Round>,
    failed: Option<String>,
}

/// Runs every entrant once a round. One that fails takes no further part.
pub fn run(mut entrants: Vec<Entrant<'_>>, rounds: usize) -> Results {
    let entry = |entrant: &Entrant<'_>| Entry {
        name: entrant.name.clone(),
        clients: entrant.clients,
        rounds: Vec::new(),
        failed: None,
    };
    let mut entries: Vec<_> = entrants.iter().map(entry).collect();
    for number in 1..=rounds {
        eprintln!("  round {number} of {rounds}");
        for (entrant, entry) in entrants.iter_mut().zip(&mut entries) {
            if entry.failed.is_some() {
                continue;
            }
            match (entrant.run)() {
                Ok(round) => {
                    eprintln!(
                        "    {} × {}: {:.0}/s",
                        entry.name,
                        entry.clients,
                        round.per_second()
                    );
                    entry.rounds.push(round);
                }
                Err(error) => {
                    eprintln!("    {} × {}: FAILED: {error}", entry.name, entry.clients);
                    entry.failed = Some(error.to_string());
                }
            }
        }
    }
    Results { entries }
}

impl Results {
    fn find(&self, name: &str, clients: usize) -> Option<&Entry> {
        let mut found = self.entries.iter().filter(|entry| entry.name == name);
        found.find(|entry| entry.clients == clients && !entry.rounds.is_empty())
    }

    /// The number of clients at which a rival does most.
    pub fn best(&self, name: &str) -> Option<usize> {
        let entries = self.entries.iter().filter(|entry| entry.name == name);
        let rate = |entry: &Entry| Spread::of(entry.rounds.iter().map(Round::per_second));
        let rated = entries.filter_map(|entry| Some((rate(entry)?.median, entry.clients)));
        rated.max_by(|left, right| left.0.total_cmp(&right.0)).map(|(_, clients)| clients)
    }

    /// The rounds' ratios of two entrants by some figure, commands a second unless told otherwise.
    pub fn ratio(
        &self,
        one: (&str, usize),
        other: (&str, usize),
        figure: impl Fn(&Round) -> Option<f64>,
    ) -> Option<Spread> {
        let (one, other) = (self.find(one.0, one.1)?, self.find(other.0, other.1)?);
        let pairs = one.rounds.iter().zip(&other.rounds);
        Spread::of(pairs.filter_map(|(one, other)| Some(figure(one)? / figure(other)?)))
    }

    /// The same as a sentence for below the table.
    pub fn compare(&self, report: &mut Report, one: (&str, usize), other: (&str, usize)) {
        let rate = |round: &Round| Some(round.per_second());
        if let Some(ratio) = self.ratio(one, other, rate) {
            let ((name, clients), (rival, crowd)) = (one, other);
            let ratio = ratio.share();
            report.note(format!("{name} × {clients} : {rival} × {crowd} = **{ratio}**"));
        }
    }

    /// All of it, with the ratio to the base that has as many clients.
    pub fn report(&self, title: impl Into<String>, base: &str) -> Report {
        let of_base = format!("of {base}");
        let head = [
            "rival",
            "clients",
            "granted/s",
            &of_base,
            "refused",
            "p50 µs",
            "p99 µs",
            "p99.9 µs",
            "longest µs",
            "unluckiest",
            "remarks",
        ];
        let mut report = Report::new(title, &head);
        for entry in &self.entries {
            let of_base =
                self.ratio((&entry.name, entry.clients), (base, entry.clients), |round| {
                    Some(round.per_second())
                });
            report.row(entry.cells(of_base));
        }
        report
    }

    /// Whether every entrant came through.
    pub fn check(&self) -> Outcome<()> {
        let failed = self.entries.iter().filter_map(|entry| {
            let why = entry.failed.as_ref()?;
            Some(format!("{} × {}: {why}", entry.name, entry.clients))
        });
        let failed: Vec<_> = failed.collect();
        if failed.is_empty() { Ok(()) } else { Err(failed.join("\n").into()) }
    }
}

impl Entry {
    fn cells(&self, of_base: Option<Spread>) -> Vec<String> {
        let spread = |figure: &dyn Fn(&Round) -> Option<f64>| {
            Spread::of(self.rounds.iter().filter_map(figure))
        };
        let median = |figure: &dyn Fn(&Round) -> Option<f64>| {
            or_dash(spread(figure).map(|spread| spread.median), thousands)
        };
        let wait = |pick: fn(Waits) -> f64| median(&move |round: &Round| round.waits.map(pick));
        let rate = spread(&|round| Some(round.per_second()));
        let refused: u64 = self.rounds.iter().map(|round| round.refused).sum();
        let done: u64 = self.rounds.iter().map(|round| round.done).sum();
        let share = refused as f64 * 100.0 / done.max(1) as f64;
        let unluckiest = median(&|round: &Round| round.unluckiest);
        let last = self.rounds.last().map(|round| round.remark.clone()).unwrap_or_default();
        let failed = self.failed.as_ref().and_then(|why| why.lines().next());
        vec![
            self.name.clone(),
            self.clients.to_string(),
            rate.map_or_else(|| "–".to_owned(), Spread::whole),
            of_base.map_or_else(|| "–".to_owned(), Spread::share),
            if refused == 0 { "0".to_owned() } else { format!("{share:.1} %") },
            wait(|it| it.p50),
            wait(|it| it.p99),
            wait(|it| it.p999),
            wait(|it| it.longest),
            if unluckiest == "–" { unluckiest } else { format!("{unluckiest} %") },
            failed.map_or(last, |why| format!("FAILED: {why}")),
        ]
    }
}
