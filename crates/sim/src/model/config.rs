use upferry_protocol::{ChunkLimits, MAX_RECEIVED_RANGES};

use crate::content::{DigestFn, quick_digest};

/// What servers of this protocol may choose.
#[derive(Clone, Debug)]
pub struct ModelConfig {
    /// The chunk limits of every upload; `None` for those of Upferry's server.
    pub limits: Option<ChunkLimits>,
    /// The largest file, in bytes.
    pub max_size: u64,
    /// The most separate received ranges.
    pub max_ranges: usize,
    /// How long completing takes, in milliseconds; 0 to do it within the request.
    pub completing_ms: u64,
    /// Whether a file may go along with its creation.
    pub creates_with_content: bool,
    /// How digests are computed.
    pub digest: DigestFn,
}

impl Default for ModelConfig {
    fn default() -> Self {
        Self {
            limits: None,
            max_size: 100 << 40,
            max_ranges: MAX_RECEIVED_RANGES,
            completing_ms: 0,
            creates_with_content: true,
            digest: quick_digest,
        }
    }
}
