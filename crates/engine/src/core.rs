//! What all uploads of an engine share.

use std::collections::VecDeque;

use litemap::LiteMap;
use upferry_protocol::ByteRange;

use crate::auth::Auth;
use crate::network::Network;
use crate::{Config, EffectId, Event, Output, Request, Time, UploadKey};

/// The outputs on their way, the effects awaited, and the budgets.
#[derive(Debug)]
pub(crate) struct Core {
    pub(crate) config: Config,
    pub(crate) now: Time,
    pub(crate) rng: fastrand::Rng,
    pub(crate) auth: Auth,
    pub(crate) network: Network,
    pub(crate) chunks_in_flight: u32,
    /// Whether the server takes a file along with its creation, as far as is known.
    pub(crate) creates_with_content: bool,
    outputs: VecDeque<Output>,
    /// Which upload awaits the result of an effect. A result that is not in here is ignored.
    awaited: LiteMap<EffectId, UploadKey>,
    /// The length of every buffer that the caller keeps.
    buffers: LiteMap<EffectId, u64>,
    memory: u64,
    last_effect: u64,
    nonce: String,
    last_record: u64,
}

impl Core {
    pub(crate) fn new(config: Config, nonce: String, seed: u64) -> Self {
        Self {
            creates_with_content: config.create_with_content,
            config,
            now: Time::default(),
            rng: fastrand::Rng::with_seed(seed),
            auth: Auth::new(),
            network: Network::default(),
            chunks_in_flight: 0,
            outputs: VecDeque::new(),
            awaited: LiteMap::new(),
            buffers: LiteMap::new(),
            memory: 0,
            last_effect: 0,
            nonce,
            last_record: 0,
        }
    }

    pub(crate) fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    pub(crate) fn is_drained(&self) -> bool {
        self.outputs.is_empty()
    }

    pub(crate) fn emit(&mut self, output: Output) {
        self.outputs.push_back(output);
    }

    pub(crate) fn event(&mut self, key: UploadKey, event: Event) {
        self.emit(Output::Event(key, event));
    }

    /// A new effect whose result nobody awaits.
    pub(crate) fn stray_effect(&mut self) -> EffectId {
        self.last_effect += 1;
        EffectId(self.last_effect)
    }

    /// A new effect whose result goes to `key`.
    pub(crate) fn effect(&mut self, key: UploadKey) -> EffectId {
        let effect = self.stray_effect();
        self.awaited.insert(effect, key);
        effect
    }

    /// Who awaits the result of `effect`; each is awaited once.
    pub(crate) fn take_awaited(&mut self, effect: EffectId) -> Option<UploadKey> {
        self.awaited.remove(&effect)
    }

    /// Who awaits the results of an effect that has more than one.
    pub(crate) fn awaiting(&self, effect: EffectId) -> Option<UploadKey> {
        self.awaited.get(&effect).copied()
    }

    /// Lets go of a claim.
    pub(crate) fn unclaim(&mut self, effect: EffectId) {
        self.awaited.remove(&effect);
        self.emit(Output::Unclaim(effect));
    }

    /// Sends a request whose answer `key` awaits.
    pub(crate) fn request(&mut self, key: UploadKey, request: Request) -> EffectId {
        let effect = self.effect(key);
        self.network.sent(self.now);
        self.emit(Output::Request { effect, key, request });
        effect
    }

    /// Sends a request that is worth one attempt and no answer.
    pub(crate) fn best_effort(&mut self, key: UploadKey, request: Request) {
        let effect = self.stray_effect();
        self.emit(Output::Request { effect, key, request });
    }

    /// Gives up a request.
    pub(crate) fn abort(&mut self, effect: EffectId) {
        if self.awaited.remove(&effect).is_some() {
            self.emit(Output::Abort(effect));
        }
    }

    /// Whether `bytes` more may be read. When nothing else is in memory anything may, or a chunk that is longer than
    /// the budget could never be verified.
    pub(crate) fn has_memory_for(&self, bytes: u64) -> bool {
        self.memory == 0 || self.memory.saturating_add(bytes) <= self.config.memory_budget
    }

    /// Reads a chunk; the effect names the buffer, too.
    pub(crate) fn read(&mut self, key: UploadKey, range: ByteRange) -> EffectId {
        let effect = self.effect(key);
        self.buffers.insert(effect, range.len());
        self.memory += range.len();
        self.emit(Output::ReadChunk { effect, key, range });
        effect
    }

    /// Lets go of a buffer, read or being read.
    pub(crate) fn release(&mut self, buffer: EffectId) {
        self.awaited.remove(&buffer);
        if let Some(length) = self.buffers.remove(&buffer) {
            self.memory -= length;
            self.emit(Output::Release(buffer));
        }
    }

    /// A name for a new record, which is its Idempotency-Key too.
    pub(crate) fn new_record_id(&mut self) -> String {
        self.last_record += 1;
        format!("{}-{}", self.nonce, self.last_record)
    }
}
