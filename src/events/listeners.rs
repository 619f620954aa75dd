use std::cell::RefCell;
use std::rc::Rc;

use js_sys::Function;
use wasm_bindgen::prelude::*;

use super::Kind;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch, js_name = reportError)]
    fn report_error(error: &JsValue) -> Result<(), JsValue>;
}

#[derive(Debug)]
struct Listener {
    kind: Kind,
    /// `None` once it was taken off.
    function: RefCell<Option<Function>>,
}

/// The functions that wait for events of one source.
#[derive(Debug, Default)]
pub struct Listeners(RefCell<Vec<Rc<Listener>>>);

impl Listeners {
    /// Adds a function, and gives back one that takes it off again.
    pub fn add(&self, kind: Kind, function: Function) -> JsValue {
        let listener = Rc::new(Listener { kind, function: RefCell::new(Some(function)) });
        self.0.borrow_mut().push(listener.clone());
        // JavaScript owns it from here; it goes when nobody there can call it any more.
        Closure::<dyn Fn()>::new(move || drop(listener.function.take())).into_js_value()
    }

    /// Whether somebody waits for this.
    #[must_use]
    pub fn has(&self, kind: Kind) -> bool {
        self.0.borrow().iter().any(|listener| listener.kind == kind && listener.function.borrow().is_some())
    }

    /// Calls those that wait for this. One that throws does not keep the others from being called.
    pub fn call(&self, kind: Kind, event: &JsValue) {
        let mut waiting: Vec<Rc<Listener>> = Vec::new();
        self.0.borrow_mut().retain(|listener| {
            let is_on = listener.function.borrow().is_some();
            if is_on && listener.kind == kind {
                waiting.push(listener.clone());
            }
            is_on
        });
        for listener in waiting {
            // It may have been taken off by the one before.
            let function = listener.function.borrow().clone();
            if let Some(Err(error)) = function.map(|function| function.call1(&JsValue::UNDEFINED, event)) {
                // Nothing more can be done where even this throws.
                let _ = report_error(&error);
            }
        }
    }

    /// Gives all functions to another source; what takes them off stays good.
    pub fn move_to(&self, other: &Self) {
        let moved = self.0.take();
        other.0.borrow_mut().extend(moved);
    }

    /// Takes all functions off.
    pub fn clear(&self) {
        let listeners = self.0.take();
        for listener in listeners {
            drop(listener.function.take());
        }
    }
}
