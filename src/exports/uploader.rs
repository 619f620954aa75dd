use std::rc::Rc;

use js_sys::{Array, Promise};
use upferry_engine::{Input, UploadKey};
use wasm_bindgen::prelude::*;

use super::upload::listen;
use super::{Interrupted, Upload};
use crate::driver::Driver;
use crate::events::Kind;
use crate::file::{Picked, is_handle};
use crate::host::Host;
use crate::options::{AddOptions, Options};
use crate::task::promise;

/// All uploads to one endpoint.
#[wasm_bindgen(skip_typescript)]
#[derive(Debug)]
pub struct Uploader(Rc<Driver>);

/// Makes an [`Uploader`].
///
/// # Errors
/// A `TypeError` that names the option that is missing, unknown, of another type or out of range.
#[wasm_bindgen(js_name = makeUploader, skip_typescript)]
pub fn make_uploader(options: &JsValue, host: Host) -> Result<JsValue, JsValue> {
    let driver = Driver::new(Options::parse(options)?, host);
    let this = JsValue::from(Uploader(driver.clone()));
    driver.set_this(this.clone());
    Ok(this)
}

#[wasm_bindgen]
impl Uploader {
    /// Adds a file; it starts by itself unless `autoStart` is off. The very same `File` object gives the very same upload
    /// as long as that is unfinished. The file of a handle has to be opened first: that gives a promise of the upload.
    ///
    /// # Errors
    /// A `TypeError` for what is no file or a wrong option, an `UploadError` for a file outside the restrictions.
    pub fn add(&self, file: &JsValue, options: &JsValue) -> Result<JsValue, JsValue> {
        let driver = self.0.clone();
        if !is_handle(file) {
            let picked = Picked::new(file, "add()")?;
            return driver.add(picked, AddOptions::parse(options)?, &|entry| Upload::wrap(&driver, entry));
        }
        let (handle, options) = (file.clone(), options.clone());
        let upload = promise(async move {
            let options = AddOptions::parse(&options)?;
            let picked = driver.open(&handle).await?;
            driver.add(picked, options, &|entry| Upload::wrap(&driver, entry))
        });
        Ok(upload.into())
    }

    /// Adds all files of a drop, those in its folders included, as a promise of their uploads. What is not taken is told
    /// by the event `rejected`.
    #[wasm_bindgen(js_name = addDropped)]
    pub fn add_dropped(&self, data_transfer: &JsValue) -> Promise {
        let driver = self.0.clone();
        // Now, as long as the event lasts.
        let walk = driver.walk(data_transfer);
        promise(
            async move { driver.add_dropped(walk?, &|entry| Upload::wrap(&driver, entry)).await.map(JsValue::from) },
        )
    }

    /// All uploads that were not cancelled, in the order in which they were added.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn uploads(&self) -> Array {
        self.0.list()
    }

    /// Pauses every upload.
    #[wasm_bindgen(js_name = pauseAll)]
    pub fn pause_all(&self) {
        // The last first: a place that becomes free is not to start one that is about to be paused, too.
        self.each(self.0.keys().into_iter().rev(), Input::Pause);
    }

    /// Goes on with every upload that is paused.
    #[wasm_bindgen(js_name = resumeAll)]
    pub fn resume_all(&self) {
        self.each(self.0.keys().into_iter(), Input::Resume);
    }

    /// Cancels every unfinished upload.
    #[wasm_bindgen(js_name = cancelAll)]
    pub fn cancel_all(&self) {
        self.each(self.0.keys().into_iter().rev(), Input::Cancel);
    }

    /// The uploads that earlier sessions left unfinished, as a promise.
    pub fn interrupted(&self) -> Promise {
        let driver = self.0.clone();
        promise(async move {
            let wrap = |interruption| Interrupted::wrap(&driver, interruption);
            driver.interrupted(wrap).await.map(JsValue::from)
        })
    }

    /// Forgets all that was saved for this endpoint and namespace, as when the user signs out.
    #[wasm_bindgen(js_name = forgetAll)]
    pub fn forget_all(&self) -> Promise {
        let driver = self.0.clone();
        promise(async move { driver.forget_all().await.map(|()| JsValue::UNDEFINED) })
    }

    /// Listens for an event of any upload, or of the uploader; gives back a function that ends it.
    ///
    /// # Errors
    /// A `TypeError` for an unknown event or what is no function.
    pub fn on(&self, event: &JsValue, listener: &JsValue) -> Result<JsValue, JsValue> {
        listen(&self.0.listeners, |_: Kind| true, event, listener)
    }

    fn each(&self, keys: impl Iterator<Item = UploadKey>, input: impl Fn(UploadKey) -> Input) {
        for key in keys {
            self.0.dispatch(input(key));
        }
    }
}

impl Drop for Uploader {
    fn drop(&mut self) {
        self.0.close();
    }
}
