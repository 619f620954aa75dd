use wasm_bindgen::JsValue;

/// The `TypeError` for an argument or an option that is not what it must be.
#[must_use]
pub fn type_error(message: &str) -> JsValue {
    js_sys::TypeError::new(message).into()
}
