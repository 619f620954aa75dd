use js_sys::ArrayBuffer;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::digest::hash_buffer;

/// The SHA-256 of a buffer, 32 bytes: what the worker is for.
#[wasm_bindgen(skip_typescript)]
#[must_use]
pub fn sha256(buffer: &ArrayBuffer) -> Vec<u8> {
    hash_buffer(buffer).0.to_vec()
}
