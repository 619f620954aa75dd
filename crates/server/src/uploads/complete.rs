//! How an upload becomes a file.
//!
//! Every step can be repeated, and what the ledger and the folder say tells which are left: so a completion that was
//! cut short is run again from its beginning. Invariant: the ledger knows the file's digest before the file is in its
//! place.

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use axum::http::StatusCode;
use tokio::sync::watch;
use upferry_protocol::{Code, Problem, Sha256Digest, UploadStatus};

use crate::blobs::Whereabouts;
use crate::fault;
use crate::http::rejection::Rejection;
use crate::ledger::{State, Transition};
use crate::server::Server;
use crate::uploads::upload::{Completion, Upload};

/// Completes an upload, or joins the completion that runs; `202` when it takes longer than the caller shall wait.
pub(crate) async fn complete(
    server: &Arc<Server>,
    upload: &Arc<Upload>,
    expected: Option<Sha256Digest>,
) -> Result<(StatusCode, UploadStatus), Rejection> {
    // A task of its own, so that a client that goes away leaves no upload completing with nobody at work.
    let begun = tokio::spawn(begin(Arc::clone(server), Arc::clone(upload), expected)).await;
    let completion = begun.map_err(|_| Rejection::new(Code::Internal, "The completion could not begin."))??;
    if let Some(mut completion) = completion {
        let waited = tokio::time::timeout(server.config.times.complete_wait, completion.wait_for(Option::is_some));
        match waited.await {
            Err(_) => return Ok((StatusCode::ACCEPTED, server.status(upload)?)),
            Ok(Err(_)) => return Err(Rejection::new(Code::Internal, "The completion broke off.")),
            Ok(Ok(outcome)) => {
                if let Some(Err(problem)) = &*outcome {
                    return Err(problem.clone().into());
                }
            }
        }
    }
    agree(upload.digest(), expected)?;
    Ok((StatusCode::OK, server.status(upload)?))
}

/// Takes up the completion of an upload that the ledger says is completing; for recovery.
pub(crate) fn resume(server: &Arc<Server>, upload: &Arc<Upload>, expected: Option<Sha256Digest>) -> Completion {
    let (tell, completion) = watch::channel(None);
    *upload.completion.lock().unwrap_or_else(PoisonError::into_inner) = Some(completion.clone());
    let (server, upload) = (Arc::clone(server), Arc::clone(upload));
    tokio::spawn(async move {
        let outcome = run(&server, &upload, expected).await;
        fault::before("answer");
        tell.send_replace(Some(outcome.map_err(Rejection::into_problem)));
    });
    completion
}

/// Begins; `None` when the upload is complete already.
async fn begin(
    server: Arc<Server>,
    upload: Arc<Upload>,
    expected: Option<Sha256Digest>,
) -> Result<Option<Completion>, Rejection> {
    let _changing = upload.transition.lock().await;
    match upload.state() {
        State::Complete => return Ok(None),
        State::Completing => {
            let last = upload.completion.lock().unwrap_or_else(PoisonError::into_inner).clone();
            let at_work = last.filter(|completion| completion.borrow().is_none() && completion.has_changed().is_ok());
            return Ok(Some(at_work.unwrap_or_else(|| resume(&server, &upload, expected))));
        }
        State::Open | State::Paused => {}
        state @ (State::Failed | State::Cancelled | State::Expired) => return Err(Rejection::in_state(state)),
    }
    let missing = upload.missing();
    if !missing.is_empty() {
        let problem = Problem::new(Code::Incomplete, "Some ranges were not received yet.");
        return Err(Problem { missing: Some(missing), ..problem }.into());
    }
    let digest = known_digest(&server, &upload).await?;
    if digest.is_some()
        && let Err(mismatch) = agree(digest, expected)
    {
        // As after a check that had to read the file: the upload is open, whatever it was before.
        server.change(&upload, Transition::new(&[State::Paused], State::Open)).await?;
        return Err(mismatch);
    }
    fault::before("ledger-completing");
    const FROM: &[State] = &[State::Open, State::Paused];
    let transition = Transition { expected, digest, ..Transition::new(FROM, State::Completing) };
    if !server.change(&upload, transition).await? {
        return Err(Rejection::in_state(upload.state()));
    }
    Ok(Some(resume(&server, &upload, expected)))
}

/// The file's digest where one chunk is the whole of it.
async fn known_digest(server: &Server, upload: &Upload) -> Result<Option<Sha256Digest>, Rejection> {
    let first = server.ledger.chunks(upload.id(), 0, 1).await?;
    Ok(first.first().filter(|chunk| (chunk.start, chunk.end) == (0, upload.info.size)).map(|chunk| chunk.sha256))
}

async fn run(server: &Arc<Server>, upload: &Upload, expected: Option<Sha256Digest>) -> Result<(), Rejection> {
    let id = upload.id();
    match server.blobs(move |blobs| blobs.whereabouts(id)).await {
        Ok(Whereabouts::Unfinished) => put_in_place(server, upload, expected).await?,
        Ok(Whereabouts::Finished) => {}
        Ok(place @ (Whereabouts::Neither | Whereabouts::Both)) => {
            tracing::error!(upload = %id, ?place, "the store has not one blob for the upload");
            return Err(fail(server, upload).await);
        }
        Err(error) => return Err(step_back(server, upload, error.into()).await),
    }
    // The file is in its place: there is no way back, so a failure is tried again until it passes.
    let mut pause = Duration::from_millis(100);
    while let Err(rejection) = note(server, upload).await {
        tracing::error!(upload = %id, ?rejection, "the completion can't be noted yet");
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(Duration::from_secs(30));
    }
    upload.syncer.lock().await.take();
    Ok(())
}

/// From the digest to the rename. On failure the upload is open again, or failed when its bytes can't be read.
async fn put_in_place(server: &Arc<Server>, upload: &Upload, expected: Option<Sha256Digest>) -> Result<(), Rejection> {
    fault::before("digest");
    let known = upload.noted_digest();
    let digest = match known {
        Some(digest) => digest,
        None => hash(server, upload).await?,
    };
    if let Err(mismatch) = agree(Some(digest), expected) {
        tracing::warn!(upload = %upload.id(), "the file has another digest than the client states");
        return Err(step_back(server, upload, mismatch).await);
    }
    fault::before("ledger-digest");
    if known.is_none() {
        let transition = Transition { digest: Some(digest), ..Transition::new(COMPLETING, State::Completing) };
        if let Err(rejection) = server.change(upload, transition).await {
            return Err(step_back(server, upload, rejection).await);
        }
    }
    let id = upload.id();
    let published = server.blobs(move |blobs| {
        let blob = blobs.open_unfinished(id)?;
        fault::before("sync-data");
        blob.sync_data()?;
        fault::before("publish");
        blobs.publish(id)
    });
    match published.await {
        Ok(()) => Ok(()),
        Err(error) => Err(step_back(server, upload, error.into()).await),
    }
}

async fn hash(server: &Arc<Server>, upload: &Upload) -> Result<Sha256Digest, Rejection> {
    let id = upload.id();
    let blob = match server.blobs(move |blobs| blobs.open_unfinished(id)).await {
        Ok(blob) => blob,
        Err(error) => return Err(step_back(server, upload, error.into()).await),
    };
    match upload.hasher.finish(blob, upload.info.size).await {
        Ok(digest) => Ok(digest),
        Err(error) => {
            tracing::error!(upload = %id, %error, "the data can't be read back");
            Err(fail(server, upload).await)
        }
    }
}

async fn note(server: &Server, upload: &Upload) -> Result<(), Rejection> {
    let id = upload.id();
    fault::before("sync-folders");
    server.blobs(move |blobs| blobs.sync_published(id)).await?;
    let digest = match upload.noted_digest() {
        Some(digest) => digest,
        None => {
            let blob = server.blobs(move |blobs| blobs.open_finished(id)).await?;
            upload.hasher.finish(blob, upload.info.size).await?
        }
    };
    fault::before("ledger-complete");
    let transition = Transition { digest: Some(digest), ..Transition::new(COMPLETING, State::Complete) };
    server.change(upload, transition).await.map(drop)
}

/// Opens the upload again after a completion that failed, and answers why it did.
async fn step_back(server: &Server, upload: &Upload, why: Rejection) -> Rejection {
    end_in(server, upload, State::Open).await;
    why
}

/// Takes down that the upload's bytes can't be had.
async fn fail(server: &Server, upload: &Upload) -> Rejection {
    end_in(server, upload, State::Failed).await;
    Rejection::in_state(State::Failed)
}

/// Ends a completion that failed. Where even that fails, the next call to complete takes it up again.
async fn end_in(server: &Server, upload: &Upload, state: State) {
    if let Err(rejection) = server.change(upload, Transition::new(COMPLETING, state)).await {
        tracing::error!(upload = %upload.id(), ?rejection, "the end of a completion can't be noted");
    }
}

/// Compares digests where the client has stated one. The server's own is never told: a client that does not have the
/// file could learn from it.
fn agree(digest: Option<Sha256Digest>, expected: Option<Sha256Digest>) -> Result<(), Rejection> {
    if expected.is_none_or(|expected| digest == Some(expected)) {
        return Ok(());
    }
    let problem =
        Problem::new(Code::DigestMismatch, "The stored file has another SHA-256; compare the chunks' digests.");
    // Sending the same again changes nothing.
    Err(Problem { retryable: false, ..problem }.into())
}

const COMPLETING: &[State] = &[State::Completing];
