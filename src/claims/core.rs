use std::cell::RefCell;
use std::rc::{Rc, Weak};

use gloo_timers::callback::Timeout;
use upferry_engine::{Claim, EffectId, Sighting, UploadKey};
use upferry_protocol::Sha256Digest;

use super::channel::Channel;
use super::hold::{Grip, Hold, Stand};
use super::lease::Leases;
use super::lock;
use crate::records::{Place, Records, Saved};
use crate::task::spawn;
use crate::timer::{Timer, Timers};

/// Whose claims they are.
pub trait Owner {
    /// Hears news of a claim; never from within a call of [`Claims`].
    fn claimed(self: Rc<Self>, effect: EffectId, claim: Claim);

    /// What other tabs are shown of an upload.
    fn sighting(&self, key: UploadKey) -> Option<Sighting>;
}

/// The claims of one uploader on its files.
pub struct Claims(Option<Rc<Inner>>);

pub(super) struct Inner {
    owner: Weak<dyn Owner>,
    pub(super) records: Rc<Records>,
    pub(super) leases: Leases,
    pub(super) timers: Rc<Timers>,
    pub(super) holds: RefCell<Vec<Rc<Hold>>>,
    pub(super) channel: RefCell<Option<Rc<Channel>>>,
    /// When the other tabs are asked again.
    pub(super) next_ask: RefCell<Option<Timeout>>,
    /// When the leases are looked after again.
    pub(super) next_round: RefCell<Option<Timer>>,
}

impl std::fmt::Debug for Claims {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Claims")
    }
}

impl Claims {
    /// Makes them, for the place of the records. `id` is this uploader's alone.
    #[must_use]
    pub fn new(records: Rc<Records>, timers: Rc<Timers>, id: String, owner: Weak<dyn Owner>) -> Self {
        Self(Some(Rc::new(Inner {
            owner,
            leases: Leases::new(records.clone(), id),
            records,
            timers,
            holds: RefCell::default(),
            channel: RefCell::default(),
            next_ask: RefCell::default(),
            next_round: RefCell::default(),
        })))
    }

    /// Claims of an uploader that keeps nothing, so that tabs have nothing in common either: each is held at once.
    #[must_use]
    pub fn unopposed() -> Self {
        Self(None)
    }

    /// Becomes the sender of a file, now or as soon as no other tab is; the owner hears of it. `false` when nobody
    /// else can be: it is held already.
    #[must_use]
    pub fn claim(&self, effect: EffectId, key: UploadKey, fingerprint: Sha256Digest) -> bool {
        let Some(inner) = self.0.clone() else { return false };
        let hold = inner.hold(|hold| hold.fingerprint == fingerprint);
        let is_new = hold.is_none();
        let hold = hold.unwrap_or_else(|| Rc::new(Hold::new(fingerprint)));
        hold.claims.borrow_mut().push((effect, key));
        if is_new {
            inner.holds.borrow_mut().push(hold.clone());
            spawn(async move { inner.get(hold).await });
        } else if hold.is_held() {
            spawn(async move { inner.held(&hold, vec![effect]).await });
        } else if hold.is_waiting() {
            spawn(async move { inner.tell(effect, Claim::Elsewhere(None)) });
        }
        true
    }

    /// Lets go of a claim, once the records that were asked for until now are written.
    pub fn unclaim(&self, effect: EffectId) {
        let Some(inner) = &self.0 else { return };
        let is_its = |hold: &Hold| hold.claims.borrow().iter().any(|&(other, _)| other == effect);
        let Some(hold) = inner.hold(is_its) else { return };
        inner.show(&hold, true);
        hold.claims.borrow_mut().retain(|&(other, _)| other != effect);
        inner.let_go_if_free(hold);
    }

    /// An upload came further, or has become another: who has asked is shown it.
    pub fn show(&self, key: UploadKey) {
        let Some(inner) = &self.0 else { return };
        if let Some(hold) = inner.hold(|hold| hold.is_held() && hold.has(key)) {
            inner.show(&hold, false);
        }
    }

    /// Whether an upload may send now. Where a claim is but a lease that is found out anew each time: a tab that was
    /// asleep may have lost it. The owner has heard so when this is `false`.
    pub async fn may_send(&self, key: UploadKey) -> bool {
        let Some(inner) = &self.0 else { return true };
        match inner.hold(|hold| hold.has(key)) {
            Some(hold) => inner.renew(&hold).await,
            None => true,
        }
    }

    /// Those of the records whose files no other tab is sending.
    pub async fn without_others(&self, mut saved: Vec<Saved>) -> Vec<Saved> {
        let Some(inner) = &self.0 else { return saved };
        let taken = match lock::held_names().await {
            Some(names) => names,
            None => inner.leases.of_others().await.unwrap_or_default(),
        };
        saved.retain(|saved| {
            let file = saved.record.fingerprint;
            let is_mine = inner.hold(|hold| hold.fingerprint == file && hold.is_held()).is_some();
            is_mine || !(taken.contains(&lock_name(inner.records.place(), file)) || taken.contains(&file.to_hex()))
        });
        saved
    }

    /// Lets go of everything, at once: another uploader of this page may be the next to ask what is free. What is still to
    /// be written of it can be asked of the server.
    pub fn close(&self) {
        let Some(inner) = &self.0 else { return };
        drop(inner.next_ask.take());
        drop(inner.next_round.take());
        let holds = inner.holds.borrow().clone();
        for hold in holds {
            inner.show(&hold, true);
            hold.claims.take();
            inner.let_go(&hold);
        }
    }
}

impl Inner {
    pub(super) fn hold(&self, is_it: impl Fn(&Hold) -> bool) -> Option<Rc<Hold>> {
        self.holds.borrow().iter().find(|hold| is_it(hold)).cloned()
    }

    pub(super) fn owner(&self) -> Option<Rc<dyn Owner>> {
        self.owner.upgrade()
    }

    pub(super) fn tell(&self, effect: EffectId, claim: Claim) {
        if let Some(owner) = self.owner() {
            owner.claimed(effect, claim);
        }
    }

    /// Tells that it is held. What another tab has saved until then is looked up only now.
    pub(super) async fn held(&self, hold: &Hold, effects: Vec<EffectId>) {
        // Without storage there are no records; saving one will say so.
        let found = self.records.of_file(hold.fingerprint).await.unwrap_or_default();
        for effect in effects {
            let records = found.iter().map(|saved| saved.record.clone()).collect();
            self.tell(effect, Claim::Held(records));
        }
    }

    fn let_go_if_free(self: &Rc<Self>, hold: Rc<Hold>) {
        if !hold.claims.borrow().is_empty() {
            return;
        }
        let inner = self.clone();
        spawn(async move {
            if hold.is_held() {
                inner.records.settled().await;
            }
            // Somebody may have come back for it meanwhile.
            if hold.claims.borrow().is_empty() && !hold.is_over() {
                inner.let_go(&hold);
            }
        });
    }

    fn let_go(self: &Rc<Self>, hold: &Rc<Hold>) {
        let before = hold.stands(Stand::Over);
        let is_idle = {
            let mut holds = self.holds.borrow_mut();
            holds.retain(|other| !Rc::ptr_eq(other, hold));
            holds.is_empty()
        };
        if is_idle {
            // An open channel may keep a page out of the back/forward cache.
            drop(self.channel.take());
        }
        if let Stand::Held(Grip::Lease(lease)) = before {
            let (inner, file) = (self.clone(), hold.fingerprint);
            spawn(async move {
                // One that stays runs out.
                let _ = inner.leases.release(file, lease).await;
            });
        }
    }
}

/// No name can be made up of another place's parts: neither a URL nor a digest has spaces.
pub(super) fn place_name(place: &Place) -> String {
    ["upferry ", &place.endpoint, " ", &place.namespace].concat()
}

pub(super) fn lock_name(place: &Place, fingerprint: Sha256Digest) -> String {
    [&fingerprint.to_hex(), " ", &place_name(place)].concat()
}
