//! The ledger: what is received with which digest, and the state, owner and times of every upload.
//!
//! Invariant: what the ledger says is received is durable in the blob. The server syncs the data first and writes the
//! ledger second, and answers only when the ledger is durable too.

#[cfg(test)]
mod conformance;
mod error;
mod quota;
mod record;
mod rows;
mod schema;
mod sqlite;
mod writer;

pub use error::LedgerError;
pub use quota::{Quota, Refused, Usage};
pub use record::{KeyUse, NewUpload, Snapshot, State, Transition, UploadRecord};
pub use sqlite::SqliteLedger;

use async_trait::async_trait;
use upferry_protocol::StoredChunk;

use crate::{Principal, Timestamp, UploadId};

/// Where uploads are kept track of. Every method that changes something returns once the change is durable.
///
/// One server writes to a ledger at a time; each method is atomic.
#[async_trait]
pub trait Ledger: Send + Sync + 'static {
    /// Enters an upload, its idempotency key and the chunk that came along, unless the quota refuses it.
    ///
    /// # Errors
    /// [`LedgerError::Quota`] when the quota refuses it; nothing is entered then.
    async fn create(&self, upload: NewUpload, quota: Quota) -> Result<(), LedgerError>;

    /// What a principal and everybody use of the quota.
    async fn usage(&self, principal: &Principal) -> Result<Usage, LedgerError>;

    /// The upload that a principal's idempotency key made.
    async fn key_use(&self, principal: &Principal, key: &str) -> Result<Option<KeyUse>, LedgerError>;

    /// An upload and what is received of it.
    async fn load(&self, id: UploadId) -> Result<Option<Snapshot>, LedgerError>;

    /// Notes a chunk of an open or paused upload as received, and the upload as touched at `now`.
    ///
    /// # Errors
    /// [`LedgerError::NotTaking`] when the upload is in another state.
    async fn add_chunk(&self, id: UploadId, chunk: StoredChunk, now: Timestamp) -> Result<(), LedgerError>;

    /// At most `limit` chunks that start at `from` or later, by rising offset.
    async fn chunks(&self, id: UploadId, from: u64, limit: usize) -> Result<Vec<StoredChunk>, LedgerError>;

    /// Changes the state if it is now one of `transition.from`; tells whether it was.
    async fn change(&self, id: UploadId, transition: Transition, now: Timestamp) -> Result<bool, LedgerError>;

    /// The uploads in any of the states, oldest first.
    async fn in_states(&self, states: &[State]) -> Result<Vec<UploadRecord>, LedgerError>;

    /// Whether there is a row for the id, in whatever state.
    async fn knows(&self, id: UploadId) -> Result<bool, LedgerError>;

    /// Forgets uploads that were cancelled or expired before `before`, with their chunks, and the idempotency
    /// keys of all uploads that ended before it. Returns the forgotten uploads' ids.
    async fn forget_ended(&self, before: Timestamp) -> Result<Vec<UploadId>, LedgerError>;
}
