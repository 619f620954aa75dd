use std::rc::Rc;

use js_sys::{Date, Promise};
use wasm_bindgen::prelude::*;

use super::Upload;
use crate::driver::{Driver, Interruption};
use crate::error::type_error;
use crate::file::{Picked, is_handle};
use crate::options::AddOptions;
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
        self.interruption.saved.handle.is_some()
    }

    /// Goes on with it, with the file that the user has picked again, or (without one) with the file itself where it can
    /// be opened again. Another file makes the upload fail with `file-mismatch`.
    pub fn resume(&self, file: &JsValue, options: &JsValue) -> Promise {
        let (driver, saved) = (self.driver.clone(), self.interruption.saved.clone());
        let (file, options) = (file.clone(), options.clone());
        promise(async move {
            let options = AddOptions::parse_resume(&options)?;
            let picked = if is_handle(&file) {
                driver.open(&file).await?
            } else if !file.is_undefined() && !file.is_null() {
                Picked::new(&file, "resume()")?
            } else if let Some(handle) = &saved.handle {
                driver.open(handle).await?
            } else {
                return Err(type_error("resume() needs the file, which can't be opened again by itself here"));
            };
            driver.resume_with(&saved.record, picked, options.headers, &|entry| Upload::wrap(&driver, entry))
        })
    }

    /// Gives it up.
    pub fn discard(&self) -> Promise {
        let (driver, saved) = (self.driver.clone(), self.interruption.saved.clone());
        promise(async move { driver.discard(&saved).await.map(|()| JsValue::UNDEFINED) })
    }
}
