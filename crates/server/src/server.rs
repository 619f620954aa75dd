//! What all requests share.

use std::fs::File;
use std::io;
use std::sync::Arc;

use axum::http::request::Parts;
use tokio::task::spawn_blocking;
use upferry_protocol::{Code, UploadStatus};

use crate::blobs::{Blob, Blobs, Whereabouts};
use crate::http::rejection::Rejection;
use crate::ledger::{Ledger, State, Transition};
use crate::uploads::counter::Counter;
use crate::uploads::in_use::Uploads;
use crate::uploads::key_locks::KeyLocks;
use crate::uploads::syncer::Syncer;
use crate::uploads::upload::Upload;
use crate::{Config, Operation, Principal, Timestamp, UploadId, UploadInfo};

/// One server: its ledger, its blobs, and the uploads in use.
pub(crate) struct Server {
    pub(crate) config: Config,
    pub(crate) ledger: Arc<dyn Ledger>,
    pub(crate) blobs: Arc<dyn Blobs>,
    pub(crate) uploads: Uploads,
    pub(crate) keys: KeyLocks,
    pub(crate) puts: Counter,
    /// Keeps other servers away from the data.
    _lock: File,
}

impl Server {
    pub(crate) fn new(config: Config, ledger: Arc<dyn Ledger>, blobs: Arc<dyn Blobs>, lock: File) -> Arc<Self> {
        Arc::new(Self {
            config,
            ledger,
            blobs,
            uploads: Uploads::default(),
            keys: KeyLocks::default(),
            puts: Counter::default(),
            _lock: lock,
        })
    }

    /// Asks the hook and finds the upload. Without credentials the answer is the hook's, whether the upload exists or
    /// not; with somebody else's it is the same as for one that doesn't.
    pub(crate) async fn find(
        self: &Arc<Self>,
        operation: Operation,
        parts: &Parts,
        id: &str,
    ) -> Result<Arc<Upload>, Rejection> {
        let upload = match UploadId::parse(id) {
            Some(id) => self.upload(id).await?,
            None => None,
        };
        let principal = self.authorize(operation, parts, upload.as_deref().map(|upload| &upload.info)).await?;
        let upload = upload.filter(|upload| upload.info.principal == principal).ok_or_else(Rejection::not_found)?;
        upload.mark_used();
        self.expire_if_due(&upload).await?;
        if upload.state().on_the_wire().is_none() && operation != Operation::Cancel {
            return Err(Rejection::gone());
        }
        Ok(upload)
    }

    pub(crate) async fn authorize(
        &self,
        operation: Operation,
        parts: &Parts,
        upload: Option<&UploadInfo>,
    ) -> Result<Principal, Rejection> {
        Ok(self.config.authorize.authorize(operation, parts, upload).await?)
    }

    /// Asks the hook about an upload that must be the caller's own.
    pub(crate) async fn authorize_owner(
        &self,
        operation: Operation,
        parts: &Parts,
        upload: &UploadInfo,
    ) -> Result<(), Rejection> {
        let principal = self.authorize(operation, parts, Some(upload)).await?;
        if principal == upload.principal { Ok(()) } else { Err(Rejection::not_found()) }
    }

    /// The upload, from memory or from the ledger.
    pub(crate) async fn upload(&self, id: UploadId) -> Result<Option<Arc<Upload>>, Rejection> {
        Ok(self.uploads.find(id, || self.ledger.load(id)).await?)
    }

    pub(crate) fn status(&self, upload: &Upload) -> Result<UploadStatus, Rejection> {
        upload.status(&self.config.times).ok_or_else(Rejection::gone)
    }

    /// Changes the state in the ledger, then in memory; tells whether it was one of `transition.from`. The caller
    /// holds the upload's `transition` lock.
    pub(crate) async fn change(&self, upload: &Upload, transition: Transition) -> Result<bool, Rejection> {
        let now = Timestamp::now();
        let changed = self.ledger.change(upload.id(), transition, now).await?;
        if changed {
            tracing::info!(upload = %upload.id(), state = transition.to.as_str(), "state");
            upload.entered(transition.to, transition.digest, now);
        }
        Ok(changed)
    }

    /// Runs a call to the store where it may block.
    pub(crate) async fn blobs<T: Send + 'static>(
        &self,
        call: impl FnOnce(&dyn Blobs) -> io::Result<T> + Send + 'static,
    ) -> io::Result<T> {
        let blobs = Arc::clone(&self.blobs);
        spawn_blocking(move || call(&*blobs)).await.map_err(io::Error::other)?
    }

    /// The upload's syncer, with its blob opened.
    pub(crate) async fn syncer(&self, upload: &Upload) -> Result<Arc<Syncer>, Rejection> {
        let mut held = upload.syncer.lock().await;
        if let Some(syncer) = &*held {
            return Ok(Arc::clone(syncer));
        }
        let id = upload.id();
        match self.blobs(move |blobs| blobs.open_unfinished(id)).await {
            Ok(blob) => {
                let blobs = Arc::clone(&self.blobs);
                let syncer = Arc::new(Syncer::new(blob, Box::new(move || blobs.open_unfinished(id))));
                *held = Some(Arc::clone(&syncer));
                Ok(syncer)
            }
            Err(error) => {
                drop(held);
                Err(self.unreadable(upload, error).await)
            }
        }
    }

    /// The blob to read what is received from.
    pub(crate) async fn readable(&self, upload: &Upload) -> Result<Arc<dyn Blob>, Rejection> {
        let id = upload.id();
        if upload.state() == State::Complete {
            // It may be back another time: the state stays.
            return self.blobs(move |blobs| blobs.open_finished(id)).await.map_err(|error| {
                tracing::error!(upload = %id, %error, "a finished file can't be opened");
                Rejection::new(Code::Internal, "The stored file can't be read.")
            });
        }
        Ok(self.syncer(upload).await?.writable().blob)
    }

    /// Takes down that an upload's data is not there any more; any other error may pass.
    async fn unreadable(&self, upload: &Upload, error: io::Error) -> Rejection {
        if error.kind() != io::ErrorKind::NotFound {
            return error.into();
        }
        let _changing = upload.transition.lock().await;
        // Somebody may have published or removed it in between; then the state has changed already.
        const HELD: &[State] = &[State::Open, State::Paused];
        let id = upload.id();
        let place = self.blobs(move |blobs| blobs.whereabouts(id)).await;
        match place {
            Ok(Whereabouts::Neither) => {}
            Ok(_) => return Rejection::in_state(upload.state()),
            Err(error) => return error.into(),
        }
        tracing::error!(upload = %id, "the store has lost the data");
        match self.change(upload, Transition::new(HELD, State::Failed)).await {
            Ok(_) => Rejection::in_state(upload.state()),
            Err(rejection) => rejection,
        }
    }
}
