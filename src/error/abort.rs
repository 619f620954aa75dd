use wasm_bindgen::JsValue;
use web_sys::DomException;

/// The `AbortError` with which a cancelled upload's promises are rejected, as the platform does it.
#[must_use]
pub fn abort_error(message: &str) -> JsValue {
    match DomException::new_with_message_and_name(message, "AbortError") {
        Ok(error) => error.into(),
        Err(error) => error,
    }
}
