//! Somebody at a real terminal: a program behind a pseudo terminal, and what its screen shows.

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

/// Long enough for the busiest machine; what is waited for comes in milliseconds.
const PATIENCE: Duration = Duration::from_secs(60);

/// A folder with a seeded database.
pub struct House {
    folder: tempfile::TempDir,
}

impl House {
    pub fn seeded() -> Self {
        let house = Self { folder: tempfile::tempdir().expect("a folder") };
        house.done("seed");
        house
    }

    fn command(&self, line: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_seatcore"));
        command.args(line.split(' ')).current_dir(self.folder.path()).env("LANG", "C.UTF-8");
        command.env_remove("SEATCORE_DB").stdin(std::process::Stdio::null());
        command
    }

    /// Runs a command line beside whoever sits at the terminal.
    pub fn done(&self, line: &str) -> String {
        let Output { status, stdout, stderr } = self.command(line).output().expect("it runs");
        assert!(status.success(), "{line}: {}", String::from_utf8_lossy(&stderr));
        String::from_utf8(stdout).expect("UTF-8")
    }

    /// Starts a command line that runs for a while.
    pub fn begin(&self, line: &str) -> std::process::Child {
        let mut command = self.command(line);
        command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null());
        command.spawn().expect("it starts")
    }

    /// Sits down at a terminal of 80 × 24 and types a command line.
    pub fn sit_down(&self, line: &str) -> Person {
        Person::new(self.folder.path(), line)
    }
}

/// Somebody at a terminal.
pub struct Person {
    master: Box<dyn MasterPty + Send>,
    child: Box<dyn Child + Send + Sync>,
    keys: Box<dyn Write + Send>,
    screen: Arc<(Mutex<vt100::Parser>, Condvar)>,
    /// Whether nothing will be written any more.
    over: Arc<AtomicBool>,
}

const fn size(cols: u16, rows: u16) -> PtySize {
    PtySize { rows, cols, pixel_width: 0, pixel_height: 0 }
}

fn lines(count: u16) -> NonZeroU16 {
    NonZeroU16::new(count).expect("a size")
}

impl Person {
    fn new(folder: &Path, line: &str) -> Self {
        let pty = native_pty_system().openpty(size(80, 24)).expect("a pseudo terminal");
        let program = Path::new(env!("CARGO_BIN_EXE_seatcore"));
        let path = std::env::var("PATH").expect("a PATH");
        let programs = program.parent().expect("a folder").display();
        let mut command = CommandBuilder::new("bash");
        command.args(["-c", line]);
        command.cwd(folder);
        command.env("PATH", format!("{programs}:{path}"));
        command.env("TERM", "xterm-256color");
        command.env("LANG", "C.UTF-8");
        command.env_remove("SEATCORE_DB");
        command.env_remove("NO_COLOR");
        let child = pty.slave.spawn_command(command).expect("it starts");
        drop(pty.slave);
        let mut output = pty.master.try_clone_reader().expect("a reader");
        let keys = pty.master.take_writer().expect("a writer");
        let screen =
            Arc::new((Mutex::new(vt100::Parser::new(lines(24), lines(80), 200)), Condvar::new()));
        let over = Arc::new(AtomicBool::new(false));
        let (shown, ended) = (screen.clone(), over.clone());
        std::thread::spawn(move || {
            let mut bytes = [0; 4_096];
            while let Ok(count @ 1..) = output.read(&mut bytes) {
                shown.0.lock().expect("the screen").process(&bytes[..count]);
                shown.1.notify_all();
            }
            let _seen = shown.0.lock().expect("the screen");
            ended.store(true, Ordering::Relaxed);
            shown.1.notify_all();
        });
        Self { master: pty.master, child, keys, screen, over }
    }

    /// Types.
    pub fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).expect("keys go in");
        self.keys.flush().expect("keys go in");
    }

    /// Waits until the screen shows this; answers with all it shows.
    #[track_caller]
    pub fn sees(&self, part: &str) -> String {
        let screen = self.screen.0.lock().expect("the screen");
        let waiting = |parser: &mut vt100::Parser| !parser.screen().contents().contains(part);
        let (parser, waited) =
            self.screen.1.wait_timeout_while(screen, PATIENCE, waiting).expect("the screen");
        let seen = parser.screen().contents();
        assert!(!waited.timed_out(), "{part:?} never came:\n{seen}");
        seen
    }

    /// Waits until the screen does not show this any more.
    #[track_caller]
    pub fn sees_no_more(&self, part: &str) {
        let screen = self.screen.0.lock().expect("the screen");
        let there = |parser: &mut vt100::Parser| parser.screen().contents().contains(part);
        let (parser, waited) =
            self.screen.1.wait_timeout_while(screen, PATIENCE, there).expect("the screen");
        assert!(!waited.timed_out(), "{part:?} never left:\n{}", parser.screen().contents());
    }

    /// Makes the window another size.
    pub fn resize(&self, cols: u16, rows: u16) {
        self.screen.0.lock().expect("the screen").screen_mut().set_size(lines(rows), lines(cols));
        self.master.resize(size(cols, rows)).expect("another size");
    }

    /// The number of the process, for signals.
    pub fn process(&self) -> u32 {
        self.child.process_id().expect("a process")
    }

    /// Waits for the end, and for all that was written before it; answers with the exit code and the last screen.
    #[track_caller]
    pub fn leaves(mut self) -> (u32, String) {
        let status = self.child.wait().expect("an end");
        let parser = self.screen.0.lock().expect("the screen");
        let quiet = |parser: &mut vt100::Parser| {
            let screen = parser.screen();
            let over = self.over.load(Ordering::Relaxed);
            !over || screen.alternate_screen() || screen.hide_cursor()
        };
        let waited = self.screen.1.wait_timeout_while(parser, PATIENCE, quiet);
        let (parser, waited) = waited.expect("the screen");
        assert!(!waited.timed_out(), "the terminal was not given back");
        assert_eq!(
            parser.screen().mouse_protocol_mode(),
            vt100::MouseProtocolMode::None,
            "the mouse was not given back"
        );
        (status.exit_code(), parser.screen().contents())
    }
}
