//! The wire contract that Upferry's client and server share: messages, headers, byte ranges, digests, problem codes.
//!
//! The crate does no input or output, reads no clock and knows neither browser nor runtime. `docs/protocol.md`
//! describes the same contract in prose.

mod byte_range;
mod chunk_limits;
mod code;
mod content_digest;
mod content_range;
mod digest;
mod messages;
mod problem;
mod range_set;
mod retry_after;
mod status;
mod upload_create;

pub use byte_range::{ByteRange, MAX_SIZE};
pub use chunk_limits::{CHUNK_MAX, ChunkLimits};
pub use code::Code;
pub use content_digest::{ContentDigestError, content_digest, parse_content_digest};
pub use content_range::{ContentRange, ContentRangeError};
pub use digest::{Digests, Sha256Digest};
pub use messages::{ChunkPage, CompleteRequest, CreateRequest, PatchRequest, RequestedState, StoredChunk};
pub use problem::{PROBLEM_JSON, Problem};
pub use range_set::RangeSet;
pub use retry_after::parse_retry_after_seconds;
pub use status::{Receiving, UploadState, UploadStatus};
pub use upload_create::{MAX_UPLOAD_CREATE, UPLOAD_CREATE, UploadCreateError, parse_upload_create, upload_create};

/// The most chunk digests that one page of `GET {upload}/chunks` carries.
pub const CHUNKS_PER_PAGE: usize = 1_000;
/// The most separate ranges that `received` may have; a PUT that would add one more is `too-fragmented`.
pub const MAX_RECEIVED_RANGES: usize = 10_000;
/// The most ranges that the `missing` member of an `incomplete` problem lists.
pub const MAX_MISSING_RANGES: usize = 1_000;
