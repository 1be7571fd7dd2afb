//! Best available: the model does not choose. It says which choices are legal, and when there is
//! none.

use super::ask::Wish;
use super::said::No;
use super::show::Show;

impl Show {
    /// Takes the engine's pick if it is legal; or says why nothing can be offered.
    pub(super) fn legal_pick(
        &self,
        wish: &Wish,
        picked: Option<&Vec<String>>,
        now: i64,
    ) -> Result<Vec<String>, No> {
        let open = self.open(wish, now);
        let (count, wanted) = (wish.count as usize, wish.accessible as usize);
        let places = open.iter().filter(|at| self.places[**at].accessible).count();
        if open.is_empty() {
            return Err(No::plain("sold_out"));
        }
        let together = self.together(&open, count, wanted);
        let apart = places >= wanted && open.len() - places >= count - wanted;
        if !together && (wish.together || !apart) {
            return Err(No::with("no_block_together", self.largest(&open, count, wanted)));
        }
        let Some(picked) = picked else { return Ok(self.any_pick(&open, count, wanted)) };
        match self.fault(&open, picked, wish, together) {
            Some(fault) => Err(No::with("illegal pick", fault)),
            None => Ok(picked.clone()),
        }
    }

    /// Some seats of the right kinds: where the engine refused, only their number matters for the
    /// caps, because nothing that is free is the asker's already.
    fn any_pick(&self, open: &[usize], count: usize, wanted: usize) -> Vec<String> {
        let kind =
            |accessible| open.iter().filter(move |at| self.places[**at].accessible == accessible);
        let picked = kind(true).take(wanted).chain(kind(false).take(count - wanted));
        picked.map(|at| self.places[*at].label.clone()).collect()
    }

    pub(super) fn tier(&self, name: &str) -> Option<&str> {
        let tiers = self.places.iter().filter_map(|place| place.tier.as_deref());
        tiers.into_iter().find(|tier| tier.eq_ignore_ascii_case(name))
    }

    /// Places that the wish may take: free, of its tier, accessible only if it wants such.
    fn open(&self, wish: &Wish, now: i64) -> Vec<usize> {
        let tier = wish.tier.as_deref().and_then(|name| self.tier(name));
        let may = |at: &usize| {
            let place = &self.places[*at];
            self.seat(&place.label, now) == "available"
                && (tier.is_none() || place.tier.as_deref() == tier)
                && (wish.accessible > 0 || !place.accessible)
        };
        (0..self.places.len()).filter(may).collect()
    }

    /// Whether some `count` open neighbours have exactly as many accessible places as wanted.
    fn together(&self, open: &[usize], count: usize, wanted: usize) -> bool {
        open.windows(count.max(1)).any(|seats| {
            let places = seats.iter().filter(|at| self.places[**at].accessible).count();
            self.neighbours(seats) && places == wanted
        })
    }

    fn neighbours(&self, seats: &[usize]) -> bool {
        seats.windows(2).all(|pair| {
            pair[0] + 1 == pair[1] && self.places[pair[0]].run == self.places[pair[1]].run
        })
    }

    /// The largest smaller party that would sit together.
    fn largest(&self, open: &[usize], count: usize, wanted: usize) -> usize {
        let smaller = wanted.max(1)..count;
        smaller.rev().find(|size| self.together(open, *size, wanted)).unwrap_or(0)
    }

    /// What is wrong with a pick.
    fn fault(
        &self,
        open: &[usize],
        picked: &[String],
        wish: &Wish,
        together: bool,
    ) -> Option<&'static str> {
        let Some(seats) = picked.iter().map(|seat| self.place(seat)).collect::<Option<Vec<_>>>()
        else {
            return Some("a seat that is not there");
        };
        let places = seats.iter().filter(|at| self.places[**at].accessible).count();
        if seats.len() != wish.count as usize {
            Some("another number of seats")
        } else if !seats.is_sorted_by(|a, b| a < b) {
            Some("not in plan order, or twice the same")
        } else if !seats.iter().all(|at| open.contains(at)) {
            Some("a seat that may not be taken")
        } else if places != wish.accessible as usize {
            Some("another number of accessible places")
        } else if together && !self.neighbours(&seats) {
            Some("apart although together was possible")
        } else {
            None
        }
    }
}
