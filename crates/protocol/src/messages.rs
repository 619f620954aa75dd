//! The JSON bodies of requests, and the page of chunk digests.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Digests, Sha256Digest};

/// The body of `POST {endpoint}`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CreateRequest {
    /// The file's size in bytes, at most [`MAX_SIZE`](crate::MAX_SIZE).
    pub size: u64,
    /// The file's name; data, never a path.
    pub name: String,
    /// The file's media type.
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    pub media_type: Option<String>,
    /// The application's own key-value pairs.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub metadata: BTreeMap<String, String>,
    /// Whether the chunk that fills the file also completes the upload.
    #[serde(default)]
    pub complete_when_full: bool,
}

/// The body of `PATCH {upload}`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PatchRequest {
    /// The state that the upload shall have.
    pub state: RequestedState,
}

/// A state that a client may ask for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RequestedState {
    /// Take chunks (again).
    Open,
    /// Take no chunks until reopened.
    Paused,
}

/// The body of `POST {upload}/complete`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CompleteRequest {
    /// The whole file's digest as the client computed it, to be compared with the server's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<Digests>,
}

/// One page of `GET {upload}/chunks`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ChunkPage {
    /// Stored chunks by rising offset, at most [`CHUNKS_PER_PAGE`](crate::CHUNKS_PER_PAGE).
    pub chunks: Vec<StoredChunk>,
    /// The `from` of the next page; `None` on the last one.
    pub next: Option<u64>,
}

/// A chunk as the ledger holds it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct StoredChunk {
    /// The offset of its first byte.
    pub start: u64,
    /// The offset after its last byte.
    pub end: u64,
    /// The SHA-256 of its bytes.
    pub sha256: Sha256Digest,
}
