use wasm_bindgen::UnwrapThrowExt;
use web_sys::{AbortController, AbortSignal};

/// A request on its way; dropping it ends the request, or drops what is unread of its answer.
#[derive(Debug)]
#[must_use = "dropping it aborts the request"]
pub struct Flight(AbortController);

impl Flight {
    /// Makes one for a request to come.
    #[allow(clippy::new_without_default, reason = "a request is nothing to have by default")]
    pub fn new() -> Self {
        // The constructor takes nothing that could be wrong.
        Self(AbortController::new().unwrap_throw())
    }

    /// The signal to give to the request.
    #[must_use]
    pub fn signal(&self) -> AbortSignal {
        self.0.signal()
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        self.0.abort();
    }
}
