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
  seatcore seats map 1
  seatcore seats map 1 --as ada          marks what is hers
  seatcore seats map 1 --ascii | less")]
    Map(MapArgs),
    /// Every seat with its state and price
    #[command(after_help = "Examples:
  seatcore seats list 1 --status available
  seatcore seats list 1 --json")]
    List(ListSeatsArgs),
    /// Why a seat is as it is
    #[command(
        after_help = "Examples:\n  seatcore seats why 1 C5\n  seatcore seats why 2 stalls/A1"
    )]
    Why(WhyArgs),
    /// Take seats off sale
    #[command(after_help = "Examples:
  seatcore seats block 1 A1 A2 --reason 'broken hinge'
  seatcore seats block 1 C5 --reason 'camera' --force --as eve")]
    Block(BlockArgs),
    /// Put seats on sale again
    #[command(after_help = "Examples:\n  seatcore seats unblock 1 A1 A2")]
    Unblock(UnblockArgs),
}

/// How to draw a hall.
#[derive(Debug, Args)]
pub struct MapArgs {
    /// The show
    pub show: ShowId,
    /// Draw with plain characters: . h # x @
    #[arg(long)]
    pub ascii: bool,
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
    #[arg(long = "as", value_name = "STAFF")]
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
    #[arg(long = "as", value_name = "STAFF")]
    pub staff: Option<String>,
}

/// `hold SHOW SEAT…`, or `hold best SHOW`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
#[command(after_help = "Examples:
  seatcore hold 1 C5 C6 --as ada
  seatcore hold 1 C5 --as ada --ttl 90s --key order-17      safe to repeat
  seatcore hold best 1 -n 3 --as eve --together")]
pub struct HoldArgs {
    /// Let the engine choose.
    #[command(subcommand)]
    pub best: Option<HoldChoice>,
    /// Seats chosen by the caller.
    #[command(flatten)]
    pub seats: Option<HoldSeatsArgs>,
}

/// Who chooses the seats.
#[derive(Debug, Subcommand)]
pub enum HoldChoice {
    /// The best seats that are left
    #[command(after_help = "Examples:
  seatcore hold best 1 -n 3 --as eve
  seatcore hold best 1 -n 2 --as eve --tier premium --together
  seatcore hold best 1 -n 2 --as eve --accessible 1")]
    Best(HoldBestArgs),
}

/// Seats to hold. The terms are spelt out: clap leaves nested groups out of an optional one.
#[derive(Debug, Args)]
pub struct HoldSeatsArgs {
    /// The show
    #[arg(required = true)]
    pub show: ShowId,
    /// The seats, all or none: C5 C6 stalls/A1
    #[arg(required = true, value_name = "SEAT")]
    pub seats: Vec<String>,
    /// Who holds
    #[arg(long = "as", value_name = "HOLDER", required = true)]
    pub holder: String,
    /// How long, at most 30m [default: 10m]
    #[arg(long, value_name = "TIME", value_parser = reading::duration)]
    pub ttl: Option<Duration>,
    /// Makes repeating this command safe
    #[arg(long)]
    pub key: Option<String>,
    /// Your own reference
    #[arg(long)]
    pub reference: Option<String>,
}

/// How many of the best seats.
#[derive(Debug, Args)]
pub struct HoldBestArgs {
    /// The show
    pub show: ShowId,
    /// How many seats
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
    #[arg(long = "as", value_name = "HOLDER", required = true)]
    pub holder: String,
    /// How long, at most 30m [default: 10m]
    #[arg(long, value_name = "TIME", value_parser = reading::duration)]
    pub ttl: Option<Duration>,
    /// Makes repeating this command safe
    #[arg(long)]
    pub key: Option<String>,
    /// Your own reference
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
    #[command(
        after_help = "Examples:\n  seatcore holds list\n  seatcore holds list --as ada --show 1"
    )]
    List(ListHoldsArgs),
    /// One hold
    #[command(
        after_help = "Examples:\n  seatcore holds show hld_…\n  seatcore holds show hld_… --json"
    )]
    Show(HoldArg),
    /// Give a hold more time, counted from now
    #[command(
        after_help = "Examples:\n  seatcore holds extend hld_…\n  seatcore holds extend hld_… --ttl 5m --as ada"
    )]
    Extend(ExtendArgs),
    /// Give seats back, all or some
    #[command(
        after_help = "Examples:\n  seatcore holds release hld_…\n  seatcore holds release hld_… C6 --as ada"
    )]
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
#[derive(Debug, Args)]
pub struct Acting {
    /// Act as this holder [default: whoever it belongs to]
    #[arg(long = "as", value_name = "HOLDER")]
    pub holder: Option<String>,
    /// Makes repeating this command safe
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
    pub hold: HoldId,
    /// Only these seats
    #[arg(value_name = "SEAT")]
    pub seats: Vec<String>,
    /// On whose behalf.
    #[command(flatten)]
    pub acting: Acting,
}

/// A hold to sell.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  seatcore book hld_…
  seatcore book hld_… C5 --keep-rest          sell one seat, keep the others held
  seatcore book hld_… --as ada --key order-17 safe to repeat")]
pub struct BookArgs {
    /// The hold's id, hld_…
    pub hold: HoldId,
    /// Only these seats; the rest is released
    #[arg(value_name = "SEAT")]
    pub seats: Vec<String>,
    /// Keep the rest held
    #[arg(long)]
    pub keep_rest: bool,
    /// Your own reference; replaces the hold's
    #[arg(long)]
    pub reference: Option<String>,
    /// On whose behalf.
    #[command(flatten)]
    pub acting: Acting,
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
  seatcore bookings list --limit 20 --before bkg_…")]
    List(ListBookingsArgs),
    /// One booking and its tickets
    #[command(
        after_help = "Examples:\n  seatcore bookings show bkg_…\n  seatcore bookings show bkg_… --json"
    )]
    Show(BookingArg),
    /// Undo a booking: its seats are free, its tickets void
    #[command(
        after_help = "Examples:\n  seatcore bookings cancel bkg_…\n  seatcore bookings cancel bkg_… --reason 'show moved'"
    )]
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
    /// At most this many
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
#[command(after_help = "Examples:\n  seatcore tickets show 4J7QK-0Z3XN-8")]
pub enum TicketsCommand {
    /// The seat and booking behind a code
    #[command(after_help = "Examples:
  seatcore tickets show 4J7QK-0Z3XN-8
  seatcore tickets show 4j7qk0z3xn8            dashes and case do not matter")]
    Show(TicketArg),
}

/// A ticket.
#[derive(Debug, Args)]
pub struct TicketArg {
    /// Its code, XXXXX-XXXXX-X
    pub code: TicketCode,
}
