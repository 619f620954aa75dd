//! How an upload comes into being: its blob first, then its row in the ledger.

use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::OwnedMutexGuard;
use upferry_protocol::Code;

use crate::fault;
use crate::http::rejection::Rejection;
use crate::ledger::{LedgerError, NewUpload, State};
use crate::server::Server;
use crate::uploads::complete;
use crate::uploads::upload::Upload;

/// Enters an upload with the bytes of the chunk that came along, empty where none did. One that is entered as
/// completing is on its way to be complete afterwards.
///
/// `alone` keeps other requests with the same idempotency key away until this has ended.
pub(crate) async fn enter(
    server: &Arc<Server>,
    new: NewUpload,
    content: Bytes,
    alone: Option<OwnedMutexGuard<()>>,
) -> Result<Arc<Upload>, Rejection> {
    let server = Arc::clone(server);
    // A task of its own, so that a client that goes away leaves no blob without a row, and no row half done.
    let entered = tokio::spawn(async move {
        let _alone = alone;
        make(&server, new, content).await
    });
    entered.await.map_err(|_| Rejection::new(Code::Internal, "The upload could not be created."))?
}

async fn make(server: &Arc<Server>, new: NewUpload, content: Bytes) -> Result<Arc<Upload>, Rejection> {
    let (id, size, state) = (new.record.id, new.record.size, new.record.state);
    let quota = server.quota().await?;
    // Asked before the blob is made, as that takes syncs; the ledger asks again when it enters the row.
    let usage = server.ledger.usage(&new.record.principal).await?;
    quota.admit(usage, size).map_err(LedgerError::Quota)?;
    fault::before("create-blob");
    server.blobs(move |blobs| blobs.create(id, size, &content)).await?;
    fault::before("create-ledger");
    if let Err(error) = server.ledger.create(new, quota).await {
        // The row may be there all the same if it is not known how the commit ended: then the data must stay.
        if !matches!(server.ledger.knows(id).await, Ok(false)) {
            return Err(error.into());
        }
        server.blobs(move |blobs| blobs.remove_unfinished(id)).await?;
        return Err(error.into());
    }
    tracing::info!(upload = %id, size, "created");
    let upload = server.upload(id).await?.ok_or_else(Rejection::not_found)?;
    if state == State::Completing {
        complete::resume(server, &upload, None);
    }
    Ok(upload)
}
