//! The status of an upload.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{ChunkLimits, Digests, RangeSet};

/// The state of an upload that the server still answers for; a cancelled or expired one is `410` instead.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum UploadState {
    /// Chunks are taken.
    Open,
    /// Chunks are refused until it is reopened.
    Paused,
    /// The whole file is being checked and put in its place.
    Completing,
    /// The file is whole and can be read back.
    Complete,
    /// The store lost the data or cannot read it.
    Failed,
}

/// A PUT that the server is reading now: `[start, at]` in JSON, where `at` is the offset that the body has reached.
/// These bytes are not durable; the pair only shows that bytes still move.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(into = "(u64, u64)", from = "(u64, u64)")]
pub struct Receiving {
    /// The offset of the chunk's first byte.
    pub start: u64,
    /// The offset after the last byte read so far.
    pub at: u64,
}

impl From<(u64, u64)> for Receiving {
    fn from((start, at): (u64, u64)) -> Self {
        Self { start, at }
    }
}

impl From<Receiving> for (u64, u64) {
    fn from(receiving: Receiving) -> Self {
        (receiving.start, receiving.at)
    }
}

/// The body of every answer that carries a status.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UploadStatus {
    /// 128 random bits in hexadecimal.
    pub id: String,
    /// What may be done with the upload now.
    pub state: UploadState,
    /// The file's size in bytes.
    pub size: u64,
    /// The file's name as the client gave it; data, never a path.
    pub name: String,
    /// The file's media type, where the client gave one.
    #[serde(rename = "type", default)]
    pub media_type: Option<String>,
    /// The application's own key-value pairs.
    #[serde(default)]
    pub metadata: BTreeMap<String, String>,
    /// The durable ranges: sorted, disjoint, never adjacent.
    pub received: RangeSet,
    /// The number of durable bytes.
    pub received_bytes: u64,
    /// The PUTs being read now.
    #[serde(default)]
    pub receiving: Vec<Receiving>,
    /// Where chunks may start and end.
    pub chunk: ChunkLimits,
    /// When the unfinished upload expires (RFC 3339, UTC); `None` once complete.
    #[serde(default)]
    pub expires: Option<String>,
    /// The digest of the whole file, known once complete.
    #[serde(default)]
    pub digest: Option<Digests>,
}
