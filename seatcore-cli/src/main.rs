//! The `seatcore` binary.

use std::process::ExitCode;

/// What one thread of a server takes, another gives back: the engine's and the runtime's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    seatcore_cli::run_on_this_terminal()
}
