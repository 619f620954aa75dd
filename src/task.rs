//! Work that goes on by itself, and what sets it off. Each kind is compiled once, for boxed code: the module carries no
//! copy per caller.

use std::pin::Pin;
use std::rc::Rc;

use gloo_events::{EventListener, EventListenerOptions};
use gloo_timers::callback::Timeout;
use js_sys::Promise;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::{JsFuture, future_to_promise, spawn_local};
use web_sys::{Event, EventTarget, MessageChannel};

use crate::deferred::Deferred;

/// Runs a future, from the next microtask on.
pub fn spawn(future: impl Future<Output = ()> + 'static) {
    let boxed: Pin<Box<dyn Future<Output = ()>>> = Box::pin(future);
    spawn_local(boxed);
}

/// Runs a future, and promises its result.
pub fn promise(future: impl Future<Output = Result<JsValue, JsValue>> + 'static) -> Promise {
    let boxed: Pin<Box<dyn Future<Output = Result<JsValue, JsValue>>>> = Box::pin(future);
    future_to_promise(boxed)
}

/// Listens until the guard is dropped.
pub fn on(target: &EventTarget, event: &'static str, listener: impl FnMut(&Event) + 'static) -> EventListener {
    let boxed: Box<dyn FnMut(&Event)> = Box::new(listener);
    EventListener::new_with_options(target, event, EventListenerOptions::enable_prevent_default(), boxed)
}

/// Lets the page do what waits, and comes back in a task of its own. A message, not a timer: those of a hidden page come
/// once a second.
pub async fn next_task() {
    let Ok(channel) = MessageChannel::new() else { return };
    let over = Rc::new(Deferred::new());
    let listener = on(&channel.port1(), "message", {
        let over = over.clone();
        move |_| over.resolve(&JsValue::UNDEFINED)
    });
    channel.port1().start();
    if channel.port2().post_message(&JsValue::NULL).is_ok() {
        let _ = JsFuture::from(over.promise()).await;
    }
    drop(listener);
    channel.port1().close();
}

/// Calls after some time, unless the guard is dropped before.
pub fn after(delay_ms: u32, call: impl FnOnce() + 'static) -> Timeout {
    let boxed: Box<dyn FnOnce()> = Box::new(call);
    Timeout::new(delay_ms, boxed)
}
