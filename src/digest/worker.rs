use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use gloo_events::EventListener;
use gloo_timers::callback::Timeout;
use js_sys::{Array, ArrayBuffer, Uint8Array};
use litemap::LiteMap;
use upferry_protocol::Sha256Digest;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{MessageEvent, Worker};

use super::{HashLost, hash_politely};
use crate::deferred::Deferred;
use crate::js::{field, object};
use crate::task::{after, on};

/// Starts the package's worker (`js/worker.js`), or what the application gives instead.
pub type WorkerFactory = Rc<dyn Fn() -> Result<Worker, JsValue>>;

/// How long a worker without work is kept.
const IDLE_MS: u32 = 10_000;

/// Hashes in a worker that starts with the first buffer and stops when there have been none for a while. Where no
/// worker can be started it hashes in place.
pub struct HashWorker(Rc<Inner>);

struct Inner {
    factory: WorkerFactory,
    running: RefCell<Option<Rc<Running>>>,
    broken: Cell<bool>,
}

#[must_use = "dropping it stops the worker"]
struct Running {
    worker: Worker,
    ready: Deferred,
    jobs: RefCell<LiteMap<u32, Deferred>>,
    next_job: Cell<u32>,
    waiting: Cell<u32>,
    has_ended: Cell<bool>,
    idle: RefCell<Option<Timeout>>,
    listeners: RefCell<Vec<EventListener>>,
}

impl std::fmt::Debug for HashWorker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("HashWorker")
    }
}

impl HashWorker {
    /// Makes one that has not started yet.
    #[must_use]
    pub fn new(factory: WorkerFactory) -> Self {
        Self(Rc::new(Inner { factory, running: RefCell::new(None), broken: Cell::new(false) }))
    }

    /// The SHA-256 of the buffer's bytes, and the buffer.
    ///
    /// # Errors
    /// [`HashLost`] when the worker ended while it had the buffer.
    pub async fn sha256(&self, buffer: ArrayBuffer) -> Result<(ArrayBuffer, Sha256Digest), HashLost> {
        if let Some(running) = self.0.running() {
            running.waiting.set(running.waiting.get() + 1);
            drop(running.idle.take());
            // Nothing is handed over before the worker has shown that it lives: what is transferred to one that never
            // starts would be lost.
            let is_ready = JsFuture::from(running.ready.promise()).await.is_ok();
            let result = if is_ready && !running.has_ended.get() { Some(running.run(&buffer).await) } else { None };
            running.waiting.set(running.waiting.get() - 1);
            if running.waiting.get() == 0 {
                self.0.stop_when_idle(&running);
            }
            if let Some(result) = result {
                return result;
            }
        }
        let digest = hash_politely(&buffer).await;
        Ok((buffer, digest))
    }

    /// Whether a worker is running now.
    #[must_use]
    pub fn is_running(&self) -> bool {
        self.0.running.borrow().is_some()
    }

    /// Stops the worker for good; buffers that it has are lost.
    pub fn close(&self) {
        self.0.broken.set(true);
        self.0.stop();
    }
}

impl Inner {
    /// The worker, started if need be; `None` where there can be none.
    fn running(self: &Rc<Self>) -> Option<Rc<Running>> {
        if self.broken.get() {
            return None;
        }
        if let Some(running) = self.running.borrow().as_ref() {
            return Some(running.clone());
        }
        match (self.factory)() {
            Ok(worker) => {
                let running = Running::new(worker, Rc::downgrade(self));
                self.running.replace(Some(running.clone()));
                Some(running)
            }
            Err(_) => {
                self.broken.set(true);
                None
            }
        }
    }

    fn stop_when_idle(self: &Rc<Self>, running: &Running) {
        let inner = Rc::downgrade(self);
        running.idle.replace(Some(after(IDLE_MS, move || {
            if let Some(inner) = inner.upgrade() {
                inner.stop();
            }
        })));
    }

    fn stop(&self) {
        let running = self.running.take();
        if let Some(running) = running {
            running.end();
        }
    }
}

impl Running {
    fn new(worker: Worker, owner: Weak<Inner>) -> Rc<Self> {
        let running = Rc::new(Self {
            worker,
            ready: Deferred::new(),
            jobs: RefCell::default(),
            next_job: Cell::new(0),
            waiting: Cell::new(0),
            has_ended: Cell::new(false),
            idle: RefCell::default(),
            listeners: RefCell::default(),
        });
        let weak = Rc::downgrade(&running);
        let on_message = on(&running.worker, "message", move |event| {
            if let Some(running) = weak.upgrade() {
                running.answer(&event.unchecked_ref::<MessageEvent>().data());
            }
        });
        let on_error = on(&running.worker, "error", move |event| {
            // It is taken care of, so it is no error of the page.
            event.prevent_default();
            if let Some(owner) = owner.upgrade() {
                owner.broken.set(true);
                owner.stop();
            }
        });
        running.listeners.replace(vec![on_message, on_error]);
        let _ = running.worker.post_message(&object(&[("module", wasm_bindgen::module())]));
        running
    }

    async fn run(&self, buffer: &ArrayBuffer) -> Result<(ArrayBuffer, Sha256Digest), HashLost> {
        let id = self.next_job.get();
        self.next_job.set(id.wrapping_add(1));
        let job = Deferred::new();
        let answer = job.promise();
        self.jobs.borrow_mut().insert(id, job);
        let message = object(&[("id", id.into()), ("buffer", buffer.into())]);
        self.worker.post_message_with_transfer(&message, &Array::of1(buffer)).map_err(|_| HashLost)?;
        let answer = JsFuture::from(answer).await.map_err(|_| HashLost)?;
        let digest = Uint8Array::new(&field(&answer, "digest")).to_vec();
        let digest = digest.try_into().map_err(|_| HashLost)?;
        Ok((field(&answer, "buffer").unchecked_into(), Sha256Digest(digest)))
    }

    fn answer(&self, data: &JsValue) {
        if let Some(id) = field(data, "id").as_f64() {
            let job = self.jobs.borrow_mut().remove(&(id as u32));
            if let Some(job) = job {
                job.resolve(data);
            }
        } else {
            self.ready.resolve(&JsValue::UNDEFINED);
        }
    }

    fn end(&self) {
        self.has_ended.set(true);
        self.worker.terminate();
        drop(self.idle.take());
        self.ready.reject(&JsValue::UNDEFINED);
        for (_, job) in self.jobs.take().into_tuple_vec() {
            job.reject(&JsValue::UNDEFINED);
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.end();
    }
}
