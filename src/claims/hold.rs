use std::cell::{Cell, RefCell};

use upferry_engine::{EffectId, UploadKey};
use upferry_protocol::Sha256Digest;

use super::lease::Lease;
use super::lock::Lock;
use crate::http::Flight;

/// How long somebody who has asked is shown what happens: longer than the timers of a hidden tab may be apart.
const INTEREST_MS: f64 = 70_000.0;
const SHOW_EVERY_MS: f64 = 250.0;

/// How a hold stands.
#[derive(Debug)]
pub(super) enum Stand {
    /// Nobody knows yet.
    Asked,
    /// Another tab has it.
    Waiting(Wish),
    /// It is ours.
    Held(Grip),
    /// Nobody wants it any more.
    Over,
}

/// How a hold is waited for.
#[derive(Debug)]
pub(super) enum Wish {
    /// In line for a Web Lock, until it is dropped.
    InLine(#[allow(dead_code, reason = "it is kept for its end")] Flight),
    /// Until the other's lease has run out.
    Lease,
}

/// What makes a hold ours.
#[derive(Debug)]
pub(super) enum Grip {
    /// A Web Lock.
    Lock(#[allow(dead_code, reason = "it is kept for its end")] Lock),
    /// A lease.
    Lease(Lease),
    /// Nothing: there is no way to know of other tabs.
    Unopposed,
}

/// One file's hold, wanted or had, for all uploads of that content: within one uploader the engine keeps them apart.
#[derive(Debug)]
pub(super) struct Hold {
    pub(super) fingerprint: Sha256Digest,
    /// Who wants it.
    pub(super) claims: RefCell<Vec<(EffectId, UploadKey)>>,
    pub(super) stand: RefCell<Stand>,
    /// When another tab asked last, in milliseconds since 1970.
    asked: Cell<f64>,
    shown: Cell<f64>,
}

impl Hold {
    pub(super) fn new(fingerprint: Sha256Digest) -> Self {
        Self {
            fingerprint,
            claims: RefCell::default(),
            stand: RefCell::new(Stand::Asked),
            asked: Cell::new(0.0),
            shown: Cell::new(0.0),
        }
    }

    pub(super) fn is_held(&self) -> bool {
        matches!(*self.stand.borrow(), Stand::Held(_))
    }

    pub(super) fn is_waiting(&self) -> bool {
        matches!(*self.stand.borrow(), Stand::Waiting(_))
    }

    pub(super) fn is_over(&self) -> bool {
        matches!(*self.stand.borrow(), Stand::Over)
    }

    pub(super) fn is_asked(&self) -> bool {
        matches!(*self.stand.borrow(), Stand::Asked)
    }

    pub(super) fn waits_for_lease(&self) -> bool {
        matches!(*self.stand.borrow(), Stand::Waiting(Wish::Lease))
    }

    /// The lease that makes it ours.
    pub(super) fn lease(&self) -> Option<Lease> {
        match *self.stand.borrow() {
            Stand::Held(Grip::Lease(lease)) => Some(lease),
            Stand::Held(Grip::Lock(_) | Grip::Unopposed) | Stand::Asked | Stand::Waiting(_) | Stand::Over => None,
        }
    }

    /// The lease lasts longer now.
    pub(super) fn renewed(&self, renewed: Lease) {
        if let Stand::Held(Grip::Lease(lease)) = &mut *self.stand.borrow_mut() {
            *lease = renewed;
        }
    }

    /// From now on it stands so; before it stood as is given back.
    #[must_use]
    pub(super) fn stands(&self, stand: Stand) -> Stand {
        self.stand.replace(stand)
    }

    pub(super) fn effects(&self) -> Vec<EffectId> {
        self.claims.borrow().iter().map(|&(effect, _)| effect).collect()
    }

    pub(super) fn keys(&self) -> Vec<UploadKey> {
        self.claims.borrow().iter().map(|&(_, key)| key).collect()
    }

    pub(super) fn has(&self, key: UploadKey) -> bool {
        self.claims.borrow().iter().any(|&(_, other)| other == key)
    }

    /// Another tab wants to see it.
    pub(super) fn ask(&self, now_ms: f64) {
        self.asked.set(now_ms);
        self.shown.set(now_ms);
    }

    /// Whether what has changed is to be shown: somebody looks, and has not just seen something. The `last` word is for
    /// everybody who has ever asked.
    pub(super) fn is_to_show(&self, now_ms: f64, last: bool) -> bool {
        if last {
            return self.asked.get() > 0.0;
        }
        let is_wanted = now_ms - self.asked.get() < INTEREST_MS && now_ms - self.shown.get() >= SHOW_EVERY_MS;
        if is_wanted {
            self.shown.set(now_ms);
        }
        is_wanted
    }
}
