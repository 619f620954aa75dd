use std::rc::Rc;

use js_sys::Array;
use upferry_engine::{Failure, FailureCode, FileFacts, Input, Record, State, UploadKey};
use wasm_bindgen::prelude::*;
use web_sys::Blob;

use super::{Driver, Entry};
use crate::error::{Trouble, type_error};
use crate::file::Picked;
use crate::http::HeaderSource;
use crate::js::field;
use crate::options::AddOptions;
use crate::task::spawn;

impl Driver {
    /// Adds a file: a new upload, or the one that the very same `File` object has already. `wrap` makes the object that
    /// JavaScript shall know a new upload by.
    ///
    /// # Errors
    /// A `TypeError` for a file without a name, an `UploadError` for one outside the restrictions.
    pub fn add(
        self: &Rc<Self>,
        picked: Picked,
        options: AddOptions,
        wrap: &dyn Fn(&Rc<Entry>) -> JsValue,
    ) -> Result<JsValue, JsValue> {
        let facts = self.facts(&picked.file, &options)?;
        if let Some(present) = self.present(&picked.file) {
            return Ok(present);
        }
        if let Err(rejection) = self.restrictions.check(&facts, || self.count_kept()) {
            let trouble = Trouble::Rejected(rejection);
            let error = trouble.to_js(&self.host);
            self.tell_rejected(&picked.file, trouble);
            return Err(error);
        }
        Ok(self.begin(picked, facts, options, None, wrap))
    }

    /// Opens the file of a handle.
    ///
    /// # Errors
    /// An `UploadError` when the browser does not let it, or the file is gone.
    pub async fn open(&self, handle: &JsValue) -> Result<Picked, JsValue> {
        let failure = Failure::new(FailureCode::FileUnreadable, false);
        Picked::open(handle).await.map_err(|_| Trouble::Failed(failure).to_js(&self.host))
    }

    /// Goes on with an interrupted upload.
    ///
    /// # Errors
    /// None, as the name is known.
    pub fn resume_with(
        self: &Rc<Self>,
        record: &Record,
        picked: Picked,
        headers: Option<HeaderSource>,
        wrap: &dyn Fn(&Rc<Entry>) -> JsValue,
    ) -> Result<JsValue, JsValue> {
        if let Some(present) = self.present(&picked.file) {
            return Ok(present);
        }
        let options = AddOptions { name: Some(record.create.name.clone()), headers, ..AddOptions::default() };
        let mut facts = self.facts(&picked.file, &options)?;
        facts.metadata.clone_from(&record.create.metadata);
        Ok(self.begin(picked, facts, options, Some(Box::new(record.clone())), wrap))
    }

    /// The objects of all uploads that were not cancelled, in the order in which they were added.
    #[must_use]
    pub fn list(&self) -> Array {
        let entries: Vec<Rc<Entry>> = self.uploads.borrow().values().cloned().collect();
        entries.iter().map(|entry| entry.wrapper()).filter(|wrapper| !wrapper.is_null()).collect()
    }

    /// The keys of all uploads that were not cancelled.
    #[must_use]
    pub fn keys(&self) -> Vec<UploadKey> {
        let uploads = self.uploads.borrow();
        uploads.values().filter(|entry| entry.state.get() != State::Cancelled).map(|entry| entry.key).collect()
    }

    /// Lets an upload that turned out to be of the same file as another become that one.
    pub(super) fn merge(self: &Rc<Self>, entry: &Rc<Entry>, of: UploadKey) {
        let Some(survivor) = self.entry(of) else { return };
        self.uploads.borrow_mut().remove(&entry.key);
        if !survivor.is_live() {
            // Adding the file of a failed upload is a retry of it, of which the next event will speak.
            survivor.renew();
        }
        self.count_busy(entry.state.get(), None);
        entry.merge_into(&survivor);
        self.keep_handle(&survivor);
        self.remember_files(&survivor);
        self.one_less();
    }

    /// Puts the file's handle to a record that was saved without one: by an earlier session, say.
    pub(super) fn keep_handle(self: &Rc<Self>, entry: &Rc<Entry>) {
        let (url, handle) = (entry.upload_url.borrow().clone(), entry.file_handle.borrow().clone());
        let (Some(url), Some(handle)) = (url, handle) else { return };
        if entry.can_reopen.get() || !self.persist {
            return;
        }
        let (driver, entry) = (self.clone(), entry.clone());
        spawn(async move {
            // Without it the file is picked again.
            let kept = driver.records.keep_handle(&url, handle).await;
            entry.can_reopen.set(kept == Ok(true));
        });
    }

    pub(super) fn remember_files(&self, entry: &Rc<Entry>) {
        let files = entry.files.borrow().clone();
        for file in files {
            self.files.set(&file, &(entry.key.0 as f64).into());
        }
    }

    pub(super) fn forget_files(&self, entry: &Rc<Entry>) {
        let files = entry.files.borrow().clone();
        for file in files {
            self.files.delete(&file);
        }
    }

    fn begin(
        self: &Rc<Self>,
        picked: Picked,
        facts: FileFacts,
        options: AddOptions,
        expect: Option<Box<Record>>,
        wrap: &dyn Fn(&Rc<Entry>) -> JsValue,
    ) -> JsValue {
        let number = self.last_key.get() + 1;
        self.last_key.set(number);
        let key = UploadKey(number);
        let id = [&self.id_prefix, "-", &number.to_string()].concat();
        let entry = Entry::new(key, id, picked, &facts, options.headers);
        let wrapper = wrap(&entry);
        entry.set_wrapper(wrapper.clone());
        if self.is_closed() {
            entry.close(&crate::error::abort_error("The uploader was freed."));
            return wrapper;
        }
        self.uploads.borrow_mut().insert(key, entry.clone());
        self.remember_files(&entry);
        self.live.set(self.live.get() + 1);
        self.tell_added(&entry);
        self.dispatch(Input::Add { key, file: facts, expect });
        wrapper
    }

    /// The unfinished upload of this very object.
    fn present(&self, file: &Blob) -> Option<JsValue> {
        let key = self.files.get(file).as_f64()?;
        Some(self.entry(UploadKey(key as u64))?.wrapper())
    }

    fn facts(&self, blob: &Blob, options: &AddOptions) -> Result<FileFacts, JsValue> {
        let name = options.name.clone().or_else(|| field(blob, "name").as_string());
        let Some(name) = name else {
            return Err(type_error("name is missing: a Blob has none of its own, so give one in the options of add()"));
        };
        let mut metadata = self.metadata.clone();
        for (key, value) in &options.metadata {
            metadata.insert(key.clone(), value.clone());
        }
        Ok(FileFacts {
            name,
            size: blob.size() as u64,
            media_type: Some(blob.type_()).filter(|media_type| !media_type.is_empty()),
            // A date before 1970 is as good as none.
            last_modified: field(blob, "lastModified").as_f64().unwrap_or_default() as u64,
            metadata,
        })
    }

    /// How many files there are of which `maxFiles` speaks.
    fn count_kept(&self) -> u64 {
        let uploads = self.uploads.borrow();
        uploads.values().filter(|entry| entry.is_live() || entry.state.get() == State::Complete).count() as u64
    }
}
