//! From the engine's events to the application's: what an upload's object shows changes at once, listeners are called
//! from a microtask.

use std::rc::Rc;

use upferry_engine::{Event, Failure, FailureCode, State, UploadKey};
use wasm_bindgen::JsValue;

use super::{Driver, Entry};
use crate::error::{Trouble, abort_error};
use crate::events::{Told, result_object};
use crate::js::set;
use crate::task::spawn;

/// What is to be told, about which upload; its object is held on to in case the upload leaves the list meanwhile.
#[derive(Debug)]
pub(super) struct Announcement {
    upload: Option<(Rc<Entry>, JsValue)>,
    told: Told,
}

impl Driver {
    pub(super) fn heed(self: &Rc<Self>, key: UploadKey, event: Event) {
        let Some(entry) = self.entry(key) else { return };
        match event {
            Event::Ready => entry.resolve_ready(&entry.wrapper()),
            Event::Duplicate(of) => self.merge(&entry, of),
            Event::State(state) => self.heed_state(&entry, state),
            Event::Progress(progress) => {
                entry.progress.set(progress);
                self.tell(&entry, Told::Progress(progress));
            }
            Event::Chunk(range) => self.tell(&entry, Told::Chunk(range)),
            Event::Retry { attempt, delay_ms, failure } => {
                self.tell(&entry, Told::Retry { attempt, delay_ms, failure });
            }
            Event::Restarted => {
                entry.upload_url.replace(None);
                self.tell(&entry, Told::Restarted);
            }
            Event::Located(url) => {
                entry.upload_url.replace(Some(url));
                self.keep_handle(&entry);
            }
            Event::Complete(completed) => {
                entry.upload_url.replace(Some(completed.upload_url.clone()));
                let result = result_object(&entry.id, &entry.name, entry.size, &completed);
                entry.resolve_done(&result);
                self.tell(&entry, Told::Complete(result));
            }
            Event::Error(failure) => self.heed_error(&entry, failure),
        }
    }

    /// Tells that an upload was added.
    pub(super) fn tell_added(self: &Rc<Self>, entry: &Rc<Entry>) {
        self.tell(entry, Told::Added);
    }

    /// Tells that a file was not taken.
    pub(super) fn tell_rejected(self: &Rc<Self>, file: &JsValue, trouble: Trouble) {
        self.announce(Announcement { upload: None, told: Told::Rejected(file.clone(), trouble) });
    }

    fn heed_state(self: &Rc<Self>, entry: &Rc<Entry>, state: State) {
        let was_live = entry.is_live();
        self.count_busy(entry.state.replace(state), Some(state));
        self.tell(entry, Told::State(state));
        match (was_live, entry.is_live()) {
            (true, false) => self.end(entry, state),
            (false, true) => self.begin_again(entry),
            (true, true) | (false, false) => {}
        }
    }

    fn end(&self, entry: &Rc<Entry>, state: State) {
        self.forget_files(entry);
        if state == State::Cancelled {
            entry.reject(&abort_error("The upload was cancelled."));
            entry.leave();
        }
        if state == State::Complete {
            // A Blob in memory is as large as the file, and nothing reads it any more.
            entry.files.take();
        }
        self.one_less();
    }

    fn begin_again(&self, entry: &Rc<Entry>) {
        entry.renew();
        self.live.set(self.live.get() + 1);
        self.remember_files(entry);
    }

    /// An upload has ended, or was another's all along.
    pub(super) fn one_less(&self) {
        self.live.set(self.live.get().saturating_sub(1));
    }

    /// Tells that nothing is left to do; after all that the same input has brought about.
    pub(super) fn tell_idle(self: &Rc<Self>) {
        self.announce(Announcement { upload: None, told: Told::Idle });
    }

    fn heed_error(self: &Rc<Self>, entry: &Rc<Entry>, failure: Failure) {
        // Without storage the upload goes on; all else is its end.
        if failure.code != FailureCode::StorageUnavailable {
            entry.reject(&Trouble::Failed(failure.clone()).to_js(&self.host));
        }
        self.tell(entry, Told::Error(failure));
    }

    fn tell(self: &Rc<Self>, entry: &Rc<Entry>, told: Told) {
        self.announce(Announcement { upload: Some((entry.clone(), entry.wrapper())), told });
    }

    fn announce(self: &Rc<Self>, announcement: Announcement) {
        let is_first = {
            let mut waiting = self.announcements.borrow_mut();
            waiting.push(announcement);
            waiting.len() == 1
        };
        if is_first {
            let driver = self.clone();
            spawn(async move { driver.announce_all() });
        }
    }

    fn announce_all(&self) {
        let waiting = self.announcements.take();
        for Announcement { upload, told } in waiting {
            let kind = told.kind();
            if let Some((entry, _)) = &upload
                && kind.is_of_upload()
                && entry.listeners.has(kind)
            {
                entry.listeners.call(kind, &told.to_js(&self.host));
            }
            if self.listeners.has(kind) {
                let event = told.to_js(&self.host);
                if let Some((_, wrapper)) = &upload {
                    set(&event, "upload", wrapper);
                }
                self.listeners.call(kind, &event);
            }
        }
    }
}
