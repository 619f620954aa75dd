use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::{Rc, Weak};

use gloo_events::EventListener;
use js_sys::{Function, Map};
use litemap::LiteMap;
use upferry_engine::{Claim, EffectId, Engine, Input, Output, Sighting, UploadKey};
use wasm_bindgen::prelude::*;
use web_sys::Worker;

use super::Entry;
use super::telling::Announcement;
use super::timing::Pending;
use crate::claims::{Claims, Owner};
use crate::clock;
use crate::digest::{Hasher, WorkerFactory};
use crate::error::abort_error;
use crate::events::Listeners;
use crate::file::Buffers;
use crate::host::Host;
use crate::http::{Client, Flight};
use crate::options::{Options, Restrictions};
use crate::page::{Moment, Moments, WakeLock, guard_unload, is_online};
use crate::records::{DATABASE, Place, Records};
use crate::task::spawn;
use crate::timer::Timers;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = crypto, js_name = getRandomValues)]
    fn random_bytes(bytes: &mut [u8]);
}

/// An uploader: the engine, and whatever input and output it needs.
pub struct Driver {
    pub(super) engine: RefCell<Engine>,
    /// Every upload but those that turned out to be another's; a cancelled one is no longer in the application's list.
    pub(super) uploads: RefCell<LiteMap<UploadKey, Rc<Entry>>>,
    /// The key of the unfinished upload of each `File` object.
    pub(super) files: Map,
    pub(super) flights: RefCell<LiteMap<EffectId, Flight>>,
    pub(super) buffers: Buffers,
    pub(super) timers: Rc<Timers>,
    pub(super) timer: RefCell<Option<Pending>>,
    moments: RefCell<Option<Moments>>,
    guard: RefCell<Option<EventListener>>,
    keeps_awake: bool,
    pub(super) wake_lock: WakeLock,
    pub(super) announcements: RefCell<Vec<Announcement>>,
    /// Listeners of the uploader itself.
    pub listeners: Listeners,
    pub(super) host: Host,
    pub(super) client: Client,
    pub(super) hasher: Hasher,
    pub(super) records: Rc<Records>,
    pub(super) claims: Claims,
    pub(super) endpoint: String,
    pub(super) metadata: BTreeMap<String, String>,
    pub(super) restrictions: Restrictions,
    pub(super) persist: bool,
    /// Begins the ids of uploads.
    pub(super) id_prefix: String,
    pub(super) last_key: Cell<u64>,
    /// How many requests were made beside those of the engine.
    pub(super) errands: Cell<u64>,
    /// How many uploads are unfinished.
    pub(super) live: Cell<usize>,
    /// How many of them have something on its way.
    pub(super) busy: Cell<usize>,
    /// The uploader's own object in JavaScript: it lives until it is freed, as uploads are not to stop because nobody
    /// holds a reference to it.
    this: RefCell<JsValue>,
    is_closed: Cell<bool>,
}

impl std::fmt::Debug for Driver {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Driver")
    }
}

impl Driver {
    /// Makes one, and sweeps the records that have expired.
    #[must_use]
    pub fn new(options: Options, host: Host) -> Rc<Self> {
        let mut random = [0; 24];
        random_bytes(&mut random);
        let (nonce, seed) = random.split_at(16);
        let (id_prefix, nonce) = (hex(&nonce[..4]), hex(nonce));
        let seed = seed.iter().fold(0, |seed, &byte| seed << 8 | u64::from(byte));

        let worker = worker_factory(options.create_worker, host.clone());
        let place = Place { namespace: options.namespace, endpoint: options.endpoint.clone() };
        let records = Rc::new(Records::new(DATABASE, place, options.ttl_ms));
        let timers = Rc::new(Timers::new(worker.clone()));
        let driver = Rc::new_cyclic(|driver: &Weak<Self>| Self {
            claims: if options.config.persist {
                Claims::new(records.clone(), timers.clone(), nonce.clone(), driver.clone())
            } else {
                Claims::unopposed()
            },
            records,
            uploads: RefCell::default(),
            files: Map::new(),
            flights: RefCell::default(),
            buffers: Buffers::default(),
            timers,
            timer: RefCell::default(),
            moments: RefCell::default(),
            guard: RefCell::default(),
            keeps_awake: options.wake_lock,
            wake_lock: WakeLock::default(),
            announcements: RefCell::default(),
            listeners: Listeners::default(),
            client: Client { headers: options.headers, credentials: options.credentials },
            hasher: Hasher::new(worker),
            endpoint: options.endpoint,
            metadata: options.metadata,
            restrictions: options.restrictions,
            persist: options.config.persist,
            id_prefix,
            engine: RefCell::new(Engine::new(options.config, nonce, seed)),
            host,
            last_key: Cell::new(0),
            errands: Cell::new(0),
            live: Cell::new(0),
            busy: Cell::new(0),
            this: RefCell::new(JsValue::NULL),
            is_closed: Cell::new(false),
        });
        driver.watch_page(options.guard_unload);
        if driver.persist {
            let driver = driver.clone();
            spawn(async move {
                // Without storage there is nothing to sweep.
                let _ = driver.records.sweep().await;
            });
        }
        driver
    }

    /// Keeps the uploader's own object alive.
    pub fn set_this(&self, this: JsValue) {
        self.this.replace(this);
    }

    /// Whether it was freed.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.is_closed.get()
    }

    /// The one way into the engine. After a sleep the engine hears of that first.
    pub fn dispatch(self: &Rc<Self>, input: Input) {
        if self.has_slept() {
            drop(self.timer.take());
            self.feed(Input::Woke);
        }
        self.feed(input);
    }

    /// An input goes in, all outputs come out, the borrow ends, and only then they are carried out. Nothing in here
    /// waits, and nothing calls the application.
    fn feed(self: &Rc<Self>, input: Input) {
        if self.is_closed() {
            return;
        }
        let outputs: Vec<Output> = {
            let mut engine = self.engine.borrow_mut();
            engine.handle_input(clock::now(), input);
            std::iter::from_fn(|| engine.poll_output()).collect()
        };
        let was_busy = self.live.get() > 0;
        for output in outputs {
            self.carry_out(output);
        }
        if was_busy && self.live.get() == 0 {
            self.tell_idle();
        }
        self.wake_lock.want(self.keeps_awake && self.busy.get() > 0);
        self.set_timer();
    }

    /// The ids of the records that unfinished uploads go on with.
    pub(super) fn records_in_use(&self) -> Vec<String> {
        self.engine.borrow().records_in_use().map(str::to_owned).collect()
    }

    /// Ends everything: no listener is called from here on, requests are aborted, promises rejected.
    pub fn close(&self) {
        if self.is_closed.replace(true) {
            return;
        }
        drop(self.timer.take());
        self.timers.close();
        drop(self.moments.take());
        drop(self.guard.take());
        self.wake_lock.want(false);
        self.announcements.take();
        self.listeners.clear();
        let flights = self.flights.take();
        drop(flights);
        self.buffers.clear();
        self.files.clear();
        self.hasher.close();
        self.claims.close();
        self.records.close();
        let uploads = self.uploads.take();
        let freed = abort_error("The uploader was freed.");
        for (_, entry) in uploads.into_tuple_vec() {
            entry.close(&freed);
        }
        drop(self.this.replace(JsValue::NULL));
    }

    fn watch_page(self: &Rc<Self>, guards_unload: bool) {
        let driver = Rc::downgrade(self);
        let tell: Rc<dyn Fn(Moment)> = Rc::new(move |moment| {
            if let Some(driver) = driver.upgrade() {
                driver.heed_page(moment);
            }
        });
        self.moments.replace(Some(Moments::new(tell)));
        if guards_unload {
            let driver = Rc::downgrade(self);
            let would_lose = move || driver.upgrade().is_some_and(|driver| driver.would_lose());
            self.guard.replace(guard_unload(would_lose));
        }
        if !is_online() {
            self.dispatch(Input::Online(false));
        }
    }
}

impl Owner for Driver {
    fn claimed(self: Rc<Self>, effect: EffectId, claim: Claim) {
        self.dispatch(Input::Claimed(effect, claim));
    }

    fn sighting(&self, key: UploadKey) -> Option<Sighting> {
        self.engine.borrow().sighting(key)
    }
}

fn worker_factory(own: Option<Function>, host: Host) -> WorkerFactory {
    Rc::new(move || match &own {
        Some(function) => function.call0(&JsValue::UNDEFINED)?.dyn_into::<Worker>(),
        None => host.create_worker(),
    })
}

fn hex(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from_digit(u32::from(nibble), 16).unwrap_or('0');
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}
