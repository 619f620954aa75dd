use gloo_events::EventListener;
use js_sys::Reflect;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::EventTarget;

use crate::task::on;

/// Has the browser ask before the page is left, as long as `would_lose` says that this would cost something; `None` in
/// a worker.
pub fn guard_unload(would_lose: impl Fn() -> bool + 'static) -> Option<EventListener> {
    let global = js_sys::global();
    let is_page = crate::js::field(&global, "document").is_object();
    is_page.then(|| {
        on(global.unchecked_ref::<EventTarget>(), "beforeunload", move |event| {
            if would_lose() {
                event.prevent_default();
                // What asks in browsers of before 2023.
                let _ = Reflect::set(event, &"returnValue".into(), &JsValue::TRUE);
            }
        })
    })
}
