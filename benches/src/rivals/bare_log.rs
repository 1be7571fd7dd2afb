//! The limit: a preallocated file that one thread appends to and flushes, everything that waits at
//! once. It decides nothing and can answer no question.

use crate::Outcome;
use crate::clients::{Load, Round, run};
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, PoisonError};

/// About what a hold of four seats with a key takes in the journal.
const RECORD_BYTES: usize = 150;
/// The file is written around: preallocated, so that a flush moves no metadata.
const FILE_BYTES: u64 = 64 << 20;

#[derive(Default)]
struct Cell {
    done: Mutex<bool>,
    wake: Condvar,
}

#[derive(Default)]
struct Queue {
    waiting: Mutex<(Vec<Arc<Cell>>, bool)>,
    wake: Condvar,
}

/// One round.
pub fn round(load: Load, path: &Path) -> Outcome<Round> {
    let file = File::options().create(true).truncate(true).read(true).write(true).open(path)?;
    let block = vec![0_u8; 1 << 20];
    for place in 0..FILE_BYTES >> 20 {
        file.write_all_at(&block, place << 20)?;
    }
    let queue = Queue::default();
    let round = std::thread::scope(|scope| {
        let writer = scope.spawn(|| write(&queue, &file));
        let round = run(load, |_| ask(&queue));
        lock(&queue.waiting).1 = true;
        queue.wake.notify_one();
        drop(writer.join());
        round
    });
    std::fs::remove_file(path)?;
    Ok(round)
}

fn ask(queue: &Queue) -> bool {
    let cell = Arc::new(Cell::default());
    lock(&queue.waiting).0.push(cell.clone());
    queue.wake.notify_one();
    let mut done = lock(&cell.done);
    while !*done {
        done = cell.wake.wait(done).unwrap_or_else(PoisonError::into_inner);
    }
    true
}

fn write(queue: &Queue, file: &File) -> std::io::Result<()> {
    let mut at = 0;
    let mut batch = Vec::new();
    loop {
        {
            let mut waiting = lock(&queue.waiting);
            while waiting.0.is_empty() && !waiting.1 {
                waiting = queue.wake.wait(waiting).unwrap_or_else(PoisonError::into_inner);
            }
            if waiting.0.is_empty() {
                return Ok(());
            }
            std::mem::swap(&mut waiting.0, &mut batch);
        }
        let bytes = vec![7_u8; batch.len() * RECORD_BYTES];
        if at + bytes.len() as u64 > FILE_BYTES {
            at = 0;
        }
        file.write_all_at(&bytes, at)?;
        at += bytes.len() as u64;
        file.sync_data()?;
        for cell in batch.drain(..) {
            *lock(&cell.done) = true;
            cell.wake.notify_one();
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
