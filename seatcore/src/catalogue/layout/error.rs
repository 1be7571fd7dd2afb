//! What can be wrong with a seating plan.

/// Why a seating plan was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LayoutError {
    /// The plan has no seats.
    #[error("the plan has no seats")]
    Empty,
    /// A section has no rows.
    #[error("section {name:?} has no rows")]
    EmptySection {
        /// The section's name; empty when it has none.
        name: String,
    },
    /// The plan has more than [`super::LAYOUT_SEATS_MAX`] seats.
    #[error("the plan has at least {seats} seats; the limit is {limit}")]
    TooManySeats {
        /// Seats counted when the limit was passed.
        seats: u64,
        /// [`super::LAYOUT_SEATS_MAX`].
        limit: u32,
    },
    /// The plan has more than [`super::LAYOUT_SECTIONS_MAX`] sections.
    #[error("the plan has more than {limit} sections")]
    TooManySections {
        /// [`super::LAYOUT_SECTIONS_MAX`].
        limit: u32,
    },
    /// The plan has more than [`super::LAYOUT_TIERS_MAX`] tiers.
    #[error("the plan has more than {limit} tiers")]
    TooManyTiers {
        /// [`super::LAYOUT_TIERS_MAX`].
        limit: u32,
    },
    /// Two sections have the same name, or both have none.
    #[error("section {name:?} is given twice")]
    DuplicateSection {
        /// The section's name; empty when it has none.
        name: String,
    },
    /// Two rows of one section have the same label.
    #[error("row {label} is given twice")]
    DuplicateRow {
        /// The row, with its section if that has a name.
        label: String,
    },
    /// An item of the short text does not follow the grammar.
    #[error("cannot read {item:?}; an item looks like A-H:20, stalls/A:4|6|4 or B:10*premium@1+10")]
    BadItem {
        /// The beginning of the item, without its spaces.
        item: String,
    },
    /// A section or tier name is not 1 to 32 letters, digits, `-` or `_`.
    #[error("name {name:?} is not 1 to 32 letters, digits, '-' or '_'")]
    BadName {
        /// The beginning of the name.
        name: String,
    },
    /// A row label is not 1 to 3 letters.
    #[error("row label {label:?} is not 1 to 3 letters")]
    BadLabel {
        /// The beginning of the label.
        label: String,
    },
    /// A number of seats, or a seat number, is not 1 to 9999.
    #[error("row {row}: {number} is not a number from 1 to 9999")]
    BadNumber {
        /// The row, with its section if that has a name.
        row: String,
        /// The number given or reached.
        number: u32,
    },
    /// An aisle, a tier or an accessible place names a seat that the row does not have.
    #[error("row {row} has no seat {number}")]
    NoSuchSeat {
        /// The row, with its section if that has a name.
        row: String,
        /// The number given.
        number: u32,
    },
    /// A tier range ends before it begins, or meets another one.
    #[error("row {row}: the tier range from seat {from} to {to} is reversed or meets another")]
    BadTierRange {
        /// The row, with its section if that has a name.
        row: String,
        /// The first seat number of the range.
        from: u32,
        /// The last seat number of the range.
        to: u32,
    },
    /// A row's place is not a number within 100,000 pitches of the origin.
    #[error("row {row} does not stand within 100,000 seat pitches of the origin")]
    BadCoordinate {
        /// The row, with its section if that has a name.
        row: String,
    },
    /// The focus is not a point within 100,000 pitches of the origin.
    #[error("the focus is not within 100,000 seat pitches of the origin")]
    BadFocus,
    /// The bytes begin with a version this build does not know.
    #[error("layout version {found} is not known")]
    Version {
        /// The first byte.
        found: u8,
    },
    /// The bytes end too early.
    #[error("the layout's bytes end too early")]
    Truncated,
    /// Bytes follow the end of the layout.
    #[error("{count} bytes follow the end of the layout")]
    Trailing {
        /// How many.
        count: usize,
    },
    /// The bytes describe a valid plan in another way than [`super::Layout::to_bytes`] would.
    #[error("the layout's bytes are not in canonical form")]
    NotCanonical,
}
