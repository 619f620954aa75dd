use std::rc::Rc;

use js_sys::{Date, Promise};
use wasm_bindgen::prelude::*;

use super::Upload;
use crate::driver::{Driver, Interruption};
use crate::task::promise;

/// An upload that an earlier session left unfinished.
#[wasm_bindgen(skip_typescript)]
#[derive(Debug)]
pub struct Interrupted {
    driver: Rc<Driver>,
    interruption: Interruption,
}

impl Interrupted {
    pub(super) fn wrap(driver: &Rc<Driver>, interruption: Interruption) -> JsValue {
        Self { driver: driver.clone(), interruption }.into()
    }
}

#[wasm_bindgen]
impl Interrupted {
    /// The name of what was saved of it.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn id(&self) -> String {
        self.interruption.saved.record.id.clone()
    }

    /// The file's name.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn name(&self) -> String {
        self.interruption.saved.record.create.name.clone()
    }

    /// The file's size in bytes.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn size(&self) -> f64 {
        self.interruption.saved.record.create.size as f64
    }

    /// How many bytes the server has; null when it could not be asked.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn confirmed(&self) -> JsValue {
        self.interruption.confirmed.map_or(JsValue::NULL, |bytes| (bytes as f64).into())
    }

    /// When it was last worked on.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn updated(&self) -> Date {
        Date::new(&self.interruption.saved.updated.into())
    }

    /// Whether `resume()` needs no file.
    #[wasm_bindgen(getter, js_name = canReopen)]
    #[must_use]
    pub fn can_reopen(&self) -> bool {
        false
    }

    /// Goes on with it, with the file that the user has picked again. Another file makes the upload fail with
    /// `file-mismatch`.
    ///
    /// # Errors
    /// A `TypeError` for what is no file.
    pub fn resume(&self, file: &JsValue) -> Result<JsValue, JsValue> {
        let wrap = |entry: &_| Upload::wrap(&self.driver, entry);
        self.driver.resume_with(&self.interruption.saved.record, file, wrap)
    }

    /// Gives it up.
    pub fn discard(&self) -> Promise {
        let (driver, saved) = (self.driver.clone(), self.interruption.saved.clone());
        promise(async move { driver.discard(&saved).await.map(|()| JsValue::UNDEFINED) })
    }
}
