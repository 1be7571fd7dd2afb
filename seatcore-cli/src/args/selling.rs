//! Arguments of `seats`, `hold`, `holds`, `book`, `bookings` and `tickets`.

use crate::reading;
use clap::{Args, Subcommand, ValueEnum};
use seatcore::id::TicketCode;
use seatcore::{BookingId, HoldId, ShowId};
use std::time::Duration;

/// What can be asked about seats, and done to them by staff.
#[derive(Debug, Subcommand)]
#[command(after_help = "Examples:
  seatcore seats map 1
  seatcore seats why 1 C5
  seatcore seats block 1 A1 A2 --reason 'broken hinge'")]
pub enum SeatsCommand {
    /// Draw the hall
    #[command(after_help = "Examples:
  seatcore seats map 1 --as ada  # marks what is hers
  seatcore seats map 1 --ascii | less
  seatcore seats map 1 --watch   # redraws what happens, until Ctrl-C
  seatcore seats map 1 --heat    # how often each seat sold")]
    Map(MapArgs),
    /// Every seat with its state and price
    #[command(after_help = "Examples:
  seatcore seats list 1
  seatcore seats list 1 --status available --fields seat,price
  seatcore seats list 1 --json")]
    List(ListSeatsArgs),
    /// Why a seat is as it is
    #[command(after_help = "Examples:
  seatcore seats why 1 C5
  seatcore seats why 2 a1
  seatcore seats why 1 C5 --json")]
    Why(WhyArgs),
    /// Take seats off sale
    #[command(after_help = "Examples:
  seatcore seats block 1 A1 A2 --reason 'broken hinge'
  seatcore seats block 1 E5 --reason camera --as eve
  seatcore seats block 1 C5 --reason camera --force  # takes it out of a hold")]
    Block(BlockArgs),
    /// Put seats on sale again
    #[command(after_help = "Examples:
  seatcore seats unblock 1 B1
  seatcore seats unblock 1 B1 B2 --as eve
  seatcore seats unblock 1 B1 --json")]
    Unblock(UnblockArgs),
}

/// How to draw a hall.
#[derive(Debug, Args)]
pub struct MapArgs {
    /// The show
    pub show: ShowId,
    /// Draw with plain characters: . h # x @ w
    #[arg(long)]
    pub ascii: bool,
    /// Go on drawing what happens
    #[arg(long)]
    pub watch: bool,
    /// Draw how often each seat sold, in every show on this plan
    #[arg(long, conflicts_with = "watch")]
    pub heat: bool,
    /// Mark the seats of this holder
    #[arg(long = "as", value_name = "HOLDER", value_parser = reading::holder)]
    pub holder: Option<seatcore::Holder>,
}

/// Which seats to list.
#[derive(Debug, Args)]
pub struct ListSeatsArgs {
    /// The show
    pub show: ShowId,
    /// Only seats in this state
    #[arg(long)]
    pub status: Option<Status>,
    /// Mark the seats of this holder
    #[arg(long = "as", value_name = "HOLDER", value_parser = reading::holder)]
    pub holder: Option<seatcore::Holder>,
}

/// A seat's state, as people type it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[expect(missing_docs, reason = "named as the states they stand for")]
pub enum Status {
    Available,
    Held,
    Booked,
    Blocked,
}

/// A seat to ask about.
#[derive(Debug, Args)]
pub struct WhyArgs {
    /// The show
    pub show: ShowId,
    /// The seat: C5, stalls/A1
    pub seat: String,
}

/// Seats to take off sale.
#[derive(Debug, Args)]
pub struct BlockArgs {
    /// The show
    pub show: ShowId,
    /// The seats
    #[arg(required = true)]
    pub seats: Vec<String>,
    /// Why, for colleagues
    #[arg(long)]
    pub reason: String,
    /// Also take seats that somebody holds
    #[arg(long)]
    pub force: bool,
    /// Which member of staff
    #[arg(long = "as", value_name = "STAFF", value_parser = reading::holder_text)]
    pub staff: Option<String>,
}

/// Seats to put on sale again.
#[derive(Debug, Args)]
pub struct UnblockArgs {
    /// The show
    pub show: ShowId,
    /// The seats
    #[arg(required = true)]
    pub seats: Vec<String>,
    /// Which member of staff
    #[arg(long = "as", value_name = "STAFF", value_parser = reading::holder_text)]
    pub staff: Option<String>,
}

/// `hold SHOW SEAT…`, or `hold best SHOW`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
#[command(override_usage = "seatcore hold <SHOW> <SEAT>... --as <HOLDER>
       seatcore hold <SHOW> -n <COUNT> --as <HOLDER>
       seatcore hold best <SHOW> -n <COUNT> --as <HOLDER>")]
#[command(after_help = "Examples:
  seatcore hold 1 C5 C6 --as ada
  seatcore hold 1 C5 --as ada --ttl 90s --key order-17  # safe to repeat
  seatcore hold best 1 -n 3 --as eve --together")]
pub struct HoldArgs {
    /// Let the engine choose.
    #[command(subcommand)]
    pub best: Option<HoldChoice>,
    /// The show
    pub show: Option<ShowId>,
    /// The seats, all or none: C5 C6 stalls/A1
    #[arg(value_name = "SEAT")]
    pub seats: Vec<String>,
    /// Take this many of the best seats that are left, 1 to 64
    #[arg(short = 'n', long, value_name = "COUNT", conflicts_with = "seats")]
    pub count: Option<u32>,
    /// For whom, how long, under which key.
    #[command(flatten)]
    pub terms: HoldTerms,
}

/// Who chooses the seats.
#[derive(Debug, Subcommand)]
pub enum HoldChoice {
    /// The best seats that are left
    #[command(after_help = "Examples:
  seatcore hold best 1 -n 3 --as eve
  seatcore hold best 1 -n 2 --as eve --ttl 5m --together
  seatcore hold best 1 -n 4 --as eve --json")]
    Best(HoldBestArgs),
}

/// How many of the best seats.
#[derive(Debug, Args)]
pub struct HoldBestArgs {
    /// The show
    pub show: ShowId,
    /// How many seats, 1 to 64
    #[arg(short = 'n', long, default_value_t = 2)]
    pub count: u32,
    /// Only seats of this tier
    #[arg(long)]
    pub tier: Option<String>,
    /// How many must be accessible places
    #[arg(long, default_value_t = 0)]
    pub accessible: u32,
    /// Refuse rather than split the party
    #[arg(long)]
    pub together: bool,
    /// For whom, how long, under which key.
    #[command(flatten)]
    pub terms: HoldTerms,
}

/// For whom, how long, under which key.
#[derive(Debug, Args)]
pub struct HoldTerms {
    /// Who holds
    #[arg(long = "as", value_name = "HOLDER", value_parser = reading::holder_text)]
    pub holder: Option<String>,
    /// How long, at most 30m [default: 10m]
    #[arg(long, value_name = "TIME", value_parser = reading::duration)]
    pub ttl: Option<Duration>,
    /// Makes repeating this command safe: 1 to 255 bytes of your own
    #[arg(long)]
    pub key: Option<String>,
    /// Your own reference, at most 255 bytes
    #[arg(long)]
    pub reference: Option<String>,
}

/// What can be done with holds.
#[derive(Debug, Subcommand)]
#[command(after_help = "Examples:
  seatcore holds list --as ada
  seatcore holds extend hld_… --ttl 5m
  seatcore holds release hld_… C6")]
pub enum HoldsCommand {
    /// Holds that are alive
    #[command(after_help = "Examples:
  seatcore holds list
  seatcore holds list --as ada --show 1
  seatcore holds list --format csv --fields hold,seats,left")]
    List(ListHoldsArgs),
    /// One hold
    #[command(after_help = "Examples:
  seatcore holds show hld_…
  seatcore holds show hld_… --json
  seatcore holds show hld_… --fields seats,until")]
    Show(HoldArg),
    /// Give a hold more time, counted from now
    #[command(after_help = "Examples:
  seatcore holds extend hld_…
  seatcore holds extend hld_… --ttl 15m --as ada
  seatcore holds extend hld_… --ttl 15m --key more-time  # safe to repeat")]
    Extend(ExtendArgs),
    /// Give seats back, all or some
    #[command(after_help = "Examples:
  seatcore holds release hld_…
  seatcore holds release hld_… C6 --as ada
  seatcore holds release --all --as ada  # everything she holds")]
    Release(ReleaseArgs),
}

/// Whose holds, where.
#[derive(Debug, Args)]
pub struct ListHoldsArgs {
    /// Only of this holder
    #[arg(long = "as", value_name = "HOLDER", value_parser = reading::holder)]
    pub holder: Option<seatcore::Holder>,
    /// Only in this show
    #[arg(long, value_name = "ID")]
    pub show: Option<ShowId>,
}

/// A hold.
#[derive(Debug, Args)]
pub struct HoldArg {
    /// Its id, hld_…
    pub hold: HoldId,
}

/// On whose behalf, under which key.
#[derive(Debug, Default, Args)]
pub struct Acting {
    /// Act as this holder [default: whoever it belongs to]
    #[arg(long = "as", value_name = "HOLDER", value_parser = reading::holder_text)]
    pub holder: Option<String>,
    /// Makes repeating this command safe: 1 to 255 bytes of your own
    #[arg(long)]
    pub key: Option<String>,
}

/// A hold and how much longer.
#[derive(Debug, Args)]
pub struct ExtendArgs {
    /// Its id, hld_…
    pub hold: HoldId,
    /// How long from now, at most 30m
    #[arg(long, value_name = "TIME", default_value = "10m", value_parser = reading::duration)]
    pub ttl: Duration,
    /// On whose behalf.
    #[command(flatten)]
    pub acting: Acting,
}

/// A hold and which seats of it.
#[derive(Debug, Args)]
pub struct ReleaseArgs {
    /// Its id, hld_…
    #[arg(required_unless_present = "all")]
    pub hold: Option<HoldId>,
    /// Only these seats
    #[arg(value_name = "SEAT")]
    pub seats: Vec<String>,
    /// Every live hold of --as
    #[arg(long, conflicts_with = "hold", requires = "holder")]
    pub all: bool,
    /// On whose behalf.
    #[command(flatten)]
    pub acting: Acting,
}

/// What to sell: a hold, seats in one go, or whatever the answers to some questions say.
#[derive(Debug, Args)]
#[command(override_usage = "seatcore book <HOLD> [SEAT]...
       seatcore book <SHOW> <SEAT>... --as <HOLDER>
       seatcore book")]
#[command(after_help = "Without arguments, on a terminal, it asks: film, time, seats.

Examples:
  seatcore book hld_…
  seatcore book hld_… C5 --keep-rest            # sell one, keep the others
  seatcore book hld_… --as ada --key order-17   # safe to repeat
  seatcore book 1 D1 D2 --as ada                # hold and sell in one step
  seatcore book 1 -n 2 --as ada                 # the two best that are left")]
pub struct BookArgs {
    /// A hold's id, hld_…, or the show
    #[arg(value_name = "HOLD|SHOW", value_parser = Sold::parse)]
    pub what: Option<Sold>,
    /// The seats; of a hold, only these, and the rest is released
    #[arg(value_name = "SEAT")]
    pub seats: Vec<String>,
    /// Take this many of the best seats that are left, 1 to 64
    #[arg(short = 'n', long, value_name = "COUNT", conflicts_with = "seats")]
    pub count: Option<u32>,
    /// Keep the rest of the hold held
    #[arg(long)]
    pub keep_rest: bool,
    /// Your own reference; replaces the hold's
    #[arg(long)]
    pub reference: Option<String>,
    /// On whose behalf.
    #[command(flatten)]
    pub acting: Acting,
}

/// What is sold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sold {
    /// What a hold has.
    Hold(HoldId),
    /// Seats of a show.
    Seats(ShowId),
}

impl Sold {
    fn parse(text: &str) -> Result<Self, String> {
        match (text.parse(), text.parse()) {
            (Ok(hold), _) => Ok(Self::Hold(hold)),
            (_, Ok(show)) => Ok(Self::Seats(show)),
            _ => Err("neither a hold, such as hld_…, nor the number of a show".into()),
        }
    }
}

/// What can be done with bookings.
#[derive(Debug, Subcommand)]
#[command(after_help = "Examples:
  seatcore bookings list --as ada
  seatcore bookings show bkg_…
  seatcore bookings cancel bkg_… --reason 'show moved'")]
pub enum BookingsCommand {
    /// Bookings, newest first
    #[command(after_help = "Examples:
  seatcore bookings list
  seatcore bookings list --show 1 --as ada
  seatcore bookings list --limit 20 --before bkg_…
  seatcore bookings list --format csv > bookings.csv")]
    List(ListBookingsArgs),
    /// One booking and its tickets
    #[command(after_help = "Examples:
  seatcore bookings show bkg_…
  seatcore bookings show bkg_… --json
  seatcore bookings show bkg_… --fields ticket")]
    Show(BookingArg),
    /// Undo a booking: its seats are free, its tickets void
    #[command(after_help = "Examples:
  seatcore bookings cancel bkg_…
  seatcore bookings cancel bkg_… --reason 'show moved'
  seatcore bookings cancel bkg_… --as ada --key cancel-17  # safe to repeat")]
    Cancel(CancelArgs),
}

/// Whose bookings, where.
#[derive(Debug, Args)]
pub struct ListBookingsArgs {
    /// Only in this show
    #[arg(long, value_name = "ID")]
    pub show: Option<ShowId>,
    /// Only of this holder
    #[arg(long = "as", value_name = "HOLDER", value_parser = reading::holder)]
    pub holder: Option<seatcore::Holder>,
    /// At most this many, 1 to 10,000
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub limit: u32,
    /// Older than this booking: where the last page ended
    #[arg(long, value_name = "ID")]
    pub before: Option<BookingId>,
}

/// A booking.
#[derive(Debug, Args)]
pub struct BookingArg {
    /// Its id, bkg_…
    pub booking: BookingId,
}

/// A booking to undo.
#[derive(Debug, Args)]
pub struct CancelArgs {
    /// Its id, bkg_…
    pub booking: BookingId,
    /// Why, for the log
    #[arg(long)]
    pub reason: Option<String>,
    /// On whose behalf.
    #[command(flatten)]
    pub acting: Acting,
}

/// What can be done with tickets.
#[derive(Debug, Subcommand)]
#[command(after_help = "Examples:
  seatcore tickets show XXXXX-XXXXX-X
  seatcore tickets show XXXXX-XXXXX-X --json
  seatcore tickets print bkg_…")]
pub enum TicketsCommand {
    /// The seat and booking behind a code
    #[command(after_help = "Examples:
  seatcore tickets show XXXXX-XXXXX-X
  seatcore tickets show XXXXX-XXXXX-X --fields state,seat
  seatcore tickets show XXXXX-XXXXX-X --ics show.ics  # a calendar entry
Dashes and case do not matter.")]
    Show(TicketArg),
    /// Every ticket of a booking, to be cut apart
    #[command(after_help = "Examples:
  seatcore tickets print bkg_…
  seatcore tickets print bkg_… --tz Europe/Berlin
  seatcore tickets print bkg_… > tickets.txt")]
    Print(BookingArg),
}

/// A ticket.
#[derive(Debug, Args)]
pub struct TicketArg {
    /// Its code, XXXXX-XXXXX-X
    pub code: TicketCode,
    /// Also write a calendar entry to this file; - is stdout alone
    #[arg(long, value_name = "FILE")]
    pub ics: Option<std::path::PathBuf>,
}

/// Which show to pick seats in.
#[derive(Debug, Args)]
#[command(after_help = "\
Keys: arrows or h j k l move, space takes or leaves a seat, 1 to 9 hold the
best so many, Enter holds what is taken, then Enter books it, r releases it,
Tab goes to the next free seat, ? explains, q or Ctrl-C leaves (what is held is
released).

Examples:
  seatcore pick
  seatcore pick 1 --as ada
  seatcore pick 1 --as ada --ttl 5m")]
pub struct PickArgs {
    /// The show [default: asks]
    pub show: Option<ShowId>,
    /// Who buys [default: asks]
    #[arg(long = "as", value_name = "HOLDER", value_parser = reading::holder)]
    pub holder: Option<seatcore::Holder>,
    /// How long seats are held, at most 30m [default: 10m]
    #[arg(long, value_name = "TIME", value_parser = reading::duration)]
    pub ttl: Option<Duration>,
    /// Draw with plain characters
    #[arg(long)]
    pub ascii: bool,
}
