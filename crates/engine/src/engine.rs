//! The engine.

use crate::{Config, Input, Output, Progress, State, Time, TimeoutReason, UploadKey};

/// The upload engine; see the crate's documentation.
#[derive(Debug)]
pub struct Engine {
    config: Config,
}

impl Engine {
    /// Makes an engine without uploads. `nonce` goes into Idempotency-Keys and must be unique to this engine: 128
    /// random bits in hexadecimal. `seed` is for jitter.
    #[must_use]
    pub fn new(config: Config, nonce: impl Into<String>, seed: u64) -> Self {
        let (_, _): (String, u64) = (nonce.into(), seed);
        Self { config }
    }

    /// Takes an input. The outputs of the one before must have been drained.
    pub fn handle_input(&mut self, now: Time, input: Input) {
        let _ = (now, input, &self.config);
    }

    /// The next thing to do, in order; `None` when there is nothing more for now.
    pub fn poll_output(&mut self) -> Option<Output> {
        None
    }

    /// When to feed [`Input::Timeout`], at the latest.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<(Time, TimeoutReason)> {
        None
    }

    /// The state of an upload; `None` for a key that is unknown, forgotten, or turned out to be a duplicate.
    #[must_use]
    pub fn state(&self, key: UploadKey) -> Option<State> {
        let _ = key;
        None
    }

    /// How far an upload is.
    #[must_use]
    pub fn progress(&self, key: UploadKey) -> Option<Progress> {
        let _ = key;
        None
    }
}
