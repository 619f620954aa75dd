//! How long the next chunk shall be.

use upferry_protocol::{ByteRange, ChunkLimits};

use crate::{ChunkSize, Config, Time};

const FIRST_GOAL: u64 = 2 << 20;
const SMALLEST_GOAL: u64 = 256 << 10;
/// Browsers hash a chunk, or copy it for `fetch`, on the thread that asks: 16 MiB take Chromium over 50 ms, in which a page
/// stands still.
const LARGEST_GOAL: u64 = 8 << 20;
const GOAL_MS: u64 = 1_000;

/// Bodies of one length that get no answer this often in a row, while other requests do, are taken for too long.
const LOSSES_OF_ONE_LENGTH: u32 = 2;
/// With the shortest there is, it takes more to give up: a bad line looks the same for a while.
const LOSSES_OF_THE_SHORTEST: u32 = 10;
const SHORTEST_FOR_MS: u64 = 60_000;
/// So many chunks in a row that pass at a length found out by losses allow a longer one again.
const PASSED: u32 = 32;

/// Chunks sent at once for one upload when the caller leaves it to the engine.
pub(crate) const AUTO_PARALLEL: u32 = 3;

/// Follows the network: a chunk shall take about a second, so that progress moves on a slow line and a fast one fills.
#[derive(Debug)]
pub(crate) struct ChunkSizer {
    goal: u64,
    fixed: bool,
    /// What the memory budget leaves for one chunk when the pipeline is full.
    ceiling: u64,
    /// What something on the way has said to let pass.
    passes: u64,
    /// What seems to pass, where nothing is said.
    seems_to_pass: u64,
    /// How many chunks in a row have passed at that length.
    passed: u32,
    silence: Option<Silence>,
    /// The same for those of the shortest length, or shorter.
    shortest: Option<Silence>,
}

/// Bodies of one length in a row that got no answer.
#[derive(Clone, Copy, Debug)]
struct Silence {
    length: u64,
    count: u32,
    first: Time,
    last: Time,
}

/// What follows from a body that got no answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Vanished {
    /// Nothing yet.
    Perhaps,
    /// Shorter ones are to be tried.
    Shorter,
    /// Not even the shortest passes.
    Blocked,
}

impl ChunkSizer {
    pub(crate) fn new(config: &Config) -> Self {
        let in_memory = u64::from(config.parallel_chunks.unwrap_or(AUTO_PARALLEL)) * 2;
        let (goal, fixed) = match config.chunk_size {
            ChunkSize::Auto => (FIRST_GOAL, false),
            ChunkSize::Fixed(length) => (length, true),
        };
        let ceiling = if fixed { config.memory_budget } else { config.memory_budget / in_memory };
        Self {
            goal,
            fixed,
            ceiling: ceiling.max(1),
            passes: u64::MAX,
            seems_to_pass: u64::MAX,
            passed: 0,
            silence: None,
            shortest: None,
        }
    }

    /// Whether a file of `size` bytes is sent as one chunk.
    pub(crate) fn fits_one_chunk(&self, size: u64) -> bool {
        size <= self.goal.min(self.ceiling)
    }

    /// The next chunk within `gap`, whose ends are where chunks may end.
    pub(crate) fn next_chunk(&self, gap: ByteRange, limits: ChunkLimits) -> Option<ByteRange> {
        let longest = self.goal.min(self.ceiling).min(self.passes()).min(limits.max);
        let length = (longest / limits.unit).max(1) * limits.unit;
        ByteRange::new(gap.start(), gap.end().min(gap.start().saturating_add(length)))
    }

    /// A chunk of `length` bytes took `elapsed_ms` to be confirmed.
    pub(crate) fn confirmed(&mut self, length: u64, elapsed_ms: u64) {
        self.silence = self.silence.filter(|silence| silence.length > length);
        self.shortest = None;
        if self.seems_to_pass < u64::MAX && length >= self.seems_to_pass {
            self.passed += 1;
            if self.passed >= PASSED {
                self.passed = 0;
                self.seems_to_pass = self.seems_to_pass.saturating_mul(2);
            }
        }
        // The short last chunk of a file says little of longer ones.
        if !self.fixed && length * 2 >= self.goal {
            let ideal = length.saturating_mul(GOAL_MS) / elapsed_ms.max(1);
            let top = self.ceiling.clamp(SMALLEST_GOAL, LARGEST_GOAL);
            self.goal = ideal.clamp(self.goal / 2, self.goal * 2).clamp(SMALLEST_GOAL, top);
        }
    }

    /// A chunk was lost with its connection: a shorter one loses less.
    pub(crate) fn lost(&mut self) {
        if !self.fixed {
            self.goal = (self.goal / 2).max(SMALLEST_GOAL);
        }
    }

    /// The longest body that may get through.
    pub(crate) fn passes(&self) -> u64 {
        self.passes.min(self.seems_to_pass)
    }

    /// A body of `length` bytes, sent at `since` after a status had shown that the server answers, got no answer.
    pub(crate) fn vanished(&mut self, length: u64, since: Time, now: Time, limits: ChunkLimits) -> Vanished {
        // A longer body that is lost says nothing of the shortest.
        let is_shortest = length <= limits.unit;
        let silence = if is_shortest { &mut self.shortest } else { &mut self.silence };
        let again = silence.filter(|silence| is_shortest || length >= silence.length);
        // Several that were on their way at once are one loss.
        if again.is_some_and(|silence| since < silence.last) {
            return Vanished::Perhaps;
        }
        let (length, first) = again.map_or((length, now), |silence| (silence.length, silence.first));
        let counted = Silence { length, count: again.map_or(0, |silence| silence.count) + 1, first, last: now };
        *silence = Some(counted);
        if is_shortest {
            let is_enough = counted.count >= LOSSES_OF_THE_SHORTEST && now.ms_since(first) >= SHORTEST_FOR_MS;
            return if is_enough { Vanished::Blocked } else { Vanished::Perhaps };
        }
        if counted.count < LOSSES_OF_ONE_LENGTH {
            return Vanished::Perhaps;
        }
        self.seems_to_pass = (length / 2).max(limits.unit);
        self.passed = 0;
        self.silence = None;
        Vanished::Shorter
    }

    /// A person wants to try again: what was lost before no longer counts.
    pub(crate) fn try_again(&mut self) {
        self.silence = None;
        self.shortest = None;
    }

    /// A body of `length` bytes was refused for its size; `limit` is what the refusal allowed, where it said so.
    /// `false` when even the smallest chunk is too large.
    pub(crate) fn too_large(&mut self, length: u64, limit: Option<u64>, limits: ChunkLimits) -> bool {
        self.passes = self.passes.min(limit.unwrap_or(length / 2).min(length.saturating_sub(1)));
        if length <= limits.unit {
            return false;
        }
        self.passes = self.passes.max(limits.unit);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: ChunkLimits = ChunkLimits { unit: 64 << 10, max: 64 << 20 };

    fn next(sizer: &ChunkSizer) -> u64 {
        sizer.next_chunk(ByteRange::new(0, 1 << 40).unwrap(), LIMITS).unwrap().len()
    }

    #[test]
    fn grows_on_a_fast_line_and_shrinks_on_a_slow_one() {
        let mut sizer = ChunkSizer::new(&Config::default());
        for _ in 0..10 {
            sizer.confirmed(next(&sizer), 10);
        }
        assert_eq!(next(&sizer), 8 << 20);
        let mut sizer = ChunkSizer::new(&Config { memory_budget: 24 << 20, ..Config::default() });
        for _ in 0..10 {
            sizer.confirmed(next(&sizer), 10);
        }
        assert_eq!(next(&sizer), 4 << 20, "a sixth of the budget");
        for _ in 0..20 {
            sizer.confirmed(next(&sizer), 60_000);
        }
        assert_eq!(next(&sizer), SMALLEST_GOAL);
    }

    #[test]
    fn a_fixed_length_is_rounded_down_to_the_unit_and_never_zero() {
        let mut sizer = ChunkSizer::new(&Config { chunk_size: ChunkSize::Fixed(100_000), ..Config::default() });
        assert_eq!(next(&sizer), 64 << 10);
        sizer.confirmed(65_536, 1);
        sizer.lost();
        assert_eq!(next(&sizer), 64 << 10);
        let tiny = ChunkSizer::new(&Config { chunk_size: ChunkSize::Fixed(1), ..Config::default() });
        assert_eq!(next(&tiny), 64 << 10);
    }

    #[test]
    fn a_refused_length_is_halved_down_to_the_unit() {
        let mut sizer = ChunkSizer::new(&Config { chunk_size: ChunkSize::Fixed(1 << 20), ..Config::default() });
        let mut steps = 0;
        while sizer.too_large(next(&sizer), None, LIMITS) {
            steps += 1;
        }
        assert_eq!((steps, next(&sizer)), (4, 64 << 10));
    }
}
