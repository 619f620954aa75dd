//! Bytes without the bytes.

use std::collections::BTreeMap;

use upferry_protocol::{ByteRange, Sha256Digest};

/// Computes the digest of some content: [`quick_digest`], or the SHA-256 of [`Content::bytes`] where a real server
/// has to agree.
pub type DigestFn = fn(&Content) -> Sha256Digest;

/// What a run of bytes holds: which seed fills which range. Sorted, gapless, and joined wherever two neighbours have
/// one seed, so that equal bytes are equal values.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Content {
    pieces: Vec<(ByteRange, u64)>,
}

impl Content {
    /// The same range with other bytes in it.
    #[must_use]
    pub fn corrupted(&self) -> Self {
        Self { pieces: self.pieces.iter().map(|&(range, seed)| (range, !seed)).collect() }
    }

    /// The range; `None` for an empty file.
    #[must_use]
    pub fn range(&self) -> Option<ByteRange> {
        let (first, last) = (self.pieces.first()?, self.pieces.last()?);
        ByteRange::new(first.0.start(), last.0.end())
    }

    /// The bytes themselves.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        let byte = |seed: u64, offset: u64| mix(seed ^ mix(offset / 8)).to_le_bytes()[(offset % 8) as usize];
        let offsets =
            self.pieces.iter().flat_map(|&(range, seed)| (range.start()..range.end()).map(move |at| (seed, at)));
        offsets.map(|(seed, offset)| byte(seed, offset)).collect()
    }
}

/// A stand-in for SHA-256 that takes the same time whatever the length: another range or other bytes, another digest.
#[must_use]
pub fn quick_digest(content: &Content) -> Sha256Digest {
    let mut lanes = [1, 2, 3, 4_u64];
    for &(range, seed) in &content.pieces {
        for lane in &mut lanes {
            *lane = mix(mix(mix(*lane ^ seed) ^ range.start()) ^ range.end());
        }
    }
    let mut digest = [0; 32];
    for (bytes, lane) in digest.chunks_exact_mut(8).zip(lanes) {
        bytes.copy_from_slice(&lane.to_le_bytes());
    }
    Sha256Digest(digest)
}

/// The finaliser of SplitMix64: every bit of the result depends on every bit of the input.
pub(crate) fn mix(mut bits: u64) -> u64 {
    bits = bits.wrapping_add(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

/// A file's or a store's content, with holes.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ContentMap {
    /// From a piece's start to its end and its seed.
    pieces: BTreeMap<u64, (u64, u64)>,
}

impl ContentMap {
    /// Puts bytes in, over what was there.
    pub fn write(&mut self, content: &Content) {
        for &(range, seed) in &content.pieces {
            self.fill(range, seed);
        }
    }

    /// Fills a range from a seed, over what was there.
    pub fn fill(&mut self, range: ByteRange, seed: u64) {
        let (mut start, mut end) = (range.start(), range.end());
        while let Some((&piece, &(piece_end, piece_seed))) = self.pieces.range(..end).next_back() {
            if piece_end <= start {
                break;
            }
            self.pieces.remove(&piece);
            for (left, right) in [(piece, start), (end, piece_end)] {
                if left < right {
                    self.pieces.insert(left, (right, piece_seed));
                }
            }
        }
        if let Some((&before, &(before_end, before_seed))) = self.pieces.range(..start).next_back()
            && (before_end, before_seed) == (start, seed)
        {
            self.pieces.remove(&before);
            start = before;
        }
        if let Some(&(after_end, after_seed)) = self.pieces.get(&end)
            && after_seed == seed
        {
            self.pieces.remove(&end);
            end = after_end;
        }
        self.pieces.insert(start, (end, seed));
    }

    /// The bytes of a range; `None` where one is missing.
    #[must_use]
    pub fn slice(&self, range: ByteRange) -> Option<Content> {
        let mut pieces = Vec::new();
        let mut at = range.start();
        while at < range.end() {
            let (_, &(end, seed)) = self.pieces.range(..=at).next_back().filter(|(_, (end, _))| *end > at)?;
            let end = end.min(range.end());
            pieces.push((ByteRange::new(at, end)?, seed));
            at = end;
        }
        Some(Content { pieces })
    }

    /// The first `size` bytes; `None` where one is missing.
    #[must_use]
    pub fn whole(&self, size: u64) -> Option<Content> {
        ByteRange::new(0, size).map_or_else(|| Some(Content::default()), |range| self.slice(range))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(start: u64, end: u64) -> ByteRange {
        ByteRange::new(start, end).unwrap()
    }

    #[test]
    fn agrees_with_an_array_of_seeds() {
        let mut rng = fastrand::Rng::with_seed(1);
        for _ in 0..200 {
            let (mut map, mut cells) = (ContentMap::default(), [None; 40]);
            for _ in 0..30 {
                let start = rng.u64(0..40);
                let (filled, seed) = (range(start, rng.u64(start + 1..=40)), rng.u64(0..3));
                map.fill(filled, seed);
                cells[filled.start() as usize..filled.end() as usize].fill(Some(seed));
                let probed = range(start, rng.u64(start + 1..=40));
                let expected =
                    cells[probed.start() as usize..probed.end() as usize].iter().copied().collect::<Option<Vec<_>>>();
                let found = map.slice(probed).map(|content| {
                    assert!(content.pieces.windows(2).all(|pair| pair[0].1 != pair[1].1), "neighbours are joined");
                    content.pieces.iter().flat_map(|&(range, seed)| vec![seed; range.len() as usize]).collect()
                });
                assert_eq!(found, expected);
            }
        }
    }

    #[test]
    fn equal_bytes_have_equal_digests() {
        let mut map = ContentMap::default();
        map.fill(range(0, 100), 1);
        let whole = map.slice(range(10, 90)).unwrap();
        map.fill(range(20, 30), 2);
        assert_ne!(quick_digest(&map.slice(range(10, 90)).unwrap()), quick_digest(&whole));
        map.fill(range(20, 30), 1);
        assert_eq!(quick_digest(&map.slice(range(10, 90)).unwrap()), quick_digest(&whole));
        assert_ne!(quick_digest(&map.slice(range(10, 91)).unwrap()), quick_digest(&whole));
        assert_eq!(map.slice(range(12, 17)).unwrap().bytes(), whole.bytes()[2..7]);
    }
}
