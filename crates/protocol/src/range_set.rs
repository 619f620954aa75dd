//! Sets of byte offsets, kept as ranges.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::ByteRange;

/// A set of byte offsets, kept as sorted ranges that neither overlap nor touch. In JSON an array of `[start, end]`.
///
/// Every operation on one range takes O(log n) plus the number of ranges that it swallows.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct RangeSet {
    /// From a range's start to its end.
    ranges: BTreeMap<u64, u64>,
    covered: u64,
}

impl RangeSet {
    /// Makes an empty set.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds every byte of `range`, joining what touches.
    pub fn insert(&mut self, range: ByteRange) {
        let (mut start, mut end) = (range.start(), range.end());
        while let Some((&other_start, &other_end)) = self.ranges.range(..=end).next_back() {
            if other_end < start {
                break;
            }
            start = start.min(other_start);
            end = end.max(other_end);
            self.ranges.remove(&other_start);
            self.covered -= other_end - other_start;
        }
        self.ranges.insert(start, end);
        self.covered += end - start;
    }

    /// Removes every byte of `range`.
    pub fn remove(&mut self, range: ByteRange) {
        while let Some((&start, &end)) = self.ranges.range(..range.end()).next_back() {
            if end <= range.start() {
                break;
            }
            self.ranges.remove(&start);
            self.covered -= end - start;
            for (left, right) in [(start, range.start()), (range.end(), end)] {
                if left < right {
                    self.ranges.insert(left, right);
                    self.covered += right - left;
                }
            }
        }
    }

    /// Adds every byte of `other`.
    pub fn union(&mut self, other: &Self) {
        for range in other.iter() {
            self.insert(range);
        }
    }

    /// Whether every byte of `range` is in the set.
    #[must_use]
    pub fn contains(&self, range: ByteRange) -> bool {
        self.ranges.range(..=range.start()).next_back().is_some_and(|(_, &end)| range.end() <= end)
    }

    /// Whether any byte of `range` is in the set.
    #[must_use]
    pub fn overlaps(&self, range: ByteRange) -> bool {
        self.ranges.range(..range.end()).next_back().is_some_and(|(_, &end)| range.start() < end)
    }

    /// The first run of bytes within `within` that is not in the set.
    #[must_use]
    pub fn first_gap(&self, within: ByteRange) -> Option<ByteRange> {
        let start = match self.ranges.range(..=within.start()).next_back() {
            Some((_, &end)) => within.start().max(end),
            None => within.start(),
        };
        let end = self.ranges.range(start..).next().map_or(within.end(), |(&next, _)| next.min(within.end()));
        ByteRange::new(start, end)
    }

    /// The runs of bytes within `within` that are not in the set, by rising offset.
    pub fn gaps(&self, within: ByteRange) -> impl Iterator<Item = ByteRange> + '_ {
        let mut rest = Some(within);
        std::iter::from_fn(move || {
            let gap = self.first_gap(rest?)?;
            rest = ByteRange::new(gap.end(), within.end());
            Some(gap)
        })
    }

    /// The ranges by rising offset.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = ByteRange> + '_ {
        self.ranges.iter().filter_map(|(&start, &end)| ByteRange::new(start, end))
    }

    /// The number of separate ranges.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ranges.len()
    }

    /// Whether no byte is in the set.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }

    /// The number of bytes in the set.
    #[must_use]
    pub fn covered(&self) -> u64 {
        self.covered
    }
}

impl FromIterator<ByteRange> for RangeSet {
    fn from_iter<I: IntoIterator<Item = ByteRange>>(ranges: I) -> Self {
        let mut set = Self::new();
        for range in ranges {
            set.insert(range);
        }
        set
    }
}

impl fmt::Debug for RangeSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl Serialize for RangeSet {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

impl<'de> Deserialize<'de> for RangeSet {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Vec::<ByteRange>::deserialize(deserializer)?.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SPACE: u64 = 64;

    fn range(start: u64, end: u64) -> ByteRange {
        ByteRange::new(start, end).unwrap()
    }

    #[test]
    fn json_is_an_array_of_pairs() {
        let set: RangeSet = serde_json::from_str("[[10,20],[0,5],[5,7]]").unwrap();
        assert_eq!(serde_json::to_string(&set).unwrap(), "[[0,7],[10,20]]");
        for bad in ["[[5,5]]", "[[6,5]]", "[[-1,5]]", "[[0.5,5]]", "[[0]]", "[[0,1e300]]", "{}"] {
            assert!(serde_json::from_str::<RangeSet>(bad).is_err(), "{bad}");
        }
    }

    fn any_range() -> impl Strategy<Value = ByteRange> {
        (0..SPACE, 1..=SPACE).prop_map(|(start, len)| range(start, (start + len).min(SPACE)))
    }

    proptest! {
        /// The set agrees with a plain array of flags after any sequence of insertions and removals.
        #[test]
        fn agrees_with_a_bitmap(ops in proptest::collection::vec((any::<bool>(), any_range()), 0..40), probe in any_range()) {
            let (mut set, mut flags) = (RangeSet::new(), [false; SPACE as usize]);
            for (add, range) in ops {
                if add { set.insert(range) } else { set.remove(range) }
                flags[range.start() as usize..range.end() as usize].fill(add);
            }
            let probed = &flags[probe.start() as usize..probe.end() as usize];
            prop_assert_eq!(set.contains(probe), probed.iter().all(|&flag| flag));
            prop_assert_eq!(set.overlaps(probe), probed.iter().any(|&flag| flag));
            prop_assert_eq!(set.covered(), flags.iter().filter(|&&flag| flag).count() as u64);

            let mut rebuilt = [false; SPACE as usize];
            let mut last_end = None;
            for range in set.iter() {
                prop_assert!(last_end.is_none_or(|end| end < range.start()), "ranges neither overlap nor touch");
                last_end = Some(range.end());
                rebuilt[range.start() as usize..range.end() as usize].fill(true);
            }
            prop_assert_eq!(rebuilt, flags);

            let missing: u64 = set.gaps(probe).map(ByteRange::len).sum();
            prop_assert_eq!(missing, probed.iter().filter(|&&flag| !flag).count() as u64);
            prop_assert!(set.gaps(probe).all(|gap| !set.overlaps(gap) && probe.contains(gap)));
        }
    }
}
