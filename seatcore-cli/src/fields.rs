//! What answers of commands that change something have, by name: a name that is none of theirs is
//! refused before anything is done.

use crate::args::{
    BookingsCommand, Command, ConfigCommand, DbCommand, HoldsCommand, KeysCommand, MoviesCommand,
    ScreensCommand, SeatsCommand, ShowsCommand, TicketsCommand, UsersCommand, UtilCommand,
};
use crate::error::CliError;
use crate::output;

/// The names of an answer.
#[derive(Debug)]
pub struct Answer {
    /// For people and pipes.
    pub columns: &'static [&'static str],
    /// Of the JSON.
    pub members: &'static [&'static str],
}

const HOLD: Answer = Answer {
    columns: &["hold", "show", "holder", "seats", "state", "until", "total", "reference"],
    members: HOLD_MEMBERS,
};
const HOLDS: Answer = Answer {
    columns: &["hold", "show", "holder", "seats", "left", "total"],
    members: HOLD_MEMBERS,
};
const HOLD_MEMBERS: &[&str] = &[
    "id",
    "show",
    "holder",
    "seats",
    "state",
    "expires_at",
    "expires_in_ms",
    "total",
    "reference",
    "seq",
];
const BOOKING: Answer = Answer {
    columns: &[
        "booking",
        "show",
        "holder",
        "seats",
        "state",
        "total",
        "booked",
        "reference",
        "ticket",
    ],
    members: &[
        "id",
        "show",
        "holder",
        "seats",
        "state",
        "total",
        "booked_at",
        "reference",
        "tickets",
        "seq",
    ],
};
const SHOW: Answer = Answer {
    columns: &[
        "id", "movie", "screen", "starts", "ends", "status", "sales", "price", "limits", "seats",
        "events",
    ],
    members: SHOW_MEMBERS,
};
const SHOWS: Answer = Answer {
    columns: &["id", "starts", "movie", "screen", "price", "free", "status"],
    members: SHOW_MEMBERS,
};
const SHOW_MEMBERS: &[&str] = &[
    "id",
    "movie",
    "screen",
    "starts_at",
    "ends_at",
    "sales",
    "status",
    "price",
    "tiers",
    "limits",
    "stats",
    "seq",
    "layout",
];
const MOVIE: Answer = Answer {
    columns: &["id", "title", "minutes", "description", "poster"],
    members: &["id", "title", "minutes", "description", "poster_url"],
};
const SCREEN: Answer = Answer {
    columns: &["id", "name", "seats", "rows", "sections", "tiers", "pause", "layout"],
    members: &["id", "name", "seats", "layout", "tz", "cleaning_s"],
};
const USER: Answer = Answer {
    columns: &["id", "name", "role", "holder", "added", "may sign in"],
    members: &["id", "name", "role", "disabled", "created_at"],
};
const KEY: Answer = Answer {
    columns: &["id", "name", "scopes", "holder", "created", "revoked"],
    members: KEY_MEMBERS,
};
const KEY_MEMBERS: &[&str] = &["id", "name", "scopes", "created_at", "revoked_at"];
const NEW_KEY: Answer = Answer {
    columns: &["id", "name", "scopes", "holder", "created", "revoked", "key"],
    members: &["id", "name", "scopes", "created_at", "revoked_at", "secret"],
};
const REMOVED: Answer = Answer { columns: &["removed"], members: &["removed"] };
const BACKUP: Answer =
    Answer { columns: &["backup", "bytes", "verify"], members: &["backup", "bytes", "verify"] };
const RESTORED: Answer = Answer {
    columns: &["database", "from", "old file kept", "verify"],
    members: &["db", "from", "kept", "verify"],
};
const ARCHIVED: Answer =
    Answer { columns: &["show", "records", "archive"], members: &["show", "records", "archive"] };

const MIGRATED: Answer = Answer {
    columns: &["database", "was brought", "as it was", "state"],
    members: &["db", "records", "epoch", "from", "to", "backup"],
};
const VACUUMED: Answer =
    Answer { columns: &["bytes before", "bytes"], members: &["before", "after"] };
const SWEPT: Answer = Answer { columns: &["lapsed holds published"], members: &["lapsed"] };
const MADE: Answer =
    Answer { columns: &["database", "state"], members: &["db", "created", "epoch"] };
const SEEDED: Answer = Answer {
    columns: &["database", "screens", "movies", "added", "user"],
    members: &["db", "preset", "made", "movies", "screens", "shows", "seats", "user"],
};

const SET: Answer =
    Answer { columns: &["key", "value", "file"], members: &["key", "value", "file"] };
const TICKET: Answer = Answer {
    columns: &["ticket", "state", "seat", "movie", "screen", "starts", "booking", "holder"],
    members: &["code", "seat", "state", "booking", "seq"],
};
const PAGES: Answer = Answer { columns: &["folder", "pages"], members: &["folder", "pages"] };
const VERIFIED: Answer = Answer {
    columns: &[
        "records",
        "not read again",
        "shows",
        "bookings",
        "tickets",
        "sold seats",
        "contradictions",
        "stopped show",
        "why",
        "show",
        "record",
        "what",
    ],
    members: &["records", "skipped", "shows", "bookings", "tickets", "sold", "stopped", "findings"],
};
const LOOKS: Answer =
    Answer { columns: &["what", "state", "found"], members: &["ok", "looks", "sqlite"] };
const RACE: Answer = Answer {
    columns: &[
        "Race",
        "Users",
        "Successes",
        "Blocked",
        "Failed",
        "Refusals",
        "Time",
        "Verify",
        "command",
        "count",
        "median ms",
        "95 % ms",
        "longest ms",
    ],
    members: &[
        "users",
        "seats",
        "processes",
        "show",
        "successes",
        "blocked",
        "failed",
        "refusals",
        "elapsed_ms",
        "latency_us",
        "verify",
    ],
};
const FIGURES: Answer = Answer {
    columns: &["what", "per second", "count", "median ms", "95 % ms", "longest ms"],
    members: &["what", "per_second", "latency_us"],
};
const DAY: Answer = Answer {
    columns: &[
        "buyers", "commands", "holds", "booked", "released", "let go", "deciding", "refused",
        "verify", "seed", "database",
    ],
    members: &["seed", "db", "elapsed_ms", "statistics", "shows", "verify"],
};

impl Answer {
    /// What a command will answer, if that is known before it is carried out.
    pub const fn of(command: &Command) -> Option<&'static Self> {
        Some(match command {
            Command::Hold(_) => &HOLD,
            Command::Holds(HoldsCommand::Release(args)) if args.all => &HOLDS,
            Command::Holds(HoldsCommand::Extend(_) | HoldsCommand::Release(_)) => &HOLD,
            Command::Seats(SeatsCommand::Block(_) | SeatsCommand::Unblock(_)) => &HOLD,
            Command::Book(_) | Command::Bookings(BookingsCommand::Cancel(_)) => &BOOKING,
            Command::Shows(command) => return of_shows(command),
            Command::Movies(command) => return of_movies(command),
            Command::Screens(command) => return of_screens(command),
            Command::Users(command) => return of_users(command),
            Command::CreateSuperuser(_) => &USER,
            Command::Keys(KeysCommand::Create(_)) => &NEW_KEY,
            Command::Keys(KeysCommand::Revoke(_)) => &KEY,
            Command::Db(DbCommand::Backup(_)) => &BACKUP,
            Command::Db(DbCommand::Restore(_)) => &RESTORED,
            Command::Db(DbCommand::Archive(_)) => &ARCHIVED,
            Command::Db(DbCommand::Migrate(_)) => &MIGRATED,
            Command::Db(DbCommand::Vacuum) => &VACUUMED,
            Command::Sweep => &SWEPT,
            Command::Init(_) | Command::DjangoMigrate(_) => &MADE,
            Command::Config(ConfigCommand::Set(_)) => &SET,
            Command::Tickets(TicketsCommand::Show(_)) => &TICKET,
            Command::Util(UtilCommand::Man(_)) => &PAGES,
            Command::Pick(_) => &BOOKING,
            // These write too: what was verified, a word about the clock, buyers of their own.
            Command::Verify(_) => &VERIFIED,
            Command::Doctor(_) => &LOOKS,
            Command::Stress(_) => &RACE,
            Command::Bench(_) => &FIGURES,
            Command::Demo(_) => &DAY,
            Command::Seed(_) => &SEEDED,
            _ => return None,
        })
    }

    /// Refuses names that the answer will not have.
    ///
    /// # Errors
    /// A name that is none of them.
    pub fn require(&self, wanted: &[String], json: bool) -> Result<(), CliError> {
        let known = if json { self.members } else { self.columns };
        output::chosen(wanted, known).map(drop)
    }
}

const fn of_shows(command: &ShowsCommand) -> Option<&'static Answer> {
    match command {
        ShowsCommand::Add(args) if args.repeat > 1 => Some(&SHOWS),
        ShowsCommand::List(_) | ShowsCommand::Show(_) => None,
        _ => Some(&SHOW),
    }
}

const fn of_movies(command: &MoviesCommand) -> Option<&'static Answer> {
    match command {
        MoviesCommand::List | MoviesCommand::Show(_) => None,
        MoviesCommand::Rm(_) => Some(&REMOVED),
        _ => Some(&MOVIE),
    }
}

const fn of_screens(command: &ScreensCommand) -> Option<&'static Answer> {
    match command {
        ScreensCommand::Add(_) | ScreensCommand::Edit(_) | ScreensCommand::Import(_) => {
            Some(&SCREEN)
        }
        ScreensCommand::Rm(_) => Some(&REMOVED),
        _ => None,
    }
}

const fn of_users(command: &UsersCommand) -> Option<&'static Answer> {
    match command {
        UsersCommand::List | UsersCommand::Show(_) => None,
        UsersCommand::Remove(_) => Some(&REMOVED),
        _ => Some(&USER),
    }
}
