//! The two clocks: one that never goes back, and one that survives a reload.

use upferry_engine::Time;
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = performance, js_name = now)]
    fn performance_now() -> f64;
}

/// The engine's time: milliseconds since the page or the worker began.
#[must_use]
pub fn now() -> Time {
    Time::from_ms(performance_now() as u64)
}

/// Milliseconds since 1970.
#[must_use]
pub fn wall_ms() -> f64 {
    js_sys::Date::now()
}
