//! A promise that is settled from outside.

use js_sys::{Array, Function, Promise};
use wasm_bindgen::JsValue;

/// A promise and the functions that settle it. Its rejection never counts as unhandled: who wants to know looks at it.
#[derive(Debug)]
pub struct Deferred {
    promise: Promise,
    resolve: Function,
    reject: Function,
}

impl Deferred {
    /// Makes a pending promise.
    #[must_use]
    pub fn new() -> Self {
        let mut functions = None;
        let promise = Promise::new(&mut |resolve, reject| functions = Some((resolve, reject)));
        let (resolve, reject) = functions.expect("an executor runs at once");
        // Somebody looks at it now, which is all that counts.
        let _ = Promise::all_settled(&Array::of1(&promise));
        Self { promise, resolve, reject }
    }

    /// The promise.
    pub fn promise(&self) -> Promise {
        self.promise.clone()
    }

    /// Fulfills the promise, or lets it follow another; nothing happens if it is settled.
    pub fn resolve(&self, value: &JsValue) {
        let _ = self.resolve.call1(&JsValue::UNDEFINED, value);
    }

    /// Rejects the promise; nothing happens if it is settled.
    pub fn reject(&self, reason: &JsValue) {
        let _ = self.reject.call1(&JsValue::UNDEFINED, reason);
    }
}

impl Default for Deferred {
    fn default() -> Self {
        Self::new()
    }
}
