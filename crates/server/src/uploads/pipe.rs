//! From the network to the disk in constant memory.

use std::io;
use std::sync::Arc;

use sha2::{Digest, Sha256};
use tokio::task::{JoinHandle, spawn_blocking};
use upferry_protocol::Sha256Digest;

use crate::blobs::Blob;
use crate::uploads::upload::LeaseGuard;

/// A chunk takes two buffers of so many bytes, whatever its length: one fills from the network while the other is
/// hashed and written.
const BUFFER: usize = 256 << 10;

/// Hashes what is pushed through it, and writes it to its place where it has one.
pub(crate) struct Pipe {
    target: Option<Target>,
    filling: Vec<u8>,
    /// The offset of the first byte in `filling`.
    offset: u64,
    worker: Worker,
}

/// Where the bytes go.
#[derive(Clone)]
pub(crate) struct Target {
    pub(crate) blob: Arc<dyn Blob>,
    /// Goes along with every write, so that the range is not given to another request before the last write has ended,
    /// also when this request is dropped in the middle.
    pub(crate) lease: Arc<LeaseGuard>,
}

/// The other buffer with the hash, at rest or at work.
enum Worker {
    AtRest(Box<(Vec<u8>, Sha256)>),
    AtWork(JoinHandle<io::Result<(Vec<u8>, Sha256)>>),
    Lost,
}

/// Why the bytes did not arrive.
#[derive(Debug)]
pub(crate) enum PipeError {
    /// Another request owns the range now.
    Revoked,
    /// The store failed.
    Store(io::Error),
}

impl Pipe {
    /// A pipe that only hashes.
    pub(crate) fn hashing() -> Self {
        Self::new(None, 0)
    }

    /// A pipe into the range of the target's lease.
    pub(crate) fn writing(target: Target) -> Self {
        let offset = target.lease.range.start();
        Self::new(Some(target), offset)
    }

    fn new(target: Option<Target>, offset: u64) -> Self {
        let spare = Box::new((Vec::with_capacity(BUFFER), Sha256::new()));
        Self { target, filling: Vec::with_capacity(BUFFER), offset, worker: Worker::AtRest(spare) }
    }

    /// Takes bytes in; waits while both buffers are full.
    pub(crate) async fn push(&mut self, mut bytes: &[u8]) -> Result<(), PipeError> {
        while !bytes.is_empty() {
            let (now, later) = bytes.split_at(bytes.len().min(BUFFER - self.filling.len()));
            self.filling.extend_from_slice(now);
            bytes = later;
            if self.filling.len() == BUFFER {
                self.hand_over().await?;
            }
        }
        Ok(())
    }

    /// Waits until all is written; returns the digest of all.
    pub(crate) async fn finish(mut self) -> Result<Sha256Digest, PipeError> {
        self.hand_over().await?;
        let (_, sha256) = self.rest().await?;
        Ok(Sha256Digest(sha256.finalize().into()))
    }

    async fn hand_over(&mut self) -> Result<(), PipeError> {
        let (empty, mut sha256) = self.rest().await?;
        let mut full = std::mem::replace(&mut self.filling, empty);
        let (target, offset) = (self.target.clone(), self.offset);
        self.offset += full.len() as u64;
        if target.as_ref().is_some_and(|target| target.lease.is_revoked()) {
            return Err(PipeError::Revoked);
        }
        self.worker = Worker::AtWork(spawn_blocking(move || {
            if let Some(Target { blob, lease }) = target {
                if offset == lease.range.start() {
                    blob.reserve(lease.range)?;
                }
                blob.write_at(offset, &full)?;
            }
            sha256.update(&full);
            full.clear();
            Ok((full, sha256))
        }));
        Ok(())
    }

    /// Waits for the worker; takes its buffer and hash.
    async fn rest(&mut self) -> Result<(Vec<u8>, Sha256), PipeError> {
        match std::mem::replace(&mut self.worker, Worker::Lost) {
            Worker::AtRest(spare) => Ok(*spare),
            Worker::AtWork(task) => task.await.map_err(io::Error::other).flatten().map_err(PipeError::Store),
            Worker::Lost => Err(PipeError::Store(io::Error::other("an earlier write has failed"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn pieces_of_any_size_give_one_digest() {
        let bytes: Vec<u8> = (0..BUFFER * 2 + 7).map(|n| n as u8).collect();
        for piece in [1_000, BUFFER, BUFFER + 1, bytes.len()] {
            let mut pipe = Pipe::hashing();
            for piece in bytes.chunks(piece) {
                pipe.push(piece).await.unwrap();
            }
            assert_eq!(pipe.finish().await.unwrap().0, <[u8; 32]>::from(Sha256::digest(&bytes)));
        }
    }
}
