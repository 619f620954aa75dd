use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use gloo_events::EventListener;
use gloo_timers::callback::Timeout;
use litemap::LiteMap;
use upferry_engine::Time;
use wasm_bindgen::JsCast;
use web_sys::EventTarget;

use super::ticker::Ticker;
use crate::clock::now;
use crate::digest::WorkerFactory;
use crate::js::field;
use crate::task::{after, on};

/// How long a worker without work is kept.
const IDLE_MS: u32 = 60_000;

/// All timers of an uploader. Each is one of the page's own, and while the page is hidden it is the worker's as well:
/// whichever comes first counts.
pub struct Timers(Rc<Inner>);

struct Inner {
    /// The document; `None` in a worker, whose own timers are good enough.
    page: Option<EventTarget>,
    factory: WorkerFactory,
    pending: RefCell<LiteMap<u32, Pending>>,
    last: Cell<u32>,
    ticker: RefCell<Option<Rc<Ticker>>>,
    /// No worker can be started here.
    broken: Cell<bool>,
    idle: RefCell<Option<Timeout>>,
    listener: RefCell<Option<EventListener>>,
}

struct Pending {
    due: Time,
    call: Box<dyn FnOnce()>,
    _timeout: Timeout,
}

/// A call to come.
#[derive(Debug)]
#[must_use = "dropping it cancels the call"]
pub struct Timer {
    id: u32,
    timers: Weak<Inner>,
}

impl std::fmt::Debug for Timers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Timers")
    }
}

impl std::fmt::Debug for Inner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Inner")
    }
}

impl Timers {
    /// Makes them; no worker starts before the page is hidden with a call pending.
    #[must_use]
    pub fn new(factory: WorkerFactory) -> Self {
        let document = field(&js_sys::global(), "document");
        let inner = Rc::new(Inner {
            page: document.is_object().then(|| document.unchecked_into()),
            factory,
            pending: RefCell::default(),
            last: Cell::new(0),
            ticker: RefCell::default(),
            broken: Cell::new(false),
            idle: RefCell::default(),
            listener: RefCell::default(),
        });
        if let Some(page) = &inner.page {
            let weak = Rc::downgrade(&inner);
            let listener = on(page, "visibilitychange", move |_| {
                if let Some(inner) = weak.upgrade() {
                    inner.seen_or_hidden();
                }
            });
            inner.listener.replace(Some(listener));
        }
        Self(inner)
    }

    /// Calls after some time, unless the guard is dropped before.
    pub fn after(&self, delay_ms: u32, call: impl FnOnce() + 'static) -> Timer {
        self.0.after(delay_ms, Box::new(call))
    }

    /// Whether calls may be late by up to a minute: the page is hidden and there is no worker to keep the time.
    #[must_use]
    pub fn are_throttled(&self) -> bool {
        self.0.is_hidden() && self.0.ticker.borrow().is_none()
    }

    /// Cancels all calls and stops the worker, for good.
    pub fn close(&self) {
        self.0.broken.set(true);
        drop(self.0.listener.take());
        drop(self.0.idle.take());
        drop(self.0.ticker.take());
        let pending = self.0.pending.take();
        drop(pending);
    }
}

impl Inner {
    fn after(self: &Rc<Self>, delay_ms: u32, call: Box<dyn FnOnce()>) -> Timer {
        let id = self.last.get().wrapping_add(1);
        self.last.set(id);
        let weak = Rc::downgrade(self);
        let timeout = after(delay_ms, move || up(&weak, id));
        let due = now().plus_ms(u64::from(delay_ms));
        self.pending.borrow_mut().insert(id, Pending { due, call, _timeout: timeout });
        if self.is_hidden() {
            self.tick(id, delay_ms);
        }
        Timer { id, timers: Rc::downgrade(self) }
    }

    fn is_hidden(&self) -> bool {
        self.page.as_ref().is_some_and(|page| field(page, "hidden").is_truthy())
    }

    fn seen_or_hidden(self: &Rc<Self>) {
        if !self.is_hidden() {
            drop(self.ticker.take());
            return;
        }
        let pending: Vec<(u32, Time)> = self.pending.borrow().iter().map(|(&id, pending)| (id, pending.due)).collect();
        for (id, due) in pending {
            self.tick(id, due.ms_since(now()) as u32);
        }
    }

    /// Has the worker keep the time of a call as well.
    fn tick(self: &Rc<Self>, id: u32, delay_ms: u32) {
        drop(self.idle.take());
        if self.ticker.borrow().is_none() && !self.broken.get() {
            self.start();
        }
        let ticker = self.ticker.borrow().clone();
        if let Some(ticker) = ticker {
            ticker.tick(id, delay_ms);
        }
    }

    fn start(self: &Rc<Self>) {
        let Ok(worker) = (self.factory)() else { return self.broken.set(true) };
        let (on_tick, on_error) = (Rc::downgrade(self), Rc::downgrade(self));
        let fails = move || {
            if let Some(inner) = on_error.upgrade() {
                inner.broken.set(true);
                drop(inner.ticker.take());
            }
        };
        let ticker = Ticker::new(worker, move |id| up(&on_tick, id), fails);
        self.ticker.replace(Some(Rc::new(ticker)));
    }

    fn stop_when_idle(self: &Rc<Self>) {
        let weak = Rc::downgrade(self);
        self.idle.replace(Some(after(IDLE_MS, move || {
            if let Some(inner) = weak.upgrade() {
                drop(inner.ticker.take());
            }
        })));
    }
}

/// Makes a call whose time has come, unless that was done already.
fn up(timers: &Weak<Inner>, id: u32) {
    let Some(inner) = timers.upgrade() else { return };
    let pending = inner.pending.borrow_mut().remove(&id);
    if let Some(pending) = pending {
        (pending.call)();
        if inner.pending.borrow().is_empty() && inner.ticker.borrow().is_some() {
            inner.stop_when_idle();
        }
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        if let Some(inner) = self.timers.upgrade() {
            let pending = inner.pending.borrow_mut().remove(&self.id);
            drop(pending);
        }
    }
}
