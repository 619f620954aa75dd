//! How a chunk is taken, and how one that is stored already is compared.
//!
//! Invariant: data synced, then ledger synced, then answered.

use std::sync::Arc;

use axum::body::Body;
use tokio::task::spawn_blocking;
use upferry_protocol::{ByteRange, Code, Problem, Sha256Digest, StoredChunk};

use crate::Timestamp;
use crate::http::chunk_body::ChunkBody;
use crate::http::rejection::Rejection;
use crate::server::Server;
use crate::uploads::pipe::{Pipe, PipeError, Target};
use crate::uploads::prefix_hasher::digest_of;
use crate::uploads::syncer::Writable;
use crate::uploads::upload::{LeaseGuard, Upload};

/// Receives a chunk into the leased range; tells whether it was the last that was missing.
pub(crate) async fn receive(
    server: &Arc<Server>,
    lease: LeaseGuard,
    body: Body,
    stated: Sha256Digest,
) -> Result<bool, Rejection> {
    let lease = Arc::new(lease);
    let written = server.syncer(&lease.upload).await?.writable();
    lease.clear().await.map_err(|_| revoked(&lease))?;
    let digest = read(server, &lease, &written, body).await?;
    if digest != stated {
        return Err(mismatch());
    }
    lease.begin_storing().map_err(|_| revoked(&lease))?;
    // A task of its own: the chunk is whole, so it is stored even when the client has gone by now.
    let chunk = StoredChunk { start: lease.range.start(), end: lease.range.end(), sha256: digest };
    let stored = tokio::spawn(store(Arc::clone(server), lease, written, chunk)).await;
    stored.map_err(|_| Rejection::new(Code::Internal, "The chunk could not be stored."))?
}

/// Reads the body of a chunk that is stored already and compares it; writes nothing.
pub(crate) async fn compare(
    server: &Arc<Server>,
    upload: &Upload,
    range: ByteRange,
    body: Body,
    stated: Sha256Digest,
) -> Result<(), Rejection> {
    let mut body = ChunkBody::new(body, range.len(), server.config.times.body_idle);
    let mut pipe = Pipe::hashing();
    while let Some(bytes) = body.next().await? {
        pipe.push(&bytes).await.map_err(|error| failed(error, upload))?;
    }
    if pipe.finish().await.map_err(|error| failed(error, upload))? != stated {
        return Err(mismatch());
    }
    if stored_digest(server, upload, range).await? == stated {
        return Ok(());
    }
    Err(Rejection::new(Code::ChunkConflict, "Other bytes are stored in this range; the file has changed."))
}

async fn read(
    server: &Server,
    lease: &Arc<LeaseGuard>,
    written: &Writable,
    body: Body,
) -> Result<Sha256Digest, Rejection> {
    let mut body = ChunkBody::new(body, lease.range.len(), server.config.times.body_idle);
    let mut pipe = Pipe::writing(Target { blob: Arc::clone(&written.blob), lease: Arc::clone(lease) });
    let mut at = lease.range.start();
    loop {
        let bytes = tokio::select! {
            bytes = body.next() => bytes?,
            () = lease.revoked() => return Err(revoked(lease)),
        };
        let Some(bytes) = bytes else { break };
        at += bytes.len() as u64;
        lease.advance(at).map_err(|_| revoked(lease))?;
        pipe.push(&bytes).await.map_err(|error| failed(error, &lease.upload))?;
    }
    pipe.finish().await.map_err(|error| failed(error, &lease.upload))
}

async fn store(
    server: Arc<Server>,
    lease: Arc<LeaseGuard>,
    written: Writable,
    chunk: StoredChunk,
) -> Result<bool, Rejection> {
    let upload = &lease.upload;
    server.syncer(upload).await?.sync(&written).await?;
    let now = Timestamp::now();
    server.ledger.add_chunk(upload.id(), chunk, now).await?;
    let full = lease.stored(now);
    tracing::debug!(upload = %upload.id(), range = %lease.range, "stored");
    let followed = Arc::clone(upload);
    upload.hasher.follow(written.blob, move || followed.prefix());
    Ok(full)
}

/// The digest of a stored range: the ledger's where a chunk has the same boundaries, else that of the bytes.
async fn stored_digest(server: &Server, upload: &Upload, range: ByteRange) -> Result<Sha256Digest, Rejection> {
    let chunk = server.ledger.chunks(upload.id(), range.start(), 1).await?.into_iter().next();
    if let Some(chunk) = chunk.filter(|chunk| (chunk.start, chunk.end) == (range.start(), range.end())) {
        return Ok(chunk.sha256);
    }
    let blob = server.readable(upload).await?;
    let digest = spawn_blocking(move || digest_of(&*blob, range.start(), range.end())).await;
    Ok(digest.map_err(std::io::Error::other)??)
}

pub(crate) fn mismatch() -> Rejection {
    Rejection::new(Code::DigestMismatch, "The body does not have the digest that Content-Digest states.")
}

fn revoked(lease: &LeaseGuard) -> Rejection {
    if lease.upload.state().on_the_wire().is_none() { Rejection::gone() } else { busy() }
}

/// For a range that another request owns.
pub(crate) fn busy() -> Rejection {
    Problem::new(Code::RangeBusy, "Another request is sending this range.").retry_after(1).into()
}

fn failed(error: PipeError, upload: &Upload) -> Rejection {
    match error {
        PipeError::Store(error) => error.into(),
        PipeError::Revoked if upload.state().on_the_wire().is_none() => Rejection::gone(),
        PipeError::Revoked => busy(),
    }
}
