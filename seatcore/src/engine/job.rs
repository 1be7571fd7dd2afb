//! What the lane is asked to do.

use crate::clock::Timestamp;
use crate::engine::Raw;
use crate::engine::creating::Wanted;
use crate::engine::houses::Houses;
use crate::engine::reply::{Answer, Sender};
use crate::engine::snapshot::Board;
use crate::error::Error;
use crate::house::Head;
use crate::house::command::Command;
use crate::house::event::N;
use crate::house::event::archive::Ledger;
use crate::id::{Epoch, ShowId};
use crate::store::{Shelf, Store};

/// Something for the lane to do.
#[derive(Debug)]
pub(crate) enum Job {
    /// Decide a command.
    Command(Box<Command>, Sender<Raw>),
    /// Write a change.
    Change(Box<Wanted>, Sender<Raw>),
    /// Answer a question about houses, after the commit in flight.
    Ask(Question),
    /// Bring the tables up to the log's head.
    Follow(Sender<Answer<N>>),
    /// Publish every lapse that is due.
    Sweep(Sender<Answer<u64>>),
    /// End a show's chain and let its records go.
    Archive(Box<Order>, Sender<Answer<N>>),
    /// Take the wall clock's word.
    AcceptClock(Sender<Answer<Timestamp>>),
}

/// A show to archive: its records are on the shelf, up to this head.
#[derive(Debug)]
pub(crate) struct Order {
    pub(crate) show: ShowId,
    pub(crate) head: Head,
    pub(crate) records: u64,
    pub(crate) ledger: Ledger,
    pub(crate) shelf: Box<dyn Shelf>,
}

/// A question, with the way to answer it inside.
pub(crate) struct Question(pub(crate) Asked);

pub(super) type Asked = Box<dyn FnOnce(Result<&mut Desk<'_>, Error>) + Send>;

impl std::fmt::Debug for Question {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Question")
    }
}

/// What a question may look at: houses as of the newest commit, at one moment.
#[derive(Debug)]
pub(crate) struct Desk<'l> {
    pub(crate) store: &'l mut dyn Store,
    pub(crate) houses: &'l mut Houses,
    pub(crate) board: &'l Board,
    pub(crate) epoch: Epoch,
    pub(crate) now: Timestamp,
}

impl Job {
    /// Whether a show that is stopped concerns it.
    pub(super) fn is_about(&self, show: ShowId) -> bool {
        match self {
            Self::Command(command, _) => {
                command.show == show || command.verb.steps().iter().any(|step| step.show == show)
            }
            Self::Archive(order, _) => order.show == show,
            _ => false,
        }
    }

    /// Answers with a fault.
    pub(super) fn fail(self, error: &Error) {
        match self {
            Self::Command(_, reply) | Self::Change(_, reply) => {
                reply.send(Raw::plain(Err(error.clone().into())));
            }
            Self::Ask(Question(ask)) => ask(Err(error.clone())),
            Self::Follow(reply) | Self::Archive(_, reply) => reply.send(failed(error)),
            Self::Sweep(reply) => reply.send(failed(error)),
            Self::AcceptClock(reply) => reply.send(failed(error)),
        }
    }
}

fn failed<T>(error: &Error) -> Answer<T> {
    Answer::plain(Err(error.clone().into()))
}
