//! The `seatcore` binary.
fn main() {}
