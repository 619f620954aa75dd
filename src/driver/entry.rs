use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::{Rc, Weak};

use upferry_engine::{Progress, State, UploadKey};
use wasm_bindgen::JsValue;
use web_sys::Blob;

use crate::deferred::Deferred;
use crate::events::Listeners;
use crate::file::Picked;
use crate::http::HeaderSource;

/// What is known of an upload outside the engine.
#[derive(Debug)]
pub struct Entry {
    /// The engine's name for it.
    pub key: UploadKey,
    /// The application's name for it.
    pub id: String,
    /// The file, and others that turned out to be the same.
    pub(super) files: RefCell<Vec<Blob>>,
    /// The file's name.
    pub name: String,
    /// The file's size in bytes.
    pub size: u64,
    /// The application's key-value pairs.
    pub metadata: BTreeMap<String, String>,
    /// What the file can be opened with again after a reload, where there is such a thing.
    pub(super) file_handle: RefCell<Option<JsValue>>,
    /// It is saved along with the record.
    pub(super) can_reopen: Cell<bool>,
    /// Headers of this upload alone.
    pub(super) headers: Option<HeaderSource>,
    /// What it is doing.
    pub state: Cell<State>,
    /// How far it is.
    pub progress: Cell<Progress>,
    /// The upload's URL, once there is one.
    pub upload_url: RefCell<Option<String>>,
    /// Who listens.
    pub listeners: Listeners,
    ready: RefCell<Rc<Deferred>>,
    is_ready: Cell<bool>,
    done: RefCell<Rc<Deferred>>,
    is_done: Cell<bool>,
    /// The one object that JavaScript knows it by, as long as it is in the uploader's list.
    wrapper: RefCell<JsValue>,
    handles: RefCell<Vec<Weak<Handle>>>,
}

/// What an object in JavaScript holds on to: the entry, or another one when the file turned out to be that one's.
#[derive(Debug)]
pub struct Handle(RefCell<Rc<Entry>>);

impl Handle {
    /// The entry.
    #[must_use]
    pub fn entry(&self) -> Rc<Entry> {
        self.0.borrow().clone()
    }
}

impl Entry {
    /// Makes one, queued.
    pub(super) fn new(
        key: UploadKey,
        id: String,
        picked: Picked,
        facts: &upferry_engine::FileFacts,
        headers: Option<HeaderSource>,
    ) -> Rc<Self> {
        let progress = Progress { confirmed: 0, in_flight: 0, total: facts.size, speed: None, eta: None };
        Rc::new(Self {
            key,
            id,
            files: RefCell::new(vec![picked.file]),
            name: facts.name.clone(),
            size: facts.size,
            metadata: facts.metadata.clone(),
            file_handle: RefCell::new(picked.handle),
            can_reopen: Cell::new(false),
            headers,
            state: Cell::new(State::Queued),
            progress: Cell::new(progress),
            upload_url: RefCell::default(),
            listeners: Listeners::default(),
            ready: RefCell::default(),
            is_ready: Cell::new(false),
            done: RefCell::default(),
            is_done: Cell::new(false),
            wrapper: RefCell::new(JsValue::NULL),
            handles: RefCell::default(),
        })
    }

    /// A handle on it.
    #[must_use]
    pub fn handle(self: &Rc<Self>) -> Rc<Handle> {
        let handle = Rc::new(Handle(RefCell::new(self.clone())));
        self.handles.borrow_mut().push(Rc::downgrade(&handle));
        handle
    }

    /// The object that JavaScript knows it by; null once the upload has left the uploader's list.
    #[must_use]
    pub fn wrapper(&self) -> JsValue {
        self.wrapper.borrow().clone()
    }

    pub(super) fn set_wrapper(&self, wrapper: JsValue) {
        self.wrapper.replace(wrapper);
    }

    /// Whether it may still go on by itself or by `resume`.
    #[must_use]
    pub fn is_live(&self) -> bool {
        match self.state.get() {
            State::Queued
            | State::Checking
            | State::Uploading
            | State::Waiting(_)
            | State::Paused
            | State::Completing => true,
            State::Complete | State::Failed | State::Cancelled => false,
        }
    }

    /// The file.
    #[must_use]
    pub(super) fn file(&self) -> Option<Blob> {
        self.files.borrow().first().cloned()
    }

    /// The promise that the file is recognised.
    pub fn ready(&self) -> js_sys::Promise {
        self.ready.borrow().promise()
    }

    /// The promise that it completes.
    pub fn done(&self) -> js_sys::Promise {
        self.done.borrow().promise()
    }

    /// The file is recognised, as that of the upload that has this object.
    pub(super) fn resolve_ready(&self, wrapper: &JsValue) {
        self.is_ready.set(true);
        let ready = self.ready.borrow().clone();
        ready.resolve(wrapper);
    }

    /// It is complete, with this result; or follows another upload's promise.
    pub(super) fn resolve_done(&self, result: &JsValue) {
        self.is_done.set(true);
        let done = self.done.borrow().clone();
        done.resolve(result);
    }

    /// It has failed or was given up.
    pub(super) fn reject(&self, error: &JsValue) {
        self.is_done.set(true);
        let (ready, done) = (self.ready.borrow().clone(), self.done.borrow().clone());
        ready.reject(error);
        done.reject(error);
    }

    /// It goes on after it had failed: what was rejected is promised again.
    pub(super) fn renew(&self) {
        if self.is_done.replace(false) {
            self.done.replace(Rc::default());
            if !self.is_ready.get() {
                self.ready.replace(Rc::default());
            }
        }
    }

    /// Lets everything that belonged to this upload belong to another one of the same file.
    pub(super) fn merge_into(&self, survivor: &Rc<Self>) {
        for handle in self.handles.take().into_iter().filter_map(|handle| handle.upgrade()) {
            handle.0.replace(survivor.clone());
            survivor.handles.borrow_mut().push(Rc::downgrade(&handle));
        }
        survivor.files.borrow_mut().extend(self.files.take());
        if survivor.file_handle.borrow().is_none() {
            survivor.file_handle.replace(self.file_handle.take());
        }
        self.listeners.move_to(&survivor.listeners);
        self.resolve_ready(&survivor.wrapper());
        self.resolve_done(&survivor.done());
        self.leave();
    }

    /// It leaves the uploader's list; its object lives on only as long as the application holds it.
    pub(super) fn leave(&self) {
        let (wrapper, files) = (self.wrapper.replace(JsValue::NULL), self.files.take());
        let handle = self.file_handle.take();
        drop((wrapper, files, handle));
    }

    /// The uploader is closed.
    pub(super) fn close(&self, error: &JsValue) {
        self.listeners.clear();
        self.reject(error);
        self.leave();
    }
}
