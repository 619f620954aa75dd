use std::rc::Rc;

use js_sys::{Function, Object, Promise};
use upferry_engine::{Input, UploadKey};
use wasm_bindgen::prelude::*;

use crate::driver::{Driver, Entry, Handle};
use crate::error::type_error;
use crate::events::{Kind, Listeners, progress_object, state_names};
use crate::http::below;
use crate::js::{object, text_or_null};

/// One file on its way.
#[wasm_bindgen(skip_typescript)]
#[derive(Debug)]
pub struct Upload {
    driver: Rc<Driver>,
    handle: Rc<Handle>,
}

impl Upload {
    pub(super) fn wrap(driver: &Rc<Driver>, entry: &Rc<Entry>) -> JsValue {
        Self { driver: driver.clone(), handle: entry.handle() }.into()
    }

    fn entry(&self) -> Rc<Entry> {
        self.handle.entry()
    }

    fn input(&self, input: impl FnOnce(UploadKey) -> Input) {
        self.driver.dispatch(input(self.entry().key));
    }
}

#[wasm_bindgen]
impl Upload {
    /// A name that no other upload of this page has.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn id(&self) -> String {
        self.entry().id.clone()
    }

    /// The file's name.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn name(&self) -> String {
        self.entry().name.clone()
    }

    /// The file's size in bytes.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn size(&self) -> f64 {
        self.entry().size as f64
    }

    /// The application's key-value pairs.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn metadata(&self) -> Object {
        let entry = self.entry();
        let members: Vec<(&str, JsValue)> =
            entry.metadata.iter().map(|(key, value)| (key.as_str(), value.into())).collect();
        object(&members)
    }

    /// What it is doing.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn state(&self) -> String {
        state_names(self.entry().state.get()).0.to_owned()
    }

    /// Why it waits, if it does.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn reason(&self) -> JsValue {
        text_or_null(state_names(self.entry().state.get()).1)
    }

    /// How far it is.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn progress(&self) -> Object {
        progress_object(self.entry().progress.get())
    }

    /// The upload's URL; null until it is known.
    #[wasm_bindgen(getter, js_name = uploadUrl)]
    #[must_use]
    pub fn upload_url(&self) -> JsValue {
        text_or_null(self.entry().upload_url.borrow().as_deref())
    }

    /// The URL of the stored file; null until it is known.
    #[wasm_bindgen(getter, js_name = contentUrl)]
    #[must_use]
    pub fn content_url(&self) -> JsValue {
        let url = self.entry().upload_url.borrow().as_deref().map(|url| below(url, "content"));
        text_or_null(url.as_deref())
    }

    /// Resolves with the upload as soon as the file is recognised: with another one if that is of the same file.
    #[wasm_bindgen(getter)]
    pub fn ready(&self) -> Promise {
        self.entry().ready()
    }

    /// Resolves when the server has the file.
    #[wasm_bindgen(getter)]
    pub fn done(&self) -> Promise {
        self.entry().done()
    }

    /// Stops sending at once.
    pub fn pause(&self) {
        self.input(Input::Pause);
    }

    /// Goes on.
    pub fn resume(&self) {
        self.input(Input::Resume);
    }

    /// Gives up the upload and what is stored of it.
    pub fn cancel(&self) {
        self.input(Input::Cancel);
    }

    /// Tries a failed upload again.
    pub fn retry(&self) {
        self.input(Input::Retry);
    }

    /// Listens for an event; gives back a function that ends it.
    ///
    /// # Errors
    /// A `TypeError` for an unknown event or what is no function.
    pub fn on(&self, event: &JsValue, listener: &JsValue) -> Result<JsValue, JsValue> {
        listen(&self.entry().listeners, Kind::is_of_upload, event, listener)
    }
}

pub(super) fn listen(
    listeners: &Listeners,
    has: impl FnOnce(Kind) -> bool,
    event: &JsValue,
    listener: &JsValue,
) -> Result<JsValue, JsValue> {
    let name = event.as_string().unwrap_or_default();
    let Some(kind) = Kind::parse(&name).filter(|&kind| has(kind)) else {
        return Err(type_error(&["there is no event ", &name].concat()));
    };
    let Some(function) = listener.dyn_ref::<Function>() else {
        return Err(type_error("the listener must be a function"));
    };
    Ok(listeners.add(kind, function.clone()))
}
