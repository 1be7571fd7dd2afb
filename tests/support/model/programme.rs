//! A programme of shows, opened in an engine and in the model alike.

use super::{Model, Show};
use seatcore::catalogue::layout::Layout;
use seatcore::catalogue::movie::NewMovie;
use seatcore::catalogue::price::Prices;
use seatcore::catalogue::screen::NewScreen;
use seatcore::catalogue::show::{NewShow, ShowLimits};
use seatcore::clock::Timestamp;
use seatcore::money::Currency;
use seatcore::{Engine, MovieId, ScreenId};
use std::time::Duration;

/// How long the film runs.
const MINUTES: u32 = 90;
/// The pause between two shows of one screen.
const CLEANING: Duration = Duration::from_secs(15 * 60);

/// A show to be opened.
#[derive(Clone, Debug)]
pub struct Billing {
    /// Its hall, as short text.
    pub hall: String,
    /// The screen's name; the same name is the same screen.
    pub screen: String,
    /// When it begins, in milliseconds since 1970.
    pub starts_at: i64,
    /// When sales open; `None`: at once.
    pub opens_at: Option<i64>,
    /// Prices of tiers; those that the hall does not have are left out.
    pub tiers: Vec<(&'static str, u32)>,
    /// Caps.
    pub limits: ShowLimits,
}

impl Billing {
    /// A show with the usual terms.
    pub fn new(hall: &str, screen: &str, starts_at: i64) -> Self {
        Self {
            hall: hall.to_owned(),
            screen: screen.to_owned(),
            starts_at,
            opens_at: None,
            tiers: Vec::new(),
            limits: ShowLimits::default(),
        }
    }
}

/// What a seat costs unless its tier says otherwise.
pub const PRICE: u32 = 1_250;

/// Opens every show in the engine; answers the model of the same programme.
pub fn open(engine: &Engine, bill: &[Billing]) -> Model {
    let film = NewMovie {
        title: "A film".to_owned(),
        minutes: MINUTES,
        description: String::new(),
        poster: None,
    };
    let movie = engine.add_movie(film).expect("a movie").id;
    let mut screens: Vec<(String, ScreenId)> = Vec::new();
    let cleaning_s = CLEANING.as_secs() as i64;
    let mut model = Model { now: engine.now().millis(), shows: Vec::new(), cleaning_s };
    for billing in bill {
        let screen = screen(engine, &mut screens, billing);
        model.shows.push(open_show(engine, movie, screen, billing));
    }
    model
}

fn screen(engine: &Engine, known: &mut Vec<(String, ScreenId)>, billing: &Billing) -> ScreenId {
    if let Some((_, id)) = known.iter().find(|(name, _)| *name == billing.screen) {
        return *id;
    }
    let layout = Layout::parse(&billing.hall).expect("a readable hall");
    let screen = NewScreen { cleaning: CLEANING, ..NewScreen::new(&*billing.screen, layout) };
    let id = engine.add_screen(screen).expect("a screen").id;
    known.push((billing.screen.clone(), id));
    id
}

fn open_show(engine: &Engine, movie: MovieId, screen: ScreenId, billing: &Billing) -> Show {
    let moment = Timestamp::from_millis(billing.starts_at);
    let planned =
        billing.tiers.iter().filter(|(name, _)| billing.hall.contains(&format!("*{name}")));
    let tiers = planned.map(|(name, price)| ((*name).into(), *price));
    let new = NewShow {
        opens_at: billing.opens_at.map(Timestamp::from_millis),
        prices: Prices { currency: Currency::EUR, base: PRICE, tiers: tiers.collect() },
        limits: billing.limits,
        ..NewShow::new(movie, screen, moment, Currency::EUR.minor(i64::from(PRICE)))
    };
    let show = engine.open_show(new).expect("a show");
    let layout = engine.layout(show.opening.layout).expect("its layout");
    Show::opened(show.id.get(), &show.opening, &layout)
}
