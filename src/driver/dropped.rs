//! Adding what was dropped: folders, and thousands of files at a time.

use std::rc::Rc;

use js_sys::Array;
use upferry_engine::{Failure, FailureCode};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::Blob;

use super::{Driver, Entry};
use crate::clock::now;
use crate::error::{Trouble, abort_error};
use crate::file::Picked;
use crate::host::Walk;
use crate::js::field;
use crate::options::AddOptions;
use crate::task::next_task;

/// How long files are added before the page gets its turn.
const SLICE_MS: u64 = 10;

impl Driver {
    /// Begins to walk what was dropped; only while the event lasts can that be begun.
    ///
    /// # Errors
    /// A `TypeError` for what is no drop.
    pub fn walk(&self, data_transfer: &JsValue) -> Result<Walk, JsValue> {
        self.host.dropped(data_transfer)
    }

    /// Adds all files of a walk. Those that are not taken are told of and left out.
    ///
    /// # Errors
    /// An `AbortError` when the uploader was freed meanwhile.
    pub async fn add_dropped(
        self: &Rc<Self>,
        walk: Walk,
        wrap: &dyn Fn(&Rc<Entry>) -> JsValue,
    ) -> Result<Array, JsValue> {
        let added = Array::new();
        let mut began = now();
        loop {
            let step = JsFuture::from(walk.next()?).await?;
            if field(&step, "done").is_truthy() {
                return Ok(added);
            }
            for item in Array::from(&field(&step, "value")).iter() {
                if now().ms_since(began) >= SLICE_MS {
                    next_task().await;
                    began = now();
                }
                if self.is_closed() {
                    return Err(abort_error("The uploader was freed."));
                }
                self.add_one(&item, &added, wrap);
            }
        }
    }

    fn add_one(self: &Rc<Self>, item: &JsValue, added: &Array, wrap: &dyn Fn(&Rc<Entry>) -> JsValue) {
        let file: Blob = field(item, "file").unchecked_into();
        if field(item, "lost").is_truthy() {
            let failure = Failure::new(FailureCode::FileUnreadable, false);
            return self.tell_rejected(&file, Trouble::Failed(failure));
        }
        let mut options = AddOptions::default();
        if let Some(path) = field(item, "path").as_string().filter(|path| !path.is_empty()) {
            options.metadata.insert("relativePath".to_owned(), path);
        }
        let handle = Some(field(item, "handle")).filter(JsValue::is_object);
        // One that is outside the restrictions was told of.
        if let Ok(upload) = self.add(Picked { file, handle }, options, wrap) {
            added.push(&upload);
        }
    }
}
