//! The whole file's digest, computed behind the chunks.

use std::io;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use sha2::{Digest, Sha256};
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;
use upferry_protocol::Sha256Digest;

use crate::blobs::Blob;

/// Bytes read at a time.
const PIECE: usize = 256 << 10;

/// So many files are hashed at once, in this process; more would only take the processor from the chunks.
static READERS: LazyLock<Semaphore> = LazyLock::new(|| Semaphore::new(2));

/// Follows the part of a file that is received without a gap from its start, while it is in the page cache, so that
/// completing a large file reads only its tail.
#[derive(Default)]
pub(crate) struct PrefixHasher {
    done: Mutex<Hashed>,
    reader: tokio::sync::Mutex<()>,
}

#[derive(Clone, Default)]
struct Hashed {
    sha256: Sha256,
    upto: u64,
}

impl PrefixHasher {
    /// Starts to read on in the background, unless a reader is at work: that one is followed by the next chunk's.
    pub(crate) fn follow(self: &Arc<Self>, blob: Arc<dyn Blob>, prefix: impl Fn() -> u64 + Send + 'static) {
        let hasher = Arc::clone(self);
        tokio::spawn(async move {
            let Ok(_reader) = hasher.reader.try_lock() else { return };
            while hasher.upto() < prefix() {
                if let Err(error) = hasher.read_on(Arc::clone(&blob), prefix()).await {
                    // The completion meets it again, and answers for it.
                    tracing::warn!(%error, "reading back what was received failed");
                    return;
                }
            }
        });
    }

    /// The digest of the first `size` bytes; reads what was not read yet.
    pub(crate) async fn finish(&self, blob: Arc<dyn Blob>, size: u64) -> io::Result<Sha256Digest> {
        let _reader = self.reader.lock().await;
        if self.upto() > size {
            *self.hashed() = Hashed::default();
        }
        self.read_on(blob, size).await?;
        let hashed = self.hashed().clone();
        Ok(Sha256Digest(hashed.sha256.finalize().into()))
    }

    async fn read_on(&self, blob: Arc<dyn Blob>, upto: u64) -> io::Result<()> {
        let _permit = READERS.acquire().await.map_err(io::Error::other)?;
        let mut hashed = self.hashed().clone();
        let hashed = spawn_blocking(move || {
            let mut buffer = vec![0; PIECE];
            while hashed.upto < upto {
                let length = usize::try_from(upto - hashed.upto).unwrap_or(PIECE).min(PIECE);
                blob.read_at(hashed.upto, &mut buffer[..length])?;
                hashed.sha256.update(&buffer[..length]);
                hashed.upto += length as u64;
            }
            io::Result::Ok(hashed)
        })
        .await
        .map_err(io::Error::other)??;
        *self.hashed() = hashed;
        Ok(())
    }

    fn upto(&self) -> u64 {
        self.hashed().upto
    }

    fn hashed(&self) -> std::sync::MutexGuard<'_, Hashed> {
        self.done.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The digest of a part of a blob.
pub(crate) fn digest_of(blob: &dyn Blob, start: u64, end: u64) -> io::Result<Sha256Digest> {
    let mut sha256 = Sha256::new();
    let mut buffer = vec![0; PIECE];
    let mut at = start;
    while at < end {
        let length = usize::try_from(end - at).unwrap_or(PIECE).min(PIECE);
        blob.read_at(at, &mut buffer[..length])?;
        sha256.update(&buffer[..length]);
        at += length as u64;
    }
    Ok(Sha256Digest(sha256.finalize().into()))
}
