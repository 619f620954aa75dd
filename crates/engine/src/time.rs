//! Time as the engine knows it.

/// A moment in milliseconds since any fixed origin of the caller's. It never goes back.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub struct Time(u64);

impl Time {
    /// The moment `ms` milliseconds after the origin.
    #[must_use]
    pub const fn from_ms(ms: u64) -> Self {
        Self(ms)
    }

    /// Milliseconds since the origin.
    #[must_use]
    pub const fn as_ms(self) -> u64 {
        self.0
    }

    /// The moment `ms` milliseconds later.
    #[must_use]
    pub const fn plus_ms(self, ms: u64) -> Self {
        Self(self.0.saturating_add(ms))
    }

    /// The milliseconds from `earlier` to this moment; 0 if it is not earlier.
    #[must_use]
    pub const fn ms_since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }
}

/// What the next timeout is for; of use in logs and traces only.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TimeoutReason {
    /// A request that failed may be tried again.
    Retry,
    /// A range that was busy may be sent again.
    RangeFree,
    /// The server is asked whether it has completed the upload.
    CompletionPoll,
    /// A request that carries no chunk has waited long enough for its answer.
    NoAnswer,
    /// A chunk is overdue: is it moving?
    Stall,
    /// The browser says that it is offline; a request finds out whether that is true.
    Probe,
}
