//! The bytes that the client holds in memory for the engine.

use std::collections::BTreeMap;

use upferry_engine::{EffectId, UploadKey};
use upferry_protocol::{ByteRange, Sha256Digest};

use crate::content::Content;

/// One [`ReadChunk`](upferry_engine::Output::ReadChunk) that was not released.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Buffer {
    pub(crate) key: UploadKey,
    pub(crate) range: ByteRange,
    /// The bytes and the digest that the engine was told; `None` while they are being read.
    pub(crate) read: Option<(Content, Sha256Digest)>,
    /// How many PUTs in flight send these bytes.
    pub(crate) in_use: u32,
}

/// The buffers, and how much memory they take.
#[derive(Debug, Default)]
pub struct Buffers {
    held: BTreeMap<EffectId, Buffer>,
    bytes: u64,
    peak: u64,
}

impl Buffers {
    /// The most bytes that were held at a time.
    #[must_use]
    pub fn peak(&self) -> u64 {
        self.peak
    }

    pub(crate) fn add(
        &mut self,
        effect: EffectId,
        key: UploadKey,
        range: ByteRange,
        budget: u64,
    ) -> Result<(), String> {
        self.bytes += range.len();
        self.peak = self.peak.max(self.bytes);
        self.held.insert(effect, Buffer { key, range, read: None, in_use: 0 });
        // A single chunk is allowed to be larger than the budget: else a server with a large unit could not be used.
        if self.bytes > budget && self.held.len() > 1 {
            return Err(format!("{} bytes held, the budget is {budget}", self.bytes));
        }
        Ok(())
    }

    pub(crate) fn fill(&mut self, effect: EffectId, content: Content, digest: Sha256Digest) {
        if let Some(buffer) = self.held.get_mut(&effect) {
            buffer.read = Some((content, digest));
        }
    }

    /// A PUT begins to send a buffer.
    pub(crate) fn lend(&mut self, effect: EffectId) -> Result<&Buffer, String> {
        let buffer = self.held.get_mut(&effect).ok_or(format!("{effect:?} is sent, but released or unknown"))?;
        buffer.in_use += 1;
        Ok(buffer)
    }

    /// A PUT no longer sends it.
    pub(crate) fn give_back(&mut self, effect: EffectId) {
        if let Some(buffer) = self.held.get_mut(&effect) {
            buffer.in_use -= 1;
        }
    }

    pub(crate) fn release(&mut self, effect: EffectId) -> Result<(), String> {
        let buffer =
            self.held.remove(&effect).ok_or(format!("{effect:?} is released, but was so already or is unknown"))?;
        if buffer.in_use > 0 {
            return Err(format!("{effect:?} is released while a PUT sends it"));
        }
        self.bytes -= buffer.range.len();
        Ok(())
    }

    pub(crate) fn held_for(&self, key: UploadKey) -> usize {
        self.held.values().filter(|buffer| buffer.key == key).count()
    }
}
