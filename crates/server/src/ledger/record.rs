//! What the ledger holds of an upload.

use std::collections::BTreeMap;

use upferry_protocol::{ChunkLimits, RangeSet, Sha256Digest, StoredChunk, UploadState};

use crate::{Principal, Timestamp, UploadId, UploadInfo};

/// The state of an upload in the ledger: those of the wire, and the two that answer `410`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum State {
    /// Chunks are taken.
    Open,
    /// New chunks are refused; those being read may finish.
    Paused,
    /// All is received; the whole file is being checked and put in its place.
    Completing,
    /// The file is in its place.
    Complete,
    /// The store lost the data or can't read it.
    Failed,
    /// The client gave it up.
    Cancelled,
    /// Nobody came back in time.
    Expired,
}

impl State {
    /// The states in which an upload still uses its principal's quota.
    pub const UNFINISHED: &[Self] = &[Self::Open, Self::Paused, Self::Completing];

    const ALL: &[Self] =
        &[Self::Open, Self::Paused, Self::Completing, Self::Complete, Self::Failed, Self::Cancelled, Self::Expired];

    /// The state as the ledger writes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Paused => "paused",
            Self::Completing => "completing",
            Self::Complete => "complete",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Expired => "expired",
        }
    }

    /// Reads what [`as_str`](Self::as_str) wrote.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|state| state.as_str() == text)
    }

    /// The state on the wire; `None` for what is gone.
    #[must_use]
    pub const fn on_the_wire(self) -> Option<UploadState> {
        match self {
            Self::Open => Some(UploadState::Open),
            Self::Paused => Some(UploadState::Paused),
            Self::Completing => Some(UploadState::Completing),
            Self::Complete => Some(UploadState::Complete),
            Self::Failed => Some(UploadState::Failed),
            Self::Cancelled | Self::Expired => None,
        }
    }
}

/// One upload's row.
#[derive(Clone, PartialEq, Debug)]
pub struct UploadRecord {
    /// Its id.
    pub id: UploadId,
    /// Whose it is.
    pub principal: Principal,
    /// The file's name as the client gave it.
    pub name: String,
    /// The file's media type as the client gave it.
    pub media_type: Option<String>,
    /// The application's own key-value pairs.
    pub metadata: BTreeMap<String, String>,
    /// The file's size in bytes.
    pub size: u64,
    /// Where chunks may start and end; fixed at creation.
    pub chunk: ChunkLimits,
    /// Whether the chunk that fills the file also completes the upload.
    pub complete_when_full: bool,
    /// Its state.
    pub state: State,
    /// The digest that the client stated at complete.
    pub expected: Option<Sha256Digest>,
    /// The whole file's digest as the server computed it; known before the file is put in its place.
    pub digest: Option<Sha256Digest>,
    /// When it was created.
    pub created: Timestamp,
    /// When a chunk or a change of state last came.
    pub touched: Timestamp,
}

impl UploadRecord {
    /// What an authorization hook learns.
    #[must_use]
    pub fn info(&self) -> UploadInfo {
        UploadInfo {
            id: self.id,
            principal: self.principal.clone(),
            name: self.name.clone(),
            media_type: self.media_type.clone(),
            size: self.size,
            metadata: self.metadata.clone(),
        }
    }
}

/// An upload and what is received of it.
#[derive(Clone, PartialEq, Debug)]
pub struct Snapshot {
    /// The upload's row.
    pub record: UploadRecord,
    /// The ranges that its chunks cover.
    pub received: RangeSet,
}

/// An upload to enter.
#[derive(Clone, PartialEq, Debug)]
pub struct NewUpload {
    /// The row to write.
    pub record: UploadRecord,
    /// The idempotency key and the request's fingerprint, where the request carried a key.
    pub key: Option<(String, Sha256Digest)>,
    /// The chunk that came along, whose data is durable already.
    pub chunk: Option<StoredChunk>,
}

/// What an idempotency key was used for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct KeyUse {
    /// The upload that it made.
    pub id: UploadId,
    /// The fingerprint of the request.
    pub fingerprint: Sha256Digest,
}

/// A change of state.
#[derive(Clone, Copy, Debug)]
pub struct Transition {
    /// The states in which the change may happen.
    pub from: &'static [State],
    /// The state afterwards.
    pub to: State,
    /// The digest that the client states, kept where `Some`.
    pub expected: Option<Sha256Digest>,
    /// The digest that the server computed, kept where `Some`.
    pub digest: Option<Sha256Digest>,
}

impl Transition {
    /// A change of the state alone.
    #[must_use]
    pub const fn new(from: &'static [State], to: State) -> Self {
        Self { from, to, expected: None, digest: None }
    }
}
