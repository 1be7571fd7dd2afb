//! The door: who was let in lately. A request that carries a cookie or a key is answered from here
//! without asking the file.
//!
//! The file counts, in the transaction that does it, every time somebody is shut out: its
//! *generation*. A row is read together with it, and what is remembered holds while it stands
//! still. This process doubts its memory when a change of its own has been answered; what another
//! process changed is seen when the memory is [`MEMORY`] old and the file is asked again. Deadlines
//! are compared at each request.

use crate::accounts::{Admission, ApiKey, SESSION_TOUCH, SecretHash};
use crate::clock::Timestamp;
use parking_lot::RwLock;
use rustc_hash::FxHashMap;
use std::hash::Hash;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// How long the file is not asked again: what another process revokes is dead here no later.
pub(crate) const MEMORY: Duration = Duration::from_millis(250);
/// Secrets remembered; beyond it, memory starts anew.
const REMEMBERED_MAX: usize = 16_384;

/// Who was let in lately.
#[derive(Debug, Default)]
pub(crate) struct Door {
    /// Changes of accounts that this process made.
    changes: AtomicU64,
    known: RwLock<Known>,
}

#[derive(Debug, Default)]
struct Known {
    generation: u64,
    since: Glance,
    sessions: FxHashMap<SecretHash, Arc<Admission>>,
    keys: FxHashMap<SecretHash, Arc<ApiKey>>,
}

/// The moment at which the file was asked, before it answered.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Glance {
    changes: u64,
    at: Duration,
}

impl Door {
    /// Must be taken before the file is read.
    pub(crate) fn glance(&self, monotonic: Duration) -> Glance {
        Glance { changes: self.changes.load(Ordering::Acquire), at: monotonic }
    }

    /// This process changed accounts: nothing remembered counts until the file was asked.
    pub(crate) fn doubt(&self) {
        self.changes.fetch_add(1, Ordering::Release);
    }

    /// A session that was let in lately.
    pub(crate) fn session(&self, token: &SecretHash, now: Duration) -> Option<Arc<Admission>> {
        self.recall(now, |known| known.sessions.get(token).cloned())
    }

    /// A key that was let in lately.
    pub(crate) fn key(&self, secret: &SecretHash, now: Duration) -> Option<Arc<ApiKey>> {
        self.recall(now, |known| known.keys.get(secret).cloned())
    }

    fn recall<T>(&self, now: Duration, find: impl FnOnce(&Known) -> Option<T>) -> Option<T> {
        let known = self.known.read();
        let own = known.since.changes == self.changes.load(Ordering::Acquire);
        let fresh = now.saturating_sub(known.since.at) < MEMORY;
        if own && fresh { find(&known) } else { None }
    }

    /// The file let a session in.
    pub(crate) fn remember_session(
        &self,
        glance: Glance,
        generation: u64,
        token: SecretHash,
        admission: Arc<Admission>,
    ) {
        self.learn(glance, generation, |known| put(&mut known.sessions, token, admission));
    }

    /// The file let a key in.
    pub(crate) fn remember_key(
        &self,
        glance: Glance,
        generation: u64,
        secret: SecretHash,
        key: Arc<ApiKey>,
    ) {
        self.learn(glance, generation, |known| put(&mut known.keys, secret, key));
    }

    /// One answer of the file confirms or ends all that is remembered.
    fn learn(&self, glance: Glance, generation: u64, keep: impl FnOnce(&mut Known)) {
        let mut known = self.known.write();
        if glance.changes < known.since.changes || glance.at < known.since.at {
            return;
        }
        if generation != known.generation {
            known.sessions.clear();
            known.keys.clear();
        }
        known.generation = generation;
        known.since = glance;
        keep(&mut known);
    }

    /// Notes that a session was heard of; answers whether this is the request that has to write it
    /// down.
    pub(crate) fn hear_of(&self, token: &SecretHash, now: Timestamp) -> bool {
        let mut known = self.known.write();
        let Some(kept) = known.sessions.get_mut(token) else { return true };
        if now < kept.session.last_seen_at.plus(SESSION_TOUCH) {
            return false;
        }
        let mut admission = Admission::clone(kept);
        admission.session.last_seen_at = now;
        *kept = Arc::new(admission);
        true
    }
}

fn put<K: Hash + Eq, V>(into: &mut FxHashMap<K, V>, key: K, value: V) {
    if into.len() >= REMEMBERED_MAX {
        into.clear();
    }
    into.insert(key, value);
}
