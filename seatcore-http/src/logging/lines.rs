//! Lines on their way to whoever reads the log: a thread of their own writes them, so that a reader
//! who does not read stops the log and not the sales.

use seatcore::clock::Stopwatch;
use std::io::{self, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread;
use std::time::Duration;
use tracing_subscriber::fmt::MakeWriter;

/// Lines that may wait. Those that find no place are left out, and counted.
const WAITING_MAX: usize = 8_192;
/// Lines that come within this are written together: a wake-up for each would cost more.
const GATHERED: Duration = Duration::from_millis(2);
/// Bytes that are written at once.
const WRITTEN: usize = 64 * 1024;
/// For what still waits when the process ends.
const PATIENCE: Duration = Duration::from_secs(1);

/// Lines left out since the process began.
static LOST: AtomicU64 = AtomicU64::new(0);

/// How many lines were left out because nobody read them.
pub fn lost() -> u64 {
    LOST.load(Ordering::Relaxed)
}

enum Item {
    Line(Vec<u8>),
    /// Dropped when everything before it is written.
    Mark(SyncSender<()>),
}

/// Takes lines.
#[derive(Debug, Clone)]
pub struct Lines(SyncSender<Item>);

impl std::fmt::Debug for Item {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Item")
    }
}

impl Lines {
    /// To a writer, which gets a thread.
    ///
    /// # Errors
    /// If the system has no thread to give.
    pub fn to(writer: impl Write + Send + 'static) -> io::Result<Self> {
        let (sender, receiver) = sync_channel(WAITING_MAX);
        let name = thread::Builder::new().name("seatcore-log".to_owned());
        name.spawn(move || write(&receiver, writer))?;
        Ok(Self(sender))
    }

    /// Waits until everything is written, a second at most.
    pub fn settle(&self) {
        let (watch, (mark, dropped)) = (Stopwatch::start(), sync_channel(0));
        let mut mark = Item::Mark(mark);
        while let Err(TrySendError::Full(back)) = self.0.try_send(mark) {
            if watch.elapsed() > PATIENCE {
                return;
            }
            mark = back;
            thread::sleep(GATHERED);
        }
        let _late = dropped.recv_timeout(PATIENCE.saturating_sub(watch.elapsed()));
    }
}

impl Write for Lines {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        if self.0.try_send(Item::Line(line.to_vec())).is_err() {
            LOST.fetch_add(1, Ordering::Relaxed);
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

fn write(receiver: &Receiver<Item>, mut writer: impl Write) {
    let (mut text, mut told) = (Vec::with_capacity(WRITTEN), lost());
    while let Ok(first) = receiver.recv() {
        thread::sleep(GATHERED);
        let mut marks = Vec::new();
        for item in std::iter::once(first).chain(receiver.try_iter()) {
            match item {
                Item::Line(line) => text.extend_from_slice(&line),
                Item::Mark(mark) => marks.push(mark),
            }
            if text.len() >= WRITTEN {
                put(&mut writer, &mut text);
            }
        }
        put(&mut writer, &mut text);
        drop(marks);
        let now = lost();
        if now > told {
            tracing::warn!(lines = now - std::mem::replace(&mut told, now), "log lines were lost");
        }
    }
}

/// A line that cannot be written has nowhere to go.
fn put(writer: &mut impl Write, text: &mut Vec<u8>) {
    drop(writer.write_all(text));
    text.clear();
}

#[cfg(test)]
mod tests {
    use super::*;
    use parking_lot::Mutex;
    use std::sync::Arc;

    /// Takes bytes while nobody else holds it.
    #[derive(Default, Clone)]
    struct Pipe(Arc<Mutex<Vec<u8>>>);

    impl Write for Pipe {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn who_writes_never_waits_for_who_reads() {
        let (pipe, many) = (Pipe::default(), 4 * WAITING_MAX);
        let mut lines = Lines::to(pipe.clone()).expect("a thread");
        let (reader, before) = (pipe.0.lock(), lost());
        for number in 0..many {
            lines.write_all(format!("{number}\n").as_bytes()).expect("a line");
        }
        let left_out = (lost() - before) as usize;
        drop(reader);
        lines.settle();
        let read = String::from_utf8(pipe.0.lock().clone()).expect("text");
        assert!(read.starts_with("0\n1\n2\n"), "in their order, from the first");
        assert!(left_out > 0 && read.lines().count() + left_out == many, "{left_out}");
    }

    #[test]
    fn what_waits_is_written_before_the_end() {
        let pipe = Pipe::default();
        let mut lines = Lines::to(pipe.clone()).expect("a thread");
        lines.write_all(b"the last line\n").expect("a line");
        lines.settle();
        assert_eq!(*pipe.0.lock(), b"the last line\n");
    }
}
