use std::cell::RefCell;

use js_sys::ArrayBuffer;
use litemap::LiteMap;
use upferry_engine::EffectId;

/// The bytes that the engine has asked for and not yet released, by the effect that asked.
#[derive(Debug, Default)]
pub struct Buffers(RefCell<LiteMap<EffectId, Option<ArrayBuffer>>>);

impl Buffers {
    /// Notes that the bytes are being read.
    pub fn begin(&self, effect: EffectId) {
        self.0.borrow_mut().insert(effect, None);
    }

    /// Keeps the bytes; `false` when nobody wants them any more.
    pub fn keep(&self, effect: EffectId, buffer: ArrayBuffer) -> bool {
        match self.0.borrow_mut().get_mut(&effect) {
            Some(slot) => {
                *slot = Some(buffer);
                true
            }
            None => false,
        }
    }

    /// Whether the bytes are still wanted.
    #[must_use]
    pub fn wants(&self, effect: EffectId) -> bool {
        self.0.borrow().contains_key(&effect)
    }

    /// The bytes.
    #[must_use]
    pub fn of(&self, effect: EffectId) -> Option<ArrayBuffer> {
        self.0.borrow().get(&effect).cloned().flatten()
    }

    /// Drops the bytes.
    pub fn release(&self, effect: EffectId) {
        self.0.borrow_mut().remove(&effect);
    }

    /// Drops them all.
    pub fn clear(&self) {
        self.0.borrow_mut().clear();
    }
}
