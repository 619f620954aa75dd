//! What the user of the engine may set.

/// How the lengths of chunks are chosen.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum ChunkSize {
    /// Chunks that take about a second each.
    #[default]
    Auto,
    /// This many bytes, as far as the server's limits allow.
    Fixed(u64),
}

/// How much of what an earlier session stored is compared with the file before the upload completes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Verify {
    /// A sample before anything is sent, every chunk before the upload completes.
    #[default]
    Full,
    /// A sample before anything is sent.
    Sample,
}

/// When a failure that may pass is final all the same. Both limits count without progress only.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RetryPolicy {
    /// The most failures in a row; `None` for no limit.
    pub max_attempts: Option<u32>,
    /// The longest time from the first failure in a row, in milliseconds; `None` for no limit.
    pub max_elapsed_ms: Option<u64>,
    /// The upper bound of the first delay, in milliseconds; it doubles with each failure.
    pub base_delay_ms: u64,
    /// The upper bound of any delay, in milliseconds; a longer `Retry-After` is obeyed all the same.
    pub max_delay_ms: u64,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self { max_attempts: None, max_elapsed_ms: None, base_delay_ms: 500, max_delay_ms: 60_000 }
    }
}

/// The engine's settings, checked by the caller: no number is 0.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Config {
    /// The lengths of chunks.
    pub chunk_size: ChunkSize,
    /// How many chunks of one upload fly at once; `None` lets the engine choose.
    pub parallel_chunks: Option<u32>,
    /// How many uploads are worked on at once. Files of one chunk only fill the connections; of those, as many more are
    /// worked on as that takes, unless this is 1.
    pub parallel_files: u32,
    /// How many chunks fly at once over all uploads: over HTTP/1.1 a browser opens six connections to an origin,
    /// and control calls and the page's own requests need one.
    pub max_chunks_in_flight: u32,
    /// The most bytes that are being read, hashed and sent, over all uploads.
    pub memory_budget: u64,
    /// Whether an added upload starts by itself.
    pub auto_start: bool,
    /// When to give up.
    pub retry: RetryPolicy,
    /// A chunk's request may be this old, in milliseconds, before it is asked whether its bytes still move.
    pub stall_timeout_ms: u64,
    /// What is compared when an interrupted upload goes on.
    pub verify: Verify,
    /// Whether some chunks are read again before the upload completes: for a platform that does not notice when a file
    /// is rewritten while it is being uploaded.
    pub recheck: bool,
    /// Whether a file of one chunk goes along with its creation, where the server takes that.
    pub create_with_content: bool,
    /// Whether records are saved.
    pub persist: bool,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            chunk_size: ChunkSize::Auto,
            parallel_chunks: None,
            parallel_files: 3,
            max_chunks_in_flight: 5,
            memory_budget: 96 << 20,
            auto_start: true,
            retry: RetryPolicy::default(),
            stall_timeout_ms: 30_000,
            verify: Verify::Full,
            recheck: false,
            create_with_content: true,
            persist: true,
        }
    }
}
