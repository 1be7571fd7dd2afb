//! The `seatcore` binary.

use std::process::ExitCode;

fn main() -> ExitCode {
    seatcore_cli::run_on_this_terminal()
}
