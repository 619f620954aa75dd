//! Where a chunk may start and end.

use serde::{Deserialize, Serialize};

use crate::ByteRange;

/// The longest chunk that Upferry's server takes, in bytes (64 MiB).
pub const CHUNK_MAX: u64 = 64 << 20;

const SMALLEST_UNIT: u64 = 64 << 10;
/// At most this many chunks per upload, so that the ledger of a 1 TB file stays small.
const MOST_UNITS: u64 = 100_000;

/// The `chunk` member of a status: which chunks the server takes for this upload.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ChunkLimits {
    /// A chunk starts at a multiple of this many bytes and ends at one or at the end of the file.
    pub unit: u64,
    /// The most bytes a chunk may have; a multiple of `unit`.
    pub max: u64,
}

impl ChunkLimits {
    /// The limits of a server that stores into files: the unit is the larger of 64 KiB and the next power of two
    /// from `size / 100,000` up; `max` is 64 MiB, or the unit where that is larger.
    #[must_use]
    pub fn for_size(size: u64) -> Self {
        let unit = size.div_ceil(MOST_UNITS).next_power_of_two().max(SMALLEST_UNIT);
        Self { unit, max: CHUNK_MAX.max(unit) }
    }

    /// Whether a chunk of a file of `size` bytes may cover `range`.
    #[must_use]
    pub fn allow(&self, range: ByteRange, size: u64) -> bool {
        self.unit > 0
            && range.start().is_multiple_of(self.unit)
            && (range.end() == size || (range.end() < size && range.end().is_multiple_of(self.unit)))
            && range.len() <= self.max
    }

    /// Whether the limits make sense: a positive unit, and a `max` that holds at least one unit.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        self.unit > 0 && self.max >= self.unit
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unit_grows_with_the_file() {
        assert_eq!(ChunkLimits::for_size(0).unit, 64 << 10);
        assert_eq!(ChunkLimits::for_size(100_000 * (64 << 10)).unit, 64 << 10);
        assert_eq!(ChunkLimits::for_size(100_000 * (64 << 10) + 1).unit, 128 << 10);
        assert_eq!(ChunkLimits::for_size(1_000_000_000_000).unit, 16 << 20);
        assert_eq!(ChunkLimits::for_size(10_000_000_000_000).max, 128 << 20);
    }

    #[test]
    fn chunks_are_aligned_at_both_ends() {
        let limits = ChunkLimits { unit: 100, max: 300 };
        let allowed = |start, end| limits.allow(ByteRange::new(start, end).unwrap(), 1_050);
        assert!(allowed(0, 100) && allowed(700, 1_000) && allowed(1_000, 1_050) && allowed(900, 1_050));
        assert!(!allowed(50, 100) && !allowed(0, 150) && !allowed(0, 400) && !allowed(1_000, 1_100));
    }
}
