//! Replies: one-shot cells that can be waited for and awaited. Neither colour in the core.

use crate::error::{Error, Failure};
use crate::sync::{Arc, Condvar, Mutex, lock, wait};
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

/// The result of a command, and what its idempotency key had to do with it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Answer<T> {
    /// The result.
    pub result: Result<T, Failure>,
    /// The key was seen before: this is the first outcome again.
    pub replayed: bool,
    /// Whether the key's next retry gets this same answer.
    pub remembered: bool,
}

impl<T> Answer<T> {
    /// An answer that no key had a part in.
    pub(crate) const fn plain(result: Result<T, Failure>) -> Self {
        Self { result, replayed: false, remembered: false }
    }
}

enum State<T> {
    Waiting(Waiter),
    /// The answer, and who is to be woken by whoever takes it.
    Done(T, Vec<Arc<Cell<T>>>),
    Taken,
}

/// Who waits for an answer.
enum Waiter {
    Nobody,
    Thread,
    Task(Waker),
}

/// Where an answer appears once.
pub(crate) struct Cell<T> {
    state: Mutex<State<T>>,
    done: Condvar,
}

/// How many threads are woken by each that is woken.
#[cfg(not(loom))]
const WAKES: usize = 4;
/// So that a chain can be modelled with few threads.
#[cfg(loom)]
const WAKES: usize = 1;

/// Who has an answer of one turn and is to be told.
pub(crate) struct Sleepers<T> {
    /// Threads that sleep. Waking a thread costs the waker some microseconds, which the lane has
    /// better uses for: it wakes a few, and each of those a few more. Only who sleeps in
    /// [`Cell::wait`] is in here, for nobody else is sure to pass it on.
    threads: Vec<Arc<Cell<T>>>,
    /// Tasks. What their wakers do is not ours: they are called once all have their answers.
    tasks: Vec<Waker>,
}

impl<T> Sleepers<T> {
    /// Nobody yet, with room for so many.
    pub(crate) fn with_capacity(count: usize) -> Self {
        Self { threads: Vec::with_capacity(count), tasks: Vec::new() }
    }

    /// Wakes all: thread `i` wakes those from `WAKES * (i + 1)` on.
    pub(crate) fn wake(self) {
        let threads = &self.threads;
        for (place, sleeper) in threads.iter().enumerate() {
            let others = threads.iter().skip(WAKES * (place + 1)).take(WAKES).cloned().collect();
            // Who woke by itself in the meantime passes nothing on.
            sleeper.charge(others).iter().for_each(|other| other.done.notify_one());
        }
        threads.iter().take(WAKES).for_each(|sleeper| sleeper.done.notify_one());
        self.tasks.into_iter().for_each(wake);
    }
}

/// A waker is code of whoever waits: if it panics, that is no reason to sell no more.
fn wake(waker: Waker) {
    drop(std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| waker.wake())));
}

/// The answering end. Dropped without an answer, it says so: nobody waits for ever.
pub(crate) struct Sender<T: Orphaned> {
    cell: Arc<Cell<T>>,
    sent: bool,
}

/// An answer for those whose answerer went away.
pub(crate) trait Orphaned {
    /// That answer.
    fn orphaned() -> Self;
}

impl<T> Orphaned for Answer<T> {
    fn orphaned() -> Self {
        Self::plain(Err(Error::OutcomeUnknown.into()))
    }
}

/// A cell and its answering end.
pub(crate) fn cell<T: Orphaned>() -> (Sender<T>, Arc<Cell<T>>) {
    let state = Mutex::new(State::Waiting(Waiter::Nobody));
    let cell = Arc::new(Cell { state, done: Condvar::new() });
    (Sender { cell: cell.clone(), sent: false }, cell)
}

impl<T: Orphaned> Sender<T> {
    /// Answers.
    pub(crate) fn send(mut self, answer: T) {
        self.sent = true;
        self.cell.complete_and_wake(answer);
    }

    /// Answers; whoever must be told goes among the sleepers.
    pub(crate) fn send_quietly(mut self, answer: T, sleepers: &mut Sleepers<T>) {
        self.sent = true;
        match self.cell.complete(answer) {
            Waiter::Nobody => {}
            Waiter::Thread => sleepers.threads.push(self.cell.clone()),
            Waiter::Task(waker) => sleepers.tasks.push(waker),
        }
    }
}

impl<T: Orphaned> Drop for Sender<T> {
    fn drop(&mut self) {
        if !self.sent {
            self.cell.complete_and_wake(T::orphaned());
        }
    }
}

impl<T: Orphaned> std::fmt::Debug for Sender<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sender")
    }
}

impl<T> Cell<T> {
    /// Puts the answer in; who waits for it must be woken, without the lock: a waker may poll on the
    /// spot.
    fn complete(&self, answer: T) -> Waiter {
        match std::mem::replace(&mut *lock(&self.state), State::Done(answer, Vec::new())) {
            State::Waiting(waiter) => waiter,
            State::Done(..) | State::Taken => Waiter::Nobody,
        }
    }

    fn complete_and_wake(&self, answer: T) {
        match self.complete(answer) {
            Waiter::Nobody => {}
            Waiter::Thread => self.done.notify_one(),
            Waiter::Task(waker) => wake(waker),
        }
    }

    /// Gives a thread others to wake; they come back if it does not sleep any more.
    fn charge(&self, with: Vec<Arc<Self>>) -> Vec<Arc<Self>> {
        match &mut *lock(&self.state) {
            State::Done(_, others) => std::mem::replace(others, with),
            State::Waiting(_) | State::Taken => with,
        }
    }

    pub(crate) fn wait(&self) -> Option<T> {
        let mut state = lock(&self.state);
        while let State::Waiting(waiter) = &mut *state {
            *waiter = Waiter::Thread;
            state = wait(&self.done, state);
        }
        let (answer, others) = take(&mut state);
        drop(state);
        others.iter().for_each(|other| other.done.notify_one());
        answer
    }

    fn poll(&self, waker: &Waker) -> Poll<Option<T>> {
        let mut state = lock(&self.state);
        if let State::Waiting(waiter) = &mut *state {
            *waiter = Waiter::Task(waker.clone());
            return Poll::Pending;
        }
        Poll::Ready(take(&mut state).0)
    }
}

fn take<T>(state: &mut State<T>) -> (Option<T>, Vec<Arc<Cell<T>>>) {
    match std::mem::replace(state, State::Taken) {
        State::Done(answer, others) => (Some(answer), others),
        State::Waiting(_) | State::Taken => (None, Vec::new()),
    }
}

/// Reads what the lane answered as what the caller asked for. Runs on the caller's thread.
type Read<R, T> = fn(R) -> Answer<T>;

/// A queued command's answer: [`wait`](Self::wait) for it, or `.await` it on any runtime.
///
/// The command was queued when the reply was made. Dropping the reply cancels nothing.
#[must_use = "the command is queued; the reply says what became of it"]
pub struct Reply<T, R = crate::engine::Raw> {
    inner: Inner<T, R>,
}

enum Inner<T, R> {
    Lane(Arc<Cell<R>>, Read<R, T>),
    Asked(Arc<Cell<Answer<T>>>),
    Ready(Option<Answer<T>>),
}

impl<T, R> Reply<T, R> {
    pub(crate) const fn from_lane(cell: Arc<Cell<R>>, read: Read<R, T>) -> Self {
        Self { inner: Inner::Lane(cell, read) }
    }

    pub(crate) const fn asked(cell: Arc<Cell<Answer<T>>>) -> Self {
        Self { inner: Inner::Asked(cell) }
    }

    pub(crate) const fn ready(result: Result<T, Failure>) -> Self {
        Self { inner: Inner::Ready(Some(Answer::plain(result))) }
    }

    /// Blocks until the answer is there.
    ///
    /// # Errors
    /// [`Failure::Rejected`] if a rule said no, [`Failure::Fault`] if the machinery failed.
    pub fn wait(self) -> Result<T, Failure> {
        self.answer().result
    }

    /// Blocks until the answer is there, and tells what the key had to do with it.
    pub fn answer(self) -> Answer<T> {
        let answer = match self.inner {
            Inner::Lane(cell, read) => cell.wait().map(read),
            Inner::Asked(cell) => cell.wait(),
            Inner::Ready(answer) => answer,
        };
        answer.unwrap_or_else(Answer::orphaned)
    }

    /// Like awaiting the reply itself, with what the key had to do with it.
    pub async fn answered(self) -> Answer<T> {
        let mut inner = self.inner;
        std::future::poll_fn(|context| inner.poll(context)).await
    }
}

impl<T, R> std::fmt::Debug for Reply<T, R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Reply")
    }
}

impl<T, R> Unpin for Reply<T, R> {}

impl<T, R> Future for Reply<T, R> {
    type Output = Result<T, Failure>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        self.inner.poll(context).map(|answer| answer.result)
    }
}

impl<T, R> Inner<T, R> {
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Answer<T>> {
        let answer = match self {
            Inner::Lane(cell, read) => cell.poll(context.waker()).map(|raw| raw.map(*read)),
            Inner::Asked(cell) => cell.poll(context.waker()),
            Inner::Ready(answer) => Poll::Ready(answer.take()),
        };
        answer.map(|answer| answer.unwrap_or_else(Answer::orphaned))
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::{Answer, Arc, Cell, cell};
    use std::sync::mpsc;
    use std::task::{Wake, Waker};
    use std::time::Duration;

    /// Takes the answer on the thread that wakes it, as an executor without a queue does.
    struct OnTheSpot(Arc<Cell<Answer<u32>>>, mpsc::Sender<bool>);

    impl Wake for OnTheSpot {
        fn wake(self: std::sync::Arc<Self>) {
            let ready = self.0.poll(Waker::noop()).is_ready();
            self.1.send(ready).expect("the test listens");
        }
    }

    #[test]
    fn a_waker_may_take_the_answer_on_the_spot() {
        let (reply, cell) = cell::<Answer<u32>>();
        let (sender, taken) = mpsc::channel();
        let waker = Waker::from(std::sync::Arc::new(OnTheSpot(cell.clone(), sender)));
        assert!(cell.poll(&waker).is_pending());
        std::thread::spawn(move || reply.send(Answer::plain(Ok(7))));
        assert_eq!(taken.recv_timeout(Duration::from_secs(60)), Ok(true));
    }
}
