//! What the hand-written JavaScript lends to the module.

use js_sys::Promise;
use wasm_bindgen::prelude::*;
use web_sys::Worker;

#[wasm_bindgen]
extern "C" {
    /// The package's own JavaScript: the class of errors and the worker's entry can't be written in Rust,
    /// and walking folders is a loop over the browser's objects.
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

    /// The files of a drop, those of its folders included: an async iterator of arrays of `{file, handle, path, lost}`.
    #[wasm_bindgen(method, catch)]
    pub fn dropped(this: &Host, data_transfer: &JsValue) -> Result<Walk, JsValue>;

    /// An async iterator.
    #[derive(Debug)]
    pub type Walk;

    /// Its next step, `{done, value}`.
    #[wasm_bindgen(method, catch)]
    pub fn next(this: &Walk) -> Result<Promise, JsValue>;

    /// Starts the package's worker.
    #[wasm_bindgen(method, catch, js_name = createWorker)]
    pub fn create_worker(this: &Host) -> Result<Worker, JsValue>;
}
