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
    Waiting(Option<Waker>),
    Done(T),
    Taken,
}

/// Where an answer appears once.
pub(crate) struct Cell<T> {
    state: Mutex<State<T>>,
    done: Condvar,
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
    let state = Mutex::new(State::Waiting(None));
    let cell = Arc::new(Cell { state, done: Condvar::new() });
    (Sender { cell: cell.clone(), sent: false }, cell)
}

impl<T: Orphaned> Sender<T> {
    /// Answers.
    pub(crate) fn send(mut self, answer: T) {
        self.sent = true;
        self.cell.complete(answer);
    }
}

impl<T: Orphaned> Drop for Sender<T> {
    fn drop(&mut self) {
        if !self.sent {
            self.cell.complete(T::orphaned());
        }
    }
}

impl<T: Orphaned> std::fmt::Debug for Sender<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sender")
    }
}

impl<T> Cell<T> {
    fn complete(&self, answer: T) {
        let before = std::mem::replace(&mut *lock(&self.state), State::Done(answer));
        self.done.notify_one();
        if let State::Waiting(Some(waker)) = before {
            waker.wake();
        }
    }

    pub(crate) fn wait(&self) -> Option<T> {
        let mut state = lock(&self.state);
        while matches!(*state, State::Waiting(_)) {
            state = wait(&self.done, state);
        }
        take(&mut state)
    }

    fn poll(&self, waker: &Waker) -> Poll<Option<T>> {
        let mut state = lock(&self.state);
        match &mut *state {
            State::Waiting(slot) => {
                *slot = Some(waker.clone());
                Poll::Pending
            }
            State::Done(_) | State::Taken => Poll::Ready(take(&mut state)),
        }
    }
}

fn take<T>(state: &mut State<T>) -> Option<T> {
    match std::mem::replace(state, State::Taken) {
        State::Done(answer) => Some(answer),
        State::Waiting(_) | State::Taken => None,
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
    pub async fn answered(self) -> Answer<T>
    where
        T: Unpin,
    {
        Answered(self.inner).await
    }
}

impl<T, R> std::fmt::Debug for Reply<T, R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Reply")
    }
}

impl<T: Unpin + Send + 'static, R: Send + 'static> IntoFuture for Reply<T, R> {
    type Output = Result<T, Failure>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        let answered = Answered(self.inner);
        Box::pin(async move { answered.await.result })
    }
}

struct Answered<T, R>(Inner<T, R>);

impl<T, R> Unpin for Answered<T, R> {}

impl<T, R> Future for Answered<T, R> {
    type Output = Answer<T>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Answer<T>> {
        let answer = match &mut self.0 {
            Inner::Lane(cell, read) => cell.poll(context.waker()).map(|raw| raw.map(*read)),
            Inner::Asked(cell) => cell.poll(context.waker()),
            Inner::Ready(answer) => Poll::Ready(answer.take()),
        };
        answer.map(|answer| answer.unwrap_or_else(Answer::orphaned))
    }
}
