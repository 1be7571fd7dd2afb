//! Ctrl-C: whoever asks for it is told, and puts things in order. A second one ends the program.

use crate::error::CliError;
use signal_hook::consts::{SIGINT, SIGTERM};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

/// What shells report for a program that Ctrl-C ended.
pub const EXIT_CODE: u8 = 130;

/// Whether somebody asked the program to stop. Without one, Ctrl-C ends the program at once, which
/// is right for most commands: a command is durable or has not happened.
#[derive(Debug, Clone)]
pub struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// From now on Ctrl-C is only noted; the second one ends the program.
    pub fn watch() -> Self {
        static CAME: OnceLock<Arc<AtomicBool>> = OnceLock::new();
        let came = CAME.get_or_init(|| {
            let came = Arc::new(AtomicBool::new(false));
            for signal in [SIGINT, SIGTERM] {
                // In this order: the first one sets the flag that makes the second one end us.
                let ends = i32::from(EXIT_CODE);
                let second =
                    signal_hook::flag::register_conditional_shutdown(signal, ends, came.clone());
                // Where signals cannot be caught, they do what they always did.
                drop(second.and_then(|_| signal_hook::flag::register(signal, came.clone())));
            }
            came
        });
        Self(came.clone())
    }

    /// Whether it came.
    pub fn came(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// Ends a loop once it came.
    ///
    /// # Errors
    /// `Interrupted`.
    pub fn check(&self) -> Result<(), CliError> {
        if self.came() { Err(CliError::Interrupted) } else { Ok(()) }
    }
}
