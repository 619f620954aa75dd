//! What the hand-written JavaScript lends to the module.

use wasm_bindgen::prelude::*;
use web_sys::Worker;

#[wasm_bindgen]
extern "C" {
    /// The package's own JavaScript: the class of errors and the worker's entry can't be written in Rust.
    #[derive(Debug, Clone)]
    pub type Host;

    /// Makes an `UploadError`; `status` and `cause` may be undefined.
    #[wasm_bindgen(method, js_name = uploadError)]
    pub fn upload_error(
        this: &Host,
        code: &str,
        message: &str,
        retryable: bool,
        status: Option<u16>,
        cause: &JsValue,
    ) -> JsValue;

    /// Starts the package's worker.
    #[wasm_bindgen(method, catch, js_name = createWorker)]
    pub fn create_worker(this: &Host) -> Result<Worker, JsValue>;
}
