use upferry_engine::Time;
use upferry_protocol::{ByteRange, Receiving, Sha256Digest};

use crate::reply::Reply;

/// After this long without a byte, a PUT of the same range takes over.
pub(super) const TAKE_OVER_MS: u64 = 5_000;
/// After this long without a byte, the server cuts the connection.
const CUT_MS: u64 = 30_000;

/// A body of which less than a byte comes in this time seems to stand still: a few bytes behind many on a slow line.
const SEEN_MS: u64 = 5_000;

/// The model's name for a PUT whose body it reads.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct PutId(pub u64);

/// The headers of a PUT.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PutRequest {
    /// `Content-Range`.
    pub range: ByteRange,
    /// The total size in `Content-Range`.
    pub size: u64,
    /// `Content-Digest`.
    pub digest: Sha256Digest,
}

/// What the model makes of a PUT's headers.
#[derive(Clone, PartialEq, Debug)]
pub enum PutBegun {
    /// It reads the body and answers then.
    Receiving(PutId),
    /// It reads the body, drops it, and answers this.
    Refused(Reply),
}

/// A PUT whose body is being read.
#[derive(Clone, Debug)]
pub(super) struct OpenPut {
    pub(super) request: PutRequest,
    /// The range is stored: the body is compared, not written, and owns nothing.
    pub(super) compare: bool,
    began: Time,
    /// When the last byte comes, or came.
    ends: Time,
    /// The offset at `ends`.
    reaches: u64,
}

impl OpenPut {
    pub(super) fn new(request: PutRequest, compare: bool, now: Time, ends: Time) -> Self {
        Self { request, compare, began: now, ends: ends.max(now), reaches: request.range.end() }
    }

    /// The connection is dead, and the server does not know.
    pub(super) fn silence(&mut self, now: Time) {
        self.reaches = self.receiving(now).at;
        self.ends = now.min(self.ends);
    }

    /// Whether bytes come, often enough to be seen.
    pub(super) fn is_moving(&self, now: Time) -> bool {
        let bytes = self.reaches - self.request.range.start();
        now < self.ends && bytes >= self.ends.ms_since(self.began) / SEEN_MS
    }

    pub(super) fn is_silent(&self, now: Time) -> bool {
        now.ms_since(self.ends) >= TAKE_OVER_MS
    }

    pub(super) fn is_cut(&self, now: Time) -> bool {
        now.ms_since(self.ends) >= CUT_MS
    }

    pub(super) fn receiving(&self, now: Time) -> Receiving {
        let start = self.request.range.start();
        let (passed, all) = (now.ms_since(self.began), self.ends.ms_since(self.began));
        if passed >= all {
            return Receiving { start, at: self.reaches };
        }
        // In u128, as a terabyte times an hour does not fit into u64.
        let moved = u128::from(self.reaches - start) * u128::from(passed) / u128::from(all);
        Receiving { start, at: start + u64::try_from(moved).unwrap_or(0) }
    }
}
