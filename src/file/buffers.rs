use std::cell::RefCell;

use litemap::LiteMap;
use upferry_engine::EffectId;
use wasm_bindgen::JsValue;

/// The chunks that the engine has asked for and not yet released, by the effect that asked.
#[derive(Debug, Default)]
pub struct Buffers(RefCell<LiteMap<EffectId, Option<JsValue>>>);

impl Buffers {
    /// Notes that the bytes are being read.
    pub fn begin(&self, effect: EffectId) {
        self.0.borrow_mut().insert(effect, None);
    }

    /// Keeps what [`body`](super::body) has made of the bytes; `false` when nobody wants them any more.
    pub fn keep(&self, effect: EffectId, body: JsValue) -> bool {
        match self.0.borrow_mut().get_mut(&effect) {
            Some(slot) => {
                *slot = Some(body);
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

    /// The body to send.
    #[must_use]
    pub fn of(&self, effect: EffectId) -> Option<JsValue> {
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
