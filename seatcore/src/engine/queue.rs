//! The queue before the lane: bounded, and taken whole. A batch is whatever waited while the last
//! commit was in flight; there is no timer and no linger.

#[cfg(not(loom))]
use crate::clock::Stopwatch;
use crate::sync::{Condvar, Mutex, MutexGuard, lock};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Jobs that wait, with the lane on one end and everybody else on the other.
pub(crate) struct Queue<J> {
    state: Mutex<State<J>>,
    wake: Condvar,
    limit: usize,
    /// Whether something waits, for a lane that looks before it sleeps.
    filled: AtomicBool,
}

struct State<J> {
    jobs: Vec<J>,
    parked: bool,
    closed: bool,
}

/// Why a job was not queued.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unqueued {
    /// The queue is full.
    Full,
    /// The lane takes no more.
    Closed,
}

/// What the lane woke up for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Woken {
    /// Jobs.
    Jobs,
    /// The time was up.
    Idle,
    /// The queue is closed and empty.
    Closed,
}

impl<J> Queue<J> {
    /// An empty queue of at most `limit` jobs.
    pub(crate) fn new(limit: usize) -> Self {
        let state = State { jobs: Vec::new(), parked: false, closed: false };
        let filled = AtomicBool::new(false);
        Self { state: Mutex::new(state), wake: Condvar::new(), limit, filled }
    }

    /// Adds a job, or gives it back.
    pub(crate) fn push(&self, job: J) -> Result<(), (Unqueued, J)> {
        let mut state = lock(&self.state);
        if state.closed {
            return Err((Unqueued::Closed, job));
        }
        if state.jobs.len() >= self.limit {
            return Err((Unqueued::Full, job));
        }
        state.jobs.push(job);
        self.filled.store(true, Ordering::Relaxed);
        let wake = std::mem::take(&mut state.parked);
        drop(state);
        if wake {
            self.wake.notify_one();
        }
        Ok(())
    }

    /// Swaps everything that waits into `jobs`, which must be empty; waits at most `patience`.
    pub(crate) fn take(&self, jobs: &mut Vec<J>, patience: Option<Duration>) -> Woken {
        let mut state = lock(&self.state);
        while state.jobs.is_empty() && !state.closed {
            state.parked = true;
            let timed_out;
            (state, timed_out) = self.park(state, patience);
            state.parked = false;
            if timed_out && state.jobs.is_empty() && !state.closed {
                return Woken::Idle;
            }
        }
        std::mem::swap(&mut state.jobs, jobs);
        self.filled.store(false, Ordering::Relaxed);
        if jobs.is_empty() { Woken::Closed } else { Woken::Jobs }
    }

    /// Looks for a job for a moment, awake: a client that has its answer may ask again sooner than a
    /// thread is put to sleep and woken.
    #[cfg(not(loom))]
    pub(crate) fn look(&self, patience: Duration) {
        let watch = Stopwatch::start();
        while !self.filled.load(Ordering::Relaxed) && watch.elapsed() < patience {
            std::hint::spin_loop();
        }
    }

    /// The model checker knows no time.
    #[cfg(loom)]
    pub(crate) fn look(&self, _: Duration) {}

    /// Takes the jobs at the front that `wanted` says, at most `limit`; waits for none.
    pub(crate) fn take_more(&self, limit: usize, wanted: impl Fn(&J) -> bool) -> Vec<J> {
        let mut state = lock(&self.state);
        let run = state.jobs.iter().take(limit).take_while(|job| wanted(job)).count();
        if run == state.jobs.len() {
            return std::mem::take(&mut state.jobs);
        }
        state.jobs.drain(..run).collect()
    }

    /// How many wait.
    pub(crate) fn len(&self) -> usize {
        lock(&self.state).jobs.len()
    }

    /// Whether somebody waits.
    pub(crate) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether no more jobs are taken.
    pub(crate) fn is_closed(&self) -> bool {
        lock(&self.state).closed
    }

    /// Takes no more jobs; those that wait are still done.
    pub(crate) fn close(&self) {
        lock(&self.state).closed = true;
        self.wake.notify_one();
    }

    #[cfg(not(loom))]
    fn park<'a>(
        &self,
        state: MutexGuard<'a, State<J>>,
        patience: Option<Duration>,
    ) -> (MutexGuard<'a, State<J>>, bool) {
        let Some(patience) = patience else {
            return (crate::sync::wait(&self.wake, state), false);
        };
        let woken = self.wake.wait_timeout(state, patience);
        let (state, timeout) = woken.unwrap_or_else(std::sync::PoisonError::into_inner);
        (state, timeout.timed_out())
    }

    /// The model checker knows no time: a timed wait is a wait.
    #[cfg(loom)]
    fn park<'a>(
        &self,
        state: MutexGuard<'a, State<J>>,
        _: Option<Duration>,
    ) -> (MutexGuard<'a, State<J>>, bool) {
        (crate::sync::wait(&self.wake, state), false)
    }
}

impl<J> std::fmt::Debug for Queue<J> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Queue(limit {})", self.limit)
    }
}

#[cfg(all(test, loom))]
mod model {
    use super::{Queue, Woken};
    use crate::engine::reply::{Answer, Sleepers, cell};
    use loom::sync::Arc;
    use loom::thread;

    /// Answers every job, as the lane does.
    fn serve(queue: &Queue<(u32, crate::engine::reply::Sender<Answer<u32>>)>) -> Vec<u32> {
        let mut order = Vec::new();
        let mut jobs = Vec::new();
        while queue.take(&mut jobs, None) == Woken::Jobs {
            for (number, reply) in jobs.drain(..) {
                order.push(number);
                reply.send(Answer::plain(Ok(number)));
            }
        }
        order
    }

    #[test]
    fn every_submitted_job_is_answered_once() {
        loom::model(|| {
            let queue = Arc::new(Queue::new(8));
            let clients: Vec<_> = (0..2)
                .map(|number| {
                    let queue = queue.clone();
                    thread::spawn(move || {
                        let (reply, cell) = cell::<Answer<u32>>();
                        assert!(queue.push((number, reply)).is_ok());
                        cell.wait().and_then(|answer| answer.result.ok())
                    })
                })
                .collect();
            let lane = {
                let queue = queue.clone();
                thread::spawn(move || serve(&queue))
            };
            for (number, client) in clients.into_iter().enumerate() {
                assert_eq!(client.join().ok(), Some(Some(number as u32)));
            }
            queue.close();
            assert_eq!(lane.join().map(|order| order.len()).ok(), Some(2));
        });
    }

    #[test]
    fn a_job_beside_a_close_is_answered_or_refused_never_lost() {
        loom::model(|| {
            let queue = Arc::new(Queue::new(8));
            let client = {
                let queue = queue.clone();
                thread::spawn(move || {
                    let (reply, cell) = cell::<Answer<u32>>();
                    match queue.push((7, reply)) {
                        Ok(()) => cell.wait().map(|answer| answer.result.is_ok()),
                        Err((_, (_, reply))) => {
                            drop(reply);
                            cell.wait().map(|answer| answer.result.is_ok())
                        }
                    }
                })
            };
            let closer = {
                let queue = queue.clone();
                thread::spawn(move || queue.close())
            };
            let served = serve(&queue);
            assert!(closer.join().is_ok());
            assert_eq!(client.join().ok().flatten(), Some(served == [7]));
        });
    }

    #[test]
    fn a_client_that_went_away_harms_nobody() {
        loom::model(|| {
            let queue = Arc::new(Queue::new(8));
            let client = {
                let queue = queue.clone();
                thread::spawn(move || {
                    let (reply, cell) = cell::<Answer<u32>>();
                    assert!(queue.push((1, reply)).is_ok());
                    drop(cell);
                    queue.close();
                })
            };
            assert_eq!(serve(&queue), [1]);
            assert!(client.join().is_ok());
        });
    }

    /// The lane wakes a few; those wake the rest, whoever of them slept, was awake or woke by itself.
    #[test]
    fn who_is_woken_wakes_the_others() {
        loom::model(|| {
            let (first, second) = (cell::<Answer<u32>>(), cell::<Answer<u32>>());
            let clients: Vec<_> = [first.1, second.1]
                .into_iter()
                .map(|cell| thread::spawn(move || cell.wait().is_some()))
                .collect();
            let mut sleepers = Sleepers::with_capacity(2);
            first.0.send_quietly(Answer::plain(Ok(1)), &mut sleepers);
            second.0.send_quietly(Answer::plain(Ok(2)), &mut sleepers);
            sleepers.wake();
            for client in clients {
                assert_eq!(client.join().ok(), Some(true));
            }
        });
    }

    #[test]
    fn a_lane_that_dies_wakes_everybody() {
        loom::model(|| {
            let (reply, cell) = cell::<Answer<u32>>();
            let lane = thread::spawn(move || drop(reply));
            assert!(cell.wait().is_some_and(|answer| answer.result.is_err()));
            assert!(lane.join().is_ok());
        });
    }
}
