use gloo_events::EventListener;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{MessageEvent, Worker};

use crate::js::{field, object};
use crate::task::on;

/// A worker that sends a number back when its time is up.
#[derive(Debug)]
#[must_use = "dropping it stops the worker"]
pub(super) struct Ticker {
    worker: Worker,
    _listeners: [EventListener; 2],
}

impl Ticker {
    /// Takes a worker that has just been made; one that can't start `fails`.
    pub(super) fn new(worker: Worker, up: impl Fn(u32) + 'static, fails: impl Fn() + 'static) -> Self {
        let on_message = on(&worker, "message", move |event| {
            let id = field(&event.unchecked_ref::<MessageEvent>().data(), "tick").as_f64();
            if let Some(id) = id {
                up(id as u32);
            }
        });
        let on_error = on(&worker, "error", move |event| {
            // It is taken care of, so it is no error of the page.
            event.prevent_default();
            fails();
        });
        Self { worker, _listeners: [on_message, on_error] }
    }

    /// Has the number sent back after some time.
    pub(super) fn tick(&self, id: u32, delay_ms: u32) {
        let _ = self.worker.post_message(&object(&[("tick", id.into()), ("ms", JsValue::from(delay_ms))]));
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        self.worker.terminate();
    }
}
