use std::cell::RefCell;
use std::rc::{Rc, Weak};

use gloo_timers::callback::Timeout;
use upferry_engine::{Claim, EffectId, Sighting, UploadKey};
use upferry_protocol::Sha256Digest;
use wasm_bindgen::JsValue;

use super::channel::Channel;
use super::hold::{Grip, Hold, Stand};
use super::lock::{self, Lock};
use super::message::Message;
use crate::clock::wall_ms;
use crate::http::Flight;
use crate::records::{Place, Records, Saved};
use crate::task::{after, spawn};

/// How often a waiting tab asks: who has the file may have changed.
const ASK_EVERY_MS: u32 = 3_000;

/// Whose claims they are.
pub trait Owner {
    /// Hears news of a claim; never from within a call of [`Claims`].
    fn claimed(self: Rc<Self>, effect: EffectId, claim: Claim);

    /// What other tabs are shown of an upload.
    fn sighting(&self, key: UploadKey) -> Option<Sighting>;
}

/// The claims of one uploader on its files.
pub struct Claims(Rc<Inner>);

struct Inner {
    owner: Weak<dyn Owner>,
    /// `None` when nothing is to be kept: then tabs have nothing in common either.
    records: Option<Rc<Records>>,
    holds: RefCell<Vec<Rc<Hold>>>,
    channel: RefCell<Option<Rc<Channel>>>,
    next_ask: RefCell<Option<Timeout>>,
}

impl std::fmt::Debug for Claims {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Claims")
    }
}

impl Claims {
    /// Makes them. Without `records` every claim is held at once.
    #[must_use]
    pub fn new(records: Option<Rc<Records>>, owner: Weak<dyn Owner>) -> Self {
        Self(Rc::new(Inner {
            owner,
            records,
            holds: RefCell::default(),
            channel: RefCell::default(),
            next_ask: RefCell::default(),
        }))
    }

    /// Becomes the sender of a file, now or as soon as no other tab is; the owner hears of it.
    pub fn claim(&self, effect: EffectId, key: UploadKey, fingerprint: Sha256Digest) {
        let inner = self.0.clone();
        if inner.records.is_none() {
            return spawn(async move { inner.tell(effect, Claim::Held(Vec::new())) });
        }
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
    }

    /// Lets go of a claim, once the records that were asked for until now are written.
    pub fn unclaim(&self, effect: EffectId) {
        let mine = |hold: &Hold| hold.claims.borrow().iter().any(|&(other, _)| other == effect);
        let Some(hold) = self.0.hold(mine) else { return };
        self.0.show(&hold, true);
        hold.claims.borrow_mut().retain(|&(other, _)| other != effect);
        self.0.clone().let_go_if_free(hold);
    }

    /// An upload came further, or has become another: who has asked is shown it.
    pub fn show(&self, key: UploadKey) {
        if let Some(hold) = self.0.hold(|hold| hold.is_held() && hold.has(key)) {
            self.0.show(&hold, false);
        }
    }

    /// Those of the records whose files no other tab is sending.
    pub async fn without_others(&self, mut saved: Vec<Saved>) -> Vec<Saved> {
        let Some(records) = &self.0.records else { return saved };
        let taken = lock::held_names().await;
        saved.retain(|saved| {
            let fingerprint = saved.record.fingerprint;
            let is_mine = self.0.hold(|hold| hold.fingerprint == fingerprint && hold.is_held()).is_some();
            is_mine || !taken.contains(&lock_name(records.place(), fingerprint))
        });
        saved
    }

    /// Lets go of everything.
    pub fn close(&self) {
        drop(self.0.next_ask.take());
        let holds = self.0.holds.borrow().clone();
        for hold in holds {
            self.0.show(&hold, true);
            hold.claims.take();
            self.0.clone().let_go_if_free(hold);
        }
    }
}

impl Inner {
    fn hold(&self, is_it: impl Fn(&Hold) -> bool) -> Option<Rc<Hold>> {
        self.holds.borrow().iter().find(|hold| is_it(hold)).cloned()
    }

    fn tell(&self, effect: EffectId, claim: Claim) {
        if let Some(owner) = self.owner.upgrade() {
            owner.claimed(effect, claim);
        }
    }

    async fn get(self: Rc<Self>, hold: Rc<Hold>) {
        let Some(records) = &self.records else { return };
        self.open_channel(records.place());
        let name = lock_name(records.place(), hold.fingerprint);
        let lock = match lock::take(&name).await {
            Ok(None) => self.wait(&hold, &name).await,
            taken => taken,
        };
        if hold.is_over() {
            return;
        }
        let grip = match lock {
            Ok(Some(lock)) => Grip::Lock(lock),
            Ok(None) | Err(_) => Grip::Unopposed,
        };
        hold.stands(Stand::Held(grip));
        self.held(&hold, hold.effects()).await;
    }

    async fn wait(self: &Rc<Self>, hold: &Hold, name: &str) -> Result<Option<Lock>, JsValue> {
        if hold.is_over() {
            return Ok(None);
        }
        let wish = Flight::new();
        let signal = wish.signal();
        hold.stands(Stand::Waiting(wish));
        for effect in hold.effects() {
            self.tell(effect, Claim::Elsewhere(None));
        }
        self.say(&Message::Ask(vec![hold.fingerprint]));
        self.ask_again();
        lock::wait(name, &signal).await
    }

    /// Tells that it is held. What another tab has saved until then is looked up only now.
    async fn held(&self, hold: &Hold, effects: Vec<EffectId>) {
        let Some(records) = &self.records else { return };
        // Without storage there are no records; saving one will say so.
        let found = records.of_file(hold.fingerprint).await.unwrap_or_default();
        for effect in effects {
            let records = found.iter().map(|saved| saved.record.clone()).collect();
            self.tell(effect, Claim::Held(records));
        }
    }

    fn let_go_if_free(self: Rc<Self>, hold: Rc<Hold>) {
        if !hold.claims.borrow().is_empty() {
            return;
        }
        spawn(async move {
            if let Some(records) = self.records.as_ref().filter(|_| hold.is_held()) {
                records.settled().await;
            }
            // Somebody may have come back for it meanwhile.
            if hold.claims.borrow().is_empty() && !hold.is_over() {
                hold.stands(Stand::Over);
                let is_idle = {
                    let mut holds = self.holds.borrow_mut();
                    holds.retain(|other| !Rc::ptr_eq(other, &hold));
                    holds.is_empty()
                };
                if is_idle {
                    // An open channel keeps a page out of the back/forward cache.
                    drop(self.channel.take());
                }
            }
        });
    }

    fn show(&self, hold: &Hold, last: bool) {
        if hold.is_held() && hold.is_to_show(wall_ms(), last) {
            self.say_how_far(hold);
        }
    }

    fn say_how_far(&self, hold: &Hold) {
        let Some(owner) = self.owner.upgrade() else { return };
        for sighting in hold.keys().into_iter().filter_map(|key| owner.sighting(key)) {
            self.say(&Message::Show(Box::new(sighting)));
        }
    }

    fn say(&self, message: &Message) {
        let channel = self.channel.borrow().clone();
        if let Some(channel) = channel {
            channel.say(message);
        }
    }

    fn open_channel(self: &Rc<Self>, place: &Place) {
        if self.channel.borrow().is_some() {
            return;
        }
        let weak = Rc::downgrade(self);
        let heard = move |message| {
            if let Some(inner) = weak.upgrade() {
                inner.hear(message);
            }
        };
        let channel = Channel::open(&place_name(place), heard).ok().map(Rc::new);
        drop(self.channel.replace(channel));
    }

    fn hear(&self, message: Message) {
        match message {
            Message::Ask(files) => {
                let holds = self.holds.borrow().clone();
                for hold in holds.iter().filter(|hold| hold.is_held() && files.contains(&hold.fingerprint)) {
                    hold.ask(wall_ms());
                    self.say_how_far(hold);
                }
            }
            Message::Show(sighting) => {
                let fingerprint = sighting.record.fingerprint;
                let Some(hold) = self.hold(|hold| hold.is_waiting() && hold.fingerprint == fingerprint) else { return };
                for effect in hold.effects() {
                    self.tell(effect, Claim::Elsewhere(Some(sighting.clone())));
                }
            }
        }
    }

    /// Asks about all files that are waited for, again and again.
    fn ask_again(self: &Rc<Self>) {
        if self.next_ask.borrow().is_some() {
            return;
        }
        let weak = Rc::downgrade(self);
        let next = after(ASK_EVERY_MS, move || {
            let Some(inner) = weak.upgrade() else { return };
            drop(inner.next_ask.take());
            let holds = inner.holds.borrow().clone();
            let files: Vec<Sha256Digest> =
                holds.iter().filter(|hold| hold.is_waiting()).map(|hold| hold.fingerprint).collect();
            if !files.is_empty() {
                inner.say(&Message::Ask(files));
                inner.ask_again();
            }
        });
        self.next_ask.replace(Some(next));
    }
}

/// No name can be made up of another place's parts: neither a URL nor a digest has spaces.
fn place_name(place: &Place) -> String {
    ["upferry ", &place.endpoint, " ", &place.namespace].concat()
}

fn lock_name(place: &Place, fingerprint: Sha256Digest) -> String {
    [&fingerprint.to_hex(), " ", &place_name(place)].concat()
}
