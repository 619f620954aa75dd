use std::cell::{Cell, RefCell};
use std::rc::Rc;

use js_sys::Promise;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::moments::is_visible;
use crate::js::field;
use crate::task::spawn;

#[wasm_bindgen]
extern "C" {
    /// `navigator.wakeLock`.
    type Locks;

    #[wasm_bindgen(method, catch)]
    fn request(this: &Locks, kind: &str) -> Result<Promise, JsValue>;

    /// `WakeLockSentinel`.
    #[derive(Debug, Clone)]
    type Sentinel;

    #[wasm_bindgen(method, catch)]
    fn release(this: &Sentinel) -> Result<Promise, JsValue>;
}

/// Keeps the screen on while it is wanted and the browser lets it: one that does not is no trouble of the upload's.
#[derive(Debug, Clone, Default)]
pub struct WakeLock(Rc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    wanted: Cell<bool>,
    is_asking: Cell<bool>,
    /// The browser takes it back when the page is hidden.
    held: RefCell<Option<Sentinel>>,
}

impl WakeLock {
    /// Says whether the screen is to stay on.
    pub fn want(&self, wanted: bool) {
        if self.0.wanted.replace(wanted) == wanted {
            return;
        }
        if wanted {
            self.ask();
        } else {
            self.0.release();
        }
    }

    /// The page can be seen again.
    pub fn page_is_seen(&self) {
        if self.0.wanted.get() {
            self.ask();
        }
    }

    fn ask(&self) {
        let is_held = self.0.held.borrow().as_ref().is_some_and(|held| !field(held, "released").is_truthy());
        if is_held || self.0.is_asking.get() || !is_visible() {
            return;
        }
        let locks = field(&field(&js_sys::global(), "navigator"), "wakeLock");
        if !locks.is_object() {
            return;
        }
        let Ok(asked) = locks.unchecked_ref::<Locks>().request("screen") else { return };
        self.0.is_asking.set(true);
        let inner = self.0.clone();
        spawn(async move {
            let answer = JsFuture::from(asked).await;
            inner.is_asking.set(false);
            if let Ok(sentinel) = answer {
                inner.held.replace(Some(sentinel.unchecked_into()));
                if !inner.wanted.get() {
                    inner.release();
                }
            }
        });
    }
}

impl Inner {
    fn release(&self) {
        let held = self.held.take();
        if let Some(held) = held {
            // It may be released already.
            let _ = held.release();
        }
    }
}
