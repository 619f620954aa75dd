//! One upload's blob, and the one place that syncs it.

use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::task::spawn_blocking;

use crate::blobs::Blob;

/// Opens the blob again after a sync has failed.
type Reopen = Box<dyn Fn() -> io::Result<Arc<dyn Blob>> + Send + Sync>;

/// Syncs an upload's blob for all its chunks: those that wait while one sync runs share the next.
///
/// Linux tells of a write-back error once and then takes the lost pages for clean, so a failed sync fails every chunk
/// that has written anything since the last good one, and the blob is opened anew.
pub(crate) struct Syncer {
    reopen: Reopen,
    current: Mutex<Writable>,
    /// Held by the one that syncs; the value is the last turn that a good sync covers.
    covered: tokio::sync::Mutex<u64>,
    turn: AtomicU64,
}

/// The blob as a chunk writes it, from its first byte to its sync.
#[derive(Clone)]
pub(crate) struct Writable {
    pub(crate) blob: Arc<dyn Blob>,
    /// Rises with every failed sync; a chunk of an earlier epoch is lost.
    epoch: u64,
}

impl Syncer {
    pub(crate) fn new(blob: Arc<dyn Blob>, reopen: Reopen) -> Self {
        Self {
            reopen,
            current: Mutex::new(Writable { blob, epoch: 0 }),
            covered: tokio::sync::Mutex::new(0),
            turn: AtomicU64::new(0),
        }
    }

    /// The blob to write to.
    pub(crate) fn writable(&self) -> Writable {
        self.current.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Makes all that was written through `written` durable.
    ///
    /// # Errors
    /// When this sync or an earlier one since the chunk began has failed: the chunk is to be taken as lost.
    pub(crate) async fn sync(&self, written: &Writable) -> io::Result<()> {
        let turn = self.turn.fetch_add(1, Ordering::SeqCst) + 1;
        let mut covered = self.covered.lock().await;
        if self.writable().epoch != written.epoch {
            return Err(io::Error::other("a sync has failed since the chunk began"));
        }
        if *covered >= turn {
            return Ok(());
        }
        // Everybody who has taken a turn by now has written all of his bytes.
        let upto = self.turn.load(Ordering::SeqCst);
        let blob = Arc::clone(&written.blob);
        let synced = spawn_blocking(move || blob.sync_data()).await.map_err(io::Error::other).flatten();
        match &synced {
            Ok(()) => *covered = upto,
            Err(error) => {
                tracing::error!(%error, "a sync failed; the chunks since the last good one are given up");
                self.give_up();
            }
        }
        synced
    }

    fn give_up(&self) {
        let reopened = (self.reopen)();
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        current.epoch += 1;
        match reopened {
            Ok(blob) => current.blob = blob,
            // The old handle goes on; whatever is wrong with it shows at the next write or sync.
            Err(error) => tracing::error!(%error, "the blob can't be opened again"),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicBool;
    use std::time::Duration;

    use upferry_protocol::ByteRange;

    use super::*;

    #[derive(Default)]
    struct FakeBlob {
        syncs: AtomicU64,
        fails: AtomicBool,
    }

    impl Blob for FakeBlob {
        fn reserve(&self, _: ByteRange) -> io::Result<()> {
            Ok(())
        }
        fn write_at(&self, _: u64, _: &[u8]) -> io::Result<()> {
            Ok(())
        }
        fn read_at(&self, _: u64, _: &mut [u8]) -> io::Result<()> {
            Ok(())
        }
        fn sync_data(&self) -> io::Result<()> {
            std::thread::sleep(Duration::from_millis(20));
            self.syncs.fetch_add(1, Ordering::SeqCst);
            if self.fails.swap(false, Ordering::SeqCst) { Err(io::Error::other("write-back")) } else { Ok(()) }
        }
    }

    fn syncer(blob: &Arc<FakeBlob>) -> Arc<Syncer> {
        let again = Arc::clone(blob);
        Arc::new(Syncer::new(Arc::clone(blob) as _, Box::new(move || Ok(Arc::clone(&again) as _))))
    }

    #[tokio::test]
    async fn those_who_wait_share_a_sync() {
        let blob = Arc::new(FakeBlob::default());
        let syncer = syncer(&blob);
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..20 {
            let syncer = Arc::clone(&syncer);
            tasks.spawn(async move { syncer.sync(&syncer.writable()).await.unwrap() });
        }
        tasks.join_all().await;
        assert!(blob.syncs.load(Ordering::SeqCst) <= 3, "{:?}", blob.syncs);
    }

    #[tokio::test]
    async fn a_failure_fails_every_chunk_that_has_begun() {
        let blob = Arc::new(FakeBlob::default());
        let syncer = syncer(&blob);
        let (first, waiting, begun) = (syncer.writable(), syncer.writable(), syncer.writable());
        blob.fails.store(true, Ordering::SeqCst);
        let both = tokio::join!(syncer.sync(&first), syncer.sync(&waiting));
        assert!(both.0.is_err() && both.1.is_err());
        assert!(syncer.sync(&begun).await.is_err(), "it had begun before the failure");
        assert!(syncer.sync(&syncer.writable()).await.is_ok());
    }
}
