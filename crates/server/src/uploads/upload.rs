//! An upload that is in use: its row and received ranges in memory, and what its requests share.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{Notify, watch};
use upferry_protocol::{
    ByteRange, ChunkLimits, Digests, MAX_MISSING_RANGES, MAX_RECEIVED_RANGES, Problem, RangeSet, Sha256Digest,
    UploadStatus,
};

use crate::ledger::{Snapshot, State};
use crate::uploads::leases::{Busy, LeaseId, Leases, Revoked};
use crate::uploads::prefix_hasher::PrefixHasher;
use crate::uploads::syncer::Syncer;
use crate::{Times, Timestamp, UploadId, UploadInfo};

/// How a completion ended; `None` while it runs.
pub(crate) type Completion = watch::Receiver<Option<Result<(), Problem>>>;

/// One upload in use. Requests read it under a short lock that no one holds while waiting, so that a status never
/// waits for a chunk.
pub(crate) struct Upload {
    pub(crate) info: UploadInfo,
    pub(crate) chunk: ChunkLimits,
    pub(crate) complete_when_full: bool,
    pub(crate) created: Timestamp,
    progress: Mutex<Progress>,
    /// Woken when a lease is given back.
    released: Notify,
    /// Held by whoever changes the state.
    pub(crate) transition: tokio::sync::Mutex<()>,
    /// The blob to write to, opened by the first chunk and let go at the end.
    pub(crate) syncer: tokio::sync::Mutex<Option<Arc<Syncer>>>,
    pub(crate) hasher: Arc<PrefixHasher>,
    /// The completion that runs, or the last one that ran.
    pub(crate) completion: Mutex<Option<Completion>>,
}

/// What changes as chunks come in.
struct Progress {
    state: State,
    digest: Option<Sha256Digest>,
    touched: Timestamp,
    received: RangeSet,
    leases: Leases,
    used: Instant,
}

/// What is to be done with a chunk's range.
#[derive(Debug)]
pub(crate) enum Judgement {
    /// All of it is stored: compare.
    Stored,
    /// Some of it is stored.
    Overlap(RangeSet),
    /// None of it is stored, and the state takes no chunks.
    NotTaking(State),
    /// One more separate range would be too many.
    TooFragmented,
    /// Another request owns it.
    Busy,
    /// It may be received, once [`LeaseGuard::clear`] says so.
    Granted(LeaseId, Arc<Notify>),
}

impl Upload {
    pub(crate) fn new(snapshot: Snapshot) -> Self {
        let Snapshot { record, received } = snapshot;
        Self {
            info: record.info(),
            chunk: record.chunk,
            complete_when_full: record.complete_when_full,
            created: record.created,
            progress: Mutex::new(Progress {
                state: record.state,
                digest: record.digest,
                touched: record.touched,
                received,
                leases: Leases::default(),
                used: Instant::now(),
            }),
            released: Notify::new(),
            transition: tokio::sync::Mutex::default(),
            syncer: tokio::sync::Mutex::default(),
            hasher: Arc::default(),
            completion: Mutex::default(),
        }
    }

    pub(crate) fn id(&self) -> UploadId {
        self.info.id
    }

    pub(crate) fn state(&self) -> State {
        self.progress().state
    }

    /// The whole file's digest, once the upload is complete.
    pub(crate) fn digest(&self) -> Option<Sha256Digest> {
        let progress = self.progress();
        progress.digest.filter(|_| progress.state == State::Complete)
    }

    /// The whole file's digest as the ledger has noted it, complete or not.
    pub(crate) fn noted_digest(&self) -> Option<Sha256Digest> {
        self.progress().digest
    }

    /// Follows a change that the ledger has noted.
    pub(crate) fn entered(&self, state: State, digest: Option<Sha256Digest>, now: Timestamp) {
        let mut progress = self.progress();
        progress.state = state;
        progress.digest = digest.or(progress.digest);
        progress.touched = now;
    }

    /// When the upload expires if nothing more comes; `None` where it never does.
    pub(crate) fn expires(&self, times: &Times) -> Option<Timestamp> {
        let progress = self.progress();
        matches!(progress.state, State::Open | State::Paused)
            .then(|| progress.touched.after(times.expire_after).min(self.created.after(times.expire_at_most)))
    }

    /// Whether chunks are being received.
    pub(crate) fn is_receiving(&self) -> bool {
        self.progress().leases.len() > 0
    }

    /// Notes that a request uses the upload.
    pub(crate) fn mark_used(&self) {
        self.progress().used = Instant::now();
    }

    pub(crate) fn unused_for(&self) -> Duration {
        self.progress().used.elapsed()
    }

    /// The bytes that are received from the start on, without a gap.
    pub(crate) fn prefix(&self) -> u64 {
        self.progress().received.iter().next().filter(|first| first.start() == 0).map_or(0, ByteRange::end)
    }

    /// What is missing, at most [`MAX_MISSING_RANGES`] ranges; empty when the file is full.
    pub(crate) fn missing(&self) -> Vec<ByteRange> {
        ByteRange::new(0, self.info.size)
            .map(|whole| self.progress().received.gaps(whole).take(MAX_MISSING_RANGES).collect())
            .unwrap_or_default()
    }

    /// The status as the wire carries it; `None` when the upload is gone.
    pub(crate) fn status(&self, times: &Times) -> Option<UploadStatus> {
        let expires = self.expires(times).map(Timestamp::to_rfc3339);
        let progress = self.progress();
        let state = progress.state.on_the_wire()?;
        Some(UploadStatus {
            id: self.info.id.to_string(),
            state,
            size: self.info.size,
            name: self.info.name.clone(),
            media_type: self.info.media_type.clone(),
            metadata: self.info.metadata.clone(),
            received: progress.received.clone(),
            received_bytes: progress.received.covered(),
            receiving: progress.leases.receiving(),
            chunk: self.chunk,
            expires,
            digest: progress.digest.filter(|_| progress.state == State::Complete).map(|sha256| Digests { sha256 }),
        })
    }

    /// Decides what a chunk for `range` meets, and takes the lease if it may be received.
    pub(crate) fn judge(&self, range: ByteRange, patience: Duration) -> Judgement {
        let mut progress = self.progress();
        let readable = progress.state != State::Failed;
        if progress.received.contains(range) && readable {
            return Judgement::Stored;
        }
        if progress.received.overlaps(range) && readable {
            return Judgement::Overlap(progress.received.clone());
        }
        if progress.state != State::Open {
            return Judgement::NotTaking(progress.state);
        }
        let touches = [range.start().checked_sub(1), Some(range.end())].into_iter().flatten().any(|neighbour| {
            ByteRange::new(neighbour, neighbour + 1).is_some_and(|byte| progress.received.contains(byte))
        });
        // A chunk that touches a received range makes no new one, whatever else is under way.
        if !touches && progress.received.len() + progress.leases.beside(range) >= MAX_RECEIVED_RANGES {
            return Judgement::TooFragmented;
        }
        match progress.leases.acquire(range, Instant::now(), patience) {
            Ok(grant) => Judgement::Granted(grant.id, grant.revoked),
            Err(Busy) => Judgement::Busy,
        }
    }

    fn progress(&self) -> MutexGuard<'_, Progress> {
        // A panic elsewhere leaves nothing half done here: every change is one assignment or one insertion.
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Gives a lease back when the last owner of the guard is gone: the request, and the write that it may have begun.
pub(crate) struct LeaseGuard {
    pub(crate) upload: Arc<Upload>,
    pub(crate) range: ByteRange,
    id: LeaseId,
    revoked: Arc<Notify>,
}

impl LeaseGuard {
    pub(crate) fn new(upload: Arc<Upload>, range: ByteRange, id: LeaseId, revoked: Arc<Notify>) -> Self {
        Self { upload, range, id, revoked }
    }

    /// Waits until the older owners of the range have ended their last writes.
    pub(crate) async fn clear(&self) -> Result<(), Revoked> {
        loop {
            // Registered before the question, so that no wake-up is missed.
            let mut released = std::pin::pin!(self.upload.released.notified());
            released.as_mut().enable();
            {
                let progress = self.upload.progress();
                if progress.leases.is_revoked(self.id) {
                    return Err(Revoked);
                }
                if progress.leases.is_clear(self.id) {
                    return Ok(());
                }
            }
            tokio::select! {
                () = released => {}
                () = self.revoked.notified() => return Err(Revoked),
            }
        }
    }

    /// Returns when the lease is revoked.
    pub(crate) async fn revoked(&self) {
        self.revoked.notified().await;
    }

    pub(crate) fn is_revoked(&self) -> bool {
        self.upload.progress().leases.is_revoked(self.id)
    }

    /// Notes that the body has reached the offset `at`. An upload that is gone has revoked all its leases.
    pub(crate) fn advance(&self, at: u64) -> Result<(), Revoked> {
        let mut progress = self.upload.progress();
        if progress.state.on_the_wire().is_none() {
            return Err(Revoked);
        }
        progress.leases.advance(self.id, at, Instant::now())
    }

    /// Notes that the body is whole; from here on nobody takes over.
    pub(crate) fn begin_storing(&self) -> Result<(), Revoked> {
        self.upload.progress().leases.begin_storing(self.id)
    }

    /// Makes the range a received one, now that the ledger says so, and nobody's own; tells whether it was the last
    /// that was missing.
    pub(crate) fn stored(&self, now: Timestamp) -> bool {
        let mut progress = self.upload.progress();
        progress.received.insert(self.range);
        progress.touched = now;
        progress.leases.release(self.id);
        progress.received.covered() == self.upload.info.size
    }
}

impl Drop for LeaseGuard {
    fn drop(&mut self) {
        self.upload.progress().leases.release(self.id);
        self.upload.released.notify_waiters();
    }
}
